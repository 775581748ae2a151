"""The norm of local errors against sums by hand, on any number of ranks."""

from __future__ import annotations

import numpy as np
import pytest

from femna.mesh.grid import GlobalMesh, Grid
from femna.mesh.simplex_grid import SimplexGrid
from femna.parallel import MPI
from femna.timestepping.error_norm import error_norm


@pytest.fixture(scope="module")
def grid() -> Grid:
    """Five nodes at 0, 1, .. 4 m, of the volumes 1/2, 1, 1, 1, 1/2."""
    comm = MPI.COMM_WORLD
    cells = np.array([[0, 1], [1, 2], [2, 3], [3, 4]])
    return SimplexGrid(
        comm, GlobalMesh(np.arange(5.0)[:, None], cells, np.zeros(4, np.int32)) if comm.rank == 0 else None
    )


def norm(grid: Grid, values: list[float], counted: float = 1.0) -> float:
    error = np.array(values)[np.rint(grid.points[:, 0]).astype(int)]
    return error_norm(grid, error, grid.volume, counted * error)


def test_the_mean_counts_where_errors_are_alike(grid: Grid) -> None:
    """sqrt((9/2 + 16 + 9 + 16 + 9/2)/4)."""
    assert norm(grid, [3.0, 4.0, 3.0, 4.0, 3.0]) == pytest.approx(np.sqrt(12.5), rel=1e-14)


def test_a_fifth_of_the_largest_counts_where_one_node_stands_out(grid: Grid) -> None:
    """The mean of one node's error is its half, more than a fifth; three times the fifth of it is more again."""
    assert norm(grid, [0.0, 0.0, 1.0, 0.0, 0.0]) == pytest.approx(0.5, rel=1e-14)
    assert norm(grid, [0.0, 0.0, 1.0, 0.0, 0.0], counted=3.0) == pytest.approx(0.6, rel=1e-14)


def test_nothing_to_weigh_is_no_error(grid: Grid) -> None:
    nothing = np.zeros(grid.size)
    assert error_norm(grid, nothing, nothing, nothing[:0]) == 0.0
