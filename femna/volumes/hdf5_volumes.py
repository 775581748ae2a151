"""What the formats on HDF5 have in common: opening without trust, planes written one after another, texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from femna.errors import BadInput, FemnaError
from femna.io.claims import FalseClaim, check_claims
from femna.io.hdf5_reading import open_to_read
from femna.volumes.memory_limits import check_size
from femna.volumes.voxels import Array, VolumeHeader

PLANE_BYTES = 2**22
"""Largest chunk of a compressed array."""


@contextmanager
def hdf5_file(path: Path) -> Iterator[h5py.File]:
    """A file of a stranger, open for reading. Raises BadInput, also for what h5py finds wrong within."""
    try:
        with open_to_read(path) as file:
            check_claims(file)
            yield file
    except FalseClaim as error:
        raise BadInput(f"{path}: {error}") from error
    except FemnaError:
        raise
    except (OSError, KeyError, ValueError, RuntimeError, TypeError) as error:
        raise BadInput(f"{path}: cannot be read as HDF5 ({' '.join(str(error).split())})") from error


@contextmanager
def new_hdf5(path: Path) -> Iterator[h5py.File]:
    """A new file, open for writing."""
    with h5py.File(path, "w") as file:
        yield file


def checked_array(path: Path, data: h5py.Dataset) -> Array:
    """The values of an array of numbers. Raises BadInput where it is none, or too large."""
    if data.dtype.kind not in "fiub":
        raise BadInput(f"{path}: '{data.name}' holds {data.dtype}; allowed: whole numbers or floats")
    check_size(path, data.shape, data.dtype.itemsize)
    return np.asarray(data[...])


def write_planes(group: h5py.Group, name: str, header: VolumeHeader, slabs: Iterable[Array]) -> h5py.Dataset:
    """Write an array slab by slab, compressed with gzip.

    Args:
        group: where the array goes.
        name: its name.
        header: of the volume.
        slabs: (planes, y, x), of increasing z.
    """
    _, rows, columns = header.shape
    lines = max(1, min(rows, PLANE_BYTES // max(1, columns * header.dtype.itemsize)))
    packing: dict[str, Any] = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
    data = group.create_dataset(name, header.shape, header.dtype, chunks=(1, lines, columns), **packing)
    start = 0
    for slab in slabs:
        data[start : start + len(slab)] = slab
        start += len(slab)
    return data


def text_of(value: Any) -> str:
    """An attribute as text, whether it is stored as bytes or as a string."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(-1)[0]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def labels_of(data: h5py.Dataset) -> dict[int, str]:
    """The names of the labels of an array that femna has written."""
    return labels_of_text(text_of(data.attrs.get("labels", b"")))


def labels_of_text(text: str) -> dict[int, str]:
    """The names of labels in JSON; {} where there is none."""
    try:
        found = json.loads(text or "{}")
        return {int(key): str(name) for key, name in found.items()}
    except (ValueError, AttributeError):
        return {}
