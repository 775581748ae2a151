"""Conservative reinitialisation of the front's profile: Allen-Cahn without its motion by curvature; moves no metal.

    d xi/dt = M div[grad xi - (2/l) xi (1 - xi) n],   n the unit vector into the metal

(Chiu and Lin, J. Comput. Phys. 230 (2011) 185; Olsson and Kreiss, J. Comput. Phys. 210 (2005) 225.) On a tanh profile
it equals Allen-Cahn with the counter-term of Sun and Beckermann (J. Comput. Phys. 220 (2007) 626). The flux from node i
to node j of an edge,

    F = M g (D/sinh D) [xi_i (1 - xi_j) exp(D) - xi_j (1 - xi_i) exp(-D)],   D = n.(x_j - x_i)/l,

vanishes exactly on the discrete tanh profile, and as an exclusion process it keeps xi in [0, 1] for any step size
(docs/theory/reinitialisation.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.process import Process
from femna.contract.variables import Variable
from femna.kernels import kernel
from femna.physics.cell_stack import bearing_heights
from femna.physics.front_geometry import steps_inward

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

SETTLING_REACH = 2.0
"""Height above a floor up to which metal counts as lying on it, in units of l."""

LARGEST_STEEPNESS = 20.0
"""Largest D, without unit; beyond, the mesh does not resolve the front at all."""


@kernel
def _exclusion(edges: Ints, weight: Array, steepness: Array, xi: Array) -> tuple[Array, Array, Array]:
    flux_divergence = np.zeros(xi.size)
    p, q = np.empty(edges.shape[0]), np.empty(edges.shape[0])
    for e in range(edges.shape[0]):
        i, j, d = edges[e, 0], edges[e, 1], steepness[e]
        scale = weight[e] * (d / np.sinh(d) if abs(d) > 1e-4 else 1.0 - d * d / 6.0)
        back, forth = scale * np.exp(-d), scale * np.exp(d)
        flux = forth * xi[i] * (1.0 - xi[j]) - back * xi[j] * (1.0 - xi[i])
        flux_divergence[i] += flux
        flux_divergence[j] -= flux
        p[e] = forth * (1.0 - xi[j]) + back * xi[j]
        q[e] = back * (1.0 - xi[i]) + forth * xi[i]
    return flux_divergence, p, q


class ConservativeReinitialisation(Process):
    """The fluxes that restore the profile of a front.

    Args:
        grid: the mesh.
        width: l of the front, m.
        strength: M/(v l), where v is the front's largest speed.
        floors: heights (m) of faces that carry metal of their own, which must not move into the solid below them.
    """

    name = "reinitialisation"

    def __init__(self, grid: Grid, width: float, strength: float = 3.0, floors: Sequence[float] = ()) -> None:
        self.grid, self.width, self.strength, self.floors = grid, width, strength, tuple(floors)
        height, near = grid.points[:, -1][grid.edges], 1e-9 * float(grid.upper[-1])
        self.closed = np.zeros(len(grid.edges), dtype=bool)
        """Edges through a floor, (E,)."""
        for floor in floors:
            self.closed |= (height.max(axis=1) > floor - near) & (height.min(axis=1) < floor - near)
        self.weight = np.where(self.closed, 0.0, grid.weight)
        over = grid.points[:, -1][:, None] - np.array(self.floors)[None, :]
        self.settles = ((over > -near) & (over < SETTLING_REACH * width)).any(axis=1)
        """Nodes less than REACH l above a floor, (N,): metal there lies on it."""

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        """No variable: it moves xi."""
        return ()

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        """As strong as Allen and Cahn's relaxation is at the case's barrier ratio r: M/(v l) = 1/(6 r)."""
        strength = 1.0 / (6.0 * case.interface.barrier_ratio)
        return cls(grid, case.interface.width, strength, bearing_heights(case))

    def steepness(self, interface_normal: Array) -> Array:
        """D on the edges.

        Args:
            interface_normal: (N, d), unit vectors into the metal, or zero.

        Returns:
            (E,), without unit, between -STEEPEST and STEEPEST.
        """
        inward = steps_inward(self.grid.edges, self.grid.points, interface_normal)
        return np.clip(inward / self.width, -LARGEST_STEEPNESS, LARGEST_STEEPNESS)

    def flux_divergence(self, mobility: float, steepness: Array, xi: Array) -> tuple[Array, Array, Array]:
        """Net flux out of each node, and the derivatives of the fluxes.

        Args:
            mobility: M, in m^2/s.
            steepness: (E,), D.
            xi: (N,), order parameter.

        Returns:
            The net flux, this rank's share, (N,) in m^d/s; and p and q, (E,) each in m^d/s, with which a flux changes
            by p d xi_i - q d xi_j. Both are not negative for xi in [0, 1].
        """
        return _exclusion(self.grid.edges, mobility * self.weight, steepness, xi)
