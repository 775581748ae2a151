"""The properties of materials on which a run depends."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem
from femna.case.model import Case
from femna.geometry.salts import holds_salt

SINGLE_POTENTIAL_ANODE: tuple[str, ...] = ("molar_volume", "diffusivity", "electronic_conductivity")
"""Properties of the first layer's material that single_potential uses."""

SINGLE_POTENTIAL_LAYER: tuple[str, ...] = ("diffusivity", "ionic_conductivity")
"""Properties of every other layer's material that single_potential uses."""

TWO_POTENTIAL_ANODE: tuple[str, ...] = ("molar_volume", "electronic_conductivity")
"""Properties of the first layer's material that two_potential uses."""

TWO_POTENTIAL_LAYER: dict[str, tuple[str, ...]] = {
    "single_ion": ("ionic_conductivity",),
    "binary": ("ionic_conductivity",),
    "nernst_planck": ("ionic_conductivity", "diffusivity"),
}
"""Properties of every other layer's material that two_potential uses, by the kind of transport."""

SODIATION_PROPERTIES: tuple[str, ...] = ("sodium_capacity", "sodium_potential", "uptake_exchange_current")
"""Properties that a layer that takes up sodium needs in addition."""


def properties_read(case: Case, layer_name: str) -> tuple[str, ...]:
    """Names of the properties of a layer's material on which a run depends.

    A property may stand twice.

    Args:
        case: the case.
        layer_name: name of the layer.
    """
    first, *_, last = case.layer_names
    if case.model == "single_potential":
        keys = SINGLE_POTENTIAL_ANODE if layer_name == first else SINGLE_POTENTIAL_LAYER
    else:
        keys = TWO_POTENTIAL_ANODE if layer_name == first else TWO_POTENTIAL_LAYER[case.transport.kind]
        material = case.materials[case.layer[layer_name].material]
        if holds_salt(case, layer_name):
            only_share = material.transference_number is not None and material.anion_diffusivity is None
            keys = (*keys, "diffusivity") if only_share else (*keys, "diffusivity", "anion_diffusivity")
    if case.layer[layer_name].uptake is not None:
        keys = (*keys, *SODIATION_PROPERTIES)
    return (*keys, "concentration") if layer_name == last else keys


def materials(case: Case) -> Iterator[KeyProblem]:
    """Every property on which the run depends is known."""
    for name, layer in case.layer.items():
        for key in properties_read(case, name):
            if case.materials[layer.material].get(key) is None:
                allowed = f"a value in [materials.{layer.material}], or another material"
                yield KeyProblem(
                    ("materials", layer.material, key), f"is missing, and layer '{name}' needs it", allowed
                )
