"""A coupled system whose pattern follows what a front couples along the edges without weight."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.linear_solvers.block_system import MARGIN, BlockSystem
from femna.linear_solvers.presets import PRESETS
from femna.mesh.grid import GlobalMesh
from femna.mesh.kuhn import split_bricks
from femna.mesh.simplex_grid import SimplexGrid
from femna.parallel import MPI

CELLS = 24
FIELDS = ("a", "b")


@pytest.fixture(scope="module")
def grid() -> SimplexGrid:
    """The unit square in bricks: every diagonal is without weight."""
    if MPI.COMM_WORLD.rank > 0:
        return SimplexGrid(MPI.COMM_WORLD, None)
    x, y = np.meshgrid(*[np.linspace(0.0, 1.0, CELLS + 1)] * 2)
    low = (np.arange(CELLS)[:, None] * (CELLS + 1) + np.arange(CELLS)).ravel()
    cells = split_bricks(np.stack([low, low + 1, low + CELLS + 1, low + CELLS + 2], axis=1))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    return SimplexGrid(MPI.COMM_WORLD, GlobalMesh(points, cells, np.zeros(len(cells), dtype=np.int32)))


def entries_for(grid: SimplexGrid, height: float) -> tuple[dict[tuple[str, str], NDArray[np.float64]], ...]:
    """Conduction in both fields, and a front at a height that couples b to a by the diagonals there."""
    ends = grid.points[grid.cell_edges, 1]
    here = (np.abs(ends - height) < 1.01 / CELLS).all(axis=1)
    diagonal = np.arange(len(grid.cell_edges)) >= len(grid.edges)
    by_first = np.where(here & diagonal, 0.2, 0.0)
    node = {("a", "a"): grid.is_owned, ("b", "b"): grid.is_owned}
    return node, {("a", "a"): (grid.weight, -grid.weight), ("b", "b"): (grid.weight, -grid.weight)} | {
        ("b", "a"): (by_first, -0.5 * by_first)
    }


@pytest.mark.parametrize("preset", ["direct", "jacobi"])
def test_the_pattern_follows_a_front(grid: SimplexGrid, preset: str) -> None:
    """Every row is solved, where the front has moved by less than the margin, far beyond it, and back."""
    nowhere = np.zeros(grid.size, dtype=bool)
    along = [("a", "a"), ("b", "b"), ("b", "a")]
    system = BlockSystem(grid, FIELDS, along, dict.fromkeys(FIELDS, nowhere), PRESETS[preset]["coupled"])
    right = {"a": np.sin(5.0 * grid.points[:, 0]), "b": np.cos(7.0 * grid.points[:, 1])}
    before = 0
    patterns = []
    for rows in (6, 6 + MARGIN - 1, 20, 6):
        system.assemble(*entries_for(grid, rows / CELLS))
        patterns.append(system.matrix)
        solution = system.solve(right, 1e-12)
        for row in FIELDS:
            assert system.times(solution, row) == pytest.approx(right[row], abs=1e-9)
        assert system.iterations > before
        before = system.iterations
    assert [new is old for old, new in pairwise(patterns)] == [True, False, False]


def test_factors_are_kept_until_renewed(grid: SimplexGrid) -> None:
    """Factors of an earlier matrix solve for a later one to the tolerance, in some iterations; its own need one."""
    nowhere = np.zeros(grid.size, dtype=bool)
    along = [("a", "a"), ("b", "b"), ("b", "a")]
    system = BlockSystem(grid, FIELDS, along, dict.fromkeys(FIELDS, nowhere), PRESETS["direct"]["coupled"])
    right = {"a": np.sin(5.0 * grid.points[:, 0]), "b": np.cos(7.0 * grid.points[:, 1])}
    node, edge = entries_for(grid, 0.5)
    taken = []
    for factor, renewed in ((1.0, False), (1.5, False), (1.5, True)):
        if renewed:
            system.krylov.renew()
        before = system.iterations
        system.assemble({pair: factor * values for pair, values in node.items()}, edge)
        solution = system.solve(right, 1e-10)
        for row in FIELDS:
            assert system.times(solution, row) == pytest.approx(right[row], abs=1e-8)
        taken.append(system.iterations - before)
    assert taken[0] == taken[2] == 1
    assert 3 <= taken[1] <= 20
