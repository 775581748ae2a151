"""Size and checksum of a history, kept in the manifest: a digit that a disk has turned into another is a number too."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from femna.errors import BadInput
from femna.io.unreadable import why_unusable

KEY = "history"
"""Of the manifest."""
BLOCK = 2**22
"""Bytes that are read at once."""


@dataclass(frozen=True)
class Seal:
    """What the first bytes of a history were when the manifest was written; rows may have followed since.

    Args:
        size: how many bytes.
        crc32: their checksum, which any change of a single byte changes.
    """

    size: int
    crc32: int

    @classmethod
    def of_file(cls, path: Path, most: int | None = None) -> Self:
        """The seal of a file as it is, or of as many bytes of it as are asked for.

        It is read piece by piece and no further than its size: a device has no end.
        """
        size, crc = 0, 0
        left = path.stat().st_size if most is None else min(most, path.stat().st_size)
        with open(path, "rb") as file:
            while left > 0 and (block := file.read(min(BLOCK, left))):
                size, crc, left = size + len(block), zlib.crc32(block, crc), left - len(block)
        return cls(size, crc)

    def extended(self, more: bytes | memoryview) -> Seal:
        """The seal after bytes have been appended."""
        return Seal(self.size + len(more), zlib.crc32(more, self.crc32))

    def as_json(self) -> dict[str, int]:
        """What the manifest holds."""
        return asdict(self)


class SealedReader(io.RawIOBase):
    """A file whose seal is taken while it is read, once and in order.

    Args:
        file: opened in binary, at its first byte.
        most: how many bytes the seal is taken of.
    """

    def __init__(self, file: io.RawIOBase, most: int) -> None:
        self._file = file
        self._most = most
        self.seal = Seal(0, 0)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read some bytes into a buffer; how many."""
        got = self._file.readinto(buffer)
        new = min(got or 0, self._most - self.seal.size)
        if new > 0:
            self.seal = self.seal.extended(memoryview(buffer)[:new])
        return got


def stated_seal(path: Path, manifest: Mapping[str, object]) -> Seal | None:
    """The seal of a history by its manifest.

    Args:
        path: the history.
        manifest: of its run.

    Returns:
        The seal; None from an older femna, which took none.

    Raises:
        BadInput: the manifest is damaged.
    """
    stated = manifest.get(KEY)
    if not isinstance(stated, Mapping):
        return None
    size, crc = stated.get("size"), stated.get("crc32")
    if not isinstance(size, int) or not isinstance(crc, int) or size < 0:
        raise BadInput(f"{path.with_name('manifest.json')}: is damaged (its entry '{KEY}')")
    return Seal(size, crc)


def check_seal(path: Path, stated: Seal | None, found: Seal | None = None) -> None:
    """Ask that a history still is what was written.

    Args:
        path: the file.
        stated: what its manifest says of it, if anything (see `stated_seal`).
        found: what as many of its bytes say; by default they are read.

    Raises:
        BadInput: it is not.
        OSError: it cannot be read.
    """
    if stated is None:
        return
    if found is None:
        found = Seal.of_file(path, stated.size) if path.exists() else Seal(0, 0)
    if found.size < stated.size:
        damaged = f"is damaged; it has {found.size} of the {stated.size} bytes that were written"
        raise BadInput(f"{path}: {why_unusable(path, damaged=damaged) if path.exists() else 'is missing'}")
    if found.crc32 != stated.crc32:
        damaged = (
            f"is damaged or was edited (its checksum is another); to read it as it is, take the entries '{KEY}' and "
            "'crc32' out of manifest.json"
        )
        raise BadInput(f"{path}: {why_unusable(path, damaged=damaged)}")
