"""The switch to rest is a jump."""

from __future__ import annotations

import numpy as np

from femna.render.jumps import with_jumps


def test_a_switch_is_drawn_at_its_time() -> None:
    """5 A/m2 for two steps, rest for two, then the other way: the voltage falls at 20 s and at 40 s, not on the way."""
    history = {"Current density [A.m-2]": np.array([0.1, 5.0, 5.1, 0.0, 0.0, -5.0])}
    time, voltage = np.array([0.0, 10.0, 20.0, 30.0, 40.0, 50.0]), np.array([0.0, 0.3, 0.3, 0.1, 0.1, -0.3])
    drawn, shown = with_jumps(history, time, voltage)
    assert drawn.tolist() == [0.0, 10.0, 20.0, 20.0, 30.0, 40.0, 40.0, 50.0]
    assert shown.tolist() == [0.0, 0.3, 0.3, 0.1, 0.1, 0.1, -0.3, -0.3]


def test_without_a_switch_nothing_is_added() -> None:
    history = {"Current density [A.m-2]": np.array([0.1, 5.0, 4.0, 3.0])}
    time = np.arange(4.0)
    for rows in (history, {"Time [s]": time}):
        assert with_jumps(rows, time, time)[0].tolist() == time.tolist()
