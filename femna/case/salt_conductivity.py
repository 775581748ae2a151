"""A salt's conductivity and its ions' diffusivities: a case gives the one or the other, and has both.

Nernst and Einstein's relation gives the sum, sigma = (zF)^2 (D+ + D') c0/(RT) with D' = D- |z-|/z, and
t+ = D+/(D+ + D') splits it. c0 is the concentration of the last layer, which the model takes for every salt of a stack.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from femna.case.material import Material, PropertyReader, Value
from femna.case.merge import Data
from femna.case.model import Case
from femna.materials import PROPERTIES, nernst_einstein
from femna.materials.temperature import STANDARD_TEMPERATURE

GIVEN_INSTEAD = ("ionic_conductivity", "transference_number")
"""The properties that are given in place of `DIFFUSIVITIES`."""

DIFFUSIVITIES = ("diffusivity", "anion_diffusivity")

SOURCE = "by Nernst and Einstein's relation from this material's ionic_conductivity and transference_number"
"""Source of a diffusivity that follows; read from a resolved copy it is computed anew."""

CONDUCTIVITY_SOURCE = "by Nernst and Einstein's relation from this material's diffusivities"
"""Source of a conductivity that follows, the same way."""


def without_replaced(material: Data, own: set[str], written: Collection[str], kind: Any) -> Data:
    """A material's raw table without what follows from the rest of it: diffusivities or the conductivity of a salt.

    A conductivity and a transference number that the user gives replace the diffusivities; where a salt has
    diffusivities, they replace a conductivity of the library's.

    Args:
        material: properties as written.
        own: the properties that the user gave.
        written: the properties that the case gives; the others are the library's.
        kind: of ion transport; only a binary salt has two ions.
    """
    if kind != "binary":
        return material
    splits = _splits(material.get("transference_number"))
    by_conductivity = splits and own.issuperset(GIVEN_INSTEAD) and own.isdisjoint(DIFFUSIVITIES)
    by_diffusivities = not by_conductivity and "diffusivity" in material and (splits or "anion_diffusivity" in material)

    def goes(key: str) -> bool:
        entry = material[key]
        source = entry.get("source") if isinstance(entry, dict) else None
        if key in DIFFUSIVITIES:
            return by_conductivity or (splits and source == SOURCE)
        if key == "ionic_conductivity":
            return source == CONDUCTIVITY_SOURCE or (by_diffusivities and key not in written)
        return False

    return {key: entry for key, entry in material.items() if not goes(key)}


def _splits(share: Any) -> bool:
    """Whether a transference number as written lies between 0 and 1."""
    if share is None:
        return False
    try:
        return PropertyReader(PROPERTIES["transference_number"].quantity).read(share).value < 1.0
    except ValueError:  # told when the case is read
        return False


def with_both(case: Case) -> Case:
    """The case with the diffusivities of its salts that follow from conductivities, and the other way round."""
    last = case.materials[case.layer[case.layer_names[-1]].material]
    if case.transport.kind != "binary" or last.concentration is None:
        return case
    materials = dict(case.materials)
    for name in {case.layer[layer].material for layer in case.layer_names[1:]}:
        material = _with_diffusivities(materials[name], last.concentration.value, case.temperature, case.valence)
        materials[name] = _with_conductivity(material, last.concentration.value, case.temperature, case.valence)
    return case.model_copy(update={"materials": materials})


def _with_diffusivities(material: Material, concentration: float, temperature: float, valence: int) -> Material:
    sigma, share = material.ionic_conductivity, material.transference_number
    if sigma is None or share is None or share.value >= 1.0 or any(material.get(key) for key in DIFFUSIVITIES):
        return material
    temperature = _reference_temperature(material, temperature)
    both = sigma.value / nernst_einstein(1.0, concentration, temperature, valence)
    charges = 1.0 if material.anion_valence is None else material.anion_valence.value
    known = {"assumed"} & {sigma.provenance, share.provenance}
    parts = {"diffusivity": share.value * both, "anion_diffusivity": (1.0 - share.value) * both * valence / charges}
    derived = {key: Value(part, SOURCE, "assumed" if known else "derived") for key, part in parts.items()}
    return material.model_copy(update=derived)


def _with_conductivity(material: Material, concentration: float, temperature: float, valence: int) -> Material:
    cation, anion, share = material.diffusivity, material.anion_diffusivity, material.transference_number
    if material.ionic_conductivity is not None or cation is None or (anion is None and share is None):
        return material
    if anion is None and (share is None or share.value in (0.0, 1.0)):
        return material
    charges = 1.0 if material.anion_valence is None else material.anion_valence.value
    per_cation = charges / valence
    both = cation.value + anion.value * per_cation if anion is not None else cation.value / cast(Value, share).value
    sigma = both * nernst_einstein(1.0, concentration, _reference_temperature(material, temperature), valence)
    known = {"assumed"} & {value.provenance for value in (cation, anion, share) if value is not None}
    derived = Value(sigma, CONDUCTIVITY_SOURCE, "assumed" if known else "derived")
    return material.model_copy(update={"ionic_conductivity": derived})


def _reference_temperature(material: Material, temperature: float) -> float:
    """The temperature at which the values hold, K: with an activation energy their laws go together."""
    if material.activation_energy is None:
        return temperature
    at = material.reference_temperature
    return STANDARD_TEMPERATURE if at is None else at.value


def is_derived(value: Value | None) -> bool:
    """Whether a diffusivity follows from a conductivity."""
    return value is not None and value.source == SOURCE
