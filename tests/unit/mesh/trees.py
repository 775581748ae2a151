"""Small trees about a round front, on any number of ranks: two phases, rows of bricks of several heights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femna.mesh.tree.refinement import Refinement, cells_at, refinement
from femna.mesh.tree.roots import Roots
from femna.mesh.tree.tree_grid import TreeGrid
from femna.parallel import MPI

Array = NDArray[np.float64]
Flags = NDArray[np.uint8]

LEVELS, LATERAL = 3, 3
"""How often a brick may be cut, and bricks along a lateral axis."""
SIDES = (1.0, 1.2)
"""Sides of a brick along the lateral axes, m."""
HEIGHTS = (0.8, 0.8, 1.1, 1.3, 1.0)
"""Of the rows of bricks, m: two of phase 0, three of phase 1."""
FACE = 1.6
"""Height of the face between the phases, m."""
TOP = 5.0
"""Height of the box, m."""


def bricks(dim: int, lateral: int = LATERAL, levels: int = LEVELS) -> Roots:
    """The bricks of all these tests."""
    sides = [np.arange(lateral + 1) * side for side in SIDES[: dim - 1]]
    planes = (*sides, np.array([0.0, 0.8, FACE, 2.7, 4.0, TOP]))
    phase = np.array([0, 0, 1, 1, 1], dtype=np.int32)
    return Roots(planes, levels, phase, np.zeros(len(phase), dtype=np.int64))


def ring(roots: Roots, radius: float = 0.12, centre: float = 0.25, width: float = 1.5) -> Flags:
    """Cells of level L - 1 within `width` cells of a sphere, whose radius and centre are shares of each side."""
    shape = cells_at(roots, roots.levels - 1)
    axes = [(np.arange(n) + 0.5) / n - centre for n in shape[: roots.dim]]
    distance = np.sqrt(sum(part**2 for part in np.meshgrid(*axes, indexing="ij")))
    wanted = (np.abs(distance - radius) < width / max(shape)).astype(np.uint8)
    return wanted.reshape(shape)


def cut(roots: Roots, **where: float) -> Refinement:
    """A refinement about a ring."""
    return refinement(roots, ring(roots, **where))


def tree(dim: int, comm: MPI.Comm = MPI.COMM_WORLD, **where: float) -> TreeGrid:
    """A grid about a ring."""
    roots = bricks(dim)
    return TreeGrid(comm, roots, cut(roots, **where))


def halved(grid: TreeGrid) -> TreeGrid:
    """The same tree of bricks half as large: every leaf is cut once more. Rows keep what their heights are over the
    sides."""
    old, rough = grid.roots, grid.refinement
    planes = tuple(np.sort(np.concatenate([p, 0.5 * (p[1:] + p[:-1])])) for p in old.planes)
    roots = Roots(planes, old.levels, old.phase.repeat(2), old.least_level.repeat(2), old.zone)
    flags = []
    for level in range(rough.levels):
        part = rough.level(level)
        for axis in range(grid.dim):
            part = part.repeat(2, axis=axis)
        flags.append(part.ravel())
    counts = np.array(roots.counts, dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum([len(part) for part in flags])]).astype(np.int64)
    # a cell of a level is cut where the cell twice as large was: bricks half as large are one level further on
    return TreeGrid(grid.comm, roots, Refinement(np.concatenate(flags), starts, counts, grid.dim))


def size(grid: TreeGrid) -> float:
    """Volume of the box, m^d."""
    return float(np.prod(grid.upper - grid.lower))


def net_flux(grid: TreeGrid, field: Array, weight: Array | None = None) -> Array:
    """What flows out of each node's share with the gradient of a field, (N,). Collective."""
    i, j = grid.edges.T
    flux = (grid.weight if weight is None else weight) * (field[j] - field[i])
    return grid.add_up(np.bincount(i, flux, grid.size) - np.bincount(j, flux, grid.size))


def owned_sum(grid: TreeGrid, nodal: Array) -> float:
    """Sum over all nodes. Collective."""
    return float(grid.sum((nodal * grid.is_owned).sum())[0])
