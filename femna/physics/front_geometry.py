"""Geometry of the diffuse front: where the reaction takes place, which way the front faces, how it bends.

With p a function of xi that is 1 in the metal, the reaction of a front is spread by |grad p| and the ionic conductivity
by 1 - p, with the same p: the ionic current through the front is then i (1 - p), its potential gradient is constant
across it, and the sharp law is met to second order in the width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel

if TYPE_CHECKING:
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

TAIL = 1e-9
"""Nearer than this to 0 or 1 the order parameter says nothing about the distance to the front."""


EXTRAPOLATION_REACH = 3.0
"""How far from the front, in units of l, a potential is carried to it: there is next to no reaction beyond."""


@kernel
def steps_inward(edges: Ints, points: Array, interface_normal: Array) -> Array:
    """How far each edge leads into the metal, n.(x_j - x_i) with the mean of the normals at its ends, (E,) in m."""
    result = np.zeros(edges.shape[0])
    for e in range(edges.shape[0]):
        i, j = edges[e, 0], edges[e, 1]
        for k in range(points.shape[1]):
            result[e] += 0.5 * (interface_normal[i, k] + interface_normal[j, k]) * (points[j, k] - points[i, k])
    return result


@kernel
def _gradient_sums(cells: Ints, gradients: Array, volume: Array, u: Array) -> Array:
    corners, dim = cells.shape[1], cells.shape[1] - 1
    result = np.zeros((u.size, dim))
    for cell in range(cells.shape[0]):
        for k in range(dim):
            g = 0.0
            for a in range(corners):
                g += u[cells[cell, a]] * gradients[cell, a, k]
            for a in range(corners):
                result[cells[cell, a], k] += g * volume[cell] / corners
    return result


@kernel
def _divergence_sums(cells: Ints, gradients: Array, volume: Array, v: Array) -> Array:
    corners, dim = cells.shape[1], cells.shape[1] - 1
    result = np.zeros(v.shape[0])
    for cell in range(cells.shape[0]):
        div = 0.0
        for k in range(dim):
            for a in range(corners):
                div += v[cells[cell, a], k] * gradients[cell, a, k]
        for a in range(corners):
            result[cells[cell, a]] += div * volume[cell] / corners
    return result


def reaction_area(
    grid: Grid, fraction: Array, interface_normal: Array, part: Mask | None = None, whole: bool = True
) -> Array:
    """Area of the front in each node's share of the volume: n.grad p by the edges, (N,) in m^(d-1). Collective.

    facing: unit vectors into the metal. With the conductivity's 1 - p by the mean of an edge's ends, the potential
    through a flat front comes out linear on any mesh, sides included.

    part: a choice of edges (E,), all by default. whole: to both ends of an edge, else all to the upper one.
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
    """psi = (l/2) ln(xi/(1 - xi)), (N,) in m: the distance to xi = 1/2 on a tanh profile, positive in the metal."""
    inside = np.clip(xi, TAIL, 1.0 - TAIL)
    return 0.5 * width * np.log(inside / (1.0 - inside))


def normals(grid: Grid, distance: Array) -> Array:
    """Unit vectors into the metal at the nodes, (N, d); zero where the distance is flat. Collective.

    The lateral sides are mirrors: across them the front does not lean.
    """
    sums = _gradient_sums(grid.cells, grid.gradients, grid.cell_volume, distance)
    vectors = np.stack([grid.add_up(np.ascontiguousarray(sums[:, k])) for k in range(grid.dim)], axis=1)
    vectors /= grid.volume[:, None]
    vectors[:, :-1][grid.at_sides] = 0.0
    length = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    # the gradient of a distance is 1; much less of it is the flat far field, where no direction means anything
    return np.where(length > 0.05, vectors / np.maximum(length, 1e-300), 0.0)


def curvature(grid: Grid, interface_normal: Array) -> Array:
    """K = -div n at the nodes, (N,) in 1/m, from unit vectors into the metal: positive on a bump. Collective."""
    return -grid.add_up(_divergence_sums(grid.cells, grid.gradients, grid.cell_volume, interface_normal)) / grid.volume


@dataclass(frozen=True)
class InterfaceExtrapolation:
    """Carries a potential from each node to the front's own place: u - psi dn u, psi the signed distance.

    Across a front the ions' potential falls linearly, by i/sigma (1 - p in the conductivity sees to that), so that all
    of a flat front reacts at one overpotential, that of the sharp one, however wide it is. dn u is the slope in the
    cell on the side away from the front: so no weight has the wrong sign, and matrices stay such as multigrids like.

    first, second: of u_j - u_i for the node at an edge's first end, and of u_i - u_j for the other, (E,), this rank's.
    """

    grid: Grid
    first: Array
    second: Array

    @classmethod
    def of(
        cls, grid: Grid, interface_normal: Array, distance: Array, width: float, where: Mask
    ) -> InterfaceExtrapolation:
        """For a front with unit vectors `facing` (N, d) into the metal; nodes not in `where` keep their own potential.
        Collective."""
        near = where & (np.abs(distance) < 2.0 * EXTRAPOLATION_REACH * width)
        reach = np.where(near, np.clip(distance, -EXTRAPOLATION_REACH * width, EXTRAPOLATION_REACH * width), 0.0)
        first, second = grid.slopes(interface_normal, distance, near)
        return cls(grid, reach[grid.edges[:, 0]] * first, reach[grid.edges[:, 1]] * second)

    def potential(self, u: Array) -> Array:
        """The potential at the front, as each node sees it, (N,). Collective."""
        first, second = self.grid.edges.T
        rise = u[second] - u[first]
        shift = np.bincount(first, self.first * rise, self.grid.size)
        return u - self.grid.add_up(shift - np.bincount(second, self.second * rise, self.grid.size))

    def derivatives(self, by_eta: Array) -> tuple[Array, Array, Array]:
        """Of a current at the nodes with derivative `by_eta` (N,) by eta, what follows from the potentials of their
        neighbours: by those at the edges' ends and at the nodes, as `BlockSystem` has it."""
        first, second = self.grid.edges.T
        of_first, of_second = by_eta[first] * self.first, by_eta[second] * self.second
        excess = of_second - of_first
        at_node = np.bincount(first, excess, self.grid.size) - np.bincount(second, excess, self.grid.size)
        return -of_second, of_first, at_node
