"""Electrons find the metal as far as the front's tail, and a layer as thick as from xi = 1/2 on."""

from __future__ import annotations

import numpy as np
import pytest

from femna.mesh.grid import GlobalMesh, Grid
from femna.mesh.simplex_grid import SimplexGrid
from femna.parallel import MPI
from femna.physics.electrons import TAIL_REACH, Electrons

METAL, LAYER, WIDTH = 1e4, 1e-4, 0.1
RNG = np.random.default_rng(5)


def line(heights: np.ndarray) -> Grid:
    """Nodes at these heights (m), in one layer."""
    if MPI.COMM_WORLD.rank > 0:
        return SimplexGrid(MPI.COMM_WORLD, None)
    cells = np.stack([np.arange(len(heights) - 1), np.arange(1, len(heights))], axis=1)
    return SimplexGrid(MPI.COMM_WORLD, GlobalMesh(heights[:, None], cells, np.zeros(len(cells), dtype=np.int32)))


def electrons(grid: Grid, faces: np.ndarray | None = None) -> Electrons:
    return Electrons(
        grid,
        metal=METAL,
        conductivity=np.array([LAYER]),
        leads=np.array([True]),
        best_ionic=1.0,
        width=WIDTH,
        faces=faces,
    )


@pytest.mark.parametrize("count", [7, 40, 333])
def test_a_layer_is_as_thick_as_from_the_front(count: int) -> None:
    """1 m of the layer behind a front at 0.4: 0.6/sigma of it, on any nodes, and metal up to TAIL_REACH l."""
    grid = line(np.sort(np.concatenate([[0.0, 1.0], RNG.random(count)])))
    psi = 0.4 - grid.points[:, 0]
    conductance = electrons(grid).conductances(np.zeros(grid.size), psi)
    resistance = float(grid.sum((1.0 / conductance).sum())[0])
    assert resistance == pytest.approx(0.6 / LAYER + (0.4 + TAIL_REACH * WIDTH) / METAL, rel=1e-3)
    served = psi[grid.edges].min(axis=1) > -0.99 * TAIL_REACH * WIDTH
    assert conductance[served] == pytest.approx(METAL * grid.weight[served])


def test_ends_that_lie_close_together_have_no_negative_resistance() -> None:
    """Rounding of their difference is much against the metal's resistivity."""
    grid = line(np.linspace(0.0, 1.0, 200))
    for place in (0.2, -0.1, -0.37, -0.9):
        psi = place + 1e-15 * RNG.random(grid.size)
        conductance = electrons(grid).conductances(np.zeros(grid.size), psi)
        assert conductance.min() > 0.0
        assert np.ptp(conductance / grid.weight) < 1e-6 * METAL


def test_what_forms_on_a_face_is_no_sheet_of_metal() -> None:
    grid = line(np.linspace(0.0, 1.0, 11))
    psi = np.full(grid.size, -0.5 * WIDTH)
    conductance = electrons(grid, grid.points[:, 0] > 0.99).conductances(np.zeros(grid.size), psi)
    at_face = (grid.points[grid.edges, 0] > 0.99).any(axis=1)
    assert (conductance / grid.weight)[at_face] == pytest.approx(LAYER)
    assert (conductance / grid.weight)[~at_face] == pytest.approx(METAL)
