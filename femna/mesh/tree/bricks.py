"""The bricks of a case's stack: as large as the stack allows, with every face of two layers between two rows of them.

A brick of 2^L finest cells is nearly a cube where it may be cut. Above the front zone, where no metal grows, rows of
bricks are not cut and grow with their distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.mesh.grading import MIN_CELLS_ABOVE_FINE_ZONE, MIN_CELLS_PER_LAYER
from femna.mesh.tree.roots import Roots

if TYPE_CHECKING:
    from femna.case.model import Case

Array = NDArray[np.float64]

LARGEST_LEVEL = 5
"""Largest number of halvings of a brick, L."""

LONGEST_BRICK = 1.35
"""Largest ratio of two sides of a brick that may be cut: up to 1.6 the leaves have Voronoi cells of their own."""

LEAST_BRICKS = 2
"""Smallest number of bricks along a side of the box."""

WASTE = 1.15
"""By how much smaller than asked the finest cells may come out along a side, as a ratio."""

ROW_GROWTH = 1.25
"""Ratio of successive rows of bricks above the front zone."""

LARGEST_ROW = 8.0
"""Height of the highest row there, in widths of a brick."""

ROWS_ABOVE_ZONE = 4
"""Rows of bricks above the front zone that are still as high as wide: leaves need them to become as large as bricks."""


@dataclass(frozen=True)
class Misfit(Exception):
    """Why a stack cannot have bricks, for people."""

    reason: str

    def __str__(self) -> str:
        """The reason."""
        return self.reason


def misfit(case: Case) -> str | None:
    """Why a stack cannot have bricks, so that its mesh cannot follow the front, for people; None where it can."""
    try:
        stack_roots(case)
    except Misfit as reason:
        return str(reason)
    return None


def stack_roots(case: Case) -> Roots:
    """The bricks of a case's stack. Raises Misfit where it cannot have any."""
    if case.geometry.dim == 1:
        raise Misfit("it has one dimension")
    if case.is_lifted:
        raise Misfit("its layers are lifted, and bricks stand straight")
    if any(phase.boundary for phase in case.phases):
        raise Misfit("its grains are not bricks")
    if case.processes:
        raise Misfit("the processes that it adds may need a mesh of dolfinx's")
    for levels in range(LARGEST_LEVEL, 0, -1):
        roots = _with_levels(case, levels)
        if roots is not None:
            return roots
    raise Misfit("a layer or a side is too thin for bricks of at least two finest cells")


def _with_levels(case: Case, levels: int) -> Roots | None:
    """The bricks with so many halvings, None where they would be too long or too large."""
    size = case.fine_cell * 2**levels
    sides = (case.geometry.width, case.geometry.depth)[: case.geometry.dim - 1]
    counts = [int(np.ceil(side / size - 1e-9)) for side in sides]
    if min(counts) < LEAST_BRICKS or any(
        count * size > WASTE * side for count, side in zip(counts, sides, strict=True)
    ):
        return None
    lateral = [side / count for side, count in zip(sides, counts, strict=True)]
    wide = float(np.prod(lateral) ** (1.0 / len(lateral)))
    rows: list[Array] = []
    phase: list[int] = []
    least: list[int] = []
    zone = case.front_zone_top
    if max(lateral) > LONGEST_BRICK * min(lateral):
        return None
    for index, name in enumerate(case.layer_names):
        heights, cut = _rows(*case.interval(name), zone, wide, size)
        tall = heights[:cut]
        if len(tall) and not (
            tall.max() <= LONGEST_BRICK * min(lateral) and max(lateral) <= LONGEST_BRICK * tall.min()
        ):
            return None
        thickness = case.interval(name)[1] - case.interval(name)[0]
        largest = thickness / MIN_CELLS_PER_LAYER
        if case.interval(name)[1] > zone:
            largest = min(largest, max(case.fine_cell, (case.height - zone) / MIN_CELLS_ABOVE_FINE_ZONE))
        everywhere = name in case.filling_layers
        for row, height in enumerate(heights):
            needed = levels if everywhere else int(np.ceil(np.log2(max(height / largest, 1.0)) - 1e-9))
            least.append(min(needed, levels) if row < cut else 0)
        rows.append(heights)
        phase += [index] * len(heights)
    faces = np.array([case.interval(name)[0] for name in case.layer_names] + [case.height])
    planes = [np.linspace(0.0, side, count + 1) for side, count in zip(sides, counts, strict=True)]
    planes.append(_stacked(rows, faces))
    return Roots(tuple(planes), levels, np.array(phase, dtype=np.int32), np.array(least, dtype=np.int64), zone)


def _rows(low: float, high: float, zone: float, wide: float, largest: float) -> tuple[Array, int]:
    """Heights of the rows of a layer from `low` to `high`, none above `largest`, and how many of them may be cut."""
    equal = max(0.0, min(high, zone + ROWS_ABOVE_ZONE * wide) - low)
    if equal + ROWS_ABOVE_ZONE * wide >= high - low:
        count = max(1, int(np.ceil((high - low) / largest - 1e-9)))
        return np.full(count, (high - low) / count), count
    count = int(np.ceil(equal / wide - 1e-9))
    heights, left, step = [wide] * count, high - low - count * wide, wide
    grown: list[float] = []
    while sum(grown) < left:
        step = min(step * ROW_GROWTH, LARGEST_ROW * wide)
        grown.append(step)
    return np.array(heights + [height * left / sum(grown) for height in grown]), count


def _stacked(rows: list[Array], faces: Array) -> Array:
    """The planes between all rows, exactly on the faces of the layers."""
    planes = [np.zeros(1)]
    for heights, low, high in zip(rows, faces[:-1], faces[1:], strict=True):
        inner = low + np.cumsum(heights)
        inner[-1] = high
        planes.append(inner)
    return np.concatenate(planes)
