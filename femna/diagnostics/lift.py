"""How far metal has lifted the stack above the anode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from femna.columns import Column
from femna.contract.diagnostic import Diagnostic, Observation
from femna.contract.models import Model
from femna.contract.state import State

if TYPE_CHECKING:
    from femna.case.model import Case

WHERE_LIFTED = "where a layer has `moves = true`"


def largest_lift(model: Model, state: State) -> float:
    """Largest lift of a column of a state, m; 0 where nothing is lifted. Collective."""
    raised = model.places(state)[:, -1] - model.grid.points[:, -1]
    return float(model.grid.max(raised.max(initial=-np.inf))[0])


class Lift(Diagnostic):
    """Mean and largest lift.

    Args:
        model: the model.
    """

    columns = (
        Column(
            "Mean lift [m]",
            "How far the metal that formed below the layers has lifted the stack above, on average",
            WHERE_LIFTED,
            summary_key="lift_mean_m",
        ),
        Column("Largest lift [m]", "The same, where it is largest", WHERE_LIFTED),
    )

    def __init__(self, model: Model) -> None:
        self.model = model

    @classmethod
    def is_active(cls, case: Case, model: Model) -> bool:
        """Where a layer moves."""
        return case.is_lifted

    @classmethod
    def build(cls, case: Case, model: Model) -> Self:
        """Needs the model only."""
        return cls(model)

    def row(self, observation: Observation) -> dict[str, float]:
        """Of the state. Collective."""
        state = observation.state
        return {
            "Mean lift [m]": self.model.metal_beside(state) / self.model.area,
            "Largest lift [m]": largest_lift(self.model, state),
        }
