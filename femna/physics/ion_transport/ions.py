"""Ions of the two-potential model: what the kinds of transport have in common.

A kind gives the ionic current and the salt's flux along the edges. All coefficients carry the share 1 - p that metal
leaves, by its mean over the ends of an edge: with a reaction spread by |grad p| the potential through a flat front is
then exact on any mesh.
"""

from __future__ import annotations

import itertools
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.process import Process
from femna.contract.state import State
from femna.contract.variables import Conserved, Scalar, Variable
from femna.fields import Field
from femna.geometry.contacts import contact_resistance
from femna.kernels import kernel
from femna.physics.cell_stack import boundary_factors, phase_numbers
from femna.physics.shared_variables import concentration
from femna.units import FARADAY

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid
    from femna.physics.salt_extrapolation import SaltBesideFront

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

LEAST_FRACTION = 1e-9
"""Of the share 1 - p: what is left of the ions' paths in metal, small enough that a closed film leaks nothing."""

SALT = Field(
    "salt", "Salt content", r"$\epsilon\tilde c$", unit="1", shown_unit="", shown_scale=1.0, colour_map="viridis"
)
ROOM = Field("room", "Room of the salt", r"$\epsilon$", unit="1", shown_unit="", shown_scale=1.0, colour_map="viridis")
PHI_L = Field(
    "phi_l",
    "Ionic potential",
    r"$\phi_l$",
    unit="V",
    shown_unit="mV",
    shown_scale=1e3,
    colour_map="cividis",
    limits=None,
    domain="electrolyte",
    least_range=0.02,
)


@dataclass
class EdgeFlux:
    """A flux from the first to the second end of each edge with its derivatives, (E,) each.

    Args:
        flux: the flux.
        c_first, c_second: derivatives by c~, or by the variable in which it diffuses, at the two ends.
        phi: derivative by phi_l at the first end; that at the second is its opposite.
    """

    flux: Array
    c_first: Array
    c_second: Array
    phi: Array


class Ions(Process):
    """The ionic fluxes of one kind of transport on a grid, for c~ = c/c0 and phi_l.

    Args:
        grid: the mesh.
        conductivity: sigma of each cell, (M,), or of each of its edges, (M, d(d+1)/2), S/m (with a binary salt of the
            layers without salt).
        diffusivity: D+ of each cell, (M,) in m^2/s.
        anion: D- |z-|/z of each cell, (M,) in m^2/s, 0 where a layer holds no salt.
        thermal_voltage: V_T = RT/(zF), V.
        charge: z F c0, C/m^3.
        valence: z, the charge number of the metal's ion.
        ions_per_cation: 1 + z/|z-|, of the salt.
    """

    name = "ions"
    key: ClassVar[str]
    """Its name in transport.kind."""
    has_concentration: ClassVar[bool] = True
    """Whether c~ changes, and is solved for."""
    order_in_time: ClassVar[int] = 1
    """Highest order of the backward differences for the salt: 1 where its ions become metal, which grows by the
    current of one step, so that the salt must lose just that."""
    extrapolates_potential_to_interface: ClassVar[bool] = True
    """Whether the front reacts to phi_l at its own place: where only the cation moves phi_l is a straight
    line across it."""

    def __init__(
        self,
        grid: Grid,
        *,
        conductivity: Array,
        diffusivity: Array,
        anion: Array,
        thermal_voltage: float,
        charge: float,
        valence: int = 1,
        ions_per_cation: float = 2.0,
    ) -> None:
        self.grid, self.thermal_voltage, self.charge = grid, thermal_voltage, charge
        self.valence, self.ions_per_cation = valence, ions_per_cation
        self.salted = self.salted_cells(diffusivity, anion)
        """Cells that hold a salt, (M,)."""
        self.salt_volume = grid.lumped(self.salted.astype(float))
        """Lumped volume of the salt's layers, (N,) in m^d; no concentration where it is 0."""
        self.without_salt = self.salt_volume < 1e-12 * grid.volume
        self.transference = 0.0
        both = np.maximum(diffusivity + anion, 1e-300)
        levels = np.where(anion > 0.0, ions_per_cation * diffusivity * anion / both, diffusivity)
        self.fastest_levelling = float(grid.max(levels.max(initial=0.0))[0])
        """Largest diffusivity with which a concentration levels, m^2/s."""
        self.set_coefficients(conductivity, diffusivity, anion)

    # what a case makes of the kind, before there is a mesh

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        """c~, the salt's content and the ionic potential."""
        return concentration(case), Variable(SALT, is_output=False), Variable(ROOM, is_output=False), Variable(PHI_L)

    @classmethod
    @abstractmethod
    def layer_properties(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """The properties of a layer's material that it reads, of layers above the first."""

    @classmethod
    def properties_read(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """Those of `layer_properties`, none of the metal."""
        return () if layer_name == case.layer_names[0] else cls.layer_properties(case, layer_name)

    @classmethod
    def holds_salt(cls, case: Case, layer_name: str) -> bool:
        """Whether a layer holds an electroneutral salt, and not only the metal's ions of a solid."""
        return False

    @classmethod
    def is_solid(cls, case: Case, layer_name: str) -> bool:
        """Whether no concentration changes in a layer beside layers in which one does."""
        return False

    @classmethod
    @abstractmethod
    def diffusivities(cls, case: Case, layer_name: str) -> tuple[float, float]:
        """D+ and D- |z-|/z in a layer, m^2/s; an anion's of 0 where the layer holds no salt. Raises BadInput."""

    @classmethod
    def ions_per_cation_of(cls, case: Case) -> float:
        """Ions of the case's salt for each ion of its metal, 1 + z/|z-|; 2 where no layer holds a salt."""
        return 2.0

    @classmethod
    @abstractmethod
    def levelling(cls, case: Case) -> tuple[float, float]:
        """Of the last layer: the diffusivity with which concentrations level (m^2/s, infinite where none change), and
        the cation's transference number."""

    @classmethod
    @abstractmethod
    def reaction_orders(cls, beta: float) -> tuple[float, float]:
        """Powers of c~ in the cathodic and the anodic current for a cathodic transfer coefficient beta."""

    @classmethod
    def insertion_order(cls) -> float:
        """Power of c~ in the current that takes metal up into a layer, phi_l being what the kind makes of it."""
        return 0.0

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        """The ions of a case."""
        phases = np.where(grid.layer == 0, 1, grid.layer)  # where metal recedes, what lies on it fills the room
        # of each phase: what follows from them must not depend on the cells that a rank has
        cations, anions = phase_diffusivities(cls, case)
        ionic = phase_conductivities(cls, case)
        return cls(
            grid,
            conductivity=with_contacts(cls, case, grid, ionic[phases]),
            diffusivity=cations[phases],
            anion=anions[phases],
            thermal_voltage=case.thermal_voltage,
            charge=case.salt_charge,
            valence=case.valence,
            ions_per_cation=cls.ions_per_cation_of(case),
        )

    # on a grid

    @abstractmethod
    def salted_cells(self, diffusivity: Array, anion: Array) -> Mask:
        """The cells in which a concentration is solved for, (M,)."""

    @abstractmethod
    def set_coefficients(self, conductivity: Array, diffusivity: Array, anion: Array) -> None:
        """Weight the edges by the coefficients of the cells. Collective."""

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """Ions and salt that have entered."""
        return (
            Scalar("ions_in", "c0 m^d", "the metal's ions that entered through the boundary since the start"),
            Scalar("salt_in", "c0 m^d", "salt that entered through the boundary since the start, less what it lost"),
        )

    def initial(self) -> dict[str, Array]:
        """c0 everywhere."""
        return {"c": np.ones(self.grid.size)}

    def conserved(self) -> tuple[Conserved, ...]:
        """The metal of the salt, in c0 m^d."""
        return (Conserved("sodium", "c0 m", self._sodium, lambda state: state.scalars["ions_in"]),)

    def _sodium(self, state: State) -> float:
        return self.held_by(state["salt"])

    def held_by(self, content: Array) -> float:
        """Salt in the whole cell for its content at the nodes, (N,); in c0 m^d. Collective."""
        grid = self.grid
        return float(grid.sum((grid.is_owned * self.salt_volume * content).sum())[0])

    def output(self, state: State) -> dict[str, Array]:
        """c in mol/m^3 and the electrostatic potential in V."""
        c0 = self.charge / (self.valence * FARADAY)
        return {"c": state["c"] * c0, "phi_l": self.electrostatic(state["c"], state["phi_l"])}

    @property
    def anion_share(self) -> float:
        """Of a reaction's current, what the salt has to make up by diffusion: 1 - t+, or all of it."""
        return 1.0

    def electrolyte_fraction(self, fraction: Array) -> Array:
        """1 - p at the nodes, not quite 0 in metal, (N,)."""
        return np.asarray((1.0 - fraction) + LEAST_FRACTION * fraction)

    def edge_share(self, electrolyte_fraction: Array) -> Array:
        """Its mean over the ends of each edge, (E,)."""
        first, second = self.grid.edges.T
        return np.asarray(0.5 * (electrolyte_fraction[first] + electrolyte_fraction[second]))

    def room(self, state: State) -> Array:
        """Room of the salt in a state, (N,); a state of femna 0.1.0 has none, but its content and c~."""
        return np.where(state["room"] > 0.0, state["room"], state["salt"] / state["c"])

    def diffusion_variable(self, c: Array) -> Array:
        """What Newton's method has in place of c~, (N,): c~ itself, or in what its diffusion is linear."""
        return c

    def concentration(self, u: Array) -> Array:
        """c~ of the diffusion variable, (N,)."""
        return u

    def concentration_rate(self, c: Array) -> Array:
        """Derivative of c~ by the diffusion variable, (N,)."""
        return np.ones_like(c)

    def potential_difference(self, c: Array, other: Array) -> Array | float:
        """What phi_l changes by from c~ to another where the anions stay at equilibrium, (N,) in V."""
        return 0.0

    def potential_change(self, c: Array, change: Array) -> Array | float:
        """Its derivative by the diffusion variable at c~, times a change of that, (N,) in V; 0 where c~ changes so
        little that phi_l itself follows a straight line."""
        return 0.0

    @property
    def anion_potential(self) -> float:
        """nu V_T, V: what phi_l rises by with ln c~ where the anions of a salt are at equilibrium."""
        return self.ions_per_cation * self.thermal_voltage

    def beside_front(self) -> SaltBesideFront | None:
        """The salt that a front reacts to at its own place; None where it reacts to what each node has."""
        return None

    @abstractmethod
    def current(self, electrolyte_fraction: Array, c: Array, phi: Array) -> EdgeFlux:
        """Ionic current along the edges, A m^(d-3), for nodal 1 - p, c~ and phi_l, (N,) each."""

    @abstractmethod
    def salt(self, electrolyte_fraction: Array, c: Array, phi: Array) -> EdgeFlux:
        """Flux along the edges of what obeys the salt's balance, in units of c0, m^d/s; arguments as for `current`."""

    def electrostatic(self, c: Array, phi: Array) -> Array:
        """The electrostatic potential, (N,) in V: what eta = phi_s - phi_l - U refers to."""
        return phi


@kernel
def ohmic_current(edges: Ints, conductance: Array, phi: Array) -> Array:
    """Current along the edges, (E,), for their conductances (E,) and the potential at the nodes (N,)."""
    result = np.empty(edges.shape[0])
    for e in range(edges.shape[0]):
        result[e] = conductance[e] * (phi[edges[e, 0]] - phi[edges[e, 1]])
    return result


def phase_diffusivities(kind: type[Ions], case: Case) -> tuple[Array, Array]:
    """D+ and D- |z-|/z of each phase of a case, m^2/s."""
    pairs = np.array([kind.diffusivities(case, name) for name, _ in case.phases])
    factor = boundary_factors(case)
    return factor * pairs[:, 0], factor * pairs[:, 1]


def phase_conductivities(kind: type[Ions], case: Case) -> Array:
    """Ionic conductivity of each phase, S/m; 0 where its salt conducts, whose ions' diffusivities say how well."""
    values = []
    for name, _ in case.phases:
        layer = case.layer_names[1] if name == case.layer_names[0] else name
        values.append(0.0 if kind.diffusivities(case, layer)[1] else case.property(layer, "ionic_conductivity"))
    return np.asarray(boundary_factors(case) * np.array(values))


def with_contacts(kind: type[Ions], case: Case, grid: Grid, conductivity: Array) -> Array:
    """Ionic conductivity of each carrier along its edges, (M, k) in S/m, from that of the carriers, (M,).

    The contact of two layers without metal lies in the edges that leave its plane on one side, with height dz each:
    dz/(dz/sigma + R), so that a uniform current through it loses R i on any mesh. That side is the lower layer, so that
    what plates on its upper face is not held up, or the upper one where only that holds no salt.
    """
    names, height = case.layer_names, grid.points[:, -1]
    ends = grid.carrier_edges
    rise = np.abs(height[ends[..., 0]] - height[ends[..., 1]])
    extra = np.zeros(rise.shape)
    for low, high in itertools.pairwise(names[1:]):
        resistance = contact_resistance(case, low, high)
        on_plane = np.abs(height - case.interval(low)[1]) < 1e-9 * case.height
        crosses = on_plane[ends[..., 0]] != on_plane[ends[..., 1]]
        within = np.isin(grid.layer, phase_numbers(case, high if kind.diffusivities(case, low)[1] else low))
        extra += resistance * (crosses & within[:, None])
    sigma = conductivity[:, None]
    return np.asarray(sigma / (1.0 + sigma * extra / np.where(extra > 0.0, rise, 1.0)))
