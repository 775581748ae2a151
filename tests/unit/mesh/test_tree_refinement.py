"""Which cells are cut: balance, rows that need a level, flags as bits, leaves that tile the box."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.mesh.tree.leaves import leaves_of
from femna.mesh.tree.refinement import Refinement, cells_at, dilated, refinement, unpacked
from femna.mesh.tree.roots import Roots

from .trees import bricks, cut, ring

Levels = NDArray[np.int8]


def level_map(roots: Roots, refined: Refinement) -> Levels:
    """Level of the leaf at each finest cell, an array over them; every cell lies in one leaf."""
    leaves = leaves_of(roots.along_curve, refined, int(refined.leaves_in_bricks().sum()))
    result = np.full(cells_at(roots, roots.levels), -1, dtype=np.int8)
    for level, (i, j, k) in zip(leaves.level, leaves.origin, strict=True):
        size = 1 << (roots.levels - level)
        part = result[i : i + size, j : j + size, k : k + (size if roots.dim == 3 else 1)]
        assert np.all(part == -1)
        part[:] = level
    assert result.min() >= 0
    return result


def steepest(levels: Levels) -> int:
    """Largest difference of level between neighbours, also across an edge or a corner."""
    worst = 0
    for shift in np.ndindex(*(3 for _ in range(levels.ndim))):
        if shift == (1,) * levels.ndim:
            continue
        ours = tuple(slice(max(0, s - 1), n + min(0, s - 1)) for s, n in zip(shift, levels.shape, strict=True))
        theirs = tuple(slice(max(0, 1 - s), n + min(0, 1 - s)) for s, n in zip(shift, levels.shape, strict=True))
        if min(levels[ours].shape) > 0:
            worst = max(worst, int(np.abs(levels[ours].astype(int) - levels[theirs]).max()))
    return worst


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("where", [{}, {"radius": 0.0, "centre": 0.0}, {"radius": 0.3, "centre": 0.6, "width": 0.6}])
def test_neighbours_differ_by_one_level(dim: int, where: dict[str, float]) -> None:
    roots = bricks(dim)
    refined = cut(roots, **where)
    levels = level_map(roots, refined)
    assert {levels.min(), levels.max()} == {0, roots.levels} or dim == 2 or where
    assert steepest(levels) == 1
    wanted = ring(roots, **where)
    for axis in range(dim):
        wanted = wanted.repeat(2, axis=axis)
    assert np.all(levels[wanted > 0] == roots.levels)


def test_single_wanted_cells() -> None:
    """At random places: what is wanted is finest, all else is balanced."""
    draw = np.random.default_rng(5)
    roots = bricks(2, lateral=4, levels=4)
    for _ in range(5):
        wanted = (draw.random(cells_at(roots, 3)) < 0.002).astype(np.uint8)
        levels = level_map(roots, refinement(roots, wanted))
        assert np.all(levels[wanted.repeat(2, 0).repeat(2, 1) > 0] == 4)
        assert steepest(levels) <= 1


@pytest.mark.parametrize("dim", [2, 3])
def test_rows_that_need_a_level(dim: int) -> None:
    """They have it everywhere, and pass it on to rows beside them by one level at a time."""
    roots = replace(bricks(dim), least_level=np.array([0, 0, 2, 0, 0]))
    levels = level_map(roots, refinement(roots, np.zeros(cells_at(roots, roots.levels - 1), dtype=np.uint8)))
    rows = np.moveaxis(levels, dim - 1, 0).reshape(levels.shape[dim - 1], -1)
    brick = 1 << roots.levels
    assert np.all(rows[2 * brick : 3 * brick] == 2)
    assert rows[:brick].max() <= 1
    assert steepest(levels) == 1


@pytest.mark.parametrize("dim", [2, 3])
def test_nothing_wanted(dim: int) -> None:
    roots = bricks(dim)
    plain = refinement(roots, np.zeros(cells_at(roots, roots.levels - 1), dtype=np.uint8))
    assert not plain.flags.any()
    assert np.all(plain.leaves_in_bricks() == 1)


@pytest.mark.parametrize("dim", [2, 3])
def test_flags_as_bits(dim: int) -> None:
    """A checkpoint's array: eight flags a byte, and back."""
    roots = bricks(dim)
    refined = cut(roots)
    bits = refined.packed()
    assert len(bits) == -(-len(refined.flags) // 8)
    back = unpacked(roots, bits)
    assert np.array_equal(back.flags, refined.flags)
    assert np.array_equal(back.starts, refined.starts)
    assert (back.dim, tuple(back.counts)) == (dim, roots.counts)
    for level in range(roots.levels):
        assert np.array_equal(back.level(level), refined.level(level))


def test_reach() -> None:
    flags = np.zeros((9, 9, 1), dtype=np.uint8)
    flags[4, 2, 0] = 1
    wide = dilated(flags, [1, 2, 0])
    assert np.array_equal(np.argwhere(wide[:, :, 0]).min(axis=0), [3, 0])
    assert np.array_equal(np.argwhere(wide[:, :, 0]).max(axis=0), [5, 4])
    assert wide.sum() == 15
    assert np.array_equal(dilated(flags, 0), flags)


@pytest.mark.parametrize("dim", [2, 3])
def test_nodes(dim: int) -> None:
    """The corners of all leaves, each once, found by its place; spacing is the smallest leaf's at it."""
    roots = bricks(dim)
    refined = cut(roots)
    leaves = leaves_of(roots.along_curve, refined, int(refined.leaves_in_bricks().sum()))
    corners = leaves.corners
    assert corners.min() >= 0
    assert np.array_equal(np.unique(corners), np.arange(len(leaves.position)))
    assert len(np.unique(leaves.position, axis=0)) == len(leaves.position)
    assert np.array_equal(leaves.numbers.find(leaves.position), np.arange(len(leaves.position)))
    smallest = np.full(len(leaves.position), 99)
    np.minimum.at(smallest, corners.ravel(), np.repeat(roots.levels - leaves.level, corners.shape[1]))
    assert np.array_equal(smallest, leaves.spacing)
    known = {tuple(place) for place in leaves.position.tolist()}
    others = np.random.default_rng(2).integers(-2, roots.extent.max() + 3, (500, 3)).astype(np.int32)
    others[:, dim:] = 0
    found = leaves.numbers.find(others)
    assert all((n >= 0) == (tuple(place) in known) for n, place in zip(found, others.tolist(), strict=True))


@pytest.mark.parametrize("dim", [2, 3])
def test_coordinates_on_planes(dim: int) -> None:
    """Bit for bit those of the bricks' faces."""
    roots = bricks(dim)
    for row, height in enumerate(roots.planes[-1]):
        place = np.zeros((1, 3), dtype=np.int32)
        place[0, dim - 1] = row << roots.levels
        assert roots.coordinates(place)[0, -1] == height


def test_curve_visits_every_brick_once() -> None:
    roots = bricks(3, lateral=4)
    assert len(np.unique(roots.along_curve, axis=0)) == np.prod(roots.counts)
    eighth = roots.along_curve[:8]
    assert eighth.max() == 1  # the first eight bricks are one cube
