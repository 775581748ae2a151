"""The edges of simplices: which there are, those with a weight first, and the edge of each pair of a cell's corners."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def edges_of_cells(cells: Ints, weights: Array, size: int) -> tuple[Ints, int, Ints]:
    """Number the edges of simplices.

    Args:
        cells: (M, d+1), node numbers.
        weights: (M, d(d+1)/2), of the pairs of corners 01, 02, .., 12, .. of each cell.
        size: number of nodes N.

    Returns:
        The edges (E + W, 2), the lower node first: those E with a weight that is not 0 in some cell, then the others,
        both by their lower nodes and then by their upper ones; E; and the number of the edge of each pair,
        (M d(d+1)/2,).
    """
    count, corners = cells.shape
    pairs = count * weights.shape[1]
    # the pairs by their lower nodes: those of node n are order[start[n]:start[n + 1]]
    start = np.zeros(size + 1, dtype=np.int64)
    upper = np.empty(pairs, dtype=np.int64)
    for cell in range(count):
        for a in range(corners):
            for b in range(a + 1, corners):
                start[min(cells[cell, a], cells[cell, b]) + 1] += 1
    for node in range(size):
        start[node + 1] += start[node]
    order, filled = np.empty(pairs, dtype=np.int64), start[:size].copy()
    pair = 0
    for cell in range(count):
        for a in range(corners):
            for b in range(a + 1, corners):
                low = min(cells[cell, a], cells[cell, b])
                upper[pair] = max(cells[cell, a], cells[cell, b])
                order[filled[low]] = pair
                filled[low] += 1
                pair += 1
    # within each node by the upper ones, which are few
    number = np.empty(pairs, dtype=np.int64)
    weighs = np.zeros(pairs, dtype=np.bool_)
    flat = weights.ravel()
    found = 0
    for node in range(size):
        for place in range(start[node] + 1, start[node + 1]):
            moving, back = order[place], place - 1
            while back >= start[node] and upper[order[back]] > upper[moving]:
                order[back + 1] = order[back]
                back -= 1
            order[back + 1] = moving
        for place in range(start[node], start[node + 1]):
            if place > start[node] and upper[order[place]] != upper[order[place - 1]]:
                found += 1
            number[order[place]] = found
            if flat[order[place]] != 0.0:
                weighs[found] = True
        if start[node + 1] > start[node]:
            found += 1
    heavy = 0
    for edge in range(found):
        heavy += weighs[edge]
    renumbered, light_next, heavy_next = np.empty(found, dtype=np.int64), heavy, 0
    for edge in range(found):
        if weighs[edge]:
            renumbered[edge] = heavy_next
            heavy_next += 1
        else:
            renumbered[edge] = light_next
            light_next += 1
    edges = np.empty((found, 2), dtype=np.int64)
    for node in range(size):
        for place in range(start[node], start[node + 1]):
            pair = order[place]
            number[pair] = renumbered[number[pair]]
            edges[number[pair], 0] = node
            edges[number[pair], 1] = upper[pair]
    return edges, heavy, number
