"""The profile of a front, restored without moving metal: an implicit Euler step of physics/reinitialisation.py."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femna.linear_solvers.edge_system import EdgeSystem
from femna.linear_solvers.krylov import SolveFailed
from femna.physics.deposition import MetalDeposition
from femna.physics.front_geometry import signed_distance

Array = NDArray[np.float64]

PROFILE_LIMIT = 30
"""Largest number of Newton iterations for the profile."""

PROFILE_TOLERANCE = 1e-8
"""Of the last change of xi in them."""


class FrontProfile:
    """Restores the profile of a front.

    Args:
        deposition: the metal, whose reinitialisation it is.
        system: the linear system of xi.
    """

    def __init__(self, deposition: MetalDeposition, system: EdgeSystem) -> None:
        self.deposition, self.system = deposition, system
        self._atol = 1e-12 * float(np.sqrt(deposition.grid.total))

    def restore(self, xi: Array, dt: float, mobility: float) -> tuple[Array, int]:
        """xi after a reinitialisation, and Newton's iterations; metal is conserved to rounding. Collective.

        Args:
            xi: order parameter, (N,).
            dt: for how long, s.
            mobility: M, m^2/s.

        Raises:
            SolveFailed: the iterations do not converge.
        """
        deposition, grid = self.deposition, self.deposition.grid
        if mobility <= 0.0:
            return xi, 0
        process = deposition.reinitialisation
        interface_normal = deposition.interface_normal(xi, signed_distance(xi, deposition.width))
        steepness = process.steepness(interface_normal)
        inertia = grid.volume / dt
        new = xi
        iteration, largest = 0, 1.0
        while largest >= PROFILE_TOLERANCE:
            iteration += 1
            if iteration > PROFILE_LIMIT:
                raise SolveFailed("no convergence of the front's profile")
            flux, p, q = process.flux_divergence(mobility, steepness, new)
            residual = inertia * (new - xi) + grid.add_up(flux)
            self.system.assemble(inertia * grid.is_owned, p, q)
            change = self.system.solve(-residual, atol=self._atol)
            new = new + change
            largest = float(grid.max(np.abs(change).max(initial=0.0))[0])
            if not np.isfinite(largest):
                raise SolveFailed("the front's profile ran away")
        flux, _, _ = process.flux_divergence(mobility, steepness, new)
        return xi - grid.add_up(flux) / inertia, iteration
