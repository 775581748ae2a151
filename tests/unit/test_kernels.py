"""Compiled loops where nothing can be written: a read-only installation, no home folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import femna


@pytest.mark.serial
def test_without_a_place_for_the_cache_a_loop_is_compiled_all_the_same(tmp_path: Path) -> None:
    module = tmp_path / "loops.py"
    module.write_text("from femna.kernels import kernel\n\n@kernel\ndef one_more(x):\n    return x + 1\n")
    blocked = tmp_path / "file"
    blocked.touch()  # a folder cannot be made in it, by root neither
    (tmp_path / "__pycache__").touch()
    environment = os.environ | {
        "NUMBA_CACHE_DIR": str(blocked / "cache"),
        "XDG_CACHE_HOME": str(blocked / "cache"),
        "HOME": str(blocked),
        "PYTHONPATH": f"{Path(femna.__file__).parents[1]}:{tmp_path}",
    }
    code = "import loops; print(loops.one_more(1)); print(len(loops.one_more.compiled().signatures))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.split() == ["2", "1"], done.stderr


CALLER = """from femna.kernels import kernel
from inner import FACTOR, twice

@kernel
def outer(x):
    return FACTOR * twice(x)
"""
INNER = """from femna.kernels import kernel
from constants import FACTOR

@kernel
def twice(x):
    return TIMES * x
"""


@pytest.mark.serial
def test_what_a_loop_inlines_from_other_files_is_never_an_old_one(tmp_path: Path) -> None:
    """An edit of the same length and time in a file whose kernel, or whose constant, another file's kernel inlines."""
    environment = os.environ | {"PYTHONPATH": f"{Path(femna.__file__).parents[1]}:{tmp_path}"}
    environment.pop("NUMBA_CACHE_DIR", None)
    code = "from caller import outer; print(outer(1.0)); print(sum(outer.compiled().stats.cache_hits.values()))"

    def run(times: int, factor: int) -> list[str]:
        files = {"caller": CALLER, "inner": INNER.replace("TIMES", str(times)), "constants": f"FACTOR = {factor}\n"}
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
            os.utime(tmp_path / f"{name}.py", (1e9, 1e9))
        for compiled in (tmp_path / "__pycache__").glob("*.pyc"):  # Python itself goes by time and length
            compiled.unlink()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
        return done.stdout.split()

    assert run(times=2, factor=3) == ["6.0", "0"]
    assert run(times=2, factor=3) == ["6.0", "1"]
    assert run(times=4, factor=3) == ["12.0", "0"]
    assert run(times=4, factor=5) == ["20.0", "0"]
    assert run(times=2, factor=3) == ["6.0", "1"]
