"""Sums over the parts and edges of a tree's leaves: volumes, faces, gradients, slopes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel

Array = NDArray[np.float64]
Int32s = NDArray[np.int32]
Mask = NDArray[np.bool_]
Turned = tuple[Int32s, Array]

ALONG_AN_AXIS = 1e-6
"""Part of a vector along an axis below which the vector does not count as leading that way; covers rounding."""


@kernel
def lumped_sums(edges: Int32s, edge: Int32s, weight: Array, points: Array, coefficient: Array) -> Array:
    """Integral of a coefficient over each node's Voronoi cell, this rank's share, (N,).

    The cone over a face between two cells has the volume g |x_j - x_i|^2/(2 d) on either side.

    Args:
        edges: (E, 2), node numbers.
        edge: (P,), edge of each part.
        weight: (P,), of each part, m^(d-2).
        points: (N, d), in m.
        coefficient: (P,).
    """
    dim = points.shape[1]
    result = np.zeros(points.shape[0])
    for p in range(edge.size):
        i, j = edges[edge[p], 0], edges[edge[p], 1]
        square = 0.0
        for k in range(dim):
            square += (points[j, k] - points[i, k]) ** 2
        share = coefficient[p] * weight[p] * square / (2.0 * dim)
        result[i] += share
        result[j] += share
    return result


@kernel
def face_sums(edges: Int32s, edge: Int32s, weight: Array, height: Array, on_plane: Mask) -> Array:
    """Area of a plane in each node's share, (N,): what a unit gradient upwards sends into parts of some weight."""
    result = np.zeros(height.size)
    for p in range(edge.size):
        if weight[p] != 0.0:
            i, j = edges[edge[p], 0], edges[edge[p], 1]
            flux = weight[p] * abs(height[j] - height[i])
            if on_plane[i]:
                result[i] += flux
            if on_plane[j]:
                result[j] += flux
    return result


@kernel
def second_moments(edges: Int32s, weight: Array, points: Array) -> Array:
    """Half of the sum of g (x_j - x_i)(x_j - x_i)^T over the edges of each node, this rank's share, (N, d, d) in m^d.

    It is the volume of the Voronoi cell times the unit matrix where the middles of the edges are those of the faces.
    """
    dim = points.shape[1]
    result = np.zeros((points.shape[0], dim, dim))
    for e in range(edges.shape[0]):
        i, j = edges[e, 0], edges[e, 1]
        for k in range(dim):
            for m in range(dim):
                share = 0.5 * weight[e] * (points[j, k] - points[i, k]) * (points[j, m] - points[i, m])
                result[i, k, m] += share
                result[j, k, m] += share
    return result


@kernel
def gradient_sums(edges: Int32s, weight: Array, points: Array, turned: Turned, u: Array) -> Array:
    """Gradient at each node times the volume of its Voronoi cell, (N, d): half the differences through its faces.

    Args:
        edges: (E, 2), node numbers.
        weight: (E,), in m^(d-2).
        points: (N, d), in m.
        turned: what makes the differences exact for linear fields at nodes where the edges do not do so: the number of
            the matrix of each node or -1, (N,), and the matrices V M^-1, (T, d, d), for the `second_moments` M.
        u: (N,), the field.
    """
    number, matrices = turned
    dim = points.shape[1]
    result = np.zeros((u.size, dim))
    for e in range(edges.shape[0]):
        i, j = edges[e, 0], edges[e, 1]
        half = 0.5 * weight[e] * (u[j] - u[i])
        if half == 0.0:
            continue
        for end in range(2):
            node = i if end == 0 else j
            own = number[node]
            for k in range(dim):
                step = points[j, k] - points[i, k]
                if own < 0:
                    result[node, k] += half * step
                else:
                    for m in range(dim):
                        result[node, m] += half * step * matrices[own, m, k]
    return result


@kernel
def divergence_sums(edges: Int32s, weight: Array, points: Array, turned: Turned, v: Array) -> Array:
    """Divergence at each node times the volume of its Voronoi cell, (N,); arguments as of `gradient_sums`."""
    number, matrices = turned
    dim = points.shape[1]
    result = np.zeros(v.shape[0])
    for e in range(edges.shape[0]):
        i, j = edges[e, 0], edges[e, 1]
        for end in range(2):
            node = i if end == 0 else j
            own = number[node]
            for k in range(dim):
                flux = 0.5 * weight[e] * (points[j, k] - points[i, k])
                if own < 0:
                    result[node] += flux * (v[j, k] - v[i, k])
                else:
                    for m in range(dim):
                        result[node] += flux * matrices[own, m, k] * (v[j, m] - v[i, m])
    return result


@kernel
def slope_weights(
    edges: Int32s, position: Int32s, points: Array, counted: Mask, vectors: Array, way_at: Array
) -> tuple[Array, Array, Array]:
    """Weights of one-sided differences along the axes towards where each vector leads.

    Args:
        edges: (E, 2), node numbers.
        position: (N, 3), lattice coordinates.
        points: (N, d), in m.
        counted: (E,), the edges that are this rank's to count.
        vectors: (N, d).
        way_at: (N,), 1 or -1 for the side on which the derivative is taken; 0 where none is wanted.

    Returns:
        At an edge (i, j) the weight of u_j - u_i at i and that of u_i - u_j at j, (E,) each in 1/m; and at how many
        axes less than it leads along each node found a neighbour, this rank's share, (N,): 0 if at all.
    """
    dim = points.shape[1]
    at_first, at_second = np.zeros(edges.shape[0]), np.zeros(edges.shape[0])
    missing = np.zeros(points.shape[0])
    for e in range(edges.shape[0]):
        if not counted[e]:
            continue
        i, j = edges[e, 0], edges[e, 1]
        if way_at[i] == 0.0 and way_at[j] == 0.0:
            continue
        axis, axes = 0, 0
        for k in range(dim):
            if position[i, k] != position[j, k]:
                axis, axes = k, axes + 1
        if axes != 1:
            continue
        step = points[j, axis] - points[i, axis]
        for end in range(2):
            node = i if end == 0 else j
            way = way_at[node]
            along = vectors[node, axis] * (step if end == 0 else -step) * way
            if along > ALONG_AN_AXIS * abs(step):
                value = way * abs(vectors[node, axis] / step)
                if end == 0:
                    at_first[e] = value
                else:
                    at_second[e] = value
                missing[node] -= 1.0
    return at_first, at_second, missing


@kernel
def leading_axes(vectors: Array) -> Array:
    """Along how many axes each vector leads, (N,)."""
    result = np.zeros(vectors.shape[0])
    for n in range(vectors.shape[0]):
        for k in range(vectors.shape[1]):
            if abs(vectors[n, k]) > ALONG_AN_AXIS:
                result[n] += 1.0
    return result
