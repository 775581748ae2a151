"""Size and checksum of a history, kept in the manifest: a digit that a disk has turned into another is a number too."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

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

    def extended(self, more: bytes) -> Seal:
        """The seal after bytes have been appended."""
        return Seal(self.size + len(more), zlib.crc32(more, self.crc32))

    def as_json(self) -> dict[str, int]:
        """What the manifest holds."""
        return asdict(self)


def check_seal(path: Path, manifest: Mapping[str, object]) -> None:
    """Ask that a history still is what was written.

    Args:
        path: the file.
        manifest: of its run; that of an older femna holds no seal.

    Raises:
        BadInput: it is not.
        OSError: it cannot be read.
    """
    stated = manifest.get(KEY)
    if not isinstance(stated, Mapping):
        return
    size, crc = stated.get("size"), stated.get("crc32")
    if not isinstance(size, int) or not isinstance(crc, int) or size < 0:
        raise BadInput(f"{path.with_name('manifest.json')}: is damaged (its entry '{KEY}')")
    found = Seal.of_file(path, size) if path.exists() else Seal(0, 0)
    if found.size < size:
        damaged = f"is damaged; it has {found.size} of the {size} bytes that were written"
        raise BadInput(f"{path}: {why_unusable(path, damaged=damaged) if path.exists() else 'is missing'}")
    if found.crc32 != crc:
        damaged = (
            f"is damaged or was edited (its checksum is another); to read it as it is, take the entries '{KEY}' and "
            "'crc32' out of manifest.json"
        )
        raise BadInput(f"{path}: {why_unusable(path, damaged=damaged)}")
