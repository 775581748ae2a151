"""Where the current is switched: what follows is drawn from that moment on, not as a slope from the row before."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from femna.analysis.history_columns import column

Floats = NDArray[np.float64]

SWITCHED_SHARE = 0.5
"""Change of the current from one row to the next, over the larger of both, from which on it was switched: within a step
of the protocol the local error keeps it far below."""


def with_jumps(history: Mapping[str, Floats], *rows: Floats) -> tuple[Floats, ...]:
    """Curves over the time with a point more at each switch: the old time, and the value that follows.

    Args:
        history: the history of a run.
        rows: (N,), the time (in any unit) and then values of the rows of the history.

    Returns:
        The same (N + number of switches,).
    """
    current = column(history, "Current density [A.m-2]")
    before, after = current[1:-1], current[2:]  # the first row is the state before anything flows
    switched = 2 + np.flatnonzero(np.abs(after - before) > SWITCHED_SHARE * np.maximum(np.abs(before), np.abs(after)))
    time, *values = rows
    return np.insert(time, switched, time[switched - 1]), *(np.insert(v, switched, v[switched]) for v in values)
