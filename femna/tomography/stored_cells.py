"""The cells of a stored output in three dimensions, and the voxels that are laid over their box."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput
from femna.io.field_store import MATERIAL
from femna.mesh.simplices import volumes
from femna.volumes.voxels import Three

if TYPE_CHECKING:
    import pyvista

Array = NDArray[Any]

LINE, TRIANGLE, TETRAHEDRON, PIXEL, VOXEL = 3, 5, 10, 8, 11
"""VTK's numbers of cells."""
PRISM = np.array([[0, 1, 2, 5], [0, 1, 5, 4], [0, 4, 5, 3]])
"""A prism between the triangles (0, 1, 2) and (3, 4, 5) as three tetrahedra."""
WHOLE = 1e-9
"""Share of a voxel by which a box may miss a whole number of voxels."""
MOST_VOXELS = 2**33
"""Voxels of the largest volume that is written."""


@dataclass(frozen=True)
class VoxelGrid:
    """Voxels over a box whose lowest corner is the origin.

    Args:
        shape: numbers of voxels (z, y, x).
        size: of a voxel along x, y and z, m.
        box: sizes of the box along x, y and z, m.
    """

    shape: tuple[int, int, int]
    size: Three
    box: Three

    @property
    def voxel_volume(self) -> float:
        """Volume of a voxel, m^3."""
        return math.prod(self.size)

    def covered(self) -> tuple[Array, Array, Array]:
        """Share of each voxel that lies in the box, along z, y and x: arrays of those lengths."""
        shares = [
            np.clip(length / size - np.arange(number), 0.0, 1.0)
            for number, size, length in zip(self.shape[::-1], self.size, self.box, strict=True)
        ]
        return shares[2], shares[1], shares[0]

    def remarks(self) -> list[str]:
        """Where the box is no whole number of voxels, one line for each axis."""
        return [
            f"along {axis} the box is {length / size:.4g} voxels long: the last of {number} has the mean of its part"
            for axis, number, size, length in zip("xyz", self.shape[::-1], self.size, self.box, strict=True)
            if length / size < number - WHOLE
        ]


@dataclass(frozen=True)
class StoredCells:
    """Tetrahedra with a linear field in each, or leaves with one that is linear along each axis.

    A two-dimensional output is one voxel thick along y, and nothing varies along it.

    Args:
        corners: positions of the corners, (M, 4, 3), m; of leaves the lowest and the highest, (M, 2, 3).
        xi: metal's share at the corners, (M, 4); of leaves (M, 8), x fastest.
        phase: number of the phase of each cell, (M,).
        box: sizes of the box along x, y and z, m; along y infinite in two dimensions.
    """

    corners: Array
    xi: Array
    phase: Array
    box: Three

    @property
    def leaves(self) -> bool:
        """Whether the cells are leaves."""
        return bool(self.corners.shape[1] == 2)

    @property
    def flat(self) -> bool:
        """Whether the output has two dimensions; lengths along y are then in voxels, from 0 to 1."""
        return math.isinf(self.box[1])

    def grid(self, size: Three) -> VoxelGrid:
        """Voxels of a size (m) over the box.

        Raises:
            BadInput: there would be too many.
        """
        x, y, z = size
        box = (self.box[0], y if self.flat else self.box[1], self.box[2])
        numbers = [math.ceil(length / step - WHOLE) for length, step in zip(box, (x, y, z), strict=True)]
        if math.prod(numbers) > MOST_VOXELS:
            text = " x ".join(str(number) for number in numbers)
            raise BadInput(f"--voxel: {text} voxels; allowed: {MOST_VOXELS:.2g} in all, so take larger ones")
        return VoxelGrid((max(numbers[2], 1), max(numbers[1], 1), max(numbers[0], 1)), (x, y, z), box)

    def in_voxels(self, grid: VoxelGrid) -> Array:
        """The corners in voxels of a grid."""
        scale = np.array([grid.size[0], 1.0 if self.flat else grid.size[1], grid.size[2]])
        return np.asarray(self.corners / scale)

    def metal_volume(self, grid: VoxelGrid) -> float:
        """Integral of xi over all cells, m^3; in two dimensions of one voxel's thickness."""
        if self.leaves:
            parts = np.prod(self.corners[:, 1] - self.corners[:, 0], axis=1)
        else:
            points = self.corners.reshape(-1, 3)
            parts = np.abs(volumes(points, np.arange(len(points)).reshape(-1, 4)))
        total = float(np.sum(parts * self.xi.mean(axis=1)))
        return total * (grid.size[1] if self.flat else 1.0)


def cells_of(mesh: pyvista.UnstructuredGrid, origin: str) -> StoredCells:
    """The cells of a mesh.

    Args:
        mesh: as it is stored: triangles, tetrahedra, or leaves (pixels or voxels), with xi and the phase of each cell.
        origin: where it comes from, for messages.

    Raises:
        BadInput: it has one dimension, or no xi.
    """
    kinds = mesh.cells_dict
    kind = next(iter(kinds)) if len(kinds) == 1 else 0
    if kind == LINE:
        raise BadInput(f"{origin}: is a run in one dimension, which has no volume; allowed: geometry.dim 2 or 3")
    if kind not in (TRIANGLE, TETRAHEDRON, PIXEL, VOXEL):
        raise BadInput(f"{origin}: the stored mesh is not one of simplices or leaves")
    if "xi" not in mesh.point_data:
        raise BadInput(f"{origin}: xi is not among the stored fields ({', '.join(mesh.point_data) or 'none'})")
    cells = np.asarray(kinds[kind], dtype=np.int64)
    points = np.asarray(mesh.points, dtype=float)
    xi = np.asarray(mesh.point_data["xi"], dtype=float)[cells]
    phase = np.asarray(mesh.cell_data[MATERIAL.key])
    sizes = np.ptp(points, axis=0)
    if kind == TETRAHEDRON:
        return StoredCells(points[cells], xi, phase, (float(sizes[0]), float(sizes[1]), float(sizes[2])))
    if kind == VOXEL:
        ends = np.stack([points[cells[:, 0]], points[cells[:, -1]]], axis=1)
        return StoredCells(ends, xi, phase, (float(sizes[0]), float(sizes[1]), float(sizes[2])))
    box = (float(sizes[0]), math.inf, float(sizes[1]))
    if kind == PIXEL:
        ends = np.stack([_upright(points[cells[:, 0]], 0.0), _upright(points[cells[:, -1]], 1.0)], axis=1)
        return StoredCells(ends, xi[:, [0, 1, 0, 1, 2, 3, 2, 3]], phase, box)
    prisms = np.concatenate([_upright(points[cells], 0.0), _upright(points[cells], 1.0)], axis=1)
    values = np.concatenate([xi, xi], axis=1)
    split = prisms[:, PRISM].reshape(-1, 4, 3)
    return StoredCells(split, values[:, PRISM].reshape(-1, 4), np.repeat(phase, len(PRISM)), box)


def _upright(points: Array, depth: float) -> Array:
    """Points (.., x, z, 0) of two dimensions as (.., x, depth, z)."""
    return np.stack([points[..., 0], np.full(points.shape[:-1], depth), points[..., 1]], axis=-1)
