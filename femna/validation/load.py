"""Cases that may be run: read, and found to obey every rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from femna.case.keys import KeyProblem
from femna.case.merge import Draft
from femna.case.model import Case
from femna.case.read import read_case
from femna.validation.output_rules import storable
from femna.validation.rules import check


def load_case(
    name_or_path: str | Path, sets: Sequence[str] = (), overrides: Mapping[str, Any] | None = None, **more: Any
) -> Case:
    """The resolved case of a shipped name or a .toml file.

    Settings are applied in the order of the arguments, over the file and its overlays.

    Args:
        name_or_path: name of a shipped case, or path of a file.
        sets: "K=V" texts as on the command line.
        overrides: values by dotted key.
        more: values by dotted key, with "__" in place of ".", as in `geometry__dim=3`.

    Raises:
        BadInput: a file cannot be read, a key or a value is wrong, or the parts of the case do not go together.
    """
    case, draft = read_case(name_or_path, sets, {**(overrides or {}), **more})
    return checked(case, draft)


def checked(case: Case, draft: Draft) -> Case:
    """The case with the fields that its processes declare stored, unless it says which.

    Raises:
        BadInput: the case breaks a rule; the message names who set the key.
    """
    try:
        if "fields" not in case.output.model_fields_set:
            output = case.output.model_copy(update={"fields": storable(case)})
            case = case.model_copy(update={"output": output})
        check(case)
    except KeyProblem as problem:
        raise draft.bad(problem) from None
    return case
