"""Stored fields: `fields/NNNN.vtkhdf`, one VTKHDF file per output, that ParaView and pyvista open as they are.

The mesh is stored once, in `fields/mesh.vtkhdf`; the outputs link to it (HDF5 external links, which VTK follows), so
the folder is to be copied as a whole. `fields/fields.vtkhdf.series` names the outputs and their times for ParaView.
Format: https://docs.vtk.org/en/latest/vtk_file_formats/vtkhdf_file_format/index.html, UnstructuredGrid, version 2.0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput
from femna.io.atomic_files import hdf5_image, write_whole
from femna.io.mesh_digest import mesh_digest
from femna.io.run_folder import FIELDS_FOLDER

MESH_FILE = "mesh.vtkhdf"
SERIES_FILE = "fields.vtkhdf.series"
GEOMETRY = ("NumberOfPoints", "NumberOfCells", "NumberOfConnectivityIds", "Points", "Connectivity", "Offsets", "Types")
VTK_CELL = {2: 3, 3: 5, 4: 10}
"""Nodes of a simplex -> VTK's number for it: line, triangle, tetrahedron."""
SAME_TIME = 1e-9
"""Relative difference below which two times are one."""
UNREADABLE = (OSError, KeyError, ValueError, RuntimeError)
"""What h5py raises on a damaged file."""

Array = NDArray[Any]


class FieldStore:
    """The stored fields of the run in `directory`.

    points (N, dim) in m, padded with zeros to three components; cells (M, dim+1), simplices; layer (M,) index of the
    layer, stored as the cell array `material`. Raises BadInput when the folder holds outputs on another mesh.
    """

    def __init__(self, directory: Path | str, points: Array, cells: Array, layer: Array) -> None:
        self.folder = Path(directory) / FIELDS_FOLDER
        self.shape = (len(points), len(cells))
        digest = mesh_digest(points, cells, layer)
        mesh = self.folder / MESH_FILE
        self.stored = [(time, path.name) for time, path in list_outputs(directory)]
        known = stored_digest(mesh)
        if self.stored and known not in (None, digest):
            raise BadInput(f"{mesh}: holds another mesh than this run's")
        if known != digest:
            write_whole(mesh, hdf5_image(lambda file: _write_mesh(file, points, cells, layer, digest)))

    def next_index(self, time: float) -> int:
        """The index of the next output of a run that stands at `time` (s), first or resumed."""
        return sum(stored <= time + SAME_TIME * abs(time) for stored, _ in self.stored)

    def write(
        self, index: int, time: float, point_data: Mapping[str, Array], cell_data: Mapping[str, Array] | None = None
    ) -> Path:
        """Store one output: arrays of N values (or (N, k)) on points and of M on cells, at `time` (s).

        What is stored is never overwritten: an output of this time stays as it is, and where `index` is taken by
        another time, the next free one is used. Returns the file. Raises ValueError when an array does not fit the
        mesh, CannotGoOn when the disk is full.
        """
        for arrays, size in zip((point_data, cell_data or {}), self.shape, strict=True):
            for name, array in arrays.items():
                if np.shape(array)[:1] != (size,):
                    raise ValueError(f"field {name} has shape {np.shape(array)}, the mesh wants {size} values")
        for stored, name in self.stored:
            if abs(stored - time) <= SAME_TIME * max(abs(stored), abs(time)):
                return self.folder / name
        names = {name for _, name in self.stored}
        while (name := f"{index:04d}.vtkhdf") in names:
            index += 1
        write_whole(self.folder / name, hdf5_image(lambda file: _write_output(file, time, point_data, cell_data or {})))
        self.stored = sorted([*self.stored, (time, name)])
        series = {"file-series-version": "1.0", "files": [{"name": name, "time": time} for time, name in self.stored]}
        write_whole(self.folder / SERIES_FILE, json.dumps(series, indent=1).encode())
        return self.folder / name


def list_outputs(directory: Path | str) -> list[tuple[float, Path]]:
    """Times (s) and files of the stored outputs of the run in `directory`, in the order of time.

    Raises BadInput when a file is damaged.
    """
    files = [path for path in (Path(directory) / FIELDS_FOLDER).glob("*.vtkhdf") if path.stem.isdecimal()]
    return sorted((_stored_time(path), path) for path in files)


def _stored_time(path: Path) -> float:
    try:
        with h5py.File(path, "r", locking=False) as file:
            return float(file["VTKHDF/FieldData/TimeValue"][0])
    except UNREADABLE as error:
        raise BadInput(f"{path}: is damaged or not an output of femna; remove it to use the others") from error


def stored_digest(path: Path) -> str | None:
    """The digest of a mesh file; None when it is missing or damaged, and so to be written."""
    try:
        with h5py.File(path, "r", locking=False) as file:
            return str(file["VTKHDF"].attrs["MeshDigest"])
    except UNREADABLE:
        return None


def _write_mesh(file: h5py.File, points: Array, cells: Array, layer: Array, digest: str) -> None:
    root = _root(file)
    root.attrs["MeshDigest"] = digest
    count, nodes = np.shape(cells)
    padded = np.zeros((len(points), 3))
    padded[:, : points.shape[1]] = points
    values = (len(points), count, count * nodes)
    for name, value in zip(GEOMETRY[:3], values, strict=True):
        root.create_dataset(name, data=np.array([value], "i8"))
    _compressed(root, "Points", padded)
    _compressed(root, "Connectivity", np.asarray(cells, "i8").ravel())
    _compressed(root, "Offsets", np.arange(0, count * nodes + 1, nodes, dtype="i8"))
    _compressed(root, "Types", np.full(count, VTK_CELL[nodes], "u1"))
    _compressed(root.create_group("CellData"), "material", np.asarray(layer, "i4"))


def _write_output(
    file: h5py.File, time: float, point_data: Mapping[str, Array], cell_data: Mapping[str, Array]
) -> None:
    root = _root(file)
    for name in GEOMETRY:
        root[name] = h5py.ExternalLink(MESH_FILE, f"/VTKHDF/{name}")
    points, cells = root.create_group("PointData"), root.create_group("CellData")
    cells["material"] = h5py.ExternalLink(MESH_FILE, "/VTKHDF/CellData/material")
    for name, array in point_data.items():
        _compressed(points, name, array)
    for name, array in cell_data.items():
        _compressed(cells, name, array)
    root.create_group("FieldData").create_dataset("TimeValue", data=np.array([time], "f8"))


def _root(file: h5py.File) -> h5py.Group:
    root = file.create_group("VTKHDF")
    root.attrs["Version"] = np.array([2, 0], "i8")
    root.attrs["Type"] = np.bytes_("UnstructuredGrid")
    return root


def _compressed(group: h5py.Group, name: str, array: Array) -> None:
    group.create_dataset(name, data=array, compression="gzip", compression_opts=1, shuffle=True)
