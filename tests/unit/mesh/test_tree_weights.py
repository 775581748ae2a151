"""Weights and volumes of a tree's nodes against what they must be: exact for linear fields, on any number of ranks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.mesh.tree.bricks import LONGEST_BRICK
from femna.mesh.tree.leaves import corner_offsets, middle_offsets
from femna.mesh.tree.refinement import cells_at, refinement
from femna.mesh.tree.tree_grid import TreeGrid
from femna.mesh.tree.voronoi import leaf_edges

from .trees import FACE, halved, net_flux, owned_sum, size, tree

Array = NDArray[np.float64]

LARGEST = 1e-12
"""Rounding, in what is measured."""


@pytest.fixture(scope="module", params=[2, 3])
def grid(request: pytest.FixtureRequest) -> TreeGrid:
    return tree(request.param)


def test_the_leaves_have_hanging_nodes(grid: TreeGrid) -> None:
    """What the others look at: leaves of all sizes, with nodes between their corners."""
    counts = [grid.sum(float((grid.leaves.level == level).sum()))[0] for level in range(grid.roots.levels + 1)]
    assert min(counts) > 0
    assert grid.sum(float((grid.leaves.code > 0).sum()))[0] > 10


def test_volumes(grid: TreeGrid) -> None:
    """They fill the box, and its half below the face that of phase 0, node by node."""
    assert grid.volume.min() > 0.0
    assert owned_sum(grid, grid.volume) == pytest.approx(size(grid), rel=LARGEST)
    low, high = grid.layer_volume(0), grid.layer_volume(1)
    assert owned_sum(grid, low) == pytest.approx(size(grid) * FACE / grid.upper[-1], rel=LARGEST)
    assert low + high == pytest.approx(grid.volume, rel=LARGEST)
    z = grid.points[:, -1]
    assert np.abs(low[z > FACE]).max(initial=0.0) == 0.0
    assert np.abs(high[z < FACE]).max(initial=0.0) == 0.0


def test_weights_are_positive(grid: TreeGrid) -> None:
    """Each part of each edge; and there is one edge between two nodes."""
    assert grid._part_weight.min() > 0.0
    assert np.all(grid.edges[:, 0] < grid.edges[:, 1])
    assert len(np.unique(grid.edges, axis=0)) == len(grid.edges)
    assert grid.positive_weight == pytest.approx(grid.weight, rel=LARGEST)


def test_linear_fields(grid: TreeGrid) -> None:
    """No residual inside, nor on the sides that the gradient runs along; through an upper face goes its area."""
    sides = grid.upper - grid.lower
    for axis in range(grid.dim):
        x = grid.points[:, axis]
        out = net_flux(grid, x)
        area = float(np.prod(np.delete(sides, axis)))
        inner = (x > grid.lower[axis]) & (x < grid.upper[axis])
        assert np.abs(out[inner]).max(initial=0.0) < LARGEST * area
        assert owned_sum(grid, -out * (x == grid.upper[axis])) == pytest.approx(area, rel=LARGEST)
        assert owned_sum(grid, out * (x == grid.lower[axis])) == pytest.approx(area, rel=LARGEST)


def test_two_layers_in_series(grid: TreeGrid) -> None:
    """Conductivities 1 and 7: the field with the same current in both, linear in each, has no residual inside."""
    sigma = np.array([1.0, 7.0])
    z = grid.points[:, -1]
    field = np.where(z < FACE, z, FACE + (z - FACE) / 7.0)
    out = net_flux(grid, field, grid.edge_weight(sigma[grid.layer]))
    area = float(np.prod((grid.upper - grid.lower)[:-1]))
    inner = (z > 0.0) & (z < grid.upper[-1])
    assert np.abs(out[inner]).max(initial=0.0) < LARGEST * area
    assert owned_sum(grid, out * (z == 0.0)) == pytest.approx(area, rel=LARGEST)


def test_two_layers_side_by_side(grid: TreeGrid) -> None:
    """A lateral gradient drives each phase's conductivity through its share of the section."""
    sigma = np.array([1.0, 7.0])
    out = net_flux(grid, grid.points[:, 0], grid.edge_weight(sigma[grid.layer]))
    section = float(np.prod((grid.upper - grid.lower)[1:-1]))
    through = section * (FACE + 7.0 * (grid.upper[-1] - FACE))
    assert owned_sum(grid, out * (grid.points[:, 0] == 0.0)) == pytest.approx(through, rel=LARGEST)


def test_integral_of_a_linear_field(grid: TreeGrid) -> None:
    """Exact on equal leaves; what the transitions between their sizes miss is of second order: 4 times less in
    leaves half as large, but for the edges of the transitions, of which there are no more."""
    roots = grid.roots
    whole = TreeGrid(grid.comm, roots, refinement(roots, np.ones(cells_at(roots, roots.levels - 1), dtype=np.uint8)))
    halves = halved(grid)
    leaves, parts = (g.sum(float(len(g.leaves.level)))[0] for g in (grid, halves))
    assert parts == 2**grid.dim * leaves
    middle = 0.5 * (grid.lower + grid.upper)
    for axis in range(grid.dim):
        exact = middle[axis] * size(grid)
        missed, finer, none = (g.integral(g.points[:, axis]) - exact for g in (grid, halves, whole))
        assert abs(none) < LARGEST * exact
        assert 0.0 < abs(missed) < 1e-2 * exact
        assert finer == pytest.approx(missed / 4.0, rel=0.1)


LONG = LONGEST_BRICK


@pytest.mark.parametrize(
    "shape",
    [(1.0, 1.0), (1.0, LONG), (LONG, 1.0), (1.0, 1.0, 1.0), (1.0, 1.0, LONG), (LONG, LONG, 1.0), (1.0, LONG, 1.15)],
)
def test_every_kind_of_leaf(shape: tuple[float, ...]) -> None:
    """All that may occur in 2D, and some of those in 3D, in bricks as long as may be: weights are positive, those of
    the mirror image are the same, and the nodes' shares of the volume fill the leaf."""
    dim = len(shape)
    middles = middle_offsets(dim)
    kinds = range(16) if dim == 2 else _kinds(40)
    for kind in kinds:
        edges = leaf_edges(kind, shape)
        assert edges.weight.min() > 0.0
        pairs = list(zip(edges.first.tolist(), edges.second.tolist(), strict=True))
        assert len({frozenset(pair) for pair in pairs}) == len(pairs)
        other = leaf_edges(_mirrored(kind, middles, dim), shape)
        assert np.sort(other.weight) == pytest.approx(np.sort(edges.weight), rel=1e-9)
        places = 0.5 * np.concatenate([2 * corner_offsets(dim), middles])[:, :dim] * shape
        square = ((places[edges.first] - places[edges.second]) ** 2).sum(axis=1)
        assert (edges.weight * square).sum() / dim == pytest.approx(np.prod(shape), rel=1e-9)


def _kinds(count: int) -> list[int]:
    """Codes of leaves in 3D for any neighbours that are cut: one across a face also makes the middles of its edges."""
    places = middle_offsets(3)
    draw = np.random.default_rng(3)
    kinds = []
    for share in draw.uniform(0.02, 0.9, count):
        beside = {tuple(place) for place in places.tolist() if draw.random() < share}
        whether = [
            any(tuple(x if on else 1 for x, on in zip(place, axes, strict=True)) in beside for axes in AXES_OF_PART)
            for place in places.tolist()
        ]
        kinds.append(sum(1 << bit for bit, is_cut in enumerate(whether) if is_cut))
    return kinds


AXES_OF_PART = list(itertools.product((False, True), repeat=3))


def _mirrored(kind: int, middles: NDArray[np.int32], dim: int) -> int:
    """The code of the mirror image along the first axis."""
    number = {tuple(place[:dim]): bit for bit, place in enumerate(middles.tolist())}
    bits = [bit for bit in range(len(middles)) if kind >> bit & 1]
    return sum(1 << number[(2 - middles[bit, 0], *map(int, middles[bit, 1:dim]))] for bit in bits)


@pytest.mark.parametrize("dim", [2, 3])
def test_a_leaf_without_middles(dim: int) -> None:
    """The 5- or 7-point stencil: along the edges, a share of the face over the edge's length."""
    shape = (1.0, 1.25, 0.9)[:dim]
    edges = leaf_edges(0, shape)
    assert len(edges.weight) == dim * 2 ** (dim - 1)
    for first, second, weight in zip(edges.first, edges.second, edges.weight, strict=True):
        axis = int(np.log2(int(first) ^ int(second)))
        expected = np.prod(np.delete(shape, axis)) / 2 ** (dim - 1) / shape[axis]
        assert weight == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("kind", "shape"), [(1, (1.0, 2.5)), (8425, (1.0, 1.0, 2.5))])
def test_a_leaf_that_is_too_long(kind: int, shape: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="no Voronoi cells of their own"):
        leaf_edges(kind, shape)


def test_edges_do_not_depend_on_the_ranks() -> None:
    """The same sum of squared weights as on one rank, for every axis that an edge leads along."""
    from femna.parallel import MPI

    for dim in (2, 3):
        shared, alone = tree(dim), tree(dim, comm=MPI.COMM_SELF)
        assert shared.total == alone.total
        for axis, power in itertools.product(range(dim), (1, 2)):
            ours, whole = (_moment(grid, axis, power) for grid in (shared, alone))
            assert ours == pytest.approx(whole, rel=1e-12)


def _moment(grid: TreeGrid, axis: int, power: int) -> float:
    i, j = grid.edges.T
    steps = np.abs(grid.points[i, axis] - grid.points[j, axis]) ** power
    return float(grid.sum((grid.weight * steps).sum())[0])
