"""Means over voxels of what is linear in xi, slab by slab, on two threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.tomography.clipping import add_integrals, find_ranges
from femna.tomography.leaf_means import add_leaves
from femna.tomography.stored_cells import WHOLE, StoredCells, VoxelGrid

Array = NDArray[Any]

SLAB_VOXELS = 2**21
"""Voxels of a slab, and thereby the memory of a thread: 40 bytes for each."""
EVEN = 2e-7
"""Range of values, as a share of the range over all cells, within which a voxel gets the middle of what it touches: it
is off by half of that, as much as a float32 rounds."""


def mean_slabs(cells: StoredCells, values: Array, grid: VoxelGrid, threads: int = 0) -> Iterator[Array]:
    """Means of a quantity over voxels; of one that lies partly outside the box over what is inside.

    Args:
        cells: of a stored output.
        values: at their corners, as `cells.xi`.
        grid: the voxels.
        threads: how many to take; 0 for as many as there are processors, at most 4.

    Yields:
        float64 (planes, y, x), of increasing z.
    """
    corners = cells.in_voxels(grid)
    lowest, highest = corners[:, :, 2].min(axis=1), corners[:, :, 2].max(axis=1)
    depth = max(1, SLAB_VOXELS // (grid.shape[1] * grid.shape[2]))
    even = EVEN * float(np.ptp(values)) if values.size else 0.0
    work = _leaf_slab if cells.leaves else _simplex_slab
    covered = grid.covered()

    def slab(start: int) -> Array:
        planes = min(depth, grid.shape[0] - start)
        chosen = np.nonzero((lowest < start + planes) & (highest > start))[0]
        inside = covered[0][start : start + planes, None, None] * covered[1][None, :, None] * covered[2][None, None, :]
        edges = inside < 1.0 - WHOLE
        means = work(corners, values, chosen, start, edges, even)
        means[edges] /= inside[edges]
        return means

    return _in_order(slab, range(0, grid.shape[0], depth), threads or min(4, os.cpu_count() or 1))


def _leaf_slab(corners: Array, values: Array, chosen: Array, start: int, edges: Array, even: float) -> Array:
    means = np.zeros(edges.shape)
    add_leaves(corners[:, 0], corners[:, 1], values, chosen, start, means)
    return means


def _simplex_slab(corners: Array, values: Array, chosen: Array, start: int, edges: Array, even: float) -> Array:
    low = np.full(edges.shape, np.inf)
    high = np.full(edges.shape, -np.inf)
    find_ranges(corners, values, chosen, start, low, high)
    wanted = edges | ~(high - low <= even)
    means = np.where(wanted, 0.0, 0.5 * (low + high))
    del low, high
    add_integrals(corners, values, chosen, start, wanted, means)
    return means


def _in_order[T](work: Callable[[int], T], items: range, threads: int) -> Iterator[T]:
    """Results of a function, in the order of the items; no more than `threads` + 1 at once in memory."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: list[Future[T]] = []
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > threads:
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()
        finally:
            for future in waiting:
                future.cancel()
