"""The charge-consistent model on a grid: ions, electrons, and the sites where they meet.

    div i_l = -sum a j,  div i_s = sum a j,  d xi/dt = (V_m/F) sum a j,  j = j(phi_s - phi_l - U, c~) > 0 deposits

a is the area of a site per volume: |grad p| of the moving front, a face of the mesh, or what a porous layer declares.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.mesh.grid import Grid
from femna.models.boundary import Mask
from femna.physics.electrons import Electrons
from femna.physics.front_geometry import InterfaceExtrapolation, curvature, normals, reaction_area, signed_distance
from femna.physics.interpolation import Interpolation
from femna.physics.ions import Ions
from femna.physics.kinetics import InterfacialKinetics
from femna.physics.reinitialisation import ConservativeReinitialisation
from femna.physics.sodiation import Sodiation, SodiationStep

if TYPE_CHECKING:
    from femna.timestepping.lagged_front import State

Array = NDArray[np.float64]


LITTLE = 0.2
"""Share of metal, or of room, at a node from which on what happens in that node alone slows down, the less there is."""


THIN = 2.5
"""Mean thickness of a film on a face, in units of l, below which it is thinner than its own profile."""

UPRIGHT = 0.7
"""Vertical part of a unit vector from which on what it belongs to lies flat."""


@dataclass(frozen=True)
class Site:
    """Where a reaction takes place: its kinetics, its area in each node's share (N,) in m^(d-1), and U (V) there.

    Where metal comes and goes in the node itself, and not by a front that moves on: room and metal, what the node has
    of them at the start of the step (0 to 1); pace: change of xi in the step for each A m^(d-3) at the node. Infinite
    and 0 where nothing bounds the reaction. foot: of a front, which reacts to phi_l at its own place.
    """

    exchange: InterfacialKinetics
    area: Array
    equilibrium_potential: Array | float
    room: Array | float = np.inf
    metal: Array | float = np.inf
    xi_per_current: Array | float = 0.0
    extrapolation: InterfaceExtrapolation | None = None


@dataclass(frozen=True)
class Reaction:
    """A current from the electrolyte into metal or a layer at the nodes, (N,) in A m^(d-3), with its derivatives.

    by_far: that part of by_eta whose eta has phi_l at the front.
    """

    current: Array
    by_eta: Array
    by_c: Array
    by_far: Array | float = 0.0

    def __add__(self, other: Reaction) -> Reaction:
        pairs = ((getattr(self, key), getattr(other, key)) for key in ("current", "by_eta", "by_c", "by_far"))
        return Reaction(*(one + more for one, more in pairs))


@dataclass(frozen=True)
class LaggedCoefficients:
    """What depends on the front and is held over a step, taken at its middle; the ions' room at its end.

    sites: where metal grows; filling: of the layers that take up sodium, None where no layer does.
    """

    electrolyte_fraction: Array
    room: Array
    electrons: Array
    sites: tuple[Site, ...]
    filling: SodiationStep | None = None


@dataclass
class TwoPotential:
    """The model on a grid.

    faces: fixed sites (the bare upper face of an interphase, the volume of a porous layer); they lose what metal
    covers. counter_site: of a metal counter electrode, None for an ideal one. gibbs_thomson: gamma V_m/F in V m.
    volume_per_charge: V_m/F in m^3/C. site_ratio: c_s/c0. uptake: of the layers that take up sodium, None without such.
    """

    grid: Grid
    interpolation: Interpolation
    width: float
    ions: Ions
    electrons: Electrons
    front: InterfacialKinetics
    equilibrium_potential: float
    gibbs_thomson: float
    volume_per_charge: float
    site_ratio: float
    relaxation: ConservativeReinitialisation
    collector: Mask
    counter: Mask
    faces: tuple[Site, ...] = ()
    counter_site: Site | None = None
    uptake: Sodiation | None = None
    fixed: dict[str, Mask] = field(init=False)

    def __post_init__(self) -> None:
        ideal = self.counter_site is None
        nowhere = np.zeros(self.grid.size, dtype=bool)
        self.fixed = {
            "c": self.ions.without_salt | (self.counter if ideal else nowhere),
            "phi_l": self.counter if ideal else nowhere,
            "phi_s": self.collector,
        }

    def lag_coefficients(
        self, start: Array, middle: Array, end: Array, dt: float = 0.0, degree_of_sodiation: Array | None = None
    ) -> LaggedCoefficients:
        """The coefficients of a step of size dt, from xi at its start and as expected at its middle and at its end.

        filled: what the layers that take up sodium hold at its start, (N,); by default what they begin with.
        """
        grid, p = self.grid, self.interpolation.h(middle)
        distance = signed_distance(middle, self.width)
        interface_normal = self.interface_normal(middle, distance)
        equilibrium_potential: Array | float = self.equilibrium_potential
        if self.gibbs_thomson and grid.dim > 1:
            equilibrium_potential = self.equilibrium_potential - self.gibbs_thomson * curvature(grid, interface_normal)
        closed = self.relaxation.closed
        extrapolation = None
        if self.extrapolates_potential_to_interface:
            extrapolation = InterfaceExtrapolation.of(
                grid, interface_normal, distance, self.width, self.ions.without_salt
            )
        moving = Site(
            self.front,
            reaction_area(grid, p, interface_normal, ~closed),
            equilibrium_potential,
            extrapolation=extrapolation,
        )
        xi_per_current, room = dt * self.volume_per_charge / grid.volume, np.clip(1.0 - start, 0.0, 1.0)
        covered = tuple(
            replace(site, area=site.area * (1.0 - p), room=room, xi_per_current=xi_per_current) for site in self.faces
        )
        if self.relaxation.floors:
            # the underside of what grew on a face: there is metal to dissolve, and room to grow, in its own node only
            up = np.zeros_like(interface_normal)
            up[:, -1] = 1.0
            area = reaction_area(grid, p, up, closed, whole=False)
            covered = (
                *covered,
                Site(self.front, area, equilibrium_potential, room, np.clip(start, 0.0, 1.0), xi_per_current),
            )
        filling = None
        if self.uptake is not None:
            filling = SodiationStep(
                self.uptake, 1.0 - p, self.uptake.initial if degree_of_sodiation is None else degree_of_sodiation, dt
            )
        return LaggedCoefficients(
            electrolyte_fraction=self.ions.electrolyte_fraction(p),
            room=self.ions.electrolyte_fraction(self.interpolation.h(end)),
            electrons=self.electrons.conductances(p, distance),
            sites=(moving, *covered),
            filling=filling,
        )

    def interface_normal(self, xi: Array, distance: Array) -> Array:
        """Unit vectors into the metal, (N, d), from xi and its signed distance; a thin film on a face faces down to it.
        Collective.

        Thinner than its own profile a film has no side of its own towards the face: taken for one, it would lift off as
        the film dissolves, and react there.
        """
        vectors = normals(self.grid, distance)
        if self.relaxation.floors and self._film(xi) < THIN * self.width:
            vectors[self.relaxation.settles & (vectors[:, -1] > UPRIGHT), -1] *= -1.0
        return vectors

    def _film(self, xi: Array) -> float:
        """Mean thickness of the metal above the lowest floor, m. Collective."""
        grid, floor = self.grid, min(self.relaxation.floors)
        above = grid.points[:, -1] > floor - 1e-9 * grid.upper[-1]
        return grid.integral(np.where(above, xi, 0.0)) / float(np.prod((grid.upper - grid.lower)[:-1]))

    @property
    def extrapolates_potential_to_interface(self) -> bool:
        """Whether the front reacts to phi_l at its own place: where only Na+ moves. In a salt phi_l is no straight line
        (and need not be one: salts conduct well)."""
        return self.ions.kind != "nernst_planck"

    @staticmethod
    def react(site: Site, c: Array, phi_s: Array | float, phi_l: Array) -> Reaction:
        """The current of a site at the nodes.

        What is left of room (or metal) at the end of the step slows it down, x = left/LITTLE below 1: with z the change
        of xi without that, left = start - x z, so that x = start/(LITTLE + z), and xi stays in [0, 1] for any step.
        """
        eta = (
            phi_s
            - (phi_l if site.extrapolation is None else site.extrapolation.potential(phi_l))
            - site.equilibrium_potential
        )
        current, by_eta, by_c = site.exchange.current(eta, c)
        change = site.xi_per_current * site.area * np.abs(current)
        share = np.where(current > 0.0, site.room, site.metal) / (LITTLE + change)
        slope = np.where(share < 1.0, share * LITTLE / (LITTLE + change), 1.0)
        by_eta = site.area * slope * by_eta
        far = by_eta if site.extrapolation is not None else 0.0
        return Reaction(site.area * np.minimum(share, 1.0) * current, by_eta, site.area * slope * by_c, far)

    def deposition(self, sites: tuple[Site, ...], c: Array, phi_s: Array, phi_l: Array) -> Reaction:
        """The current of all sites together."""
        first, *others = (self.react(site, c, phi_s, phi_l) for site in sites)
        return sum(others, first)

    @staticmethod
    def fill(filling: SodiationStep, c: Array, phi_s: Array, phi_l: Array) -> Reaction:
        """The current into the layers that take up sodium."""
        return Reaction(*filling.current(phi_s - phi_l - filling.uptake.equilibrium_potential, c))

    def taken_up(self, degree_of_sodiation: Array) -> float:
        """Charge of the sodium that the layers hold, C m^(d-3). Collective."""
        if self.uptake is None:
            return 0.0
        return float(self.grid.sum((self.grid.is_owned * self.uptake.capacity * degree_of_sodiation).sum())[0])

    def sodium(self, state: State) -> float:
        """Sodium in the box, in c0 m^d. Collective."""
        grid = self.grid
        total = self.ions.salt_volume * state.salt + self.site_ratio * grid.volume * state.xi
        return float(grid.sum((grid.is_owned * total).sum())[0]) + self.taken_up(state.uptake) / self.ions.charge
