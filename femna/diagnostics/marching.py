"""The front as a set of simplices: the level set of the order parameter, by marching simplices.

On a simplex a P1 field is linear, so its level set is flat there: a point (1D), a segment (2D), a triangle or a
planar quadrilateral (3D; Doi & Koide 1991, IEICE Trans. E74, 214-224). Cost: one pass over the cells that only counts
metal nodes, then the cut cells alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel

FloatArray = NDArray[np.float64]


def front_simplices(
    points: FloatArray, cells: NDArray[np.integer], xi: FloatArray, level: float = 0.5
) -> NDArray[np.float64]:
    """The level set xi = level of a P1 field as simplices of one dimension less.

    points: (N, >= dim) node coordinates in m, of which the first dim are used; cells: (M, dim + 1) nodes of each
    simplex; xi: (N,). Returns (S, dim, dim): simplex, its vertex, coordinate (m); dim = 1 gives points of shape
    (S, 1, 1). The simplices are not oriented.

    A node exactly at the level counts as metal (xi >= level): a facet that lies in the level set is returned once, by
    the cell on its electrolyte side, and a vertex in it adds only simplices of measure zero. A crossing depends on the
    edge alone, not on the cell or the order of its nodes: neighbours, on whatever rank, meet in the same point.
    """
    metal = (np.asarray(xi) >= level).view(np.uint8)
    if cells.shape[1] == 2:
        return _points(points, cells, xi, level, metal)
    return _march(points, cells, xi, level, metal, _cut_cells(cells, metal))


def front_measure(simplices: FloatArray) -> float:
    """Length (2D, m) or area (3D, m^2) of simplices (S, dim, dim), number of points in 1D."""
    if simplices.shape[1] == 1:
        return float(len(simplices))
    return float(_lengths(simplices) if simplices.shape[1] == 2 else _areas(simplices))


def _points(
    points: FloatArray, cells: NDArray[np.integer], xi: FloatArray, level: float, metal: NDArray[np.uint8]
) -> FloatArray:
    """The same on a line, where numpy is done before numba is loaded."""
    cut = cells[metal[cells[:, 0]] != metal[cells[:, 1]]]
    inner = np.where(metal[cut[:, 0]] == 1, cut[:, 0], cut[:, 1])
    outer = cut.sum(axis=1) - inner
    share = (xi[inner] - level) / (xi[inner] - xi[outer])
    return np.asarray(points[inner, 0] + share * (points[outer, 0] - points[inner, 0])).reshape(-1, 1, 1)


@kernel
def _cut_cells(cells: NDArray[np.integer], metal: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Cells with nodes on both sides of the level; written out because a loop over the nodes costs twice as much."""
    nodes = cells.shape[1]
    cut = np.empty(cells.shape[0], np.int64)
    count = 0
    for cell in range(cells.shape[0]):
        inside = metal[cells[cell, 0]] + metal[cells[cell, 1]]
        if nodes > 2:
            inside += metal[cells[cell, 2]]
        if nodes > 3:
            inside += metal[cells[cell, 3]]
        if inside != 0 and inside != nodes:
            cut[count] = cell
            count += 1
    return cut[:count]


@kernel
def _march(
    points: FloatArray,
    cells: NDArray[np.integer],
    xi: FloatArray,
    level: float,
    metal: NDArray[np.uint8],
    cut: NDArray[np.int64],
) -> FloatArray:
    """The simplices of the cut cells: dim crossings make one, the four of a quadrilateral two."""
    dim = cells.shape[1] - 1
    simplices = np.empty((cut.size * (2 if dim == 3 else 1), dim, dim))
    crossing = np.empty((4, dim))
    count = 0
    for cell in cut:
        found = 0
        for i in range(dim + 1):
            a = cells[cell, i]
            if not metal[a]:
                continue
            for j in range(dim + 1):
                b = cells[cell, j]
                if metal[b]:
                    continue
                share = (xi[a] - level) / (xi[a] - xi[b])
                for d in range(dim):
                    crossing[found, d] = points[a, d] + share * (points[b, d] - points[a, d])
                found += 1
        # of the quadrilateral's crossings (edges ac, ad, bc, bd) the middle two are opposite corners: its diagonal
        for first in range(found - dim + 1):
            for vertex in range(dim):
                for d in range(dim):
                    simplices[count, vertex, d] = crossing[first + vertex, d]
            count += 1
    return simplices[:count]


@kernel
def _lengths(segments: FloatArray) -> float:
    total = 0.0
    for s in range(segments.shape[0]):
        total += np.hypot(segments[s, 1, 0] - segments[s, 0, 0], segments[s, 1, 1] - segments[s, 0, 1])
    return total


@kernel
def _areas(triangles: FloatArray) -> float:
    total = 0.0
    u, v = np.empty(3), np.empty(3)
    for s in range(triangles.shape[0]):
        for d in range(3):
            u[d] = triangles[s, 1, d] - triangles[s, 0, d]
            v[d] = triangles[s, 2, d] - triangles[s, 0, d]
        normal = (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])
        total += 0.5 * np.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2)
    return total
