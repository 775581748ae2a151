"""Paper A's model on a grid: one potential in metal and electrolyte."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.models import Model
from femna.contract.process import Process
from femna.contract.state import State
from femna.mesh import edges
from femna.models.boundary import FieldFunction, Mask, electrode_nodes
from femna.physics.kinetics import ButlerVolmer
from femna.physics.noise import Noise
from femna.physics.phase_field import PhaseField
from femna.physics.phase_field_constants import phase_field_constants
from femna.physics.potential import Potential
from femna.physics.transport import Transport

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]


FITTING_ROUNDS = 10
"""Newton iterations for the metal of a state on a new grid; they converge quadratically from parts in a million."""

FITTING_TOLERANCE = 1e-15
"""Relative difference of the metal that ends them."""


@dataclass
class SinglePotential(Model):
    """Paper A's model on a grid: equations (4), (5) and current continuity with one potential.

    Args:
        grid: the mesh.
        phase_field, transport, potential: the processes of xi, c~ and phi.
        kinetics: the reaction.
        collector, counter: nodes on the electrodes' planes, (N,).
        fixed: Dirichlet nodes of each unknown, (N,).
        fixed_values: what they are set to, as a function of points and time.
        voltage: counter minus anode, V, as the circuit holds it.
        noise: of the reaction, if any.
        sources: added to the right side of an equation, for manufactured solutions (per volume; 1/s, 1/s, A/m^3).
        added: processes that are solved after these.
    """

    grid: Grid
    phase_field: PhaseField
    transport: Transport
    potential: Potential
    kinetics: ButlerVolmer
    collector: Mask
    counter: Mask
    fixed: dict[str, Mask]
    fixed_values: dict[str, FieldFunction]
    voltage: float = 0.0
    noise: Noise | None = None
    sources: dict[str, FieldFunction] = field(default_factory=dict)
    added: tuple[Process, ...] = ()

    name = "single_potential"
    is_charge_consistent = False

    @classmethod
    def process_types(cls, case: Case) -> tuple[type[Process], ...]:
        """The processes of a case that the stepper solves together."""
        return PhaseField, Transport, Potential

    @classmethod
    def keys_read(cls, case: Case) -> tuple[str, ...]:
        """Butler and Volmer's constants, what is held at the planes, and the noise."""
        kinetics = ("exchange_current_density", "transfer_coefficient", "standard_potential")
        seed = ("random_seed",) if case.noise.amplitude else ()
        others = ("transport.kind", "transport.collector", "counter.kind", "noise.amplitude")
        return (*(f"kinetics.{key}" for key in kinetics), *others, *seed)

    @classmethod
    def build(cls, case: Case, grid: Grid, added: tuple[Process, ...]) -> Self:
        """The model of a case; its voltage is 0 until the circuit sets it. Collective. Raises BadInput."""
        collector, counter = electrode_nodes(grid, case.height)
        nowhere = np.zeros(grid.size, dtype=bool)
        held = counter | collector if case.transport.collector == "zero" else counter

        def at_counter(points: Array) -> Mask:
            return np.asarray(points[:, -1] > 0.5 * case.height)

        model = cls(
            grid=grid,
            phase_field=PhaseField.build(case, grid),
            transport=Transport.build(case, grid),
            potential=Potential.build(case, grid),
            kinetics=ButlerVolmer(
                phase_field_constants(case).reaction_constant,
                case.kinetics.transfer_coefficient,
                case.thermal_voltage,
                case.kinetics.standard_potential,
            ),
            collector=collector,
            counter=counter,
            fixed={"xi": nowhere, "c": held, "phi": collector | counter},
            fixed_values={
                "c": lambda points, _: np.where(at_counter(points), 1.0, 0.0),
                "phi": lambda points, _: np.where(at_counter(points), model.voltage, 0.0),
            },
            noise=Noise(case, grid) if case.noise.amplitude > 0.0 else None,
            added=added,
        )
        return model

    @property
    def own_processes(self) -> tuple[Process, ...]:
        """Phase field, transport, conduction."""
        return self.phase_field, self.transport, self.potential

    def metal_content(self, state: State) -> Array:
        """s(xi), (N,)."""
        return state["content"]

    def metal_fraction(self, state: State) -> Array:
        """h(xi), (N,)."""
        return self.phase_field.interpolation.h(state["xi"])

    def holdings(self, state: State) -> dict[str, float]:
        """Metal by its content and ions, in m^d and c0 m^d. Collective."""
        return {"metal": self.grid.integral(state["content"]), "ions": self.grid.integral(state["c"])}

    def fitted(self, fields: dict[str, Array], holdings: dict[str, float]) -> dict[str, Array]:
        """xi changed within the front, by Newton's method on its content; c~ by a factor in the electrolyte."""
        grid, content = self.grid, self.transport.content
        xi = fields["xi"]
        front = np.where(self.fixed["xi"], 0.0, xi * (1.0 - xi))
        for _ in range(FITTING_ROUNDS):
            missing = holdings["metal"] - grid.integral(content.h(xi))
            slope = grid.integral(content.slope(xi) * front)
            if slope <= 0.0 or abs(missing) <= FITTING_TOLERANCE * holdings["metal"]:
                break
            xi = xi + missing / slope * front
        ions = np.where(self.fixed["c"], 0.0, np.maximum(fields["c"], 0.0) * (xi < 0.5))
        share = (holdings["ions"] - grid.integral(fields["c"])) / max(grid.integral(ions), 1e-300)
        return fields | {"xi": xi, "content": content.h(xi), "c": fields["c"] + share * ions}

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
