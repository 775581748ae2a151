"""Whether what a step has reached can be: values within the bounds that their variables declare."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from femna.contract.state import State
from femna.contract.variables import Variable
from femna.linear_solvers.krylov import SolveFailed
from femna.mesh.grid import Grid


def check_bounds(grid: Grid, variables: Sequence[Variable], state: State) -> None:
    """Raises SolveFailed for a variable that has left its bounds by more than it may, or is no number. Collective."""
    for variable in variables:
        if variable.bounds is None:
            continue
        low, high = variable.bounds
        values = state[variable.name][: grid.owned]
        inside = np.isfinite(values).all()
        own = max(low - values.min(initial=low), values.max(initial=high) - high) if inside else math.inf
        outside = float(grid.max(own)[0])
        if not outside <= variable.slack:
            raise SolveFailed(f"{variable.name} left [{low:g}, {high:g}] by {outside:.2g}")
