"""Grains and their boundaries."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem
from femna.case.model import Case
from femna.physics.ion_transport.kinds import kind_of

LEAST_BOUNDARY_CELLS = 2.0
"""Cells across a grain boundary, at the least: with fewer it would have gaps."""


def grains(case: Case) -> Iterator[KeyProblem]:
    """Only solids of two_potential have grains, with boundaries that the mesh resolves and that leave room for them."""
    for name, layer in case.layer.items():
        own, place = layer.grains, ("layer", name, "grains")
        if own is None:
            continue
        if case.model == "single_potential":
            needs = "are given, which needs model = 'two_potential'"
            yield KeyProblem(place, needs, "none with single_potential")
        if name == case.layer_names[0]:
            yield KeyProblem(place, "are given for the anode's metal", "in the layers above it")
        if kind_of(case).holds_salt(case, name):
            yield KeyProblem(place, "are given for a layer that holds a salt", "in solids")
        cell, width = case.fine_cell, own.boundary_width
        if not LEAST_BOUNDARY_CELLS * cell <= width <= 0.5 * own.size:
            text = f"is {width:g} m, with cells of {cell:.3g} m and grains of {own.size:g} m"
            allowed = f"{LEAST_BOUNDARY_CELLS:g} cells at the least, half a grain at the most"
            yield KeyProblem((*place, "boundary_width"), text, allowed)
