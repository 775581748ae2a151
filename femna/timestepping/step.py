"""What a stepper hands back: the state it reached, how well, and at what cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Step[S]:
    """An attempted step: the new state, its estimated local error per field and the work it took."""

    state: S
    errors: dict[str, float]
    newton: int
    krylov: int


def go_on() -> None:
    """What a stepper calls between its solves unless it is given something that may want the step given up."""
