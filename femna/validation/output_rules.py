"""The fields that are stored, and the name under which."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from femna.case.keys import KeyProblem
from femna.case.model import Case
from femna.models.registry import output_fields
from femna.quantities import closest, either, shown

MATERIAL = "material"
"""The layer of each cell, which is stored with the mesh."""


def storable(case: Case) -> tuple[str, ...]:
    """Names of the fields that a run of a case can store. Raises KeyProblem."""
    return (*(field.key for field in output_fields(case)), MATERIAL)


def name(case: Case) -> Iterator[KeyProblem]:
    """The name of a case is that of its folder in runs/, and does not lead out of it."""
    parts = PurePosixPath(case.name).parts
    if not parts or "\0" in case.name or case.name.startswith("/") or ".." in parts:
        yield KeyProblem(("name",), f"is {shown(case.name)}", "the name of a folder in runs/")


def output(case: Case) -> Iterator[KeyProblem]:
    """The fields to store are fields of the model."""
    known = storable(case)
    if not case.output.fields:
        yield KeyProblem(("output", "fields"), "is an empty list", f"one or more of {either(known)}")
    for name in case.output.fields:
        if name not in known:
            yield KeyProblem(("output", "fields"), f"has '{name}'", either(known), closest(name, known))
