"""What the collector reaches through metal, and through cells that carry electrons."""

from __future__ import annotations

import numpy as np

from femna.diagnostics.connection import reached

# a ladder of four squares, two triangles each, two nodes a rung
POINTS = np.array([[x, float(z)] for z in range(5) for x in (0.0, 1.0)])
CELLS = np.array([c for k in range(0, 8, 2) for c in ([k, k + 1, k + 3], [k, k + 2, k + 3])])


def metal(*nodes: int) -> np.ndarray:
    return np.isin(np.arange(10), nodes)


def test_an_island_is_not_reached() -> None:
    assert np.flatnonzero(reached(POINTS, CELLS, metal(0, 1, 2, 3, 8, 9))).tolist() == [0, 1, 2, 3]


def test_a_thin_path_is_enough() -> None:
    path = [0, 2, 4, 6, 8, 9]
    assert np.flatnonzero(reached(POINTS, CELLS, metal(*path))).tolist() == path


def test_metal_that_does_not_touch_the_collector_is_not_reached() -> None:
    assert not reached(POINTS, CELLS, metal(2, 3, 4)).any()


def test_cells_that_carry_electrons_connect() -> None:
    between = np.array([False] * 2 + [True] * 6)
    found = reached(POINTS, CELLS, metal(0, 1, 2, 3, 8, 9), between)
    assert found.all()
