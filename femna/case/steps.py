"""Changes to single steps of the protocol, by their number: `protocol.2.value` of `--set`, or a table [protocol.2]."""

from __future__ import annotations

import re
from typing import Any

from femna.case.keys import KeyProblem, Path

PROTOCOL = "protocol"


def is_by_number(changes: Any) -> bool:
    """Whether a value of `protocol` changes single steps: a table whose keys are numbers."""
    return isinstance(changes, dict) and bool(changes) and all(re.fullmatch(r"\d+", key) for key in changes)


def with_steps(steps: Any, changes: dict[str, Any], path: Path = (PROTOCOL,)) -> list[Any]:
    """A list of steps with some of them changed.

    Args:
        steps: the steps so far, each a table as the case file has it.
        changes: number of a step, counted from 1, -> the keys of it that change. Those of a repeat may be `repeat` and
            `steps`, again by number.
        path: of the list in the case.

    Returns:
        A new list; a step takes the other keys from what it was.

    Raises:
        KeyProblem: there is no such step, or a change of one is no table.
    """
    if not isinstance(steps, list):
        raise KeyProblem(path, "has no steps that could be changed by number", "a list of steps")
    result = list(steps)
    for key, change in changes.items():
        number = int(key) if key.isdecimal() else 0
        if not 1 <= number <= len(steps):
            raise KeyProblem(path, f"has no step {key}", f"1 to {len(steps)}" if len(steps) > 1 else "1")
        place = (*path, key)
        if not isinstance(change, dict):
            raise KeyProblem(place, f"is {change!r}", "a table such as { value = '0.5 mA/cm^2' }")
        step = dict(steps[number - 1])
        for name, value in change.items():
            inner = name == "steps" and is_by_number(value)
            step[name] = with_steps(step.get("steps"), value, (*place, "steps")) if inner else value
        result[number - 1] = step
    return result


def counted_from_zero(path: Path) -> Path:
    """The path of a key of a step as errors of the typed case have it: protocol, 0, value for protocol.1.value.

    Args:
        path: a path in which steps are counted from 1; any other is returned as it is.
    """
    if path[:1] != (PROTOCOL,):
        return path
    return tuple(str(int(part) - 1) if part.isdigit() and part != "0" else part for part in path)
