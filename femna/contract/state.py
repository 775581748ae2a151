"""The solution at one time: the fields and scalars that the processes of a model declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CELL_SCALARS = ("time", "dt", "voltage", "collector_current", "counter_current")
"""The scalars that every state has, in the names that a checkpoint gives them."""


@dataclass
class State:
    """The solution at one time, on one rank's share of the mesh.

    Args:
        time: simulated time, s.
        fields: variable name -> values at the nodes, (N,) or (N, k), ghosts included, in the solver's units.
        voltage: of the cell, counter minus anode, V.
        collector_current: current into the collector, A m^(d-3) in d dimensions.
        counter_current: current out of the counter, A m^(d-3).
        scalars: declared scalar name -> value, the same on every rank.
        dt: size of the step that led to it, s; 0 for a state without a past.
    """

    time: float
    fields: dict[str, Array]
    voltage: float = 0.0
    collector_current: float = 0.0
    counter_current: float = 0.0
    scalars: dict[str, float] = field(default_factory=dict)
    dt: float = 0.0

    def __getitem__(self, name: str) -> Array:
        """The nodal values of a variable."""
        return self.fields[name]

    def all_scalars(self) -> dict[str, float]:
        """Every scalar of the state by its name, for a checkpoint. Raises ValueError where one hides another."""
        if taken := set(CELL_SCALARS) & set(self.scalars):
            raise ValueError(f"a process declares the scalar '{min(taken)}', which every state has")
        return {name: getattr(self, name) for name in CELL_SCALARS} | self.scalars

    @classmethod
    def of_scalars(cls, fields: dict[str, Array], scalars: Mapping[str, float], declared: Sequence[str]) -> Self:
        """The state of a checkpoint.

        Args:
            fields: variable name -> nodal values, (N,) or (N, k).
            scalars: what `all_scalars` gave; a declared scalar that it lacks starts at 0.
            declared: names of the scalars that the model's processes declare.
        """
        cell = {name: float(scalars.get(name, 0.0)) for name in CELL_SCALARS}
        return cls(fields=fields, scalars={name: float(scalars.get(name, 0.0)) for name in declared}, **cell)


def times_before(past: Sequence[State]) -> list[float]:
    """The times of past states, counted from the newest of them: 0, and negative ones.

    They add up the sizes of the steps. The difference of two simulated times says less: after a rest of 30 d it is
    good to 5e-10 s only.

    Args:
        past: states, newest first; of one whose step is not known the simulated times are taken.

    Returns:
        Times, s.
    """
    times = [0.0]
    for new, old in pairwise(past):
        times.append(times[-1] - (new.dt if new.dt > 0.0 else new.time - old.time))
    return times
