"""Nodal sums of the grid against exact numbers, and fields that go to the ranks and come back; on any number of ranks.

On bricks cut by Kuhn's rule every inner node has one brick's volume, and by the rule's symmetry half of it on each side
of a plane; every inner node of a face has one rectangle.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.mesh.edges import flux_divergence
from femna.mesh.grid import GlobalMesh, Grid
from femna.mesh.kuhn import split_bricks
from femna.mesh.simplex_grid import SimplexGrid
from femna.parallel import MPI

Array = NDArray[np.float64]

SIDES, HEIGHTS = (0.3, 0.7), np.array([0.0, 0.5, 1.0, 1.5, 2.5, 3.5])
"""Bricks of 0.3 x 0.7 m, rising by 0.5 m in layer 0, up to the face at 1.5 m, and by 1 m in layer 1."""
FACE = 1.5


@pytest.fixture(scope="module", params=[1, 2, 3])
def grid(request: pytest.FixtureRequest) -> Grid:
    dim = request.param
    comm = MPI.COMM_WORLD
    if comm.rank > 0:
        return SimplexGrid(comm, None)
    axes = [*(side * np.arange(5) for side in SIDES[: dim - 1]), HEIGHTS]
    points = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
    number = np.arange(len(points)).reshape([len(axis) for axis in axes])
    corners = []
    for corner in range(2**dim):
        window = tuple(slice(1, None) if corner >> axis & 1 else slice(None, -1) for axis in range(dim))
        corners.append(number[window].ravel())
    cells = split_bricks(np.stack(corners, axis=1))
    layer = (points[cells][:, :, -1].mean(axis=1) > FACE).astype(np.int32)
    return SimplexGrid(comm, GlobalMesh(points, cells, layer))


def inside(grid: Grid) -> NDArray[np.bool_]:
    """Nodes on no side."""
    return ~grid.at_sides.any(axis=1)


def rectangle(grid: Grid) -> float:
    """Area of a brick's base, m^(d-1)."""
    return float(np.prod(SIDES[: grid.dim - 1]))


def at(grid: Grid, height: float) -> NDArray[np.bool_]:
    return np.abs(grid.points[:, -1] - height) < 1e-12


HALVES = {  # height: half of the rise of the bricks below it, and above it, m
    0.0: (0.0, 0.25),
    0.5: (0.25, 0.25),
    1.0: (0.25, 0.25),
    1.5: (0.25, 0.5),
    2.5: (0.5, 0.5),
    3.5: (0.5, 0.0),
}


def test_lumped_volumes(grid: Grid) -> None:
    """An inner node has what half of the bricks above and below it hold, ghosts as well as owned ones."""
    for height, (below, above) in HALVES.items():
        here = at(grid, height) & inside(grid)
        assert grid.volume[here] == pytest.approx((below + above) * rectangle(grid), rel=1e-12)
    whole = grid.lumped(np.full(len(grid.cells), 3.0))
    assert whole == pytest.approx(3.0 * grid.volume, rel=1e-12)
    sides = float(np.prod((grid.upper - grid.lower)[:-1]))
    assert grid.sum((grid.is_owned * whole).sum())[0] == pytest.approx(3.0 * 3.5 * sides, rel=1e-12)


def test_lumped_coefficient_that_jumps(grid: Grid) -> None:
    """2 in layer 0, 5 in layer 1: each counts with its own part of a node on the face between them."""
    found = grid.lumped(np.where(grid.layer == 0, 2.0, 5.0))
    for height, (below, above) in HALVES.items():
        factors = (2.0 if height <= FACE else 5.0, 2.0 if height < FACE else 5.0)
        exact = (factors[0] * below + factors[1] * above) * rectangle(grid)
        assert found[at(grid, height) & inside(grid)] == pytest.approx(exact, rel=1e-12)


def test_volume_of_a_layer(grid: Grid) -> None:
    lower, upper = grid.layer_volume(0), grid.layer_volume(1)
    here = at(grid, FACE) & inside(grid)
    assert lower[here] == pytest.approx(0.25 * rectangle(grid), rel=1e-12)
    assert upper[here] == pytest.approx(0.5 * rectangle(grid), rel=1e-12)
    assert not lower[grid.points[:, -1] > FACE + 1e-12].any()
    assert not upper[grid.points[:, -1] < FACE - 1e-12].any()
    assert grid.layer_volume((0, 1)) == pytest.approx(grid.volume, rel=1e-12)
    assert not grid.layer_volume(2).any()


@pytest.mark.parametrize(("height", "number"), [(0.0, 0), (FACE, 0), (FACE, 1), (3.5, 1)])
def test_area_of_a_plane(grid: Grid, height: float, number: int) -> None:
    """One rectangle an inner node, the whole plane together, nothing elsewhere."""
    area = grid.plane_area(height, number)
    assert area[at(grid, height) & inside(grid)] == pytest.approx(rectangle(grid), rel=1e-12)
    assert not area[~at(grid, height)].any()
    sides = float(np.prod((grid.upper - grid.lower)[:-1]))
    assert grid.sum((grid.is_owned * area).sum())[0] == pytest.approx(sides, rel=1e-12)


def test_a_plane_that_is_no_face_of_the_layer(grid: Grid) -> None:
    assert not grid.plane_area(0.0, 1).any()
    assert not grid.plane_area(0.7, 0).any()


def field(points: Array, components: int) -> Array:
    """A different number for each node and component."""
    values = np.stack(
        [np.sin(points @ np.arange(1.0, points.shape[1] + 1.0) + k) for k in range(max(components, 1))], 1
    )
    return values if components else values[:, 0]


@pytest.mark.parametrize("components", [0, 1, 2, 3])
def test_a_field_goes_to_the_ranks_and_comes_back(grid: Grid, components: int) -> None:
    """Scalars (N,) and vectors (N, k): every rank has the values of its own nodes and ghosts."""
    nodal = field(grid.points, components)
    whole = grid.gather(nodal)
    assert (whole is not None) == (grid.comm.rank == 0)
    assert whole is None or whole.shape == (grid.total, *nodal.shape[1:])
    assert np.array_equal(grid.scatter(whole), nodal)


def test_ghosts_have_no_say(grid: Grid) -> None:
    """What a rank holds at its ghosts is neither gathered nor kept by an update."""
    nodal = field(grid.points, 2)
    spoilt = np.where(grid.is_owned[:, None] > 0.0, nodal, np.nan)
    assert np.array_equal(grid.scatter(grid.gather(spoilt)), nodal)
    assert np.array_equal(grid.update(spoilt[:, 0].copy()), nodal[:, 0])


def test_edges_with_weight(grid: Grid) -> None:
    """On bricks only the edges along the axes have a weight; with the diagonals they are all edges of the cells."""
    steps = np.abs(np.diff(grid.points[grid.cell_edges], axis=1))[:, 0] > 1e-9
    assert (steps[: len(grid.edges)].sum(axis=1) == 1).all()
    assert (steps[len(grid.edges) :].sum(axis=1) > 1).all()
    first, second = np.triu_indices(grid.dim + 1, 1)
    pairs = np.sort(np.stack([grid.cells[:, first], grid.cells[:, second]], axis=-1).reshape(-1, 2), axis=1)
    assert {tuple(pair) for pair in pairs} == {tuple(pair) for pair in grid.cell_edges}
    assert len({tuple(pair) for pair in grid.cell_edges}) == len(grid.cell_edges)


def test_edge_weights_are_the_stiffness(grid: Grid) -> None:
    """Sums over the edges with weight give the stiffness matrix of the cells, for a coefficient that varies by cell."""
    coefficient = 1.0 + np.arange(len(grid.cells)) % 7
    u = np.sin(3.0 * grid.points.sum(axis=1))
    slope = np.einsum("cad,ca->cd", grid.gradients, u[grid.cells])
    by_cells = np.einsum("cad,cd->ca", grid.gradients, slope) * (coefficient * grid.cell_volume)[:, None]
    expected = np.bincount(grid.cells.ravel(), by_cells.ravel(), grid.size)
    weight = grid.edge_weight(coefficient)
    found = flux_divergence(grid.edges, weight, weight, u)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12 * np.abs(expected).max())


def test_slopes_of_a_linear_field(grid: Grid) -> None:
    """A directional derivative needs the diagonals too: exact for a linear field, wherever a cell lies that way."""
    direction = np.array([0.48, 0.6, 0.64])[: grid.dim]
    vectors = np.broadcast_to(direction / np.linalg.norm(direction), (grid.size, grid.dim))
    at_first, at_second = grid.slopes(vectors, np.ones(grid.size), np.ones(grid.size, dtype=bool))
    ascent = np.array([2.0, -3.0, 5.0])[: grid.dim]
    u = grid.points @ ascent
    i, j = grid.cell_edges.T
    rise = u[j] - u[i]
    found = grid.add_up(np.bincount(i, at_first * rise, grid.size) - np.bincount(j, at_second * rise, grid.size))
    leads = (grid.upper - grid.points > 1e-9).all(axis=1)
    assert leads.any()
    assert found[leads] == pytest.approx(vectors[0] @ ascent, rel=1e-12)


def test_a_maximum_is_nan_on_every_rank_where_it_is_on_one(grid: Grid) -> None:
    """Whichever rank has it, and not in the numbers beside it: else ranks that see it part from those that do not."""
    comm = grid.comm
    for rank in range(comm.size):
        found = grid.max(np.nan if comm.rank == rank else 1.0, float(comm.rank), -np.inf)
        assert np.array_equal(found, [np.nan, comm.size - 1.0, -np.inf], equal_nan=True)
