"""The order parameter: Allen-Cahn relaxation and the electrode reaction, paper A equation (4).

    d xi/dt = -L_sigma [W g'(xi) - div(kappa grad xi)] + h'(xi) R

with g = xi^2 (1-xi)^2, the reaction rate R of `kinetics`, zero flux on every side, and
kappa = kappa0 [1 + delta cos(omega (theta - theta0))] where theta is the direction of grad xi.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, sin, sqrt
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.process import Process
from femna.contract.variables import Variable
from femna.geometry.initial_surface import initial_metal
from femna.kernels import kernel
from femna.mesh import edges
from femna.physics.interpolation import INTERPOLATIONS, Interpolation, well_curvature, well_slope
from femna.physics.phase_field_constants import phase_field_constants
from femna.physics.shared_variables import ORDER_PARAMETER

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Anisotropy:
    """Anisotropy of the gradient coefficient; in 3D the cubic harmonic 4 sum n_i^4 - 3, which is mode 4.

    Attributes:
        strength: delta.
        mode: omega.
        angle: theta0, rad.
    """

    strength: float = 0.0
    mode: int = 4
    angle: float = 0.0


@kernel
def _anisotropic_flux(
    cells: NDArray[np.int64],
    kind: NDArray[np.int32],
    gradients: Array,
    volume: Array,
    xi: Array,
    anisotropy: tuple[float, float, float],
) -> Array:
    """Nodal sums of -int (flux/kappa0 - grad xi) . grad(lambda), the part of the gradient term that delta brings.

    Cells (m, d+1) have one of a few shapes, or each its own: `kind` (m,) numbers them, with gradients (S, d+1, d) and
    volumes (S,).
    """
    delta, mode, angle = anisotropy
    result = np.zeros(xi.size)
    dim = cells.shape[1] - 1
    g = np.zeros(dim)
    flux = np.zeros(dim)
    for cell in range(cells.shape[0]):
        shape = kind[cell]
        for k in range(dim):
            g[k] = 0.0
            for a in range(dim + 1):
                g[k] += xi[cells[cell, a]] * gradients[shape, a, k]
        norm2 = 0.0
        for k in range(dim):
            norm2 += g[k] * g[k]
        if norm2 < 1e-30 / volume[shape] ** (2.0 / dim):
            continue
        if dim == 2:
            theta = mode * (atan2(g[1], g[0]) - angle)
            along, across = delta * cos(theta), -0.5 * delta * mode * sin(theta)
            flux[0] = along * g[0] - across * g[1]
            flux[1] = along * g[1] + across * g[0]
        else:
            fourth = 0.0
            for k in range(dim):
                fourth += g[k] ** 4
            fourth /= norm2 * norm2
            for k in range(dim):
                n = g[k] / sqrt(norm2)
                flux[k] = delta * g[k] * (4.0 * fourth - 3.0) + 8.0 * delta * sqrt(norm2) * (n**3 - n * fourth)
        for a in range(dim + 1):
            total = 0.0
            for k in range(dim):
                total += flux[k] * gradients[shape, a, k]
            result[cells[cell, a]] -= volume[shape] * total
    return result


class PhaseField(Process):
    """The terms of equation (4) on a grid.

    mobility L_sigma in m^3/(J s), well W in J/m^3, gradient kappa0 in J/m. `relaxation_scale` L_sigma W and
    `diffusivity` L_sigma kappa0 are all that enters the equation; `width` is l = sqrt(2 kappa0/W) in m (W > 0).
    """

    name = "phase field"

    def __init__(
        self,
        grid: Grid,
        interpolation: Interpolation,
        *,
        mobility: float,
        well: float,
        gradient: float,
        anisotropy: Anisotropy | None = None,
        start: Array | None = None,
    ) -> None:
        """Args as above; start: xi at the start, (N,)."""
        self.grid, self.start = grid, start
        self.interpolation = interpolation
        self.relaxation_scale = mobility * well
        self.diffusivity = mobility * gradient
        self.width = sqrt(2.0 * gradient / well)
        self.anisotropy = anisotropy or Anisotropy()
        self.rates = self.diffusivity * grid.weight

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        """The order parameter."""
        return (ORDER_PARAMETER,)

    @classmethod
    def keys_read(cls, case: Case) -> tuple[str, ...]:
        """Of the interface; its energy not beside a barrier ratio, for only L_sigma W and L_sigma kappa enter."""
        keys = ["width", "mobility", "barrier_ratio", "interpolation", "curvature"]
        if not case.interface.barrier_ratio:
            keys.append("energy")
        if case.geometry.dim > 1:
            keys.append("anisotropy.strength")
            keys += ["anisotropy.mode", "anisotropy.angle"] if case.interface.anisotropy.strength else []
        return tuple(f"interface.{key}" for key in keys)

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        """The phase field of a case, its metal as the case's surface has it at the start."""
        constants, anisotropy = phase_field_constants(case), case.interface.anisotropy
        return cls(
            grid,
            INTERPOLATIONS[case.interface.interpolation],
            mobility=constants.mobility,
            well=constants.double_well,
            gradient=constants.gradient_coefficient,
            anisotropy=Anisotropy(anisotropy.strength, anisotropy.mode, anisotropy.angle),
            start=initial_metal(case, grid.points),
        )

    def initial(self) -> dict[str, Array]:
        """xi of the metal at the start."""
        return {} if self.start is None else {"xi": self.start}

    def terms(self, xi: Array, reaction_rate: Array) -> dict[str, Array]:
        """The terms of the equation as nodal sums, whose total is volume * d xi/dt.

        Args:
            xi: (N,), order parameter.
            reaction_rate: (N,), R, 1/s.

        Returns:
            For each term this rank's share, (N,) in m^d/s.
        """
        return {
            "double well": self.double_well(xi),
            "gradient": self.gradient(xi),
            "anisotropy": self.anisotropic(xi),
            "reaction": self.reaction(xi, reaction_rate),
        }

    def double_well(self, xi: Array) -> Array:
        """Nodal sums of -L_sigma W g'(xi), (N,) in m^d/s."""
        return np.asarray(self.grid.owned_volume * (-self.relaxation_scale * well_slope(xi)))

    def gradient(self, xi: Array) -> Array:
        """Nodal sums of L_sigma div(kappa0 grad xi), (N,) in m^d/s."""
        return -edges.flux_divergence(self.grid.edges, self.rates, self.rates, xi)

    def reaction(self, xi: Array, reaction_rate: Array) -> Array:
        """Nodal sums of h'(xi) R, (N,) in m^d/s."""
        return np.asarray(self.grid.owned_volume * self.interpolation.slope(xi) * reaction_rate)

    def anisotropic(self, xi: Array) -> Array:
        """Nodal sums of the part of the gradient term due to the anisotropy of kappa, d kappa/d theta included, (N,) in
        m^d/s."""
        if self.anisotropy.strength == 0.0 or self.grid.dim == 1:
            return np.zeros(xi.size)
        grid, a = self.grid, self.anisotropy
        numbers = (a.strength, float(a.mode), float(a.angle))
        shapes = grid.cell_shapes
        flux = _anisotropic_flux(grid.cells, shapes.kind, shapes.gradients, shapes.volume, xi, numbers)
        return np.asarray(self.diffusivity * flux)

    def reaction_jacobian(self, xi: Array, reaction_rate: Array) -> Array:
        """Derivative of the local terms by xi, with the sign of an implicit left side, (N,) in 1/s."""
        return self.relaxation_scale * well_curvature(xi) - self.interpolation.curvature(xi) * reaction_rate

    def energy(self, xi: Array) -> float:
        """Free energy over W: the integral of g + (kappa0/2W)|grad xi|^2, without anisotropy, in m^d. Collective."""
        grid = self.grid
        well = (grid.owned_volume * (xi * (1.0 - xi)) ** 2).sum()
        step = xi[grid.edges[:, 0]] - xi[grid.edges[:, 1]]
        gradient = 0.5 * self.diffusivity / self.relaxation_scale * float((grid.weight * step**2).sum())
        return float(grid.sum(well + gradient)[0])
