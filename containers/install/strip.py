"""Removes symbol tables that nothing reads at run time from the shared libraries below a folder, by binutils' strip.

Libraries of wheels have been edited by patchelf. Some versions of strip (binutils 2.40 of Debian 12) write such a file
so that the loader refuses it: "ELF load command address/offset not page-aligned". So each result is looked at first,
and a library stays as it was where its loadable segments no longer lie as a loader expects them.
"""

import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

LOAD = 1
"""Type of a loadable segment (PT_LOAD)."""
SMALLEST = 100_000
"""Bytes below which a library is not worth it."""


def loads(path: Path) -> bool:
    """Whether address and offset of every loadable segment of a 64-bit ELF file agree modulo its alignment."""
    data = path.read_bytes()
    order = "<" if data[5] == 1 else ">"
    start, size, count = (
        struct.unpack_from(order + kind, data, at)[0] for kind, at in (("Q", 32), ("H", 54), ("H", 56))
    )
    for at in range(start, start + size * count, size):
        kind, _, offset, address, _, _, _, align = struct.unpack_from(order + "IIQQQQQQ", data, at)
        if kind == LOAD and align > 1 and (address - offset) % align:
            return False
    return True


def main(root: Path) -> None:
    """Strip what can be stripped, and say how much that was."""
    saved, kept = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.so")
        for path in sorted(root.rglob("*.so*")):
            if path.is_symlink() or not path.is_file() or path.stat().st_size < SMALLEST:
                continue
            if path.open("rb").read(5) != b"\x7fELF\x02":
                continue
            command = ["strip", "--strip-unneeded", "-o", str(copy), str(path)]
            if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode or not loads(copy):
                kept += 1
                continue
            saved += path.stat().st_size - copy.stat().st_size
            shutil.copyfile(copy, path)
    print(f"strip: {saved / 1e6:.0f} MB less; {kept} libraries left as they were")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
