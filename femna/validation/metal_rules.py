"""The metal: what its material must say, and what is worth a warning about it."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem
from femna.case.metal_volume import FROM
from femna.case.model import Case
from femna.materials import DEFAULT_METAL, PROPERTIES, load_library
from femna.models.registry import properties_read

VOLUME_TOLERANCE = 0.01
"""Largest relative difference of two molar volumes that are the same but for rounding."""


def agrees_with_density(case: Case) -> bool:
    """Whether the metal's molar volume is its molar mass over its density; True where one of them is not known."""
    material = case.materials[case.metal]
    volume, density, mass = material.molar_volume, material.density, material.molar_mass
    if volume is None or density is None or mass is None:
        return True
    return abs(mass.value / density.value / volume.value - 1.0) <= VOLUME_TOLERANCE


def metal_volume(case: Case) -> Iterator[KeyProblem]:
    """A molar volume that the user gives beside a density or molar mass is theirs."""
    own = {path[2] for path in case.given.paths if path[:2] == ("materials", case.metal) and len(path) > 2}
    if "molar_volume" not in own or own.isdisjoint(FROM) or agrees_with_density(case):
        return
    material = case.materials[case.metal]
    if material.molar_volume is None or material.density is None or material.molar_mass is None:
        return
    derived = material.molar_mass.value / material.density.value
    text = f"is {material.molar_volume.value:.4g} m^3/mol, but molar_mass over density is {derived:.4g} m^3/mol"
    yield KeyProblem(("materials", case.metal, "molar_volume"), text, "one of the two, or values that agree")


def metal_warnings(case: Case) -> Iterator[str]:
    """A metal whose charge number nobody gave, and transport that was tabled for another metal's ions."""
    metal = case.metal_names
    if case.materials[case.metal].valence is None:
        yield (
            f"materials.{case.metal}.valence is not given: the ion of the metal is taken to have one charge; its "
            "molar_volume, or density and molar_mass, say how thick a charge plates"
        )
    if case.metal == DEFAULT_METAL:
        return
    library = load_library()
    tabled: dict[str, None] = {}
    for name, layer in list(case.layer.items())[1:]:
        keys = [key for key in properties_read(case, name) if key in library.get(layer.material, {})]
        keys = [key for key in keys if PROPERTIES[key].law is not None]  # those of ions that move
        if any(("materials", layer.material, key) not in case.given.paths for key in keys):
            tabled[layer.material] = None
    if tabled:
        yield (
            f"the transport in {', '.join(tabled)} is that of the library, for sodium's ions, and is taken for "
            f"{metal.ion} as it is; give materials.NAME.PROPERTY, or materials of your own"
        )
