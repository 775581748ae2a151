"""Areas, gradients, slopes and fields of a tree's grid against exact numbers, on any number of ranks."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.mesh import simplices
from femna.mesh.tree.tree_grid import TreeGrid
from femna.parallel import MPI

from .trees import FACE, TOP, owned_sum, size, tree

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

ROUNDING = 1e-11
ASCENT = np.array([2.0, -3.0, 5.0])
"""Of the linear fields."""


@pytest.fixture(scope="module", params=[2, 3])
def grid(request: pytest.FixtureRequest) -> TreeGrid:
    return tree(request.param)


def regular(grid: TreeGrid, about: float = 1.0) -> Mask:
    """Nodes inside the box about which all leaves are of one size, and the bricks of one row: those with 2 d edges,
    each along an axis."""
    i, j = grid.edges.T
    steps = np.abs(grid.points[j] - grid.points[i])
    along = (steps > 1e-12).sum(axis=1) == 1
    crooked, lengths = np.zeros(grid.size), np.zeros(grid.size)
    whole = np.zeros(grid.size)
    size = 1 << grid.leaves.spacing.astype(int)
    lattice = np.abs(grid.leaves.position[j] - grid.leaves.position[i]).max(axis=1)
    for end in (i, j):
        crooked += np.bincount(end, ~along, grid.size)
        lengths += np.bincount(end, lattice != size[end], grid.size)
    counted = grid._begins.astype(float)
    whole = np.bincount(i, counted, grid.size) + np.bincount(j, counted, grid.size)
    inside = ((grid.points > grid.lower) & (grid.points < grid.upper)).all(axis=1)
    wrong = grid.add_up(crooked) + grid.add_up(lengths)
    return np.asarray((wrong == 0.0) & (grid.add_up(whole) == 2 * grid.dim) & inside)


def test_numbers_and_ranks(grid: TreeGrid) -> None:
    """Every node is owned once, ghosts know its number and place, and the bricks are shared out evenly."""
    assert grid.sum(float(grid.owned))[0] == grid.total
    numbers = np.concatenate(grid.comm.allgather(grid.global_index[: grid.owned]))
    assert np.array_equal(np.sort(numbers), np.arange(grid.total))
    for axis in range(grid.dim):
        x = grid.points[:, axis]
        assert np.array_equal(grid.update(x.copy()), x)
    leaves = np.array(grid.comm.allgather(len(grid.leaves.level)))
    assert leaves.min() > 0
    assert leaves.max() < 1.5 * leaves.mean()
    owner = np.full(grid.size, float(grid.comm.rank))
    assert np.array_equal(grid.update(owner), grid.owner(grid.leaves.position))


@pytest.mark.parametrize(
    ("height", "phases", "times"),
    [(0.0, 0, 1), (FACE, 0, 1), (FACE, 1, 1), (FACE, (0, 1), 2), (TOP, 1, 1), (0.0, 1, 0), (0.8, 0, 2), (0.85, 0, 0)],
)
def test_area_of_a_plane(grid: TreeGrid, height: float, phases: int | tuple[int, ...], times: int) -> None:
    """The section of the box, on the plane alone; twice for both its sides, also within a phase."""
    area = grid.plane_area(height, phases)
    section = float(np.prod((grid.upper - grid.lower)[:-1]))
    assert owned_sum(grid, area) == pytest.approx(times * section, rel=ROUNDING, abs=1e-300)
    assert np.all(area >= 0.0)
    assert np.array_equal(area > 0.0, (grid.points[:, -1] == height) & (times > 0))
    assert grid.update(area.copy()) == pytest.approx(area, rel=ROUNDING)


def test_both_sides_of_a_face_have_the_same_shares(grid: TreeGrid) -> None:
    """Node by node, so that what leaves one phase there enters the other."""
    assert grid.plane_area(FACE, 0) == pytest.approx(grid.plane_area(FACE, 1), rel=ROUNDING)


def test_gradient_and_divergence_of_linear_fields(grid: TreeGrid) -> None:
    """Exact at all nodes, hanging ones, those on the boundary and those of both phases too."""
    ascent = ASCENT[: grid.dim]
    gradient = grid.gradient(grid.points @ ascent)
    assert gradient == pytest.approx(np.broadcast_to(ascent, gradient.shape), rel=ROUNDING)
    turned = np.array([[1.0, 4.0, 2.0], [-2.0, 0.5, 1.0], [3.0, -1.0, 0.25]])[: grid.dim, : grid.dim]
    divergence = grid.divergence(grid.points @ turned.T)
    assert divergence == pytest.approx(np.trace(turned), rel=ROUNDING, abs=1e-10)


def test_gradient_on_equal_leaves(grid: TreeGrid) -> None:
    """Inside, and where the rows are equally high, the central differences."""
    here = regular(grid)
    x, z = grid.points[:, 0], grid.points[:, -1]
    gradient = grid.gradient(x**2 - 3.0 * x * z)
    assert gradient[here, 0] == pytest.approx((2.0 * x - 3.0 * z)[here], rel=ROUNDING, abs=1e-10)
    assert gradient[here, -1] == pytest.approx(-3.0 * x[here], rel=ROUNDING, abs=1e-10)


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_slopes_of_a_linear_field(grid: TreeGrid, way: float) -> None:
    """Exact at regular nodes for every direction; weights have the sign of the way, and are on one side."""
    rng = np.random.default_rng(11)
    directions = np.vstack([np.eye(grid.dim), -np.eye(grid.dim), rng.normal(size=(6, grid.dim))])
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    number = (grid.global_index * 7919) % len(directions)
    vectors, where = directions[number], np.ones(grid.size, dtype=bool)
    at_first, at_second = grid.slopes(vectors, np.full(grid.size, way), where)
    assert (way * at_first).min() >= 0.0
    assert (way * at_second).min() >= 0.0
    i, j = grid.edges.T
    rise = (grid.points @ ASCENT[: grid.dim])[j] - (grid.points @ ASCENT[: grid.dim])[i]
    found = grid.add_up(np.bincount(i, at_first * rise, grid.size) - np.bincount(j, at_second * rise, grid.size))
    here = regular(grid)
    assert grid.sum(float(here.sum()))[0] > 0.2 * grid.total
    exact = vectors @ ASCENT[: grid.dim]
    assert found[here] == pytest.approx(exact[here], rel=ROUNDING, abs=1e-10)
    # at the others it is exact too, or there is none
    known = np.abs(found) > 1e-12
    assert found[known] == pytest.approx(exact[known], rel=ROUNDING, abs=1e-10)


def test_slopes_where_they_are_wanted(grid: TreeGrid) -> None:
    vectors = np.zeros((grid.size, grid.dim))
    vectors[:, -1] = 1.0
    where = grid.points[:, 0] < 1.5
    at_first, at_second = grid.slopes(vectors, np.ones(grid.size), where)
    i, j = grid.edges.T
    assert not at_first[~where[i]].any()
    assert not at_second[~where[j]].any()
    assert at_first.any()


def test_no_slope_out_of_the_box(grid: TreeGrid) -> None:
    """At the upper face nothing lies upwards."""
    vectors = np.zeros((grid.size, grid.dim))
    vectors[:, -1] = 1.0
    at_first, at_second = grid.slopes(vectors, np.ones(grid.size), np.ones(grid.size, dtype=bool))
    i, j = grid.edges.T
    top = grid.points[:, -1] == TOP
    assert not at_first[top[i]].any()
    assert not at_second[top[j]].any()


@pytest.mark.parametrize("columns", [0, 3])
def test_a_field_goes_to_rank_0_and_comes_back(grid: TreeGrid, columns: int) -> None:
    """In the numbering of the whole mesh: by height, the same on any number of ranks."""
    nodal = np.sin(grid.points @ np.arange(1.0, grid.dim + 1.0))
    nodal = np.stack([nodal * k for k in range(1, columns + 1)], axis=1) if columns else nodal
    assert np.array_equal(grid.scatter(grid.gather(nodal)), nodal)
    points, alone = grid.gather(grid.points), tree(grid.dim, comm=MPI.COMM_SELF)
    expected = alone.gather(alone.points)
    assert points is None or np.array_equal(points, expected)


def test_the_whole_mesh(grid: TreeGrid) -> None:
    """Simplices of all leaves: their corners are nodes, they fill the box, each lies in the phase of its leaf."""
    mesh, points = grid.global_mesh(), grid.gather(grid.points)
    assert (mesh is None) == (grid.comm.rank > 0)
    if mesh is None or points is None:
        return
    assert np.array_equal(mesh.points, points)
    assert mesh.cells.min() >= 0
    volumes = simplices.gradients(mesh.points, mesh.cells)[1]
    assert volumes.min() > 0.0
    assert volumes.sum() == pytest.approx(size(grid), rel=1e-12)
    middle = mesh.points[mesh.cells][:, :, -1].mean(axis=1)
    assert np.array_equal(mesh.layer, (middle > FACE).astype(np.int32))


def test_cells_about_the_front(grid: TreeGrid) -> None:
    """Simplices of the finest leaves: their gradients are exact, their volume that of those leaves."""
    finest = grid.leaves.level == grid.roots.levels
    shapes = grid.cell_shapes
    slope = np.einsum("cad,ca->cd", shapes.gradients[shapes.kind], (grid.points @ ASCENT[: grid.dim])[grid.cells])
    assert slope == pytest.approx(np.broadcast_to(ASCENT[: grid.dim], slope.shape), rel=1e-10)
    rows = grid.leaves.origin[finest, grid.dim - 1] >> grid.roots.levels
    exact = np.prod(grid.roots.row_shape[rows] / 2.0**grid.roots.levels, axis=1).sum()
    assert shapes.volume[shapes.kind].sum() == pytest.approx(exact, rel=1e-12)
