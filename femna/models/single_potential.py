"""Paper A's model on a grid: one potential, put together from a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.geometry.initial_surface import initial_metal
from femna.mesh import edges
from femna.mesh.grid import Grid
from femna.models.boundary import FieldFunction, Mask, electrode_nodes
from femna.physics.interpolation import INTERPOLATIONS, LINEAR, Interpolation
from femna.physics.kinetics import ButlerVolmer
from femna.physics.noise import Noise
from femna.physics.phase_field import Anisotropy, PhaseField
from femna.physics.phase_field_constants import phase_field_constants
from femna.physics.potential import Potential
from femna.physics.transport import Transport
from femna.units import FARADAY, GAS_CONSTANT

if TYPE_CHECKING:
    from femna.case import Case
    from femna.timestepping.staggered import State

Array = NDArray[np.float64]


@dataclass
class SinglePotential:
    """Paper A's model on a grid: equations (4), (5) and current continuity with one potential.

    content: the function of xi whose growth takes ions and charge (xi itself or h). fixed: Dirichlet nodes of each
    unknown; fixed_values: what they are set to, as a function of points and time. voltage: counter minus anode, in V,
    as the protocol sets it.
    sources: added to the right side of an equation, for manufactured solutions (per volume; 1/s, 1/s, A/m^3).
    """

    grid: Grid
    phase_field: PhaseField
    transport: Transport
    potential: Potential
    kinetics: ButlerVolmer
    content: Interpolation
    collector: Mask
    counter: Mask
    fixed: dict[str, Mask]
    fixed_values: dict[str, FieldFunction]
    voltage: float
    noise: Noise | None = None
    sources: dict[str, FieldFunction] = field(default_factory=dict)

    def edge_fraction(self, xi: Array) -> Array:
        """Metal fraction h(xi) in the middle of each edge, (E,).

        With xi from the tanh through the two ends EDP-1 reaches 0.3 % in half the time that the mean of the two needs
        (docs/verification/discretisation.md).
        """
        return self.phase_field.interpolation.h(edges.tanh_middle(self.grid.edges, xi))

    def reaction_parts(self, phi: Array, time: float) -> tuple[Array, Array]:
        """Cathodic (per c~) and anodic rate at the nodes, 1/s, with eta = phi - phi_counter - U."""
        eta = phi - self.voltage - self.kinetics.equilibrium_potential
        cathodic, anodic = self.kinetics.cathodic(eta), self.kinetics.anodic(eta)
        if self.noise is not None:
            factor = self.noise.factor(time)
            cathodic, anodic = cathodic * factor, anodic * factor
        return cathodic, anodic

    def reaction_rate(self, c: Array, phi: Array, time: float) -> Array:
        """R(c~, eta) at the nodes, (N,) in 1/s."""
        cathodic, anodic = self.reaction_parts(phi, time)
        return c * cathodic - anodic

    def source(self, unknown: str, time: float) -> Array | float:
        """The manufactured source of an equation at the nodes, zero without one."""
        function = self.sources.get(unknown)
        return 0.0 if function is None else function(self.grid.points, time)

    def apply_fixed(self, unknown: str, nodal: Array, time: float) -> Array:
        """Set the Dirichlet values of an unknown in place."""
        mask = self.fixed[unknown]
        if mask.any():
            nodal[mask] = self.fixed_values[unknown](self.grid.points[mask], time)
        return nodal

    def phi_guess(self) -> Array:
        """A first guess of the potential: linear between collector and counter."""
        height = self.grid.points[:, -1]
        top = float(self.grid.max(height.max(initial=0.0))[0])
        return self.voltage * height / top

    @property
    def site_ratio(self) -> float:
        """c_s/c0."""
        return self.transport.site_ratio

    def sodium(self, state: State) -> float:
        """Sodium in the box, as c~ + (c_s/c0) s integrated, in c0 m^d. Collective."""
        return self.grid.integral(state.c + self.site_ratio * state.content)


def single_potential(case: Case, grid: Grid) -> SinglePotential:
    """The single-potential problem of a case; its voltage is 0 until the protocol sets it."""
    constants = phase_field_constants(case)
    thermal_voltage = GAS_CONSTANT * case.temperature / FARADAY
    interpolation = INTERPOLATIONS[case.interface.interpolation]
    anode, *others = case.layer_names
    metal = {key: case.property(anode, key) for key in ("diffusivity", "electronic_conductivity")}

    def of_layers(key: str) -> Array:
        # where metal recedes below its layer's top, what lies on it fills the room
        values = np.array([case.property(others[0], key)] + [case.property(name, key) for name in others])
        return values[grid.layer]

    collector, counter = electrode_nodes(grid, case.height)
    nowhere = np.zeros(grid.size, dtype=bool)
    zero_collector = case.transport.collector == "zero"
    problem = SinglePotential(
        grid=grid,
        phase_field=PhaseField(
            grid,
            interpolation,
            constants.mobility,
            constants.double_well,
            constants.gradient_coefficient,
            Anisotropy(
                case.interface.anisotropy.strength, case.interface.anisotropy.mode, case.interface.anisotropy.angle
            ),
        ),
        transport=Transport(
            grid,
            of_layers("diffusivity"),
            metal["diffusivity"],
            thermal_voltage,
            case.site_density / case.salt_concentration,
        ),
        potential=Potential(
            grid, of_layers("ionic_conductivity"), metal["electronic_conductivity"], FARADAY * case.site_density
        ),
        kinetics=ButlerVolmer(
            constants.reaction_constant,
            case.kinetics.transfer_coefficient,
            thermal_voltage,
            case.kinetics.standard_potential,
        ),
        content=LINEAR if case.transport.sink == "xi" else interpolation,
        collector=collector,
        counter=counter,
        fixed={"xi": nowhere, "c": counter | collector if zero_collector else counter, "phi": collector | counter},
        fixed_values={
            "c": lambda points, _: np.where(points[:, -1] > 0.5 * case.height, 1.0, 0.0),
            "phi": lambda points, _: np.where(points[:, -1] > 0.5 * case.height, problem.voltage, 0.0),
        },
        voltage=0.0,
        noise=Noise(case, grid) if case.noise.amplitude > 0.0 else None,
    )
    return problem


def initial_fields(case: Case, grid: Grid, interpolation: Interpolation) -> tuple[Array, Array]:
    """xi and c~ at the start, (N,) each: the tanh front, and c0 in the electrolyte, 0 in the metal (paper A, 2.4.2)."""
    xi = initial_metal(case, grid.points)
    return xi, 1.0 - interpolation.h(xi)
