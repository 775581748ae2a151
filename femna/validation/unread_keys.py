"""Values that the user gives and the run does not use: each is named, with what is used instead.

Who reads which key is declared: properties of materials and most keys by the processes of the model, the rest here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from femna.case.keys import Path, dotted
from femna.case.material import PropertyReader
from femna.case.metal_volume import FROM, is_derived_volume
from femna.case.model import Case
from femna.case.salt_conductivity import is_derived
from femna.geometry.contacts import contact_resistance
from femna.materials import PROPERTIES, load_library
from femna.models.registry import keys_read, properties_used
from femna.physics.electrons import LARGEST_CONTRAST, LEAST_CONDUCTIVITY
from femna.physics.ion_transport.binary_salt import salt_conductivity
from femna.physics.ion_transport.kinds import best_ionic_conductivity, kind_of
from femna.validation.metal_rules import agrees_with_density
from femna.validation.salt_rules import CONDUCTIVITY_TOLERANCE

BY_EVERY_RUN = (
    *("name", "title", "source", "minutes", "model", "metal", "temperature", "geometry.dim", "geometry.front_zone"),
    *("layer", "surface", "protocol", "numerics", "output", "processes"),
)
"""Keys, and tables of keys, that every run reads. A layer's `uptake` and `grains` and a surface's keys are refused
where they have no meaning."""

RANDOM_KINDS = ("random", "nuclei")
"""Kinds of surface that draw from the seed."""


def unread_keys(case: Case) -> Iterator[str]:
    """One warning for each value that the user gives and that the run replaces or does not read.

    A value that is the default, or the library's, needs no word.

    Args:
        case: a case that obeys the rules; `Case.given` says what the user gave.
    """
    for path, by in sorted(case.given.overlaid.items()):
        yield f"{dotted(path)} is given and not used: {by} of the shipped case takes its place; give {by} too"
    read = (*BY_EVERY_RUN, *keys_read(case), *_of_the_box(case))
    for path in sorted(case.given.paths, key=dotted):
        if path[0] == "materials":
            why = _of_material(case, path)
        elif any(dotted(path[:length]) in read for length in range(1, len(path) + 1)) or _is_default(case, path):
            why = None
        else:
            why = _instead(case, dotted(path))
        if why:
            yield f"{dotted(path)} is given and not used: {why}"
    yield from _bounded(case)


def _of_the_box(case: Case) -> Iterator[str]:
    """Lateral sizes of the box, and the seed where something is random."""
    yield from ("geometry.width", "geometry.depth")[: case.geometry.dim - 1]
    grained = any(layer.grains for layer in case.layer.values())
    if grained or (case.surface.kind in RANDOM_KINDS and not case.surface.model_dump().get("positions")):
        yield "random_seed"


def _is_default(case: Case, path: Path) -> bool:
    """Whether the value at `path` is what holds where none is given."""
    section: Any = case
    for part in path[:-1]:
        section = section.get(part) if isinstance(section, dict) else getattr(section, part, None)
    field = type(section).model_fields.get(path[-1]) if isinstance(section, BaseModel) else None
    return field is not None and getattr(section, path[-1]) == field.get_default(call_default_factory=True)


def _instead(case: Case, key: str) -> str:
    """What a run does without a key that it does not read."""
    names, table = case.layer_names, key.split(".")[0]
    if key == "interface.energy":
        if case.model == "two_potential":
            return "a front in one dimension is flat, and has no curvature for the energy to act on"
        return "interface.barrier_ratio fixes L_sigma W and L_sigma kappa, which are all that enters the equations"
    if key.startswith("interface.anisotropy"):
        if case.geometry.dim == 1:
            return "a front in one dimension has one orientation"
        return "interface.anisotropy.strength is 0"
    if key == "kinetics.nucleation_overpotential":
        return "no layer conducts electrons to a face of its own, and metal grows on metal only"
    if table == "kinetics":
        resistance = contact_resistance(case, *names[:2])
        return f"the resistance of contacts.{names[0]}-{names[1]}, {resistance:.4g} ohm*m^2, takes its place"
    if table == "geometry":
        return f"geometry.dim is {case.geometry.dim}"
    if key == "random_seed":
        return "nothing in this case is random"
    return f"nothing in this case of {case.model} reads it"


def _of_material(case: Case, path: Path) -> str | None:
    """Why a property of a material, or a whole one, is not used; None where it is."""
    name, key = path[1], path[2]
    layers = [layer for layer, table in case.layer.items() if table.material == name]
    if not layers:
        return f"no layer is of '{name}'; the layers are of {', '.join(dict.fromkeys(_materials(case)))}"
    value, shipped = case.materials[name].get(key), load_library().get(name, {}).get(key)
    if value is None or (shipped is not None and PropertyReader(PROPERTIES[key].quantity).read(shipped) == value):
        return None
    used = frozenset().union(*(_used(case, layer) for layer in layers))
    return None if key in used else _property_instead(case, layers[-1], key)


def _materials(case: Case) -> Iterator[str]:
    return (layer.material for layer in case.layer.values())


def _used(case: Case, layer: str) -> frozenset[str]:
    """The properties of a layer's material that the run reads, or that others follow from."""
    material, used = case.materials[case.layer[layer].material], set(properties_used(case, layer))
    if layer == case.layer_names[0]:
        used |= {"valence", "melting_point"}
        if is_derived_volume(material.molar_volume) or agrees_with_density(case):
            used |= set(FROM)
    if kind_of(case).holds_salt(case, layer) and material.ionic_conductivity is not None:
        salt = salt_conductivity(case, layer)
        agrees = abs(case.property(layer, "ionic_conductivity") / salt - 1.0) <= CONDUCTIVITY_TOLERANCE
        if is_derived(material.diffusivity) or agrees:
            used.add("ionic_conductivity")
    if any(material.get(key) is not None and PROPERTIES[key].law is not None for key in used):
        used.add("activation_energy")
        if material.activation_energy is not None:
            used.add("reference_temperature")
    return frozenset(used)


def _property_instead(case: Case, layer: str, key: str) -> str:
    """What the run uses in place of a property of a layer's material that it does not read."""
    names, kind = case.layer_names, case.transport.kind
    metal, salted = layer == names[0], kind_of(case).holds_salt(case, layer)
    if key == "ionic_conductivity" and metal:
        return "no ions move in the metal"
    if key == "ionic_conductivity" and salted:
        return (
            f"the salt of layer '{layer}' conducts {salt_conductivity(case, layer):.4g} S/m by its diffusivities "
            "(Nernst and Einstein); with transference_number beside it, and no diffusivity, it is used in their place"
        )
    if key in ("anion_diffusivity", "transference_number", "anion_valence") and case.model == "single_potential":
        return "single_potential has no anions; only the limiting current that check shows follows from it"
    if key in ("diffusivity", "anion_diffusivity", "transference_number", "anion_valence"):
        if metal:
            return "no ions move in the metal"
        return f"only {case.metal_names.ion} moves in layer '{layer}' with transport.kind = '{kind}', by " + (
            "its ionic_conductivity" if kind != "nernst_planck" else "its diffusivity and ionic_conductivity"
        )
    if key in ("molar_volume", *FROM, "valence", "melting_point"):
        if metal:
            return f"molar_volume, {1.0 / case.site_density:.4g} m^3/mol, counts"
        if key in ("valence", "melting_point"):
            return f"that of the metal in layer '{names[0]}' counts"
        return f"that of the metal in layer '{names[0]}' counts, {1.0 / case.site_density:.4g} m^3/mol"
    if key == "concentration":
        return f"c0 is that of the last layer, '{names[-1]}', {case.salt_concentration:.4g} mol/m^3"
    if key == "electronic_conductivity":
        return "single_potential has one potential; a layer above the metal conducts by its ionic_conductivity"
    if key == "activation_energy":
        return f"nothing that layer '{layer}' needs depends on temperature"
    if key == "reference_temperature":
        return "without an activation_energy the values hold at any temperature"
    if key in ("sodium_capacity", "sodium_potential", "uptake_exchange_current"):
        return f"layer '{layer}' takes up no metal without layer.{layer}.uptake"
    return f"nothing in this case of {case.model} reads it"


def _bounded(case: Case) -> Iterator[str]:
    """Electronic conductivities that the user gives and the run bounds."""
    if case.model != "two_potential":
        return
    most = LARGEST_CONTRAST * best_ionic_conductivity(case)
    for table in case.layer.values():
        value = case.materials[table.material].electronic_conductivity
        given = ("materials", table.material, "electronic_conductivity") in case.given.paths
        if value is not None and given and not LEAST_CONDUCTIVITY <= value.value <= most:
            what = (
                f"{LARGEST_CONTRAST:g} times that of the best ionic conductor"
                if value.value > most
                else "as an insulator"
            )
            key = f"materials.{table.material}.electronic_conductivity"
            bound = most if value.value > most else LEAST_CONDUCTIVITY
            yield f"{key} = {value.value:g} S/m is taken as {bound:.4g} S/m, {what}; beyond that nothing changes"
    for layer, table in case.layer.items():
        entry, grains = case.materials[table.material].electronic_conductivity, table.grains
        path = ("layer", layer, "grains", "boundary_electronic_conductivity")
        if grains is None or entry is None or path not in case.given.paths:
            continue
        if grains.boundary_electronic_conductivity < entry.value:
            yield f"{dotted(path)} is given and not used: the grains conduct better, {entry.value:g} S/m"
