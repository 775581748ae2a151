"""What a format of volumes declares, and what every reader gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from femna.volumes.voxels import Array, Three, VolumeHeader


@dataclass(frozen=True)
class Stored:
    """What a file says: a volume, of which the size of the voxels may be missing.

    Args:
        values: (z, y, x).
        voxel_size: along x, y and z, m; None where the file does not say it.
        origin: position of the corner of the first voxel, m; None where the file does not say it.
        unit, quantity, labels: as of a volume, as far as the file says them.
    """

    values: Array
    voxel_size: Three | None = None
    origin: Three | None = None
    unit: str = ""
    quantity: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class VolumeFormat:
    """A format of files.

    Args:
        name: what messages call it.
        endings: endings of names, in lower case, with the dot; new files get the first one.
        read: reads a file.
        write: writes slabs (planes, y, x) of increasing z, and returns what a user has to know, a line each. None for a
            format that is only read.
        dtypes: numpy's names of the types of values that it takes; () for all of whole numbers and floats.
    """

    name: str
    endings: tuple[str, ...]
    read: Callable[[Path], Stored]
    write: Callable[[Path, VolumeHeader, Iterable[Array]], tuple[str, ...]] | None = None
    dtypes: tuple[str, ...] = ()
