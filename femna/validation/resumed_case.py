"""What a resumed run may change of its case: what is left of its protocol, how it is solved, what it stores."""

from __future__ import annotations

import math
from collections.abc import Sequence

from femna.case.keys import KeyProblem, Place
from femna.case.model import Case
from femna.case.read import read_case_text, read_copy
from femna.errors import BadInput
from femna.validation.load import checked

RESUMABLE = ("protocol", "numerics", "output")
"""The tables of a case that a resumed run may change."""

KEEPS_MESH = "numerics.tolerance, .dt_max, .max_steps and .solver"
"""The keys of numerics that do not belong to the mesh, which stays."""


def resumed_case(text: str, label: str, sets: Sequence[str]) -> Case:
    """The case of a run's resolved copy, with settings over it that the run may go on with.

    The rules are asked only if there are settings: the run has begun with the others.

    Args:
        text: the resolved copy.
        label: what errors call it.
        sets: "K=V" texts for the tables that may be changed.

    Raises:
        BadInput: a setting is wrong, breaks a rule or needs another mesh.
    """
    case, draft = read_copy(text, label, sets, only=RESUMABLE)
    if sets:
        case = checked(case, draft)
    old = read_case_text(text, label)
    if not math.isclose(case.fine_cell, old.fine_cell, rel_tol=1e-9):
        key = "resolution" if case.numerics.resolution else "cell_size"
        cells = f"cells of {case.fine_cell:.4g} m, where the run's have {old.fine_cell:.4g} m"
        text = f"is {getattr(case.numerics, key):g} ({cells}); a run keeps its mesh"
        raise _bad(("numerics", key), text, f"{KEEPS_MESH} at resume", label, sets)
    if case.numerics.adaptive_mesh != old.numerics.adaptive_mesh:
        kept = "follows the front" if old.numerics.adaptive_mesh else "stays"
        text = f"is {str(case.numerics.adaptive_mesh).lower()}, where the run's mesh {kept}"
        raise _bad(("numerics", "adaptive_mesh"), text, f"{KEEPS_MESH} at resume", label, sets)
    return case


def check_protocol(old: Case, new: Case, position: int, label: str, sets: Sequence[str]) -> None:
    """Ask that a new protocol begins with the steps that are done.

    Args:
        old: the case as it was run so far.
        new: the case to go on with.
        position: index of the protocol step in hand.
        label: what errors call the case.
        sets: the settings that made `new`, of which an error names one.

    Raises:
        BadInput: a step that is done is missing or another one.
    """
    before, after = old.steps(), new.steps()
    if before == after:
        return
    done = "the step that is done" if position == 1 else f"the {position} steps that are done"
    allowed = f"a list that begins with {done}, unchanged, and goes on from there"
    if len(after) <= position:
        text = f"has {len(after)} step{'s' * (len(after) != 1)}, and the run stands in step {position + 1}"
        raise _bad(("protocol",), text, allowed, label, sets)
    for number, (was, now) in enumerate(zip(before[:position], after, strict=False), 1):
        if was != now:
            text = f"has another step {number}, which is done; the run stands in step {position + 1}"
            raise _bad(("protocol",), text, allowed, label, sets)


def _bad(path: Place, text: str, allowed: str, label: str, sets: Sequence[str]) -> BadInput:
    """The error for a key, named after the last setting of its table."""
    given = [item for item in sets if item.strip().startswith(str(path[0]))]
    own = [item for item in given if str(path[-1]) in item] or given
    origin = f"{label}, --set {own[-1]}" if own else label
    return BadInput(f"{origin}: {KeyProblem(path, text, allowed)}")
