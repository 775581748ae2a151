"""The order of backward differences with steps that grow."""

from __future__ import annotations

from itertools import accumulate

import pytest

from femna.timestepping.bdf import MAX_GROWTH, SLOW_GROWTH, stable_order
from femna.timestepping.step_control import StepControl


@pytest.mark.parametrize("start", [0.0, 20.0, 1e5])
def test_steps_that_grow_as_the_control_has_it_keep_the_third_order(start: float) -> None:
    """Sizes are differences of times: rounding makes every other one of them more than SLOW_GROWTH times the last.

    Which ones depends on the last digit of each error, and so on the number of ranks.
    """
    control = StepControl(1e-3, 1e-3, 1e9, order=3, steady_growth=SLOW_GROWTH)
    sizes = []
    for _ in range(20):
        sizes.append(control.dt)
        control.after_acceptance(control.dt, {"c": 2e-6})
    times = list(accumulate(sizes, initial=start))
    grown = [n for n in range(3, len(sizes)) if sizes[n] == SLOW_GROWTH * sizes[n - 1]]
    assert len(grown) > 10
    assert all(stable_order(sizes[n], times[n : n - 3 : -1]) == 3 for n in grown)


def test_a_leap_lowers_the_order() -> None:
    """In its own step, and in the next, whose past holds it."""
    assert stable_order(MAX_GROWTH, [0.0, -1.0, -2.0]) == 2
    assert stable_order(1.0, [0.0, -MAX_GROWTH, -1.0 - MAX_GROWTH]) == 2
    assert stable_order(1.0, [0.0, -1.0, -2.0]) == 3
