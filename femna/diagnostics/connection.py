"""What the collector reaches through metal: the difference between a short circuit and an island near the counter."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


def reached(points: Array, cells: Ints, metal: Mask, carries: Mask | None = None) -> Mask:
    """(N,) bool: nodes to which the lowest plane is connected, along edges between two nodes of metal.

    points (N, d), cells (M, d+1), metal (N,). carries: cells (M,) whose every edge connects, as electrons have it in a
    layer that conducts them.
    """
    from scipy.sparse import coo_array  # slow to load
    from scipy.sparse.csgraph import connected_components

    carrying = np.zeros(len(cells), bool) if carries is None else carries
    pairs = []
    for a, b in combinations(range(cells.shape[1]), 2):
        i, j = cells[:, a], cells[:, b]
        linked = carrying | (metal[i] & metal[j])
        pairs.append(np.stack([i[linked], j[linked]]))
    i, j = np.concatenate(pairs, axis=1)
    count = len(points)
    labels = connected_components(coo_array((np.ones(len(i), bool), (i, j)), shape=(count, count)), directed=False)[1]
    height = points[:, -1]
    bottom = height <= height.min() + 1e-9 * np.ptp(height)
    inside = metal.copy()
    inside[cells[carrying]] = True
    return np.asarray(np.isin(labels, labels[bottom & inside]) & inside)
