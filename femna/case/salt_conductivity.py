"""A salt by its measured conductivity and transference number, in place of its ions' diffusivities.

Nernst and Einstein's relation gives the sum, sigma = F^2 (D+ + D-) c0/(RT), and t+ = D+/(D+ + D-) splits it. c0 is the
concentration of the last layer, which the model takes for every salt of a stack.
"""

from __future__ import annotations

from typing import Any

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


def without_replaced(material: Data, own: set[str], kind: Any) -> Data:
    """A material's raw table without the diffusivities that a conductivity and a transference number replace.

    Args:
        material: properties as written.
        own: the properties that the user gave.
        kind: of ion transport; only a binary salt has two ions.
    """
    if kind != "binary" or not _splits(material.get("transference_number")):
        return material
    replaced = own.issuperset(GIVEN_INSTEAD) and own.isdisjoint(DIFFUSIVITIES)

    def goes(key: str) -> bool:
        entry = material[key]
        return key in DIFFUSIVITIES and (replaced or (isinstance(entry, dict) and entry.get("source") == SOURCE))

    return {key: entry for key, entry in material.items() if not goes(key)}


def _splits(share: Any) -> bool:
    """Whether a transference number as written lies between 0 and 1."""
    if share is None:
        return False
    try:
        return PropertyReader(PROPERTIES["transference_number"].quantity).read(share).value < 1.0
    except ValueError:  # told when the case is read
        return False


def with_diffusivities(case: Case) -> Case:
    """The case with the diffusivities that follow from conductivities and transference numbers, where none is given."""
    last = case.materials[case.layer[case.layer_names[-1]].material]
    if case.transport.kind != "binary" or last.concentration is None:
        return case
    materials = dict(case.materials)
    for name in {case.layer[layer].material for layer in case.layer_names[1:]}:
        materials[name] = _with_diffusivities(materials[name], last.concentration.value, case.temperature)
    return case.model_copy(update={"materials": materials})


def _with_diffusivities(material: Material, concentration: float, temperature: float) -> Material:
    sigma, share = material.ionic_conductivity, material.transference_number
    if sigma is None or share is None or share.value >= 1.0 or any(material.get(key) for key in DIFFUSIVITIES):
        return material
    if material.activation_energy is not None:  # sigma holds at the reference temperature, and the laws go together
        at = material.reference_temperature
        temperature = STANDARD_TEMPERATURE if at is None else at.value
    both = sigma.value / nernst_einstein(1.0, concentration, temperature)
    known = {"assumed"} & {sigma.provenance, share.provenance}
    parts = {"diffusivity": share.value * both, "anion_diffusivity": (1.0 - share.value) * both}
    derived = {key: Value(part, SOURCE, "assumed" if known else "derived") for key, part in parts.items()}
    return material.model_copy(update=derived)


def is_derived(value: Value | None) -> bool:
    """Whether a diffusivity follows from a conductivity."""
    return value is not None and value.source == SOURCE
