"""What a volume may take: asked before memory is taken, since a header of a few bytes can state 100 GB."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

from femna.errors import BadInput

LARGEST_BYTES = 32_000_000_000
"""Of a volume that is read whole: 2000^3 voxels of four bytes."""


def check_size(path: Path, shape: Sequence[int], itemsize: int) -> None:
    """Ask that a volume can be held in memory.

    Args:
        path: the file, for the message.
        shape: numbers of voxels that it states.
        itemsize: bytes of each.

    Raises:
        BadInput: it is empty, too large for femna, or for the memory of this machine.
    """
    numbers = " x ".join(str(int(number)) for number in shape)
    if min(shape, default=0) < 1:
        raise BadInput(f"{path}: states {numbers} voxels; allowed: at least one along each axis")
    size = math.prod(int(number) for number in shape) * itemsize
    limit = min(LARGEST_BYTES, _memory())
    if size > limit:
        raise BadInput(
            f"{path}: states {numbers} voxels, {size / 1e9:.3g} GB; allowed: {limit / 1e9:.3g} GB; cut or bin it first"
        )


def check_stored(path: Path, stated: int, stored: int) -> None:
    """Ask that a file without compression holds what it states.

    Args:
        path: the file, for the message.
        stated: bytes of the voxels.
        stored: bytes that there are.

    Raises:
        BadInput: there are others.
    """
    if stored != stated:
        raise BadInput(f"{path}: holds {stored} bytes of voxels, and states {stated}")


def _memory() -> int:
    """Bytes of memory of this machine."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return LARGEST_BYTES
