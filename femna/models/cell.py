"""The two-potential problem of a case: layers, contacts, faces and electrodes as coefficients and reaction sites."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.geometry.contacts import contact_resistance
from femna.geometry.initial_surface import initial_metal, seed_film
from femna.geometry.phases import CONDUCTS, electronic_conductivities
from femna.geometry.salts import ions_of
from femna.mesh.grid import Grid
from femna.models.boundary import electrode_nodes
from femna.models.two_potential import Site, TwoPotential
from femna.physics.electrons import Electrons
from femna.physics.interpolation import INTERPOLATIONS
from femna.physics.ions import Ions
from femna.physics.kinetics import InterfacialKinetics
from femna.physics.reinitialisation import ConservativeReinitialisation
from femna.physics.sodiation import Sodiation
from femna.units import FARADAY, GAS_CONSTANT

if TYPE_CHECKING:
    from femna.case import Case
    from femna.case.model import Phase

Array = NDArray[np.float64]

SUPPLY = 100.0
"""In F D c/l, the largest current density of the front. It is met only where salt is used up within the front's width:
there the exponential of the overpotential would drive the reaction into the tail, which would run away as islands."""
FILM_ROUNDS = 10
"""To find the film whose nodes hold a thickness: to 1e-8 of it with 3 cells across the front."""
REACTION_ORDERS = {"single_ion": (0.0, 0.0), "nernst_planck": (1.0, 0.0)}
"""Of c~ in the cathodic and the anodic current, by kind of transport; with phi_l a reference electrode's, below."""


def two_potential(case: Case, grid: Grid) -> TwoPotential:
    """The two-potential problem of a case."""
    names = case.layer_names
    thermal_voltage = GAS_CONSTANT * case.temperature / FARADAY
    beta, charge = case.kinetics.transfer_coefficient, FARADAY * case.salt_concentration
    kind = case.transport.kind
    phases = np.where(grid.layer == 0, 1, grid.layer)  # where metal recedes, what lies on it fills the room
    factor = np.array([_boundary_factor(case, phase) for phase in case.phases])
    # of each phase: what follows from them must not depend on the cells that a rank has
    cations, anions = (factor * np.array([ions_of(case, name)[ion] for name, _ in case.phases]) for ion in (0, 1))
    ionic = factor * np.array([_ionic_conductivity(case, name) for name, _ in case.phases])
    electronic = np.array(electronic_conductivities(case))
    best = max(float(ionic.max()), float(charge / thermal_voltage * (cations + anions).max()))
    reaction_orders = REACTION_ORDERS.get(kind, (1.0 - beta, 1.0 - beta))
    collector, counter = electrode_nodes(grid, case.height)

    def exchange(conductance: Array | float) -> InterfacialKinetics:
        return InterfacialKinetics(
            case.kinetics.exchange_current_density, beta, thermal_voltage, reaction_orders, conductance
        )

    def inverse(low: str, high: str) -> float:
        resistance = contact_resistance(case, low, high)
        return 1.0 / resistance if resistance else 0.0

    height, tall = grid.points[:, -1], 1e-9 * case.height
    on_first_contact = height <= case.interval(names[1])[1] + tall
    equilibrium_potential = case.kinetics.standard_potential
    foreign = equilibrium_potential - case.kinetics.nucleation_overpotential
    boundaries = {number: boundary_area(case, grid, number) for number in range(len(names), len(case.phases))}
    # metal between two grains, beyond the tail of the anode's front, has no contact's resistance any more
    beyond = height > case.surface.position + 3.0 * case.interface.width
    for area in boundaries.values():
        on_first_contact &= ~(beyond & (area > 0.0))
    # layers on whose upper face metal may grow
    bearing = [
        (index, pair)
        for index, pair in enumerate(itertools.pairwise(names))
        if index > 0 and electronic[index] > CONDUCTS
    ]
    faces = tuple(
        Site(
            exchange(inverse(low, high)),
            plane_area(grid, case.interval(low)[1], _numbers(case, low)),
            foreign,
            metal=0.0,
        )
        for _, (low, high) in bearing
    )
    faces += tuple(
        Site(exchange(0.0), area, foreign, metal=0.0)
        for number, area in boundaries.items()
        if electronic[number] > CONDUCTS
    )
    floors = [case.interval(low)[1] for _, (low, _) in bearing]
    counter_site = None
    if case.counter.kind == "metal":
        area = plane_area(grid, case.height, _numbers(case, names[-1]))
        counter_site = Site(exchange(inverse(names[-1], "counter")), area, equilibrium_potential)
    front = exchange(np.where(on_first_contact, inverse(names[0], names[1]), 0.0))
    diffusion_limited_current = (
        np.inf if kind == "single_ion" else SUPPLY * charge * float(cations.max()) / case.interface.width
    )
    ratio = case.interface.barrier_ratio
    return TwoPotential(
        grid=grid,
        interpolation=INTERPOLATIONS[case.interface.interpolation],
        width=case.interface.width,
        ions=Ions(
            grid,
            kind,
            with_contacts(case, grid, ionic[phases]),
            cations[phases],
            anions[phases],
            thermal_voltage,
            charge,
        ),
        electrons=Electrons(
            grid,
            case.property(names[0], "electronic_conductivity"),
            electronic,
            electronic > CONDUCTS,
            best,
            case.interface.width,
            np.isin(np.round(height / tall), np.round(np.array(floors) / tall)),
        ),
        front=replace(front, diffusion_limited_current=diffusion_limited_current),
        equilibrium_potential=equilibrium_potential,
        gibbs_thomson=case.interface.energy / (case.site_density * FARADAY),
        volume_per_charge=1.0 / (case.site_density * FARADAY),
        site_ratio=case.site_density / case.salt_concentration,
        relaxation=ConservativeReinitialisation(grid, case.interface.width, 1.0 / (6.0 * ratio), floors),
        collector=collector,
        counter=counter,
        faces=faces,
        counter_site=counter_site,
        uptake=uptake(case, grid),
    )


def with_contacts(case: Case, grid: Grid, conductivity: Array) -> Array:
    """Ionic conductivity of each cell along its edges, (M, d(d+1)/2) in S/m, from that of the cells, (M,).

    The contact of two layers without metal lies in the edges that leave its plane on one side, with height dz each:
    dz/(dz/sigma + R), so that a uniform current through it loses R i on any mesh. That side is the lower layer, so that
    what plates on its upper face is not held up, or the upper one where only that holds no salt.
    """
    names, height = case.layer_names, grid.points[:, -1]
    first, second = np.triu_indices(grid.dim + 1, 1)
    rise = np.abs(height[grid.cells[:, first]] - height[grid.cells[:, second]])
    extra = np.zeros(rise.shape)
    for low, high in itertools.pairwise(names[1:]):
        resistance = contact_resistance(case, low, high)
        on_plane = np.abs(height - case.interval(low)[1]) < 1e-9 * case.height
        crosses = on_plane[grid.cells[:, first]] != on_plane[grid.cells[:, second]]
        within = np.isin(grid.layer, _numbers(case, high if ions_of(case, low)[1] else low))
        extra += resistance * (crosses & within[:, None])
    sigma = conductivity[:, None]
    return sigma / (1.0 + sigma * extra / np.where(extra > 0.0, rise, 1.0))


def _ionic_conductivity(case: Case, name: str) -> float:
    """Of a layer, S/m; 0 where its salt conducts, whose ions' diffusivities say how well."""
    names = case.layer_names
    name = names[1] if name == names[0] else name
    return 0.0 if ions_of(case, name)[1] else case.property(name, "ionic_conductivity")


def _boundary_factor(case: Case, phase: Phase) -> float:
    """What ions find in a phase of what its layer's grains offer them."""
    grains = case.layer[phase.layer].grains
    return grains.boundary_conductivity_factor if phase.boundary and grains is not None else 1.0


def _numbers(case: Case, layer_name: str) -> list[int]:
    """The numbers of the phases of a layer: its own, and that of its grain boundaries."""
    return [number for number, phase in enumerate(case.phases) if phase.layer == layer_name]


def boundary_area(case: Case, grid: Grid, number: int) -> Array:
    """Area of a layer's grain boundaries in each node's share, (N,) in m^(d-1); number of that phase. Collective.

    A boundary is a band of cells, and each counts with its volume over the band's width.
    """
    grains = case.layer[case.phases[number].layer].grains
    assert grains is not None
    return layer_volume(grid, number) / grains.boundary_width


def uptake(case: Case, grid: Grid) -> Sodiation | None:
    """What the layers take up, None where none does; a node between two such layers has their mean. Collective."""
    if not case.filling_layers:
        return None
    capacity, exchange, above, degree_of_sodiation = (np.zeros(grid.size) for _ in range(4))
    for name in case.filling_layers:
        volume = layer_volume(grid, _numbers(case, name))
        holds = FARADAY * case.property(name, "sodium_capacity") * volume
        capacity += holds
        exchange += case.property(name, "uptake_exchange_current") * volume
        above += case.property(name, "sodium_potential") * holds
        degree_of_sodiation += (case.layer[name].uptake or 0.0) * holds
    whole = np.where(capacity > 0.0, capacity, 1.0)
    return Sodiation(
        capacity,
        exchange,
        case.kinetics.standard_potential + above / whole,
        degree_of_sodiation / whole,
        case.kinetics.transfer_coefficient,
        GAS_CONSTANT * case.temperature / FARADAY,
        power=1.0 if case.transport.kind == "nernst_planck" else 0.0,
    )


def layer_volume(grid: Grid, layer: int | Sequence[int]) -> Array:
    """Volume of a layer in each node's share, (N,) in m^d; layer as for `plane_area`. Collective."""
    share = np.repeat(grid.cell_volume * np.isin(grid.layer, layer) / (grid.dim + 1), grid.dim + 1)
    return grid.add_up(np.bincount(grid.cells.ravel(), weights=share, minlength=grid.size))


def plane_area(grid: Grid, height: float, layer: int | Sequence[int]) -> Array:
    """Area of a layer's face at a height (m) in each node's share, (N,) in m^(d-1); zero off the face. Collective.

    layer: the number of its phase, or those of several.
    """
    on_plane = np.abs(grid.points[:, -1] - height) < 1e-9 * float(grid.upper[-1])
    cells = grid.cells[np.isin(grid.layer, layer)]
    facets = cells[on_plane[cells].sum(axis=1) == grid.dim]
    corners = facets[on_plane[facets]].reshape(-1, grid.dim)
    spans = grid.points[corners[:, 1:], :-1] - grid.points[corners[:, :1], :-1]
    factorial = float(np.prod(np.arange(1, grid.dim)))
    share = np.abs(np.linalg.det(spans)) / factorial / grid.dim if grid.dim > 1 else np.ones(len(corners))
    return grid.add_up(np.bincount(corners.ravel(), weights=np.repeat(share, grid.dim), minlength=grid.size))


def initial_metal_and_ions(case: Case, grid: Grid) -> tuple[Array, Array]:
    """xi and c~ at the start, (N,) each: the metal of `initial_metal`, and c0 everywhere. Collective.

    A seed film's nodes hold its thickness exactly: those on the face, whose share reaches into the solid, count whole,
    as they do for what plates there.
    """
    film = case.surface.film
    if film:
        metal = film * float(np.prod((grid.upper - grid.lower)[:-1]))
        for _ in range(FILM_ROUNDS):
            film *= metal / grid.integral(seed_film(case, grid.points[:, -1], film))
    return initial_metal(case, grid.points, film), np.ones(grid.size)
