"""What to say, and what to try, when a run cannot go on."""

from __future__ import annotations

from femna.case.model import Case
from femna.errors import CannotGoOn

ROUNDING_TOLERANCE = 1e-8
"""numerics.tolerance below which what the linear solves leave (1e-9) counts as an error of the step."""


def no_step_succeeds(case: Case, where: str, trouble: str, is_strict: bool, drive: str) -> CannotGoOn:
    """The error of a run whose steps fail however small they are.

    Args:
        case: the case.
        where: time, step and size of the step.
        trouble: of the last attempt.
        is_strict: whether steps succeed and are not good enough: the tolerance asks for too much then.
        drive: what else to try, ", a lower voltage".
    """
    other = "larger" if is_strict or case.numerics.tolerance < ROUNDING_TOLERANCE else "smaller"
    return CannotGoOn(
        f"{where} or more succeeds ({trouble}); the last state is kept\n"
        f"try: a {other} numerics.tolerance, a smaller numerics.cell_size, another numerics.solver{drive}"
    )
