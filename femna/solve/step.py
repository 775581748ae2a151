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
