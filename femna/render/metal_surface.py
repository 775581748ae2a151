"""The metal as a closed surface, for other programs: STL, PLY, glTF.

It bounds what the stored xi, linear on each tetrahedron, calls metal (xi > 1/2) within the box: the front, and the
cuts at the box's sides. VTK cuts each tetrahedron along the plane xi = 1/2, so that the surface encloses that volume
to rounding; every edge belongs to two triangles, whose normals point out of the metal.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from femna.analysis.runs import open_run
from femna.errors import BadInput
from femna.io.atomic_files import disk_errors, write_whole
from femna.quantities import closest, either
from femna.render import opengl, theme

if TYPE_CHECKING:
    import pyvista

Array = np.ndarray[Any, Any]
Ints = NDArray[np.int64]

FORMATS = (".stl", ".ply", ".gltf")
"""Endings of the files, which decide their format."""

UNITS = {"m": 1.0, "mm": 1e3, "um": 1e6}
"""Units of the coordinates: how many of them are in a metre. None of the formats but glTF (metres) knows its unit."""

LEVEL_SHARE = 1e-6
"""Nodes whose xi lies so close to 1/2 count as metal by as much: the front through a node would make slivers, where
four faces meet."""


def metal_surface(grid: pyvista.UnstructuredGrid) -> pyvista.PolyData:
    """The closed surface of the metal.

    Args:
        grid: tetrahedra with the point array xi, coordinates in m.

    Returns:
        Triangles, coordinates in m; empty where there is no metal.
    """
    import pyvista as pv

    xi = np.asarray(grid.point_data["xi"], dtype=float)
    lifted = np.where(np.abs(xi - 0.5) < LEVEL_SHARE, 0.5 + LEVEL_SHARE, xi)
    points = np.asarray(grid.points, dtype=float) * theme.MICRO  # VTK's tolerances are not made for 1e-6
    scaled = pv.UnstructuredGrid({pv.CellType.TETRA: grid.cells_dict[pv.CellType.TETRA]}, points)
    scaled.point_data["xi"] = lifted
    body = scaled.compute_derivative(scalars="xi", gradient="slope").clip_scalar(scalars="xi", value=0.5, invert=False)
    surface = body.extract_surface(algorithm="dataset_surface").triangulate().clean(tolerance=0.0)
    if not surface.n_cells:
        return surface
    places, faces = _outwards(surface, points.min(axis=0), points.max(axis=0))
    return pv.PolyData.from_regular_faces(places / theme.MICRO, faces)


def _outwards(surface: pyvista.PolyData, lower: Array, upper: Array) -> tuple[Array, Ints]:
    """The points, (N, 3), and triangles, (M, 3), turned so that their normals point out of the metal.

    Neighbours are turned alike by VTK; which way each closed part looks, the front's slope and the box say together.

    Args:
        surface: a closed surface with the slope of xi.
        lower, upper: corners of the box, (3,).
    """
    turned = surface.connectivity("all").compute_normals(
        cell_normals=False, point_normals=True, split_vertices=False, consistent_normals=True, auto_orient_normals=False
    )
    faces, points = turned.regular_faces, np.asarray(turned.points, dtype=float)
    corners = points[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])  # twice the area, along the normal
    near = 1e-9 * float(np.ptp(np.stack([lower, upper])))
    out = -np.asarray(turned.point_data["slope"], dtype=float)[faces].mean(axis=1)
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-30)
    for axis in range(3):
        for side, end in ((-1.0, lower), (1.0, upper)):
            on_side = (np.abs(corners[:, :, axis] - end[axis]) < near).all(axis=1)
            out[on_side] = side * np.eye(3)[axis]
    part = np.asarray(turned.point_data["RegionId"])[faces[:, 0]].astype(int)
    votes = np.bincount(part, weights=(across * out).sum(axis=1))
    return points, np.asarray(np.where((votes < 0.0)[part][:, None], faces[:, ::-1], faces))


def write_metal(directory: str | Path, path: str | Path, time: float | None = None, unit: str = "m") -> Path:
    """Write the metal of a stored output of a 3D run as a closed surface.

    Args:
        directory: the run folder.
        path: the file; its ending decides the format: .stl, .ply or .gltf.
        time: the output at or before this simulated time, s; None for the last one.
        unit: of the coordinates: "m", "mm" or "um"; glTF is in m.

    Returns:
        The path.

    Raises:
        BadInput: the ending or the unit is another, the run has no third dimension, no stored fields or no metal.
        CannotGoOn: the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        near = closest(path.suffix or path.name, FORMATS)
        raise BadInput(f"{path}: a surface has another ending; allowed: {either(FORMATS)}; closest: {near}")
    if unit not in UNITS:
        raise BadInput(f"the unit of a surface is '{unit}'; allowed: {either(tuple(UNITS))}")
    if path.suffix.lower() == ".gltf" and unit != "m":
        raise BadInput(f"{path}: glTF is in metres, and '{unit}' was asked for; allowed: 'm', or .stl or .ply")
    run = open_run(directory)
    if run.case.geometry.dim != 3:
        raise BadInput(f"{directory}: the run has {run.case.geometry.dim} dimensions; a surface needs 3")
    opengl.choose_off_screen()
    surface = metal_surface(run.fields(time))
    if not surface.n_cells:
        raise BadInput(f"{directory}: there is no metal at that time")
    surface.points = np.asarray(surface.points) * UNITS[unit]
    write_whole(path, _encoded(surface, path.suffix.lower(), path))
    return path


def _encoded(surface: pyvista.PolyData, ending: str, path: Path) -> bytes:
    """The content of a file of a format."""
    with disk_errors(path), tempfile.TemporaryDirectory() as folder:
        aside = Path(folder) / f"metal{ending}"
        if ending == ".gltf":
            _write_gltf(surface, aside)
        else:
            surface.save(aside)
        return aside.read_bytes()


def _write_gltf(surface: pyvista.PolyData, path: Path) -> None:
    """One file of glTF 2.0, its buffers within it; VTK writes it without drawing."""
    from vtkmodules.vtkCommonDataModel import vtkMultiBlockDataSet
    from vtkmodules.vtkIOGeometry import vtkGLTFWriter

    node, scene = vtkMultiBlockDataSet(), vtkMultiBlockDataSet()
    for parent, child in ((node, surface), (scene, node)):
        parent.SetNumberOfBlocks(1)
        parent.SetBlock(0, child)
    writer = vtkGLTFWriter()
    writer.SetFileName(str(path))
    writer.SetInlineData(True)
    writer.SetInputDataObject(scene)
    writer.Write()
