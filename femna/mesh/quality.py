"""How good a mesh is for an edge-averaged scheme.

With P1 elements the stiffness entry of an edge is K_ij = sum_T |T| grad(lambda_i) . grad(lambda_j), and g_ij = -K_ij is
the conductance of that edge. An edge-averaged (Scharfetter-Gummel) scheme keeps concentrations positive when every g_ij
is >= 0 (Xu & Zikatanov, Math. Comp. 68, 1429 (1999), lemma 2.1).
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]


def edge_weights(points: Floats, cells: Ints, layer: Ints | None = None) -> tuple[NDArray[np.int64], Floats, Floats]:
    """The edges of a simplex mesh and their conductances.

    points (N, dim) in m, cells (M, dim+1), layer (M,) or None. With `layer`, an edge on the face of two layers comes
    once for each of them, because there each layer's conductance is multiplied by its own coefficient.
    Returns edges (E, 2) with the smaller node first, weights (E,) g_ij in m^(dim-2), scale (E,) = sqrt(K_ii K_jj).
    """
    dim = points.shape[1]
    gradient, volume = _gradients(points, cells)
    group = np.zeros(len(cells), np.int64) if layer is None else layer.astype(np.int64)
    pairs = list(combinations(range(dim + 1), 2))
    ends = np.sort(np.concatenate([cells[:, p] for p in pairs]), axis=1).astype(np.int64)
    entry = np.concatenate([-volume * np.einsum("md,md->m", gradient[:, i], gradient[:, j]) for i, j in pairs])
    key = (np.tile(group, len(pairs)) * len(points) + ends[:, 0]) * len(points) + ends[:, 1]
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    diagonal = np.zeros(len(points))
    for i in range(dim + 1):
        own = volume * np.einsum("md,md->m", gradient[:, i], gradient[:, i])
        diagonal += np.bincount(cells[:, i], own, minlength=len(points))
    edges = ends[first]
    return edges, np.bincount(inverse, entry), np.sqrt(diagonal[edges[:, 0]] * diagonal[edges[:, 1]])


def positive_off_diagonals(
    points: Floats,
    cells: Ints,
    layer: Ints | None = None,
    zone: tuple[float, float] | None = None,
    tolerance: float = 1e-10,
) -> tuple[float, float]:
    """Share of the edges with a positive stiffness entry, and the worst entry K_ij / sqrt(K_ii K_jj) (0 if none).

    zone: count only edges with both ends at heights (last coordinate, m) in this interval. Entries below `tolerance` of
    the diagonal are rounding.
    """
    edges, weights, scale = edge_weights(points, cells, layer)
    if zone is not None:
        height = points[edges, -1]
        inside = ((height >= zone[0]) & (height <= zone[1])).all(axis=1)
        weights, scale = weights[inside], scale[inside]
    relative = -weights / scale
    bad = relative > tolerance
    return float(bad.mean()) if len(bad) else 0.0, float(relative[bad].max(initial=0.0))


def volumes(points: Floats, cells: Ints) -> Floats:
    """Signed size (M,) of each simplex, in m^dim; positive when the cell is positively oriented."""
    dim = points.shape[1]
    sides = points[cells[:, 1:]] - points[cells[:, :1]]
    return np.asarray(np.linalg.det(sides) / math.factorial(dim))


def _gradients(points: Floats, cells: Ints) -> tuple[Floats, Floats]:
    """Gradients (M, dim+1, dim) of the barycentric coordinates in 1/m, and sizes (M,) in m^dim."""
    sides = points[cells[:, 1:]] - points[cells[:, :1]]
    inner = np.linalg.inv(sides).transpose(0, 2, 1)
    return np.concatenate([-inner.sum(axis=1, keepdims=True), inner], axis=1), np.abs(volumes(points, cells))
