"""What a checkpoint holds besides the fields, and the states that a run goes on from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from femna.contract.cell_state import CellState
from femna.contract.control import Control
from femna.contract.diagnostic import CumulativeTotals
from femna.contract.models import Model
from femna.contract.state import Array, State
from femna.contract.variables import Variable
from femna.diagnostics.observer import StartingAmounts


@dataclass(frozen=True)
class LoopState:
    """Where the loop stands.

    Args:
        step: accepted steps.
        dt, last_ratio, rejected, smallest: of the step control, s and numbers.
        position: index of the protocol step in hand.
        begin: where the cell stood when that step began.
        elapsed: time since then, s.
        control: what the outer circuit holds.
        start: what later rows are counted from.
        totals: what has happened so far.
        past: the scalars of up to three states, newest first.
    """

    step: int
    dt: float
    last_ratio: float
    rejected: int
    smallest: float
    position: int
    begin: CellState
    elapsed: float
    control: Control
    start: StartingAmounts
    totals: CumulativeTotals
    past: list[dict[str, float]]

    @classmethod
    def of_scalars(cls, scalars: Mapping[str, Any]) -> Self:
        """From what a checkpoint holds besides arrays."""
        numbers = {
            key: scalars[key] for key in ("step", "dt", "last_ratio", "rejected", "smallest", "position", "past")
        }
        return cls(
            begin=CellState(**scalars["begin"]),
            # a checkpoint of femna 0.1.0 has the difference of two simulated times only
            elapsed=scalars.get("elapsed", scalars["past"][0]["time"] - scalars["begin"]["time"]),
            control=Control(**scalars["control"]),
            start=StartingAmounts(**scalars["start"]),
            totals=CumulativeTotals(**scalars["totals"]),
            **numbers,
        )


def restored_states(
    model: Model, variables: Sequence[Variable], loop: LoopState, arrays: Mapping[str, Array] | None
) -> list[State]:
    """The states of a checkpoint, distributed over the ranks. Collective.

    A variable that the checkpoint does not hold begins as in a new run. A scalar that it does not hold has no past: the
    newest state is all that the run goes on from.

    Args:
        model: the model.
        variables: declared ones.
        loop: what the checkpoint says of the loop.
        arrays: "name" + number of the state -> whole field, on rank 0.
    """
    grid = model.grid
    known = grid.comm.bcast(None if arrays is None else set(arrays))
    initial = model.initial_fields(variables)
    declared = [scalar.name for scalar in model.scalars]
    states = []
    whole = all(name in scalars for scalars in loop.past for name in declared)
    for number, scalars in enumerate(loop.past if whole else loop.past[:1]):
        fields = {}
        for variable in variables:
            key = f"{variable.name}{number}"
            stored = None if arrays is None else arrays.get(key)
            scatter = grid.scatter_cells if variable.cell_values else grid.scatter
            fields[variable.name] = scatter(stored) if key in known else np.array(initial[variable.name])
        states.append(State.of_scalars(fields, scalars, declared))
    return states
