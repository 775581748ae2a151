"""The findings of pydantic in plain words: which key, what was given, what is allowed."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from femna.case.keys import KeyProblem, Place, allowed
from femna.quantities import closest, shown

TOLD_FIRST = ("extra_forbidden", "missing")
"""pydantic's types of findings that are told before others: a misspelt key explains a missing one."""

STEP_KEYS = ("mode", "value", "until")
REPEAT_KEYS = ("repeat", "steps")


def first_problem(error: ValidationError, within: Place = ()) -> KeyProblem:
    """The finding of a validation to tell; others are often its consequences.

    Args:
        error: of a model that stands for the case, or for a table of it.
        within: place of that table.
    """
    ranks = {kind: rank for rank, kind in enumerate(TOLD_FIRST)}
    found = min(error.errors(), key=lambda finding: ranks.get(finding["type"], len(ranks)))
    path = (*within, *_without_tags(found["loc"]))
    return KeyProblem(path, _text(found, path))


def _without_tags(location: Place) -> Place:
    """The place in the data, without the tag of the union of steps and repeats that pydantic puts after a number."""
    path: list[str | int] = []
    for index, part in enumerate(location):
        if not (index == 2 and location[0] == "protocol"):
            path.append(part)
    return tuple(path)


def _text(detail: ErrorDetails, path: Place) -> str:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    can_be = allowed(path)
    match kind:
        case "value_error":
            return str(context["error"])
        case "missing":
            return "is missing" + (f"; allowed: {can_be}" if can_be else "; it is required")
        case "extra_forbidden":
            return _extra(str(path[-1]), given, repeats=detail["loc"][2] == "repeat" and "steps" not in path)
        case "literal_error":
            words = re.findall(r"'([^']*)'", context["expected"])
            return f"is {shown(given)}; allowed: {context['expected']}; closest: '{closest(str(given), words)}'"
        case "too_short":
            return "is an empty list; allowed: at least one step"
        case "tuple_type":
            hint = " of steps, written [[protocol]]" if path[-1] in ("protocol", "steps") else ""
            return f"is {shown(given)}; allowed: a list{hint}"
        case "model_type" | "model_attributes_type" | "dict_type":
            hint = " with mode, value and until" if path[0] == "protocol" else ""
            return f"is {shown(given)}; allowed: a table{hint}"
        case "string_type":
            can_be = "text"
        case "bool_type":
            can_be = "true or false"
    return f"is {shown(given)}; allowed: {can_be or 'a value of another kind'}"


def _extra(key: str, given: Any, repeats: bool) -> str:
    """What is wrong with a key that does not belong to a step of the protocol, or to a repeat of steps."""
    if repeats and key in STEP_KEYS:
        return f"is given beside repeat or steps; allowed: {' and '.join(REPEAT_KEYS)} alone (a mode belongs in steps)"
    if not repeats and key in REPEAT_KEYS:
        return f"is given within steps: a repeat cannot hold another; allowed: {', '.join(STEP_KEYS)}"
    words = REPEAT_KEYS if repeats else (*STEP_KEYS, *REPEAT_KEYS)
    return f"is not a known key (given: {shown(given)}); allowed: {', '.join(words)}; closest: {closest(key, words)}"
