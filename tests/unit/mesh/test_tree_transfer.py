"""Fields from one tree to another of the same bricks, on any number of ranks."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.mesh.tree.transfer import transferred
from femna.mesh.tree.tree_grid import TreeGrid

from .trees import bricks, cut, tree

Array = NDArray[np.float64]
ASCENT = np.array([2.0, -3.0, 5.0])


@pytest.fixture(scope="module", params=[2, 3])
def grids(request: pytest.FixtureRequest) -> tuple[TreeGrid, TreeGrid]:
    """Before and after: the front has moved by a tenth of the box."""
    return tree(request.param), tree(request.param, centre=0.35, radius=0.15)


def places(grid: TreeGrid) -> dict[tuple[int, ...], int]:
    """Owned nodes of all ranks by their places: number over all ranks."""
    own = list(zip(map(tuple, grid.leaves.position[: grid.owned].tolist()), grid.global_index.tolist(), strict=False))
    return {place: number for part in grid.comm.allgather(own) for place, number in part}


def noise(grid: TreeGrid, columns: int = 3) -> Array:
    """Numbers without any order, the same for a place on every rank."""
    x = grid.leaves.position @ np.array([[12.9898], [78.233], [37.719]]) + np.arange(columns)
    return np.asarray(np.modf(np.sin(x) * 43758.5453)[0])


def test_nodes_of_both_keep_their_values(grids: tuple[TreeGrid, TreeGrid]) -> None:
    """Bit for bit; and they are those that stand at the same place."""
    old, new = grids
    found, known = transferred(old, new, noise(old))
    before = places(old)
    both = np.array([tuple(place) in before for place in new.leaves.position.tolist()])
    assert np.array_equal(known, both)
    assert np.array_equal(found[known], noise(new)[known])
    counts = new.sum(float((known * new.is_owned).sum()), float((~known * new.is_owned).sum()))
    assert counts.min() > 50


def test_values_stay_in_bounds(grids: tuple[TreeGrid, TreeGrid]) -> None:
    """No new value is beyond the old ones: those of the coarser leaf about it."""
    old, new = grids
    found, _ = transferred(old, new, noise(old))
    assert np.isfinite(found).all()
    for column, values in enumerate(noise(old).T):
        low, high = -old.max(float(-values.min()))[0], old.max(float(values.max()))[0]
        assert low <= found[:, column].min()
        assert found[:, column].max() <= high
    step = (old.points[:, -1] > 1.3).astype(float)[:, None]
    found, _ = transferred(old, new, step)
    lowest, highest = new.max(float(-found.min()), float(found.max())) * (-1.0, 1.0)
    assert lowest == 0.0
    assert highest == 1.0


def test_linear_fields_are_exact(grids: tuple[TreeGrid, TreeGrid]) -> None:
    """Along the lateral axes, and upwards within a row of bricks: new nodes are the middles of old ones."""
    old, new = grids
    dim = old.dim
    found, _ = transferred(old, new, old.points @ ASCENT[:dim, None])
    assert found[:, 0] == pytest.approx(new.points @ ASCENT[:dim], rel=1e-13)


def test_ghosts_have_their_owners_values(grids: tuple[TreeGrid, TreeGrid]) -> None:
    old, new = grids
    found, _ = transferred(old, new, noise(old))
    for column in np.ascontiguousarray(found.T):
        assert np.array_equal(new.update(column.copy()), column)


def test_a_new_node_is_the_mean_about_it(grids: tuple[TreeGrid, TreeGrid]) -> None:
    """By the rule itself, node by node: the corners of what it is the middle of, which are filled before it."""
    old, new = grids
    dim, levels = new.dim, new.roots.levels
    values = {}
    own = [
        (tuple(map(int, place)), float(value))
        for place, value in zip(old.leaves.position[: old.owned], noise(old)[: old.owned, 0], strict=True)
    ]
    for part in old.comm.allgather(own):
        values.update(part)

    def value(place: tuple[int, ...]) -> float:
        if place not in values:
            power = min((x & -x).bit_length() - 1 if x else levels for x in place)
            odd = [axis for axis in range(dim) if place[axis] >> power & 1]
            corners = [place]
            for axis in odd:
                corners = [
                    (*c[:axis], c[axis] + side * (1 << power), *c[axis + 1 :]) for c in corners for side in (-1, 1)
                ]
            values[place] = sum(map(value, corners)) / len(corners)
        return values[place]

    found, _ = transferred(old, new, noise(old))
    expected = [value(tuple(map(int, place))) for place in new.leaves.position]
    assert found[:, 0] == pytest.approx(expected, rel=1e-13, abs=1e-14)


def test_there_and_back(grids: tuple[TreeGrid, TreeGrid]) -> None:
    """Nodes that both have come back as they were; on the same leaves all do."""
    old, new = grids
    there, _ = transferred(old, new, noise(old))
    back, known = transferred(new, old, there)
    assert np.array_equal(back[known], noise(old)[known])
    same, known = transferred(old, tree(old.dim), noise(old))
    assert known.all()
    assert np.array_equal(same, noise(old))


def test_from_whole_bricks_to_the_finest_leaves() -> None:
    """Over all levels at once."""
    roots = bricks(2)
    refined = cut(roots)
    plain = cut(roots, width=-1.0)
    assert not plain.flags.any()
    from femna.parallel import MPI

    old, new = (TreeGrid(MPI.COMM_WORLD, roots, r) for r in (plain, refined))
    found, known = transferred(old, new, old.points @ ASCENT[:2, None])
    assert new.sum(float((known * new.is_owned).sum()))[0] == old.total
    assert found[:, 0] == pytest.approx(new.points @ ASCENT[:2], rel=1e-13)
