"""Small grids: equal intervals, right triangles, Kuhn's six tetrahedra of a cube; moved or shaken on demand. Trees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from femna.mesh.grid import GlobalMesh, Grid
from femna.mesh.simplex_grid import SimplexGrid
from femna.mesh.tree.refinement import cells_at, refinement
from femna.mesh.tree.roots import Roots
from femna.mesh.tree.tree_grid import TreeGrid
from femna.parallel import MPI

Array = NDArray[np.float64]


def box(
    lengths: Sequence[float],
    counts: Sequence[int],
    *,
    faces: Sequence[float] = (),
    move: Callable[[Array], Array] | None = None,
    comm: MPI.Comm = MPI.COMM_WORLD,
) -> Grid:
    """The box from 0 to `lengths`, cut into `counts` equal bricks, each of them into dim! simplices by Kuhn's rule.

    faces: heights along the last axis between which the cells belong to layers 0, 1, ...
    move: maps the points (N, d), for grids with no right angles.
    comm: the ranks that share it.
    """
    if comm.rank > 0:
        return SimplexGrid(comm, None)
    dim = len(lengths)
    axes = [np.linspace(0.0, length, n + 1) for length, n in zip(lengths, counts, strict=True)]
    points = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=1)
    shape = [n + 1 for n in counts]
    number = np.arange(len(points)).reshape(shape)
    corner = number[tuple(slice(0, n) for n in counts)].ravel()
    strides = [int(np.prod(shape[axis + 1 :])) for axis in range(dim)]
    cells = np.concatenate(
        [
            np.stack([corner + sum(strides[a] for a in path[:k]) for k in range(dim + 1)], 1)
            for path in permutations(range(dim))
        ]
    )
    height = points[cells][:, :, -1].mean(axis=1)
    layer = np.searchsorted(np.asarray(faces, dtype=float), height).astype(np.int32)
    return SimplexGrid(comm, GlobalMesh(points if move is None else move(points), cells, layer))


def leaves(
    lengths: Sequence[float],
    counts: Sequence[int],
    *,
    faces: Sequence[float] = (),
    near: Callable[[Array], Array] | None = None,
    most: int = 2,
    comm: MPI.Comm = MPI.COMM_WORLD,
) -> TreeGrid:
    """The same box as a tree whose finest leaves are `counts` bricks, halved as often as these are even, or `most`.

    faces: as of `box`, between bricks.
    near: whether leaves are finest at points (n, d); about a place off the middle where it is not given.
    comm: the ranks that share it.
    """
    dim = len(lengths)
    levels = next(n for n in range(most, 0, -1) if not any(count % (1 << n) for count in counts))
    size = 1 << levels
    planes = tuple(np.linspace(0.0, length, n // size + 1) for length, n in zip(lengths, counts, strict=True))
    middle = 0.5 * (planes[-1][1:] + planes[-1][:-1])
    phase = np.searchsorted(np.asarray(faces, dtype=float), middle).astype(np.int32)
    roots = Roots(planes, levels, phase, np.zeros(len(phase), dtype=np.int64))
    shape = cells_at(roots, levels - 1)
    axes = [(np.arange(n) + 0.5) * length / n for n, length in zip(shape[:dim], lengths, strict=True)]
    points = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=1)
    place = np.abs(points / np.asarray(lengths) - 0.4)
    fine = (place < 0.15).all(axis=1) if near is None else near(points)
    return TreeGrid(comm, roots, refinement(roots, fine.reshape(shape).astype(np.uint8)))


def shaken(
    lengths: Sequence[float],
    counts: Sequence[int],
    amount: float = 0.2,
    seed: int = 1,
    comm: MPI.Comm = MPI.COMM_WORLD,
) -> Grid:
    """A box whose inner points are displaced at random by up to `amount` of the spacing: no two cells alike."""
    spacing = np.array([length / n for length, n in zip(lengths, counts, strict=True)])

    def move(points: Array) -> Array:
        jump = np.random.default_rng(seed).uniform(-amount, amount, points.shape) * spacing
        inside = np.all((points > 1e-9) & (points < np.asarray(lengths) - 1e-9), axis=1)
        return points + jump * inside[:, None]

    return box(lengths, counts, move=move, comm=comm)


def boundary(grid: Grid, lengths: Sequence[float], axes: Sequence[int] | None = None) -> NDArray[np.bool_]:
    """Nodes on the sides of a box normal to `axes` (default: all), (N,)."""
    chosen = range(grid.dim) if axes is None else axes
    sides = [
        (np.abs(grid.points[:, a]) < 1e-9) | (np.abs(grid.points[:, a] - lengths[a]) < 1e-9 * lengths[a])
        for a in chosen
    ]
    return np.logical_or.reduce(sides)
