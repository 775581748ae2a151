"""Boxes of trees with a wavy front, and the equations of a cell on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from femna.mesh.tree.refinement import cells_at, refinement
from femna.mesh.tree.roots import Roots
from femna.mesh.tree.tree_grid import TreeGrid
from femna.parallel import MPI

Array = NDArray[np.float64]


def box(counts: Sequence[int], levels: int, uniform: bool = False, heights: Sequence[float] = ()) -> TreeGrid:
    """Cubic bricks of 1 um, cut down to the finest leaves about the front, or everywhere.

    Args:
        counts: of bricks along each axis.
        levels: halvings of a brick.
        uniform: whether to cut everywhere.
        heights: of further rows of bricks above, in um, which stay whole.
    """
    planes = [1e-6 * np.arange(count + 1.0) for count in counts]
    planes[-1] = np.concatenate([planes[-1], planes[-1][-1] + 1e-6 * np.cumsum(heights)])
    rows = len(planes[-1]) - 1
    roots = Roots(tuple(planes), levels, np.zeros(rows, dtype=np.int32), np.zeros(rows, dtype=np.int64))
    shape = cells_at(roots, levels - 1)
    axes = [(np.arange(size) + 0.5) / 2 ** (levels - 1) for size in shape[: len(counts)]]
    places = np.meshgrid(*axes, indexing="ij")
    near = np.abs(
        places[-1] - height_of_front([place / count for place, count in zip(places, counts, strict=True)], counts[-1])
    )
    wanted = (near < 2.0 ** (2 - levels)) | (uniform & (places[-1] < counts[-1]))
    return TreeGrid(MPI.COMM_WORLD, roots, refinement(roots, wanted.reshape(shape).astype(np.uint8)))


def height_of_front(lateral: Sequence[Array], height: float) -> Array:
    """Height of a wavy front over the place in the plane, from 0 to 1 along each lateral axis."""
    waves = np.cos(6.0 * np.pi * lateral[0])
    if len(lateral) > 2:
        waves = waves * np.cos(4.0 * np.pi * lateral[1])
    return height * (0.4 + 0.1 * waves)
