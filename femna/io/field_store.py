"""Stored fields: `fields/NNNN.vtkhdf`, one VTKHDF file per output, that ParaView and pyvista open as they are.

The mesh is stored once, in `fields/mesh.vtkhdf`; the outputs link to it (HDF5 external links, which VTK follows), so
the folder is to be copied as a whole. `fields/fields.vtkhdf.series` names the outputs and their times for ParaView.
Format: https://docs.vtk.org/en/latest/vtk_file_formats/vtkhdf_file_format/index.html, UnstructuredGrid, version 2.0.
The attribute `FemnaFormat` of the root group holds the version of what femna puts into it.
"""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput
from femna.fields import Field
from femna.io.atomic_files import hdf5_image, write_whole
from femna.io.claims import FalseClaim, check_claims
from femna.io.formats import FIRST_VERSION, FORMATS, refuse_newer
from femna.io.hdf5_reading import open_to_read
from femna.io.mesh_digest import mesh_digest
from femna.io.run_folder import FIELDS_FOLDER
from femna.io.unreadable import is_held, why_unusable

MESH_FILE = "mesh.vtkhdf"
SERIES_FILE = "fields.vtkhdf.series"
CHECKSUMS_FILE = "checksums.json"
"""Name of each file -> its CRC-32; written before the file, so that no kill leaves a file that does not match."""
FORMAT_ATTRIBUTE = "FemnaFormat"
GEOMETRY = ("NumberOfPoints", "NumberOfCells", "NumberOfConnectivityIds", "Points", "Connectivity", "Offsets", "Types")
VTK_CELL = {(1, 2): 3, (2, 3): 5, (3, 4): 10, (2, 4): 8, (3, 8): 11}
"""Dimensions and nodes of a cell -> VTK's number for it: line, triangle, tetrahedron; pixel and voxel of leaves."""
SAME_TIME = 1e-12
"""Relative difference below which a time that is asked for is that of an output."""
TIME_ROUNDING = 4.0 * float(np.finfo(float).eps)
"""The same of two outputs: nothing but rounding, so that steps of 1 ms after a rest of 30 d leave outputs each."""
MATERIAL = Field("material", "Layer", "", "1", "", 1.0, colour_map="Pastel2")
"""The index of the layer of each cell, from the collector upwards: stored with the mesh."""
UNREADABLE = (OSError, KeyError, ValueError, RuntimeError)
"""What h5py raises on a damaged file."""

Array = NDArray[Any]


@dataclass(frozen=True)
class FileStamp:
    """By which a file that was looked at is told from one that was changed or replaced since."""

    path: Path
    inode: int
    size: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """The stamp of a file. Raises OSError."""
        found = path.stat()
        return cls(path, found.st_ino, found.st_size, found.st_mtime_ns)


class FieldStore:
    """The stored fields of a run.

    Args:
        directory: the run folder.
        points: coordinates of the nodes, (N, dim), m; stored with zeros for the missing ones of three.
        cells: nodes of the simplices, (M, dim + 1), or of bricks, (M, 2^dim), the first axis fastest.
        layer: index of the layer of each cell, (M,), stored as the cell array `material`.
        changes: whether the mesh follows the front, so that outputs may be on several.

    Raises:
        BadInput: the folder holds outputs on another mesh, or damaged ones.
        CannotGoOn: the disk is full.
    """

    def __init__(self, directory: Path | str, points: Array, cells: Array, layer: Array, changes: bool = False) -> None:
        self.folder = Path(directory) / FIELDS_FOLDER
        self.stored = [(time, path.name) for time, path in list_outputs(directory)]
        self._changes = changes
        self._checksums = _checksums(self.folder)
        mesh = self.folder / MESH_FILE
        known = stored_digest(mesh)
        if self.stored and not changes and known not in (None, mesh_digest(points, cells, layer)):
            raise BadInput(f"{mesh}: holds another mesh than this run's")
        self.change_mesh(points, cells, layer)

    def change_mesh(self, points: Array, cells: Array, layer: Array) -> None:
        """Store the outputs that follow on this mesh, itself stored once; arguments as for the store.

        Raises:
            CannotGoOn: the disk is full.
        """
        self.shape = (len(points), len(cells))
        digest = mesh_digest(points, cells, layer)
        files = sorted(path for path in self.folder.glob("mesh*.vtkhdf") if is_mesh_name(path.name))
        known = {path.name: stored_digest(path) for path in files}
        same = [name for name, stored in known.items() if stored == digest]
        self.mesh = same[0] if same else MESH_FILE
        if not same:
            # a damaged file is written again where there is one mesh; else nobody knows which mesh it held
            used = {name for name, stored in known.items() if self.stored and (stored is not None or self._changes)}
            number = 0
            while self.mesh in used:
                number += 1
                self.mesh = f"mesh-{number:04d}.vtkhdf"
            self._store(self.mesh, hdf5_image(lambda file: _write_mesh(file, points, cells, layer, digest)))

    def next_index(self, time: float) -> int:
        """The index of the next output.

        Args:
            time: simulated time at which the run stands, first or resumed, s.

        Returns:
            How many outputs are stored until then.
        """
        return sum(stored <= time * (1.0 + TIME_ROUNDING) for stored, _ in self.stored)

    def write(
        self, index: int, time: float, point_data: Mapping[str, Array], cell_data: Mapping[str, Array] | None = None
    ) -> Path:
        """Store one output. What is stored is never overwritten: an output of this time stays as it is.

        Args:
            index: number of the output; where it is taken by another time, the next free one is used.
            time: simulated time, s.
            point_data: name -> values on the nodes, (N,) or (N, components).
            cell_data: name -> values on the cells, (M,) or (M, components).

        Returns:
            The path of the file.

        Raises:
            ValueError: an array does not fit the mesh.
            CannotGoOn: the disk is full.
        """
        for arrays, size in zip((point_data, cell_data or {}), self.shape, strict=True):
            for name, array in arrays.items():
                if np.shape(array)[:1] != (size,):
                    raise ValueError(f"field {name} has shape {np.shape(array)}, the mesh wants {size} values")
        for stored, name in self.stored:
            if abs(stored - time) <= TIME_ROUNDING * max(abs(stored), abs(time)):
                return self.folder / name
        names = {name for _, name in self.stored}
        while (name := f"{index:04d}.vtkhdf") in names:
            index += 1
        self._store(name, hdf5_image(lambda file: _write_output(file, time, point_data, cell_data or {}, self.mesh)))
        self.stored = sorted([*self.stored, (time, name)])
        series = {"file-series-version": "1.0", "files": [{"name": name, "time": time} for time, name in self.stored]}
        write_whole(self.folder / SERIES_FILE, json.dumps(series, indent=1).encode())
        return self.folder / name

    def _store(self, name: str, image: io.BytesIO) -> None:
        with image.getbuffer() as view:
            self._checksums[name] = zlib.crc32(view)
        write_whole(self.folder / CHECKSUMS_FILE, json.dumps(self._checksums, indent=0).encode())
        write_whole(self.folder / name, image)


def _checksums(folder: Path) -> dict[str, int]:
    """The checksums of the files of a folder; none where an older femna wrote them, or the list is damaged."""
    try:
        found = json.loads((folder / CHECKSUMS_FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(name): crc for name, crc in found.items() if isinstance(crc, int)} if isinstance(found, dict) else {}


def list_outputs(directory: Path | str) -> list[tuple[float, Path]]:
    """The stored outputs of a run.

    Args:
        directory: the run folder.

    Returns:
        Simulated time (s) and path of each output, in the order of time.

    Raises:
        BadInput: a file is damaged or was written by a newer femna.
    """
    files = [path for path in (Path(directory) / FIELDS_FOLDER).glob("*.vtkhdf") if path.stem.isdecimal()]
    return sorted((_stored_time(path), path) for path in files)


def _stored_time(path: Path) -> float:
    try:
        with open_to_read(path) as file:
            version = int(file["VTKHDF"].attrs.get(FORMAT_ATTRIBUTE, FIRST_VERSION))
            refuse_newer(path, "fields", version)
            return float(file["VTKHDF/FieldData/TimeValue"][0])
    except UNREADABLE as error:
        damaged = "is damaged or not an output of femna; remove it to use the others"
        raise BadInput(f"{path}: {why_unusable(path, error, damaged)}") from error


def check_output(path: Path, checked: set[FileStamp]) -> None:
    """Ask that an output and the mesh beside it hold what they state, before anything reads them into memory.

    Args:
        path: of the output.
        checked: files that were asked before and need not be read again; those that are found sound are added.

    Raises:
        BadInput: one of them is damaged, claims more than it holds, or links to other files.
    """
    known = _checksums(path.parent)
    mesh = mesh_of(path)
    for name, links_to in ((path, (mesh.name,)), (mesh, ())):
        try:
            if (stamp := FileStamp.of(name)) in checked:
                continue
            if name.name in known and zlib.crc32(name.read_bytes()) != known[name.name]:
                raise BadInput(f"{name}: {why_unusable(name, damaged='is damaged (its checksum is wrong)')}")
            if is_held(name):  # VTK would wait for nobody, and take it for no HDF5
                raise BadInput(f"{name}: {why_unusable(name)}")
            with open_to_read(name) as file:
                check_claims(file, links_to)
            checked.add(stamp)
        except FalseClaim as problem:
            raise BadInput(f"{name}: {problem}; it was not written by femna") from problem
        except UNREADABLE as error:
            raise BadInput(f"{name}: {why_unusable(name, error)}") from error


def is_mesh_name(name: str) -> bool:
    """Whether a file of the folder holds a mesh: mesh.vtkhdf, or a later one, mesh-0001.vtkhdf."""
    return re.fullmatch(r"mesh(-\d{4,})?\.vtkhdf", name) is not None


def mesh_of(path: Path) -> Path:
    """The file with the mesh of an output; that of the first mesh where the output does not say it."""
    try:
        with h5py.File(path, "r", locking=False) as file:
            link = file["VTKHDF"].get("Points", getlink=True)
            name = str(link.filename) if isinstance(link, h5py.ExternalLink) else MESH_FILE
    except UNREADABLE:
        name = MESH_FILE
    return path.with_name(name if is_mesh_name(name) else MESH_FILE)


def stored_digest(path: Path) -> str | None:
    """The digest of a mesh file.

    Args:
        path: the file.

    Returns:
        The digest (see femna.io.mesh_digest); None when the file is missing or damaged.
    """
    try:
        with open_to_read(path) as file:
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
    _compressed(root, "Types", np.full(count, VTK_CELL[points.shape[1], nodes], "u1"))
    _compressed(root.create_group("CellData"), MATERIAL.key, np.asarray(layer, "i4"))


def _write_output(
    file: h5py.File, time: float, point_data: Mapping[str, Array], cell_data: Mapping[str, Array], mesh: str
) -> None:
    root = _root(file)
    for name in GEOMETRY:
        root[name] = h5py.ExternalLink(mesh, f"/VTKHDF/{name}")
    points, cells = root.create_group("PointData"), root.create_group("CellData")
    cells[MATERIAL.key] = h5py.ExternalLink(mesh, f"/VTKHDF/CellData/{MATERIAL.key}")
    for name, array in point_data.items():
        _compressed(points, name, array)
    for name, array in cell_data.items():
        _compressed(cells, name, array)
    root.create_group("FieldData").create_dataset("TimeValue", data=np.array([time], "f8"))


def _root(file: h5py.File) -> h5py.Group:
    root = file.create_group("VTKHDF")
    root.attrs["Version"] = np.array([2, 0], "i8")
    root.attrs[FORMAT_ATTRIBUTE] = FORMATS["fields"]
    root.attrs["Type"] = np.bytes_("UnstructuredGrid")
    return root


def _compressed(group: h5py.Group, name: str, array: Array) -> None:
    group.create_dataset(name, data=array, compression="gzip", compression_opts=1, shuffle=True)
