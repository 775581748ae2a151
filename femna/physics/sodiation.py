"""Metal that a layer takes up: a reaction in its volume, M^z+ + z e- -> M in the layer, and its degree of filling u.

    j = i0v [(1 - u) c~^a exp(-beta eta/V_T) - u exp((1 - beta) eta/V_T)],   eta = phi_s - phi_l - U - U_up,
    du/dt = j/(z F C),   V_T = RT/(zF),

j in A/m^3, C the metal that the layer can take up, mol/m^3. At equilibrium (c~ = 1)
phi_s - phi_l - U = U_up + V_T ln((1 - u)/u): Langmuir's isotherm, that of an ideal solid solution (Newman and
Thomas-Alyea, Electrochemical Systems, 3rd ed., ch. 22, of electrodes that take ions in).

Backward Euler in u is solved in closed form at each node: with a = dt i0v/(z F C), f = c~^a exp(-beta eta/V_T) and
b = exp((1 - beta) eta/V_T),

    u_new = (u + a f)/(1 + a (f + b)),   j = i0v [(1 - u) f - u b]/(1 + a (f + b)),

so that u stays between 0 and 1 for any step, j fills or empties the node at the most, and it falls with eta.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.process import Process
from femna.contract.state import State
from femna.contract.variables import Conserved, Scalar, Variable
from femna.fields import Field
from femna.physics.cell_stack import phase_numbers
from femna.physics.ion_transport.kinds import kind_of
from femna.physics.kinetics import LARGEST_EXPONENT
from femna.physics.reaction_sites import Reaction, ReactionSite
from femna.units import FARADAY

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]


def uptake_field(case: Case) -> Field:
    """The degree of filling, named by the case's metal."""
    return Field(
        "uptake",
        f"{case.metal_names.name.capitalize()} in the layer",
        r"$u$",
        unit="1",
        shown_unit="",
        shown_scale=1.0,
        colour_map="YlGnBu",
        limits=(0.0, 1.0),
    )


@dataclass(frozen=True)
class Sodiation(Process):
    """The layers that take up metal, on a grid.

    Args:
        grid: the mesh.
        capacity: z F C in each node's share, (N,) in C m^(d-3); 0 where no layer takes up metal.
        exchange: i0v there, (N,) in A m^(d-3).
        equilibrium_potential: U + U_up, (N,) in V.
        start: u at the start, (N,).
        transfer: beta.
        thermal_voltage: V_T, V.
        charge: z F c0, C/m^3.
        order: a, the power of c~ in the cathodic current.
    """

    grid: Grid
    capacity: Array
    exchange: Array
    equilibrium_potential: Array
    start: Array
    transfer: float
    thermal_voltage: float
    charge: float
    order: float = 0.0

    name = "sodiation"

    @classmethod
    def is_active(cls, case: Case) -> bool:
        """Where a layer has an `uptake`."""
        return bool(case.filling_layers)

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        """The degree of filling, which files call uptake."""
        return (Variable(uptake_field(case), layers=case.filling_layers),)

    @classmethod
    def properties_read(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """Capacity, potential and exchange current of the layers that take up metal."""
        takes_up = case.layer[layer_name].uptake is not None
        return ("sodium_capacity", "sodium_potential", "uptake_exchange_current") if takes_up else ()

    @classmethod
    def keys_read(cls, case: Case) -> tuple[str, ...]:
        """How much is taken up at the start, and the law of the reaction."""
        start = (f"layer.{name}.uptake" for name in case.filling_layers)
        return (*start, "kinetics.transfer_coefficient", "kinetics.standard_potential")

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        """What the layers of a case take up; a node between two such layers has their mean. Collective."""
        capacity, exchange, above, degree = (np.zeros(grid.size) for _ in range(4))
        for name in case.filling_layers:
            volume = grid.layer_volume(phase_numbers(case, name))
            holds = case.valence * FARADAY * case.property(name, "sodium_capacity") * volume
            capacity += holds
            exchange += case.property(name, "uptake_exchange_current") * volume
            above += case.property(name, "sodium_potential") * holds
            degree += (case.layer[name].uptake or 0.0) * holds
        whole = np.where(capacity > 0.0, capacity, 1.0)
        return cls(
            grid=grid,
            capacity=capacity,
            exchange=exchange,
            equilibrium_potential=case.kinetics.standard_potential + above / whole,
            start=degree / whole,
            transfer=case.kinetics.transfer_coefficient,
            thermal_voltage=case.thermal_voltage,
            charge=case.salt_charge,
            order=kind_of(case).insertion_order(),
        )

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """The current into the layers."""
        return (Scalar("uptake_current", "A m^(d-3)", "current into the layers that take up metal"),)

    def initial(self) -> dict[str, Array]:
        """u at the start."""
        return {"uptake": self.start}

    def conserved(self) -> tuple[Conserved, ...]:
        """The metal of the layers, in c0 m^d."""
        amount = lambda state: self.stored_charge(state) / self.charge  # noqa: E731  one line in a declaration
        return (Conserved("sodium", "c0 m", amount, lambda state: 0.0),)

    def stored_charge(self, state: State) -> float:
        """Charge of the metal that the layers hold, C m^(d-3). Collective."""
        return float(self.grid.sum((self.grid.is_owned * self.capacity * state["uptake"]).sum())[0])

    def storing_current(self, state: State) -> float:
        """Current into the layers, A m^(d-3)."""
        return state.scalars["uptake_current"]


@dataclass(frozen=True)
class SodiationStep(ReactionSite):
    """A sodiation over a step.

    Args:
        sodiation: the layers.
        bare: share without metal, (N,).
        degree_of_sodiation: u at the start of the step, (N,).
        dt: size of the step, s; 0 for the rate at an instant.
    """

    sodiation: Sodiation
    bare: Array
    degree_of_sodiation: Array
    dt: float

    fills = "uptake"

    @property
    def extent(self) -> Array:
        """i0v of what metal leaves bare, (N,) in A m^(d-3)."""
        return self.bare * self.sodiation.exchange

    @property
    def weight(self) -> Array:
        """Capacity of what metal leaves bare, (N,) in C m^(d-3)."""
        return self.bare * self.sodiation.capacity

    def react(self, c: Array, phi_s: Array | float, phi_l: Array) -> Reaction:
        """The mean current over the step."""
        law, u, exchange = self.sodiation, self.degree_of_sodiation, self.extent
        beta, thermal = law.transfer, law.thermal_voltage
        eta = phi_s - phi_l - law.equilibrium_potential
        forth = np.exp(np.clip(-beta / thermal * eta, -LARGEST_EXPONENT, LARGEST_EXPONENT)) * c**law.order
        back = np.exp(np.clip((1.0 - beta) / thermal * eta, -LARGEST_EXPONENT, LARGEST_EXPONENT))
        share = self.dt * exchange / np.maximum(law.capacity, 1e-300)
        held = 1.0 + share * (forth + back)
        # the derivative of the quotient, with the terms that cancel left out
        by_forth, by_back = (1.0 - u) + share * back, u + share * forth
        slope = beta * by_forth * forth / held + (1.0 - beta) * by_back * back / held
        return Reaction(
            current=exchange * ((1.0 - u) * forth - u * back) / held,
            by_eta=-exchange / thermal * slope / held,
            by_c=exchange * law.order / c * by_forth * forth / held / held,
        )

    def after(self, current: Array) -> Array:
        """u at the end of a step with this current (N,) in A m^(d-3)."""
        capacity = self.sodiation.capacity
        return np.asarray(self.degree_of_sodiation + self.dt * current / np.where(capacity > 0.0, capacity, np.inf))
