"""Lengths that are hardly meant: a number without a unit is in m, and 20 in place of "20 um" is a cell of 20 m."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from femna.case.keys import KeyProblem, Path, dotted
from femna.case.model import Case
from femna.quantities import Quantity

QUESTIONABLE = 1e-3
"""Length, m, from which on one is asked whether it is meant: a hundred times what cells of sodium metal have."""

ABSURD = 0.1
"""Length, m, from which on none is meant."""


def lengths(case: Case) -> Iterator[KeyProblem]:
    """No length is that of a room: it is a number of micrometres without the unit."""
    for path, value in _given_lengths(case):
        if value >= ABSURD:
            text = f"is {value:g} m (a number without a unit is in m)"
            yield KeyProblem(path, text, f"less than {ABSURD:g} m, such as '{value:g} um'")


def length_warnings(case: Case) -> Iterator[str]:
    """One line that names the lengths of a millimetre and more."""
    large = [f"{dotted(path)} = {value:g} m" for path, value in _given_lengths(case) if value >= QUESTIONABLE]
    if large:
        yield f"1 mm or more: {', '.join(large)}; a number without a unit is in m: are they meant?"


def _given_lengths(case: Case) -> Iterator[tuple[Path, float]]:
    """Every length, m, with its place in the case; not the lateral sizes that follow from the stack's height."""
    for path, value in _lengths(case, ()):
        if path not in {("geometry", "width"), ("geometry", "depth")} or value not in (case.height, 0.0):
            yield path, value


def _lengths(model: BaseModel, path: Path) -> Iterator[tuple[Path, float]]:
    for name, field in type(model).model_fields.items():
        value, place = getattr(model, name), (*path, name)
        parts = value if isinstance(value, Mapping) else {}
        if isinstance(value, BaseModel):
            yield from _lengths(value, place)
        for key, part in parts.items():
            if isinstance(part, BaseModel):
                yield from _lengths(part, (*place, key))
        is_length = any(isinstance(note, Quantity) and note.unit == "m" for note in field.metadata)
        if is_length and isinstance(value, float):
            yield place, value
