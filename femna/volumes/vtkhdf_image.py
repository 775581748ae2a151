"""VTKHDF ImageData, the default: lengths in m, one array on the cells, which are the voxels.

https://docs.vtk.org/en/latest/vtk_file_formats/vtkhdf_file_format/index.html, version 2.0. VTK has no place for a unit
of length: femna writes the attribute `LengthUnit` beside `Spacing`, and does not use a spacing without it.
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
from femna.volumes.voxels import Array, VolumeHeader

ROOT = "VTKHDF"
NAME = "values"


def read_image(path: Path) -> Stored:
    """A volume of a VTKHDF file of the type ImageData, with its values on the cells or on the points.

    Raises:
        BadInput: it is no such file, or holds no such volume.
    """
    with hdf5_file(path) as file:
        root = file.get(ROOT)
        kind = text_of(root.attrs.get("Type", b"")) if isinstance(root, h5py.Group) else ""
        if kind != "ImageData":
            raise BadInput(f"{path}: is VTKHDF of the type '{kind}'; allowed: ImageData")
        extent = np.asarray(root.attrs.get("WholeExtent", ()), dtype=np.int64)
        spacing = np.asarray(root.attrs.get("Spacing", ()), dtype=float)
        origin = np.asarray(root.attrs.get("Origin", (0.0, 0.0, 0.0)), dtype=float)
        direction = np.asarray(root.attrs.get("Direction", np.eye(3)), dtype=float).reshape(-1)
        if extent.shape != (6,) or spacing.shape != (3,) or origin.shape != (3,):
            raise BadInput(f"{path}: WholeExtent, Spacing or Origin is missing or has another length than 6, 3 and 3")
        if direction.size != 9 or not np.array_equal(direction, np.eye(3).ravel()):
            raise BadInput(f"{path}: Direction turns the axes; allowed: axes along x, y and z")
        data, on_cells = _array(path, root)
        lengths = extent[1::2] - extent[::2] + (0 if on_cells else 1)
        if data.shape != tuple(lengths[::-1]):
            raise BadInput(f"{path}: '{data.name}' has the shape {data.shape}, WholeExtent says {tuple(lengths[::-1])}")
        values = checked_array(path, data)
        unit = UNITS.get(text_of(root.attrs.get("LengthUnit", b"")))
        place = origin + spacing * (extent[::2] - (0.0 if on_cells else 0.5))
        described = text_of(data.attrs.get("quantity", b"")), labels_of(data)
        unit_of_values = text_of(data.attrs.get("units", b""))
    if unit is None:
        return Stored(values, None, None, unit_of_values, *described)
    size, corner = unit * spacing, unit * place
    return Stored(values, tuple(size.tolist()), tuple(corner.tolist()), unit_of_values, *described)


def _array(path: Path, root: h5py.Group) -> tuple[h5py.Dataset, bool]:
    """The array that a file holds, and whether it lies on the cells."""
    found = [
        (entry, place == "CellData")
        for place in ("CellData", "PointData")
        if isinstance(root.get(place), h5py.Group)
        for entry in root[place].values()
        if isinstance(entry, h5py.Dataset) and entry.ndim == 3
    ]
    if len(found) != 1:
        names = ", ".join(f"'{entry.name}'" for entry, _ in found) or "none"
        raise BadInput(f"{path}: holds {len(found)} arrays of one component ({names}); allowed: one")
    return found[0]


def write_image(path: Path, header: VolumeHeader, slabs: Iterable[Array]) -> tuple[str, ...]:
    """Write a volume, compressed with gzip."""
    with new_hdf5(path) as file:
        root = file.create_group(ROOT)
        root.attrs["Version"] = np.array([2, 0], dtype=np.int64)
        root.attrs.create("Type", b"ImageData", dtype=h5py.string_dtype("ascii", len("ImageData")))
        lengths = header.shape[::-1]
        root.attrs["WholeExtent"] = np.array([[0, length] for length in lengths], dtype=np.int64).ravel()
        root.attrs["Origin"] = np.array(header.origin)
        root.attrs["Spacing"] = np.array(header.voxel_size)
        root.attrs["Direction"] = np.eye(3).ravel()
        root.attrs["LengthUnit"] = "m"
        cells = root.create_group("CellData")
        cells.attrs.create("Scalars", NAME.encode(), dtype=h5py.string_dtype("ascii", len(NAME)))
        data = write_planes(cells, NAME, header, slabs)
        data.attrs["units"] = header.unit
        data.attrs["quantity"] = header.quantity
        if header.labels:
            data.attrs["labels"] = json.dumps({str(key): name for key, name in header.labels.items()})
    return ()


FORMAT = VolumeFormat("VTKHDF", (".vtkhdf",), read_image, write_image)
