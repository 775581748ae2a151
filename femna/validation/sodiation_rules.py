"""Layers that take up metal."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem
from femna.case.model import Case
from femna.geometry.phases import CONDUCTS, electronic_conductivities


def sodiation(case: Case) -> Iterator[KeyProblem]:
    """Only a layer above the anode that conducts electrons takes up metal."""
    sigmas = dict(zip(case.layer_names, electronic_conductivities(case), strict=False))  # grain boundaries after them
    for name in case.filling_layers:
        place, material = ("layer", name, "uptake"), case.layer[name].material
        if name == case.layer_names[0]:
            yield KeyProblem(place, "is given, but the first layer is the anode's metal", "a layer above the first")
        if sigmas[name] <= CONDUCTS:
            metal = case.metal_names.name
            text = f"is given, but '{material}' conducts no electrons ({sigmas[name]:g} S/m) to take up {metal} with"
            yield KeyProblem(place, text, f"materials.{material}.electronic_conductivity above {CONDUCTS:g} S/m")
