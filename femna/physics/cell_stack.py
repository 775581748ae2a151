"""The stack of a case as a mesh with two potentials has it: phases, contacts, faces, grain boundaries."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.geometry.contacts import contact_resistance
from femna.geometry.phases import CONDUCTS, electronic_conductivities

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def phase_numbers(case: Case, layer_name: str) -> list[int]:
    """The numbers of the phases of a layer, as `Grid.layer` counts them: its own, and that of its grain boundaries."""
    return [number for number, phase in enumerate(case.phases) if phase.layer == layer_name]


def contact_conductance(case: Case, low: str, high: str) -> float:
    """Conductance of the contact of two layers, S/m^2; 0 where none is given and Butler and Volmer's law rules."""
    resistance = contact_resistance(case, low, high)
    return 1.0 / resistance if resistance else 0.0


def bearing_contacts(case: Case) -> list[tuple[str, str]]:
    """The contacts (lower and upper layer) on whose lower layer metal may grow: it conducts electrons to its face."""
    electronic = electronic_conductivities(case)
    pairs = enumerate(itertools.pairwise(case.layer_names))
    return [pair for index, pair in pairs if index > 0 and electronic[index] > CONDUCTS]


def bearing_heights(case: Case) -> list[float]:
    """Heights (m) of the faces of `bearing_contacts`."""
    return [case.interval(low)[1] for low, _ in bearing_contacts(case)]


def on_first_contact(case: Case, grid: Grid) -> Mask:
    """Nodes where metal meets the layer on the anode, (N,). Collective.

    Metal between two grains, beyond the tail of the anode's front, has no contact's resistance any more.
    """
    height = grid.points[:, -1]
    found = height <= case.interval(case.layer_names[1])[1] + 1e-9 * case.height
    beyond = height > case.surface.position + 3.0 * case.interface.width
    for area in boundary_areas(case, grid).values():
        found &= ~(beyond & (area > 0.0))
    return np.asarray(found)


def below_first_layer(case: Case, grid: Grid) -> Mask:
    """Nodes where metal that forms lies below the layer on the anode, (N,), and not on it. Collective."""
    upper_face = case.interval(case.layer_names[1])[1] - 1e-9 * case.height
    return on_first_contact(case, grid) & (grid.points[:, -1] < upper_face)


def boundary_areas(case: Case, grid: Grid) -> dict[int, Array]:
    """Area of each layer's grain boundaries in each node's share: number of the phase -> (N,) in m^(d-1). Collective.

    A boundary is a band of cells, and each counts with its volume over the band's width.
    """
    areas = {}
    for number, phase in enumerate(case.phases):
        grains = case.layer[phase.layer].grains
        if phase.boundary and grains is not None:
            areas[number] = grid.layer_volume(number) / grains.boundary_width
    return areas


def boundary_factors(case: Case) -> Array:
    """What ions find in each phase of what its layer's grains offer them: 1, or a grain boundary's factor."""
    factors = []
    for phase in case.phases:
        grains = case.layer[phase.layer].grains
        factors.append(grains.boundary_conductivity_factor if phase.boundary and grains is not None else 1.0)
    return np.array(factors)
