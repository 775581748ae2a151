"""The surface of the metal at the start."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem
from femna.case.model import Case
from femna.quantities import either
from femna.surfaces import kind_keys, surface_kinds


def surface(case: Case) -> Iterator[KeyProblem]:
    """The keys are those of the kind of surface, and what they describe can be made in this box and stack."""
    shape, kind, dim = case.surface.shape, case.surface.kind, case.geometry.dim
    yield from _own_keys(case)
    if shape.needs_sides and dim == 1:
        flat = either([kind.name for kind in surface_kinds() if not kind.needs_sides])
        yield KeyProblem(("surface", "kind"), f"is '{kind}' with geometry.dim = 1", f"{flat} in one dimension")
    for key, text, allowed in shape.check((case.geometry.width, case.geometry.depth)[: dim - 1]):
        yield KeyProblem(("surface", key), text, allowed)
    names, foundation = case.layer_names, shape.foundation
    if foundation and foundation not in names[1:-1]:
        text = f"is '{foundation}', and no layer between the anode and the last one ({', '.join(names)}) is it"
        yield KeyProblem(("surface", "on"), text, f"'anode', or a layer named {foundation}")
    if case.surface.film and len(names) < 3:
        text = f"is {case.surface.film:g} m, and the stack ({', '.join(names)}) has no layer that it could lie on"
        yield KeyProblem(("surface", "film"), text, "0, or a layer between the first and the last")


def _own_keys(case: Case) -> Iterator[KeyProblem]:
    """Keys of other kinds, and keys that the kind requires."""
    kind, given = case.surface.kind, case.surface.model_fields_set & kind_keys().keys()
    fields = type(case.surface.shape).model_fields
    for key in sorted(given - fields.keys()):
        yield KeyProblem(("surface", key), f"has no meaning for kind '{kind}'", ", ".join(fields) or "none such")
    required = [key for key, field in fields.items() if field.is_required()]
    for key in required:
        if key not in given:
            yield KeyProblem(("surface", key), f"is missing; kind '{kind}' needs {', '.join(required)}")
