"""Whether a mesh suits an edge-averaged scheme: the signs of its edge conductances.

With linear elements the stiffness entry of an edge is K_ij = sum_T |T| grad(lambda_i) . grad(lambda_j), and
g_ij = -K_ij is the conductance of that edge. An edge-averaged (Scharfetter-Gummel) scheme keeps concentrations positive
when no g_ij is negative (Xu & Zikatanov, Math. Comp. 68, 1429 (1999), lemma 2.1).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from femna.mesh import simplices

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]


def edge_weights(points: Floats, cells: Ints, layer: Ints | None = None) -> tuple[NDArray[np.int64], Floats, Floats]:
    """The edges of a simplex mesh and their conductances.

    Args:
        points: (N, d), coordinates in m.
        cells: (M, d+1), node numbers.
        layer: (M,), the layer of each cell. An edge on the face of two layers then comes once for each of them, because
            each layer's conductance is multiplied by a coefficient of its own.

    Returns:
        Edges (E, 2) with the smaller node first, their conductances g_ij (E,) in m^(d-2), and the scale
        sqrt(K_ii K_jj), (E,) in m^(d-2).
    """
    dim = points.shape[1]
    gradient, volume = simplices.gradients(points, cells)
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
    """Share of the edges with a positive stiffness entry, and the largest such entry.

    Args:
        points: (N, d), coordinates in m.
        cells: (M, d+1), node numbers.
        layer: (M,), as in `edge_weights`.
        zone: heights in m (last coordinate) between which both ends of an edge must lie to count; None: all edges.
        tolerance: entries below this part of the diagonal count as rounding.

    Returns:
        The share of the edges, and the largest K_ij / sqrt(K_ii K_jj), 0 if none is positive.
    """
    edges, weights, scale = edge_weights(points, cells, layer)
    if zone is not None:
        height = points[edges, -1]
        inside = ((height >= zone[0]) & (height <= zone[1])).all(axis=1)
        weights, scale = weights[inside], scale[inside]
    relative = -weights / scale
    bad = relative > tolerance
    return float(bad.mean()) if len(bad) else 0.0, float(relative[bad].max(initial=0.0))
