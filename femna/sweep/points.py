"""The points of a sweep: each with its name, its resolved case, and the values that make it differ from the others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from femna.case import Case
from femna.case.steps import PROTOCOL
from femna.errors import BadInput
from femna.sweep.sweep_file import SweepFile, Variation
from femna.units import UnitError, split
from femna.validation.load import load_case

ID_LENGTH = 12
"""Hexadecimal digits of a point's name: two of 100 000 points share one with a chance of 2e-5."""

type Scalar = float | str
"""A varied value as tables and pictures have it: SI, or a word, or a list as JSON."""


@dataclass(frozen=True)
class Point:
    """One point of a sweep.

    Args:
        id: its name: the same for the same values of the same keys, in any sweep and on any machine.
        variation: dotted key -> value as the file of the sweep has it.
        case: the resolved case; None where it is bad input.
        problem: why there is no case, in one line.
    """

    id: str
    variation: Variation
    case: Case | None
    problem: str = ""

    def value(self, key: str) -> tuple[Scalar, str]:
        """A varied value in SI, and its unit; of a point without a case, as it was given where it cannot be told.

        Args:
            key: the dotted key.
        """
        given = self.variation[key]
        if self.case is None:
            return _given(given), ""
        found = _resolved(self.case.model_dump(mode="json", exclude_none=True), key)
        return _given(given) if found is None else found[0], "" if found is None else found[1]


def make_points(sweep: SweepFile, sets: Sequence[str] = ()) -> list[Point]:
    """The points of a sweep, in the order of its file.

    Args:
        sweep: what the file says.
        sets: "K=V" texts over the base case, below the values that vary.

    Raises:
        BadInput: no point at all can be run.
    """
    points = [_point(sweep, sets, variation) for variation in sweep.variations]
    if all(point.case is None for point in points):
        which = "its point" if len(points) == 1 else f"none of the {len(points)} points"
        verb = "cannot be run" if len(points) == 1 else "can be run; the first"
        raise BadInput(f"{sweep.label}: {which} {verb}: {points[0].problem}")
    return points


def name_of(variation: Mapping[str, Any]) -> str:
    """The name of a point, from the keys that vary and their values as they are written.

    Args:
        variation: dotted key -> value.
    """
    text = json.dumps(variation, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]


def _point(sweep: SweepFile, sets: Sequence[str], variation: Variation) -> Point:
    name = name_of(variation)
    overrides = {**sweep.common, **variation, "name": f"{Path(sweep.base).stem}-{name}"}
    try:
        return Point(name, variation, load_case(sweep.base, sets, overrides))
    except BadInput as error:
        return Point(name, variation, None, " ".join(str(error).split()))


def _resolved(data: Any, key: str) -> tuple[Scalar, str] | None:
    """The SI value and unit of a dotted key in a resolved case, None where it has no such place."""
    node = data
    in_protocol = False
    for part in key.split("."):
        if isinstance(node, list) and in_protocol and part.isdigit() and 1 <= int(part) <= len(node):
            node = node[int(part) - 1]
        elif isinstance(node, dict) and part in node:
            node = node[part]
        else:
            return None
        in_protocol = in_protocol or part == PROTOCOL
    if isinstance(node, dict) and "value" in node:
        node = node["value"]
    return _number(node) if isinstance(node, str) else (_given(node), "")


def _number(text: str) -> tuple[Scalar, str]:
    """A resolved value ("1e-05 m") as number and unit; a word as it is."""
    try:
        number, unit = split(text)
        return float(number), unit
    except (UnitError, ValueError):
        return text, ""


def _given(value: Any) -> Scalar:
    if type(value) in (int, float):
        return float(value)
    return value if isinstance(value, str) else json.dumps(value, default=str)
