"""A metal's molar volume V_m = M/rho, where its density and molar mass say it."""

from __future__ import annotations

from femna.case.material import Value
from femna.case.merge import Data
from femna.case.model import Case

FROM = ("density", "molar_mass")
"""The properties from which a molar volume follows."""

SOURCE = "molar_mass over density of this material"
"""Source of a molar volume that follows; read from a resolved copy it is computed anew."""


def without_replaced_volume(material: Data, own: set[str]) -> Data:
    """A material's raw table without the molar volume that a density or a molar mass of the user's replaces.

    Args:
        material: properties as written.
        own: the properties that the user gave.
    """
    entry = material.get("molar_volume")
    derived = isinstance(entry, dict) and entry.get("source") == SOURCE
    replaced = not own.isdisjoint(FROM) and "molar_volume" not in own and all(key in material for key in FROM)
    return {key: value for key, value in material.items() if key != "molar_volume"} if derived or replaced else material


def with_molar_volume(case: Case) -> Case:
    """The case with the molar volume that follows from its metal's density and molar mass, where none is given."""
    name = case.layer[case.layer_names[0]].material
    material = case.materials[name]
    density, mass = material.density, material.molar_mass
    if material.molar_volume is not None or density is None or mass is None:
        return case
    known = {"assumed"} & {density.provenance, mass.provenance}
    volume = Value(mass.value / density.value, SOURCE, "assumed" if known else "derived")
    return case.model_copy(
        update={"materials": {**case.materials, name: material.model_copy(update={"molar_volume": volume})}}
    )


def is_derived_volume(value: Value | None) -> bool:
    """Whether a molar volume follows from a density."""
    return value is not None and value.source == SOURCE
