"""The size of the steps: what stands, what follows, and how a time is met."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from femna.timestepping.bdf import MAX_GROWTH
from femna.timestepping.step_control import AFTER_FAILURE, SHRINK, StepControl


def control(dt: float = 1.0, dt_max: float = math.inf) -> StepControl:
    return StepControl(1e-3, dt, dt_max)


def test_the_worst_error_decides() -> None:
    assert control().accepts({"xi": 1e-4, "c": 1e-3})
    assert not control().accepts({"xi": 1.1e-3, "c": 1e-5})


@pytest.mark.parametrize("errors", [{"xi": math.nan, "c": 0.0}, {"xi": 0.0, "c": math.nan}, {"xi": math.inf}])
def test_an_error_that_is_no_number_does_not_stand_and_cuts_hardest(errors: dict[str, float]) -> None:
    it = control()
    assert not it.accepts(errors)
    it.after_rejection(1.0, errors)
    assert it.dt == SHRINK


@given(ratio=st.floats(1.0, 1e6, exclude_min=True))
def test_a_rejected_step_is_tried_smaller(ratio: float) -> None:
    it = control()
    it.after_rejection(1.0, {"xi": 1e-3 * ratio})
    assert SHRINK <= it.dt < 1.0
    assert it.rejected == 1


def test_a_failed_step_is_tried_much_smaller() -> None:
    it = control()
    it.after_failure(0.4)
    assert it.dt == pytest.approx(AFTER_FAILURE * 0.4)
    assert it.rejected == 1


@given(error=st.floats(0.0, 1e-3), last=st.floats(1e-6, 1.0))
def test_growth_is_bounded(error: float, last: float) -> None:
    it = control(dt_max=1.7)
    it.last_ratio = last
    it.after_acceptance(1.0, {"xi": error})
    assert SHRINK <= it.dt <= min(MAX_GROWTH, 1.7)


def test_the_size_settles_where_the_error_is_below_the_tolerance() -> None:
    """A third-order error, e = dt^3: the size goes to one at which steps stand, without hunting."""
    it, accepted = control(dt=1e-3), []
    for _ in range(200):
        errors = {"xi": it.dt**3}
        if it.accepts(errors):
            accepted.append(it.dt)
            it.after_acceptance(it.dt, errors)
        else:
            it.after_rejection(it.dt, errors)
    assert it.rejected <= 1
    assert accepted[-1] == pytest.approx(accepted[-2], rel=1e-6)
    assert 0.3e-3 < accepted[-1] ** 3 <= 1e-3


@given(dt=st.floats(1e-6, 10.0), remaining=st.floats(1e-6, 1e3))
def test_a_time_is_met_without_a_last_crumb(dt: float, remaining: float) -> None:
    it, left, steps = control(dt), remaining, []
    while left > 0.0:
        steps.append(it.toward(left))
        left = 0.0 if steps[-1] == left else left - steps[-1]
        if len(steps) > 3:
            break
    assert steps[0] <= it.dt * (1.0 + 1e-9)
    assert left > 0.0 or min(steps) > 0.49 * min(dt, remaining)


def test_no_time_to_meet() -> None:
    assert control(0.3).toward(math.inf) == 0.3
