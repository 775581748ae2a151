"""Tips and branchings of metal: how many ends it has, and at how many places one stem carries several of them.

g is the length of the shortest path through metal from the collector to a node. Where metal ends, g has a maximum. As a
level sinks from the largest g to that of the deepest valley, each end begins a part of its own, and parts meet: the
merge tree of g, which is the skeleton of the metal with lengths, and has no spurs to prune (Carr, Snoeyink and Axen,
Comput. Geom. 24 (2003) 75, for the algorithm). It sees what hangs over, which a map of heights does not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femna.analysis.snapshot import Snapshot
from femna.diagnostics.marching import front_simplices
from femna.kernels import kernel

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_LENGTH = 4.0
"""Shortest end that counts, in widths l: twice what lies between 10 and 90 % of a front."""


@dataclass(frozen=True)
class Branching:
    """Ends of the metal that the collector reaches.

    Args:
        tips: ends that reach farther than the least length beyond the place where they meet a longer one; the longest
            counts if it reaches so far beyond the deepest valley. A flat front has none.
        branchings: meetings of two such ends, or of several, counted singly, on one stem: what they have in common goes
            on, to the next meeting or the deepest valley, for more than the least length and more than its own mean
            width. Fingers that stand side by side have none.
    """

    tips: int
    branchings: int


def branching(output: Snapshot, least: float, conducting: Collection[int] = ()) -> Branching | None:
    """Counts tips and branchings of a stored output.

    Args:
        output: the output.
        least: the least length, m.
        conducting: indices of the layers that carry electrons to the metal.

    Returns:
        The counts; None in other than two dimensions.
    """
    if output.dim != 2:
        return None
    points, cells = output.points, output.cells
    xi = np.ascontiguousarray(output.values["xi"], dtype=float)
    metal = xi >= 0.5
    passable = metal.copy()
    passable[cells[np.isin(output.layer, list(conducting))]] = True
    pairs = _neighbours(cells, passable)
    path = _path_lengths(points, pairs)
    front = front_simplices(np.ascontiguousarray(points), np.ascontiguousarray(cells), xi)
    if not len(front):
        return Branching(0, 0)
    beyond = metal & np.isfinite(path) & (path > front[..., -1].min())
    area = np.bincount(cells.ravel(), np.repeat(output.measure / 3.0, 3), minlength=len(points))
    return count_ends(np.where(beyond, path, -np.inf), pairs, area, (float(front[..., -1].min()), least))


def count_ends(path: Array, pairs: Ints, area: Array, limits: tuple[float, float]) -> Branching:
    """Counts the ends of a field on a graph.

    Args:
        path: (N,) g, m; -inf at nodes that do not count.
        pairs: (E, 2) nodes that are neighbours.
        area: (N,) area of the nodes, m^2.
        limits: the level at which the count ends, and the least length, m.

    Returns:
        The counts.
    """
    inside = np.isfinite(path)
    kept = pairs[inside[pairs].all(axis=1)]
    both = np.concatenate([kept, kept[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    first = np.searchsorted(both[:, 0], np.arange(len(path) + 1))
    nodes = np.flatnonzero(inside)
    order = nodes[np.argsort(-path[nodes], kind="stable")]
    tips, branchings = _merge(path, order, (first, np.ascontiguousarray(both[:, 1])), area, limits)
    return Branching(int(tips), int(branchings))


def _neighbours(cells: Ints, passable: NDArray[np.bool_]) -> Ints:
    """(E, 2) pairs of passable nodes: the edges of the triangles, and the opposite corners of two triangles with a
    passable edge in common, so that a path along either diagonal of a square has its true length."""
    corners = np.concatenate([cells[:, [a, b, c]] for a, b, c in ((0, 1, 2), (1, 2, 0), (0, 2, 1))])
    corners[:, :2].sort(axis=1)
    corners = corners[passable[corners[:, 0]] & passable[corners[:, 1]]]
    corners = corners[np.lexsort((corners[:, 1], corners[:, 0]))]
    shared = np.flatnonzero((corners[1:, :2] == corners[:-1, :2]).all(axis=1))
    opposite = np.stack([corners[shared, 2], corners[shared + 1, 2]], axis=1)
    return np.concatenate([corners[:, :2], opposite[passable[opposite].all(axis=1)]])


def _path_lengths(points: Array, pairs: Ints) -> Array:
    """(N,) length of the shortest path from the lowest plane along pairs of nodes, m; inf where there is none."""
    from scipy.sparse import csr_array  # slow to load
    from scipy.sparse.csgraph import dijkstra

    pairs = np.unique(np.sort(pairs, axis=1), axis=0)  # a pair given twice would count twice
    lengths = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    graph = csr_array((lengths, (pairs[:, 0], pairs[:, 1])), shape=(len(points), len(points)))
    height = points[:, -1] - points[:, -1].min()
    bottom = np.flatnonzero(height <= 1e-9 * height.max())
    used = np.isin(bottom, pairs)
    if not used.any():
        return np.full(len(points), np.inf)
    return np.asarray(dijkstra(graph, directed=False, indices=bottom[used], min_only=True))


@kernel
def _merge(
    path: Array, order: Ints, graph: tuple[Ints, Ints], area: Array, limits: tuple[float, float]
) -> tuple[int, int]:
    """Tips and branchings, by union-find over the nodes in order (largest path first).

    Of a part, kept at its root: its largest path, its area, its tips, how many meetings of its own have not been
    counted yet (open), and level and area at the last of them.
    """
    first, neighbour = graph
    base, least = limits
    root = np.full(path.size, -1)
    top, size = np.zeros(path.size), np.zeros(path.size)
    tips, unsettled = np.zeros(path.size, np.int64), np.zeros(path.size, np.int64)
    met, met_size = np.zeros(path.size), np.zeros(path.size)
    branchings = 0
    for here in order:
        level = path[here]
        root[here] = here
        top[here], size[here], tips[here] = level, area[here], 1
        for k in range(first[here], first[here + 1]):
            other = neighbour[k]
            if root[other] < 0:
                continue
            mine = here
            while root[mine] != mine:
                root[mine] = root[root[mine]]
                mine = root[mine]
            while root[other] != other:
                root[other] = root[root[other]]
                other = root[other]
            if mine == other:
                continue
            low, high = (mine, other) if top[mine] <= top[other] else (other, mine)
            root[low] = high
            if top[low] - level < least:
                size[high] += size[low]
                continue
            for part in (low, high):
                stem = met[part] - level
                if unsettled[part] > 0 and stem > least and stem * stem > size[part] - met_size[part]:
                    branchings += unsettled[part]
                    unsettled[part] = 0
            size[high] += size[low]
            tips[high] += tips[low]
            unsettled[high] += unsettled[low] + 1
            met[high], met_size[high] = level, size[high]
    total = 0
    for here in order:
        if root[here] == here and top[here] - base >= least:
            total += tips[here]
            stem = met[here] - base
            if unsettled[here] > 0 and stem > least and stem * stem > size[here] - met_size[here]:
                branchings += unsettled[here]
    return total, branchings
