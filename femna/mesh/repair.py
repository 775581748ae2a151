"""Removal of the last negative edge conductances from a triangle mesh of layers.

In the plane the conductance of an edge is g = (cot a + cot b)/2, a and b being the angles opposite to it in its two
triangles. g >= 0 on every inner edge is Delaunay's condition (Xu & Zikatanov 1999, sec. 2). An edge on a wall or on the
face of two layers has one triangle of its layer, whose angle must not exceed 90 degrees. gmsh's frontal meshes violate
this at a few edges in a hundred thousand. Inner edges are flipped (Lawson); a node too near to a fixed edge is moved
away from it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_SWEEPS = 50
"""Number of sweeps over the mesh after which the best mesh so far is returned."""
PUSHED_DISTANCE = 1.05
"""Distance of a moved node from the middle of its edge, in half edge lengths; at 1 the angle is 90 degrees."""
NEGATIVE_COTANGENTS = 1e-9
"""Largest negative sum of cotangents that still counts as zero, without unit."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def remove_obtuse(points: Floats, cells: Ints, layer: NDArray[np.integer]) -> tuple[Floats, Ints]:
    """A mesh of the same layers without negative edge conductances, or with fewer of them.

    Args:
        points: (N, 2), coordinates in m.
        cells: (M, 3), node numbers of positively oriented triangles.
        layer: (M,), the layer of each cell. Nodes on walls and on faces of layers do not move.

    Returns:
        Points (N, 2) in m and positively oriented triangles (M, 3).
    """
    points, cells = points.copy(), cells.copy()
    best, least = (points.copy(), cells.copy()), len(cells) * 3
    for _ in range(MAX_SWEEPS):
        twice_g, group, slot = _conductances(points, cells, layer)
        bad = np.flatnonzero(twice_g < -NEGATIVE_COTANGENTS)
        if len(bad) < least and (_areas(points, cells) > 0.0).all():
            best, least = (points.copy(), cells.copy()), len(bad)
        if not len(bad):
            break
        members = np.bincount(group)
        fixed = np.zeros(len(points), bool)
        fixed[_ends(cells, slot[members[group[slot]] == 1])] = True
        touched = np.zeros(len(cells), bool)
        start = np.searchsorted(group[slot], bad)
        for first, pair in zip(start, members[bad] == 2, strict=True):
            one = slot[first]
            both = [one // 3, slot[first + 1] // 3] if pair else [one // 3]
            if touched[both].any():
                continue
            touched[both] = True
            if pair:
                _flip(cells, one, slot[first + 1])
            else:
                _push(points, cells, one, fixed)
    return best


def _conductances(points: Floats, cells: Ints, layer: NDArray[np.integer]) -> tuple[Floats, Ints, Ints]:
    """cot a + cot b (E,) of each edge; the edge's number of each slot; the slots sorted by edge.

    Slot 3 t + i is the side of triangle t that lies opposite to its node i.
    """
    ends = np.sort(_ends(cells, np.arange(3 * len(cells))), axis=1)
    key = (np.repeat(layer.astype(np.int64), 3) * len(points) + ends[:, 0]) * len(points) + ends[:, 1]
    _, group = np.unique(key, return_inverse=True)
    p = points[cells]
    a, b = np.roll(p, -1, axis=1) - p, np.roll(p, -2, axis=1) - p
    cross = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    cot = ((a * b).sum(axis=-1) / cross).ravel()
    return np.bincount(group, cot), group, np.argsort(group, kind="stable")


def _ends(cells: Ints, slots: Ints) -> Ints:
    """The two nodes (n, 2) of the sides in these slots, counter-clockwise."""
    t, i = np.divmod(slots, 3)
    return np.stack([cells[t, (i + 1) % 3], cells[t, (i + 2) % 3]], axis=1)


def _areas(points: Floats, cells: Ints) -> Floats:
    a, b = points[cells[:, 1]] - points[cells[:, 0]], points[cells[:, 2]] - points[cells[:, 0]]
    return 0.5 * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _flip(cells: Ints, one: int, two: int) -> None:
    """The side in slots `one` and `two` becomes the other diagonal of its quadrilateral."""
    (t, i), (u, j) = divmod(int(one), 3), divmod(int(two), 3)
    apex, left, right, across = cells[t, i], cells[t, (i + 1) % 3], cells[t, (i + 2) % 3], cells[u, j]
    cells[t], cells[u] = (apex, left, across), (apex, across, right)


def _push(points: Floats, cells: Ints, slot: int, fixed: NDArray[np.bool_]) -> None:
    """Moves the node opposite to this side out of the circle that has the side as its diameter, unless it is fixed."""
    t, i = divmod(int(slot), 3)
    node = cells[t, i]
    if fixed[node]:
        return
    a, b = points[cells[t, (i + 1) % 3]], points[cells[t, (i + 2) % 3]]
    middle = 0.5 * (a + b)
    arm = points[node] - middle
    points[node] = middle + arm * (PUSHED_DISTANCE * 0.5 * np.linalg.norm(b - a) / np.linalg.norm(arm))
