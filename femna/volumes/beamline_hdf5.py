"""HDF5 as beamlines write it: the groups of Data Exchange, marked as NXdata for viewers of NeXus.

https://dxfile.readthedocs.io: `/exchange/data` is the volume where it has the axes z, y, x, and projections where there
are angles `theta`. Lengths: the coordinates of the centres of the voxels, `/exchange/x`, `y`, `z`, with their units.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import h5py
import numpy as np

from femna.errors import BadInput
from femna.volumes.hdf5_volumes import checked_array, hdf5_file, labels_of, new_hdf5, text_of, write_planes
from femna.volumes.volume_format import Stored, VolumeFormat
from femna.volumes.voxel_sizes import UNITS
from femna.volumes.voxels import Array, Three, VolumeHeader

GROUP = "exchange"
EVEN = 1e-6
"""Largest difference of distances between neighbours, in units of the distance, at which they are the same."""


def read_exchange(path: Path) -> Stored:
    """The volume of a file.

    Raises:
        BadInput: it holds none, or projections.
    """
    with hdf5_file(path) as file:
        group = file.get(GROUP)
        data = group.get("data") if isinstance(group, h5py.Group) else None
        if not isinstance(data, h5py.Dataset) or data.ndim != 3:
            raise BadInput(f"{path}: has no array '/{GROUP}/data' with three axes")
        axes = text_of(data.attrs.get("axes", b"")).split(":")
        if "theta" in group or axes[0] == "theta":
            shape = " x ".join(str(number) for number in data.shape)
            raise BadInput(f"{path}: holds projections ({shape}, angles in theta); allowed: a reconstructed volume")
        if axes not in ([""], ["z", "y", "x"]):
            raise BadInput(f"{path}: '/{GROUP}/data' has the axes {':'.join(axes)}; allowed: z:y:x")
        size, origin = _lengths(path, group, data.shape)
        values = checked_array(path, data)
        words = text_of(data.attrs.get("units", b"")), text_of(data.attrs.get("description", b""))
        return Stored(values, size, origin, *words, labels_of(data))


def _lengths(path: Path, group: h5py.Group, shape: tuple[int, ...]) -> tuple[Three | None, Three | None]:
    """Size of the voxels and corner of the first one, m."""
    sizes, corners = [], []
    for name, number in zip("xyz", shape[::-1], strict=True):
        places = group.get(name)
        if not isinstance(places, h5py.Dataset) or places.shape != (number,):
            return None, None
        unit = UNITS.get(text_of(places.attrs.get("units", b"")))
        if unit is None:
            return None, None
        centres = unit * np.asarray(places, dtype=float)
        if number > 1:
            size = float((centres[-1] - centres[0]) / (number - 1))
            uneven = np.abs(np.diff(centres) - size).max() > EVEN * abs(size)
        else:
            size, uneven = unit * float(places.attrs.get("voxel_size", np.nan)), False
        if uneven or not size > 0:
            raise BadInput(f"{path}: '{places.name}' is not evenly spaced and rising")
        sizes.append(size)
        corners.append(float(centres[0]) - 0.5 * size)
    return (sizes[0], sizes[1], sizes[2]), (corners[0], corners[1], corners[2])


def write_exchange(path: Path, header: VolumeHeader, slabs: Iterable[Array]) -> tuple[str, ...]:
    """Write a volume, compressed with gzip."""
    with new_hdf5(path) as file:
        file["implements"] = GROUP
        file.attrs["default"] = GROUP
        group = file.create_group(GROUP)
        group.attrs["NX_class"] = "NXdata"
        group.attrs["signal"] = "data"
        group.attrs["axes"] = np.array(["z", "y", "x"], dtype=h5py.string_dtype())
        for name, number, size, corner in zip("xyz", header.shape[::-1], header.voxel_size, header.origin, strict=True):
            group[name] = corner + size * (np.arange(number) + 0.5)
            group[name].attrs["units"] = "m"
            group[name].attrs["voxel_size"] = size
        data = write_planes(group, "data", header, slabs)
        data.attrs["axes"] = "z:y:x"
        data.attrs["units"] = header.unit
        data.attrs["description"] = header.quantity
        if header.labels:
            data.attrs["labels"] = json.dumps({str(key): name for key, name in header.labels.items()})
    return ()


FORMAT = VolumeFormat("Data Exchange", (".h5", ".hdf5", ".hdf", ".nxs"), read_exchange, write_exchange)
