"""Cases of which nothing can come: a cell that no voltage drives, a run that never ends storing."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem
from femna.case.model import Case
from femna.case.protocol import steps_as_written
from femna.case.sections import LARGEST_POTENTIAL
from femna.derived.protocol_numbers import (
    expected_outputs,
    holds_current,
    largest_current,
    ohmic_drops,
    protocol_duration,
)

MOST_OUTPUTS = 1e6
"""Number of states that a run may store: each ends a time step, and `numerics.max_steps` is as large by default."""


def driveable(case: Case) -> Iterator[KeyProblem]:
    """No prescribed current loses more voltage in the stack than any electrode has."""
    drops, current = ohmic_drops(case), largest_current(case)
    if sum(drops.values()) < LARGEST_POTENTIAL * (1.0 - 1e-9):
        return
    worst, total = max(drops, key=lambda name: drops[name]), sum(drops.values())
    for place, step in steps_as_written(case.protocol):
        if holds_current(step) and abs(step.value) == current:
            text = f"is {step.value:g} A/m^2, at which {worst} loses {drops[worst]:.3g} V (i L/sigma or i R)"
            most = current * LARGEST_POTENTIAL / total
            allowed = f"below {most:.3g} A/m^2, which is {LARGEST_POTENTIAL:g} V of ohmic drop, or a better conductor"
            yield KeyProblem((*place, "value"), text, allowed)


def storable_outputs(case: Case) -> Iterator[KeyProblem]:
    """A run does not store states without end, unless numerics.max_steps ends it before."""
    duration, count = protocol_duration(case), expected_outputs(case)
    if MOST_OUTPUTS < count < float("inf") and case.numerics.max_steps >= MOST_OUTPUTS:
        text = f"is {case.output.interval:g} s: {count:.2g} stored states in a protocol of {duration:g} s"
        yield KeyProblem(("output", "interval"), text, f"at least {duration / MOST_OUTPUTS:.2g} s")
