"""The front xi = 1/2 of a 3D output as a smooth surface, and plane cuts of the output, for pictures.

The surface is that of xi, linear on each tetrahedron. Its normals are those of -grad xi, taken from the distance
n/l = atanh(1 - 2 xi), which is nearly linear across the front where xi is not: the gradient, constant on a tetrahedron,
is averaged over the tetrahedra about a node, weighted by their volumes, and interpolated along the edges that the front
cuts. Normals of the triangles themselves would show every tetrahedron.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from femna.analysis.snapshot import gradient
from femna.io.field_store import MATERIAL
from femna.mesh.simplices import volumes
from femna.render import theme

if TYPE_CHECKING:
    import pyvista

Array = np.ndarray[Any, Any]

INSIDE = 1e-4
"""How far within the box, over its side, a cut at one of its walls is made: on the wall it would be ambiguous."""
FAR_SHARE = 0.005
"""Of xi, and of 1 - xi: beyond it, 2.6 widths of the front from it, a distance counts no further."""


def nodal_gradient(points: Array, cells: Array, values: Array) -> Array:
    """Gradient at the nodes of a field that is linear in each tetrahedron.

    Args:
        points: coordinates, (N, 3).
        cells: nodes of the tetrahedra, (M, 4).
        values: values at the nodes, (N,).

    Returns:
        (N, 3), in the unit of the values over that of the coordinates: the mean over the tetrahedra about a node,
        weighted by their volumes. Of a linear field it is exact; 0 at nodes without a tetrahedron.
    """
    weight = np.abs(volumes(points, cells))
    slope = gradient(points, cells, values) * weight[:, None]
    count = len(points)
    about = np.bincount(cells.ravel(), np.repeat(weight, cells.shape[1]), count)
    sums = [np.bincount(cells.ravel(), np.repeat(slope[:, k], cells.shape[1]), count) for k in range(3)]
    return np.stack(sums, axis=1) / np.where(about > 0.0, about, 1.0)[:, None]


@dataclass(frozen=True)
class Output:
    """A 3D output for pictures, coordinates in um.

    Args:
        grid: tetrahedra with the point arrays of the run and the cell array of the layers.
        cells: their nodes, (M, 4).
        box: lower and upper corner, (2, 3), um.
    """

    grid: pyvista.UnstructuredGrid
    cells: Array
    box: Array

    @classmethod
    def of(cls, grid: pyvista.UnstructuredGrid) -> Self:
        """That of a grid of tetrahedra, coordinates in m."""
        import pyvista as pv

        cells = np.asarray(grid.cells_dict[pv.CellType.TETRA], dtype=np.int64)
        points = np.asarray(grid.points, dtype=float) * theme.MICRO  # VTK's tolerances are not made for 1e-6
        scaled = pv.UnstructuredGrid({pv.CellType.TETRA: cells}, points)
        for name in grid.point_data:
            scaled.point_data[name] = grid.point_data[name]
        scaled.cell_data[MATERIAL.key] = grid.cell_data[MATERIAL.key]
        return cls(scaled, cells, np.stack([points.min(axis=0), points.max(axis=0)]))

    def front(self) -> pyvista.PolyData:
        """The front with normals -grad xi, every triangle turned so that it looks out of the metal; empty without one.

        Returns:
            Triangles, um, with the point array `height`, um.
        """
        import pyvista as pv

        xi = np.asarray(self.grid.point_data["xi"], dtype=float)
        corners = xi[self.cells]
        cut = (corners.min(axis=1) < 0.5) & (corners.max(axis=1) >= 0.5)
        if not cut.any():
            return pv.PolyData()
        near = np.zeros(len(xi), bool)
        near[self.cells[cut]] = True
        about = near[self.cells].any(axis=1)  # all tetrahedra about the nodes of those that the front cuts
        points = np.asarray(self.grid.points, dtype=float)
        piece = pv.UnstructuredGrid({pv.CellType.TETRA: self.cells[cut]}, points)
        piece.point_data["xi"] = xi
        least = FAR_SHARE  # of xi and 1 - xi; further from the front the profile is no tanh
        away = np.arctanh(1.0 - 2.0 * np.clip(xi, least, 1.0 - least))
        piece.point_data["outwards"] = nodal_gradient(points, self.cells[about], away)
        surface = piece.contour([0.5], scalars="xi").triangulate()
        return _turned(surface) if surface.n_cells else pv.PolyData()

    def cut(self, axis: int, place: float) -> pyvista.PolyData:
        """A plane cut, triangles with the arrays of the output; a cut at a wall is made just within it.

        Args:
            axis: 0, 1, 2 for x, y, z, across which the plane lies.
            place: where, um.
        """
        low, high = self.box[:, axis]
        aside = INSIDE * (high - low)
        origin = np.zeros(3)
        # off the planes of the mesh too, where a cut would be ambiguous
        origin[axis] = np.clip(place + 0.1 * aside, low + aside, high - aside)
        normal = np.eye(3)[axis]
        return self.grid.slice(normal=normal, origin=origin, generate_triangles=True)

    def tip(self, front: pyvista.PolyData) -> Array:
        """The highest point of the front, (3,), um; the middle of the box without one."""
        points = np.asarray(front.points, dtype=float)
        return points[points[:, 2].argmax()] if len(points) else self.box.mean(axis=0)


def _turned(front: pyvista.PolyData) -> pyvista.PolyData:
    """Triangles turned the same way, as VTK and WebGL need to light one side of them."""
    import pyvista as pv

    faces, outwards = front.regular_faces, np.asarray(front.point_data["outwards"], dtype=float)
    normals = outwards / np.maximum(np.linalg.norm(outwards, axis=1, keepdims=True), 1e-30)
    corners = np.asarray(front.points, dtype=float)[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inwards = (across * normals[faces].sum(axis=1)).sum(axis=1) < 0
    turned = pv.PolyData.from_regular_faces(front.points, np.where(inwards[:, None], faces[:, ::-1], faces))
    turned.point_data["Normals"] = normals.astype(np.float32)
    turned.point_data.active_normals_name = "Normals"
    turned.point_data["height"] = np.asarray(turned.points)[:, 2]
    return turned
