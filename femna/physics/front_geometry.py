"""Geometry of the diffuse front: reaction area, normal and curvature.

With p a function of xi that is 1 in the metal, the reaction of a front is distributed by |grad p| and the ionic
conductivity by 1 - p, with the same p. The ionic current through the front is then i (1 - p), its potential gradient is
constant across it, and the law of the sharp front is met to second order in the width (docs/theory/front_geometry.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel

if TYPE_CHECKING:
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

XI_MARGIN = 1e-9
"""Distance of xi from 0 or 1 below which it contains no information on the distance to the front."""


@kernel
def steps_inward(edges: Ints, points: Array, interface_normal: Array) -> Array:
    """Component of each edge along the mean normal of its ends, n.(x_j - x_i).

    Args:
        edges: (E, 2), node numbers.
        points: (N, d), coordinates in m.
        interface_normal: (N, d), unit vectors into the metal, or zero.

    Returns:
        (E,), in m; positive where the edge leads into the metal.
    """
    result = np.zeros(edges.shape[0])
    for e in range(edges.shape[0]):
        i, j = edges[e, 0], edges[e, 1]
        for k in range(points.shape[1]):
            result[e] += 0.5 * (interface_normal[i, k] + interface_normal[j, k]) * (points[j, k] - points[i, k])
    return result


def reaction_area(
    grid: Grid, fraction: Array, interface_normal: Array, part: Mask | None = None, whole: bool = True
) -> Array:
    """Area of the front in each node's share of the volume, the integral of n.grad p by the edges. Collective.

    Where the conductivity has 1 - p by the mean of an edge's ends, the potential through a flat front is then linear on
    any mesh, at its sides too.

    Args:
        grid: the mesh.
        fraction: (N,), p.
        interface_normal: (N, d), unit vectors into the metal, or zero.
        part: (E,), the edges that count; all if it is None.
        whole: whether an edge gives half of its area to each end; if not, all of it goes to the upper end.

    Returns:
        (N,), in m^(d-1), not negative.
    """
    first, second = grid.edges.T
    share = grid.weight * (fraction[second] - fraction[first]) * steps_inward(grid.edges, grid.points, interface_normal)
    if part is not None:
        share = np.where(part, share, 0.0)
    if whole:
        sums = np.bincount(grid.edges.T.ravel(), weights=np.tile(0.5 * share, 2), minlength=grid.size)
    else:
        height = grid.points[:, -1]
        upper = np.where(height[first] > height[second], first, second)
        sums = np.bincount(upper, weights=share, minlength=grid.size)
    return np.maximum(grid.add_up(sums), 0.0)


def signed_distance(xi: Array, width: float) -> Array:
    """Distance to xi = 1/2 on a tanh profile, psi = (l/2) ln(xi/(1 - xi)).

    Args:
        xi: (N,), order parameter; its distance from 0 and 1 counts as TAIL at least.
        width: l, in m.

    Returns:
        (N,), in m, positive in the metal.
    """
    inside = np.clip(xi, XI_MARGIN, 1.0 - XI_MARGIN)
    return 0.5 * width * np.log(inside / (1.0 - inside))


def normals(grid: Grid, distance: Array) -> Array:
    """Unit vectors into the metal at the nodes. Collective.

    The lateral sides are mirror planes: there the normal has no component across them.

    Args:
        grid: the mesh.
        distance: (N,), signed distance to the front in m (`signed_distance`).

    Returns:
        (N, d); zero in the far field, where the distance is constant.
    """
    vectors = grid.gradient(distance)
    vectors[:, :-1][grid.at_sides] = 0.0
    length = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    # The gradient of a distance has length 1. It is much shorter in the far field only, where it has no meaning.
    return np.where(length > 0.05, vectors / np.maximum(length, 1e-300), 0.0)


def curvature(grid: Grid, interface_normal: Array) -> Array:
    """Curvature K = -div n of the front. Collective.

    Args:
        grid: the mesh.
        interface_normal: (N, d), unit vectors into the metal, or zero.

    Returns:
        (N,), in 1/m, positive where the metal bulges.
    """
    return -grid.divergence(interface_normal)
