"""The salts of the stack."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from femna.case.keys import KeyProblem
from femna.case.model import Case
from femna.physics.ion_transport.binary_salt import anion_valence, salt_conductivity, salt_diffusivities
from femna.physics.ion_transport.kinds import kind_of

TRANSFERENCE_TOLERANCE = 0.005
"""Largest difference of two transference numbers that are the same but for rounding."""


CONDUCTIVITY_TOLERANCE = 0.01
"""Largest relative difference of two conductivities that are the same but for rounding."""


def salt(case: Case) -> Iterator[KeyProblem]:
    """A binary salt has to be in some layer; others may be solids, the last one too."""
    last = case.layer_names[-1]
    name = case.layer[last].material
    if case.transport.kind == "binary" and not any(kind_of(case).holds_salt(case, layer) for layer in case.layer_names):
        share = case.materials[name].transference_number
        what = f"and its transference_number is {share.value:g}" if share is not None else "and no transference_number"
        text = f"is 'binary', but no layer holds a salt: material '{name}' of the last one has no anion_diffusivity"
        allowed = f"'single_ion', or materials.{name}.anion_diffusivity, or a transference_number between 0 and 1"
        yield KeyProblem(("transport", "kind"), f"{text}, {what}", allowed)


def salts(case: Case) -> Iterator[KeyProblem]:
    """All salts have one transference number, and it is that of their diffusivities."""
    salted = [name for name in case.layer_names if kind_of(case).holds_salt(case, name)]
    for low, high in pairwise(salted):
        if f"{low}-{high}" in case.contacts:
            yield KeyProblem(("contacts", f"{low}-{high}"), "is given between two salts", "where one layer holds none")
    for name in salted if case.model == "two_potential" else case.layer_names[-1:]:
        material = case.materials[case.layer[name].material]
        if material.anion_diffusivity is not None and material.transference_number is not None:
            given = material.transference_number.value
            number = _transference_number(*salt_diffusivities(case, name))
            if abs(given - number) > TRANSFERENCE_TOLERANCE:
                text = f"is {given:g}, but z D+/(z D+ + |z-| D-) is {number:.3g}"
                allowed = f"{number:.3g}, or another anion_diffusivity"
                yield KeyProblem(("materials", case.layer[name].material, "transference_number"), text, allowed)
    numbers = {name: _transference_number(*kind_of(case).diffusivities(case, name)) for name in salted}
    for low, high in pairwise(salted):
        if abs(numbers[low] - numbers[high]) > TRANSFERENCE_TOLERANCE:
            text = f"holds a salt of t+ = {numbers[high]:.3g}, and layer '{low}' one of {numbers[low]:.3g}"
            yield KeyProblem(("layer", high), text, "one transference number in all salts")
        one, other = anion_valence(case, low), anion_valence(case, high)
        if one != other:
            text = f"holds a salt whose anion has {other} charges, and layer '{low}' one with {one}"
            yield KeyProblem(("layer", high), text, "one anion_valence in all salts")


def salt_conductivities(case: Case) -> Iterator[KeyProblem]:
    """A salt's conductivity that the user gives beside both its ions' diffusivities is theirs.

    Values with a provenance are not asked: resolved copies hold the library's so. A warning names what is not used.
    """
    for name in case.layer_names:
        material = case.layer[name].material
        table = case.materials[material]
        own = {path[2] for path in case.given.paths if path[:2] == ("materials", material) and len(path) > 2}
        both = "diffusivity" in own and bool(own & {"anion_diffusivity", "transference_number"})
        if "ionic_conductivity" not in own or not both or not kind_of(case).holds_salt(case, name):
            continue
        if any(
            value is not None and value.provenance != "user" for value in (table.ionic_conductivity, table.diffusivity)
        ):
            continue
        given, salt = case.property(name, "ionic_conductivity"), salt_conductivity(case, name)
        if abs(given / salt - 1.0) > CONDUCTIVITY_TOLERANCE:
            text = (
                f"is {given:.4g} S/m, but (zF)^2 (D+ + D- |z-|/z) c0/(RT) of the diffusivities given is {salt:.4g} S/m"
            )
            allowed = f"{salt:.4g} S/m, or transference_number in place of the diffusivities"
            yield KeyProblem(("materials", material, "ionic_conductivity"), text, allowed)


def _transference_number(cation: float, anion: float) -> float:
    """The cation's transference number, of D+ and D- |z-|/z."""
    return cation / (cation + anion)
