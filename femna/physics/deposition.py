"""Metal that plates and dissolves with two potentials: the front and the faces of layers as reaction sites.

    d xi/dt = (V_m/zF) sum a j,   j = j(phi_s - phi_l - U, c~) > 0 deposits

a is the area of a site per volume: |grad p| of the moving front, or a face of the mesh where metal may form; U is lower
by (gamma V_m/zF) K on a bump of curvature K. Area, normals and curvature are those of the middle of the step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.process import Process
from femna.contract.state import State
from femna.contract.variables import Conserved, Variable
from femna.fields import Field
from femna.geometry.initial_surface import initial_metal, seed_film
from femna.geometry.phases import CONDUCTS, electronic_conductivities
from femna.physics.cell_stack import (
    bearing_contacts,
    boundary_areas,
    contact_conductance,
    on_first_contact,
    phase_numbers,
)
from femna.physics.front_geometry import curvature, normals, reaction_area
from femna.physics.interface_extrapolation import InterfaceExtrapolation
from femna.physics.interpolation import INTERPOLATIONS, Interpolation
from femna.physics.ion_transport.ions import phase_diffusivities
from femna.physics.ion_transport.kinds import kind_of
from femna.physics.kinetics import InterfacialKinetics
from femna.physics.reaction_sites import MetalSite
from femna.physics.reinitialisation import ConservativeReinitialisation
from femna.physics.salt_extrapolation import ChangingSalt, SaltBesideFront, SaltExtrapolation
from femna.physics.shared_variables import ORDER_PARAMETER

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

FILM_THICKNESS = 2.5
"""Mean thickness of a film on a face, in units of l, below which it is thinner than its own profile."""

DIFFUSION_LIMIT = 100.0
"""Largest current density of the front, in z F D c/l. It is met only where salt is used up within the front's width:
there the exponential of the overpotential would drive the reaction into the tail, which would run away as islands."""

SALT_REACH = 2.5
"""How far into the metal, in units of l, the front reacts to the salt at its own place."""

DEEP = 3.5
"""How far into the metal, in units of l, anything reacts beside a salt: 1e-6 of the front's area lie deeper."""

FILM_ROUNDS = 10
"""Iterations for the film whose nodes hold a thickness: to 1e-8 of it with 3 cells across the front."""

UPRIGHT = 0.7
"""Vertical part of a unit vector from which on the surface that it belongs to counts as lying flat."""

RATE = Field(
    "deposition_rate",
    "Deposition rate",
    r"$\partial_t\xi$",
    unit="1/s",
    shown_unit="1/s",
    shown_scale=1.0,
    colour_map="magma",
)


BUTLER_VOLMER = ("kinetics.exchange_current_density", "kinetics.transfer_coefficient")
"""The keys that an interface without a contact's resistance reads."""


@dataclass
class MetalDeposition(Process):
    """The deposition on a grid.

    Args:
        grid: the mesh.
        interpolation: p(xi).
        width: l of the front, m.
        front: kinetics of the moving front.
        equilibrium_potential: U of a flat front, V.
        gibbs_thomson: gamma V_m/(zF), V m.
        volume_per_charge: V_m/(zF), m^3/C.
        site_ratio: c_s/c0.
        reinitialisation: of the front's profile; knows the faces that metal lies on.
        faces: fixed sites (the bare upper face of a layer, leaking grain boundaries); they lose what metal covers.
        start: xi at the start, (N,).
    """

    grid: Grid
    interpolation: Interpolation
    width: float
    front: InterfacialKinetics
    equilibrium_potential: float
    gibbs_thomson: float
    volume_per_charge: float
    site_ratio: float
    reinitialisation: ConservativeReinitialisation
    faces: tuple[MetalSite, ...] = ()
    start: Array | None = None

    name = "metal deposition"

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        """xi and its rate of growth."""
        return (
            ORDER_PARAMETER,
            Variable(RATE, is_output=False),
        )

    @classmethod
    def properties_read(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """The metal's molar volume, and c0 of the last layer."""
        first, *_, last = case.layer_names
        keys = ("molar_volume",) if layer_name == first else ()
        return (*keys, "concentration") if layer_name == last else keys

    @classmethod
    def keys_read(cls, case: Case) -> tuple[str, ...]:
        """Of the interface, its energy where a front has curvature; contacts, or Butler and Volmer's constants."""
        keys = ["interface.width", "interface.barrier_ratio", "interface.interpolation", "kinetics.standard_potential"]
        keys += ["interface.energy"] * (case.geometry.dim > 1)
        names, bearing = case.layer_names, bearing_contacts(case)
        boundaries = [number for number, phase in enumerate(case.phases) if phase.boundary]
        electronic = electronic_conductivities(case)
        if bearing or any(electronic[number] > CONDUCTS for number in boundaries):
            keys.append("kinetics.nucleation_overpotential")
        # above the first contact's layer, and between grains, the front has no contact
        everywhere = len(names) == 2 and not boundaries and bool(contact_conductance(case, *names[:2]))
        if not everywhere or not all(contact_conductance(case, *pair) for pair in bearing):
            keys += BUTLER_VOLMER
        return (*keys, "contacts", "surface.film")

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        """The deposition of a case: its contacts as kinetics, the faces of layers that conduct electrons as sites."""
        names, kinetics = case.layer_names, case.kinetics
        boundaries = boundary_areas(case, grid)
        foreign = kinetics.standard_potential - kinetics.nucleation_overpotential
        electronic = electronic_conductivities(case)
        faces = [
            MetalSite(
                interfacial_kinetics(case, contact_conductance(case, low, high)),
                grid.plane_area(case.interval(low)[1], phase_numbers(case, low)),
                foreign,
                metal_fraction=0.0,
            )
            for low, high in bearing_contacts(case)
        ]
        faces += [
            MetalSite(interfacial_kinetics(case, 0.0), area, foreign, metal_fraction=0.0)
            for number, area in boundaries.items()
            if electronic[number] > CONDUCTS
        ]
        front = interfacial_kinetics(
            case, np.where(on_first_contact(case, grid), contact_conductance(case, *names[:2]), 0.0)
        )
        limited = np.inf
        if kind_of(case).has_concentration:
            charge, cations = case.salt_charge, phase_diffusivities(kind_of(case), case)[0]
            limited = DIFFUSION_LIMIT * charge * float(cations.max()) / case.interface.width
        return cls(
            grid=grid,
            interpolation=INTERPOLATIONS[case.interface.interpolation],
            width=case.interface.width,
            front=replace(front, diffusion_limited_current=limited),
            equilibrium_potential=kinetics.standard_potential,
            gibbs_thomson=case.interface.energy / (case.metal_charge),
            volume_per_charge=1.0 / (case.metal_charge),
            site_ratio=case.site_density / case.salt_concentration,
            reinitialisation=ConservativeReinitialisation.build(case, grid),
            faces=tuple(faces),
            start=_initial_metal(case, grid),
        )

    def initial(self) -> dict[str, Array]:
        """xi of the metal at the start."""
        return {} if self.start is None else {"xi": self.start}

    def conserved(self) -> tuple[Conserved, ...]:
        """The metal itself, in c0 m^d."""
        return (Conserved("sodium", "c0 m", self._sodium, lambda state: 0.0),)

    def _sodium(self, state: State) -> float:
        return self.site_ratio * self.grid.integral(state["xi"])

    def sites(
        self,
        start: Array,
        middle: Array,
        distance: Array,
        dt: float,
        *,
        extrapolates: Mask | None,
        phi_l: Array,
        beside: SaltBesideFront | None,
        change: ChangingSalt | None,
        normal_stress: Array | float = 0.0,
    ) -> tuple[MetalSite, tuple[MetalSite, ...]]:
        """The moving front and the fixed sites of a step. Collective.

        Args:
            start: xi at the start of the step, (N,).
            middle: xi as expected at its middle, (N,).
            distance: signed distance of `middle`, (N,) in m.
            dt: size of the step, s.
            extrapolates: nodes at which the front reacts to phi_l at its own place, (N,); None for nowhere.
            phi_l: at the start of the step, (N,) in V.
            beside: the salt that it reacts to at its own place; None without such.
            change: of that salt in the step; None at an instant.
            normal_stress: n.sigma.n of the front, tension positive, (N,) or one number, Pa.
        """
        grid, p = self.grid, self.interpolation.h(middle)
        interface_normal = self.interface_normal(middle, distance)
        shift = self.volume_per_charge * normal_stress
        potential: Array | float = self.equilibrium_potential + shift
        if self.gibbs_thomson and grid.dim > 1:
            potential = potential - self.gibbs_thomson * curvature(grid, interface_normal)
        closed = self.reinitialisation.closed
        extrapolation, salt = None, None
        if extrapolates is not None:
            extrapolation = InterfaceExtrapolation.of(
                grid, interface_normal, distance, width=self.width, where=extrapolates, before=phi_l
            )
        if beside is not None:
            salt = SaltExtrapolation.of(
                grid,
                interface_normal,
                distance,
                width=self.width,
                interpolation=self.interpolation,
                beside=beside,
                change=change,
                where=beside.where & (distance < SALT_REACH * self.width),
            )
        area = reaction_area(grid, p, interface_normal, part=~closed)
        if beside is not None:
            area = np.where(beside.where & (distance > DEEP * self.width), 0.0, area)
        front = MetalSite(self.front, area, potential, extrapolation=extrapolation, salt=salt)
        per_current, void = dt * self.volume_per_charge / grid.volume, np.clip(1.0 - start, 0.0, 1.0)
        fixed = [
            replace(
                site,
                area=site.area * (1.0 - p),
                equilibrium_potential=site.equilibrium_potential + shift,
                void_fraction=void,
                xi_per_current=per_current,
            )
            for site in self.faces
        ]
        if self.reinitialisation.floors:
            # the underside of what grew on a face: there is metal to dissolve, and room to grow, in its own node only
            up = np.zeros_like(interface_normal)
            up[:, -1] = 1.0
            underside = MetalSite(
                kinetics=self.front,
                area=reaction_area(grid, p, up, part=closed, whole=False),
                equilibrium_potential=potential,
                void_fraction=void,
                metal_fraction=np.clip(start, 0.0, 1.0),
                xi_per_current=per_current,
            )
            fixed.append(underside)
        return front, tuple(fixed)

    def interface_normal(self, xi: Array, distance: Array) -> Array:
        """Unit vectors into the metal, (N, d); a thin film on a face faces down to it. Collective.

        Thinner than its own profile a film has no side of its own towards the face: taken for one, it would lift off as
        the film dissolves, and react there.

        Args:
            xi: order parameter, (N,).
            distance: its signed distance, (N,) in m.
        """
        vectors, floors = normals(self.grid, distance), self.reinitialisation.floors
        if floors and self._film(xi, min(floors)) < FILM_THICKNESS * self.width:
            vectors[self.reinitialisation.settles & (vectors[:, -1] > UPRIGHT), -1] *= -1.0
        return vectors

    def _film(self, xi: Array, floor: float) -> float:
        """Mean thickness of the metal above the lowest floor (m), m. Collective."""
        grid = self.grid
        above = grid.points[:, -1] > floor - 1e-9 * grid.upper[-1]
        return grid.integral(np.where(above, xi, 0.0)) / float(np.prod((grid.upper - grid.lower)[:-1]))


def interfacial_kinetics(case: Case, conductance: Array | float) -> InterfacialKinetics:
    """The kinetics of an interface of a case.

    Args:
        case: the case.
        conductance: of its contact, S/m^2, (N,) or one number; 0 where Butler and Volmer's law rules.
    """
    return InterfacialKinetics(
        case.kinetics.exchange_current_density,
        case.kinetics.transfer_coefficient,
        case.thermal_voltage,
        kind_of(case).reaction_orders(case.kinetics.transfer_coefficient),
        conductance,
    )


def _initial_metal(case: Case, grid: Grid) -> Array:
    """xi at the start, (N,), of `initial_metal`. Collective.

    A seed film's nodes hold its thickness exactly: those on the face, whose share reaches into the solid, count whole,
    as they do for what plates there.
    """
    film = case.surface.film
    if film:
        metal = film * float(np.prod((grid.upper - grid.lower)[:-1]))
        for _ in range(FILM_ROUNDS):
            film *= metal / grid.integral(seed_film(case, grid.points[:, -1], film))
    return initial_metal(case, grid.points, film)
