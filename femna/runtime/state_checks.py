"""What a state must fulfil before a run goes on from it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from femna.contract.state import State
from femna.contract.variables import Variable
from femna.linear_solvers.krylov import SolveFailed
from femna.mesh.grid import Grid


def check_state(grid: Grid, variables: Sequence[Variable], state: State) -> None:
    """Ask that a state holds numbers only, and that no variable has left its bounds. Collective.

    Args:
        grid: the mesh.
        variables: declared ones.
        state: reached by a step, or begun from.

    Raises:
        SolveFailed: something in it is no finite number, on whichever rank, or a variable has left its bounds by more
            than its slack.
    """
    scalars = state.all_scalars()
    finite = {name: bool(np.isfinite(values).all()) for name, values in state.fields.items()}
    finite |= {name: math.isfinite(value) for name, value in scalars.items()}
    broken = grid.max(*(float(not is_finite) for is_finite in finite.values()))
    for name, is_broken in zip(finite, broken, strict=True):
        if is_broken:
            raise SolveFailed(f"{name} is no finite number")
    for variable in variables:
        if variable.bounds is None:
            continue
        low, high = variable.bounds
        values = state[variable.name][: grid.owned]
        outside = float(grid.max(max(low - values.min(initial=low), values.max(initial=high) - high))[0])
        if not outside <= variable.slack:
            raise SolveFailed(f"{variable.name} left [{low:g}, {high:g}] by {outside:.2g}")
