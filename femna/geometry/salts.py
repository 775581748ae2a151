"""Which layers hold a salt, and how its ions diffuse there."""

from __future__ import annotations

from femna.case import Case


def holds_salt(case: Case, layer_name: str) -> bool:
    """Whether a layer holds an electroneutral salt, and not only the sodium ions of a solid."""
    material = case.materials[case.layer[layer_name].material]
    transference, names = material.transference_number, case.layer_names
    unsaid = layer_name == names[-1] and transference is None
    given = material.anion_diffusivity is not None or (transference is not None and 0.0 < transference.value < 1.0)
    return case.transport.kind == "binary" and layer_name != names[0] and (unsaid or given)


def ions_of(case: Case, layer_name: str) -> tuple[float, float]:
    """Diffusivities of cation and anion in a layer, m^2/s, in the kind of transport of the case.

    binary: the anion's is 0 where the layer holds no salt, which is where no anion diffusivity is given and the
    transference number is 1 or not given; D- = D+ (1 - t+)/t+ where only the number is. single_ion: both are 0, because
    the ions do not diffuse.
    """
    if case.transport.kind == "single_ion" or layer_name == case.layer_names[0]:
        return 0.0, 0.0
    if case.transport.kind == "nernst_planck":
        return case.property(layer_name, "diffusivity"), 0.0
    return salt_diffusivities(case, layer_name)


def salt_diffusivities(case: Case, layer_name: str) -> tuple[float, float]:
    """Diffusivities of a salt's cation and anion in a layer, m^2/s, whatever the kind of transport.

    Both are 0 where the material has no anion.
    """
    material = case.materials[case.layer[layer_name].material]
    transference = material.transference_number.value if material.transference_number else 1.0
    if material.anion_diffusivity is not None:
        return case.property(layer_name, "diffusivity"), case.property(layer_name, "anion_diffusivity")
    if not 0.0 < transference < 1.0:
        return 0.0, 0.0
    cation = case.property(layer_name, "diffusivity")
    return cation, cation * (1.0 - transference) / transference
