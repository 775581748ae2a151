"""The bricks of stacks: where they may stand, how large they are, and why some stacks have none."""

from __future__ import annotations

import numpy as np
import pytest

import femna
from femna.mesh.tree.bricks import LARGEST_ROW, LONGEST_BRICK, ROW_GROWTH, WASTE, Misfit, misfit, stack_roots
from femna.mesh.tree.front_cells import FrontCells
from femna.mesh.tree.leaves import leaves_of
from femna.mesh.tree.parts import edge_parts
from femna.mesh.tree.tree_grid import TreeGrid
from femna.parallel import MPI

STACKS = [
    ("edp-1", ()),
    ("edp-1", ("geometry.dim=3", "numerics.cell_size=0.5 um")),
    ("p-na", ()),
    ("sfc-na", ()),
    ("mci-top", ()),
    ("mci-top", ("geometry.dim=3",)),
    ("nzsp", ()),
    ("demo", ()),
]


@pytest.mark.parametrize(("name", "sets"), STACKS)
def test_bricks_of_shipped_stacks(name: str, sets: tuple[str, ...]) -> None:
    """Faces of the layers are planes of bricks, bit for bit; bricks that may be cut are nearly cubes, and their finest
    cells are no larger than asked, and little smaller along the sides."""
    case = femna.load_case(name, sets)
    roots = stack_roots(case)
    assert misfit(case) is None
    for layer in case.layer_names:
        low, high = case.interval(layer)
        assert low in roots.planes[-1]
        assert high in roots.planes[-1]
        middle = 0.5 * (roots.planes[-1][1:] + roots.planes[-1][:-1])
        rows = roots.phase == case.layer_names.index(layer)
        assert np.array_equal(rows, (middle > low) & (middle < high))
    sides = (case.geometry.width, case.geometry.depth)[: case.geometry.dim - 1]
    assert [planes[-1] for planes in roots.planes] == [*sides, case.height]
    assert all(np.all(np.diff(planes) > 0.0) for planes in roots.planes)
    shape = roots.row_shape
    finest = shape[:, :-1] / 2**roots.levels
    assert finest.max() <= case.fine_cell * (1.0 + 1e-9)
    assert finest.min() * WASTE >= case.fine_cell * (1.0 - 1e-9)
    below = roots.planes[-1][:-1] < roots.zone
    assert (shape.max(axis=1) / shape.min(axis=1))[below].max() <= LONGEST_BRICK + 1e-9
    assert shape[below, -1].max() / 2**roots.levels <= LONGEST_BRICK * case.fine_cell


@pytest.mark.parametrize(("name", "sets"), STACKS)
def test_rows_above_the_front_zone(name: str, sets: tuple[str, ...]) -> None:
    """They grow by a quarter at most, and are not cut more than the stack's own fineness asks."""
    case = femna.load_case(name, sets)
    roots = stack_roots(case)
    heights = roots.row_shape[:, -1]
    within = roots.phase[1:] == roots.phase[:-1]
    assert np.all((heights[1:] / heights[:-1])[within] <= ROW_GROWTH * (1.0 + 1e-9))
    assert heights.max() <= LARGEST_ROW * LONGEST_BRICK * roots.row_shape[:, 0].max()


@pytest.mark.parametrize(("name", "sets"), STACKS)
def test_every_front_can_be_followed(name: str, sets: tuple[str, ...]) -> None:
    """A front in the uppermost cells that may be finest: what is cut above it for balance is not too long either."""
    case = femna.load_case(name, sets)
    roots = stack_roots(case)
    front = FrontCells(roots, case.interface.width, [])
    crossed = np.zeros(front.shape, dtype=np.uint8)
    row = np.flatnonzero(front.heights() < roots.zone).max()
    crossed[(slice(None), row, 0) if case.geometry.dim == 2 else (slice(None), slice(None), row)] = 1
    refined = front.refinement(crossed)
    count = int(refined.leaves_in_bricks().sum())
    leaves = leaves_of(roots.along_curve, refined, count)
    assert leaves.level.max() == roots.levels
    assert edge_parts(roots, leaves).weight.min() > 0.0


def test_nodes_on_the_faces() -> None:
    """Also after the bricks are cut: the height of a node on a face is the face's, bit for bit."""
    case = femna.load_case("mci-top")
    roots = stack_roots(case)
    front = FrontCells(roots, case.interface.width, [])
    crossed = (np.random.default_rng(1).random(front.shape) < 0.001).astype(np.uint8)
    grid = TreeGrid(MPI.COMM_WORLD, roots, front.refinement(crossed))
    heights = grid.points[:, -1]
    for layer in case.layer_names:
        for face in case.interval(layer):
            near = np.abs(heights - face) < 1e-3 * case.fine_cell
            assert grid.sum(float(near.sum()))[0] > 0
            assert np.all(heights[near] == face)
    assert grid.upper[-1] == case.height


@pytest.mark.parametrize(
    ("name", "sets", "reason"),
    [
        ("planar", (), "it has one dimension"),
        ("nzsp", ('layer.ceramic.grains={size="5 um", seed=1}',), "its grains are not bricks"),
        ("edp-1", ("geometry.width=0.3 um",), "a layer or a side is too thin for bricks of at least two finest cells"),
        ("mci-top", ("numerics.cell_size=0.9 um",), "too thin"),
    ],
)
def test_stacks_without_bricks(name: str, sets: tuple[str, ...], reason: str) -> None:
    case = femna.load_case(name, sets)
    with pytest.raises(Misfit, match=reason):
        stack_roots(case)
    said = misfit(case)
    assert said is not None
    assert reason in said
