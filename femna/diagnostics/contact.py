"""Where the metal is: its contact with the collector, and the share that was plated on top of the layers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Self

from femna.columns import Column
from femna.contract.diagnostic import Diagnostic, Observation
from femna.contract.models import Model
from femna.contract.state import Array, State

if TYPE_CHECKING:
    from femna.case.model import Case

LEAST_PLATED = 1e-3
"""Plated thickness, in units of l, below which its share on top says nothing."""

WITH_CONTACT = "with `two_potential`"


def covered_share(model: Model, plane: Array, state: State) -> float:
    """Share of the projected area that metal covers on a plane: the mean of p over it. Collective.

    On the collector it is the front's reaction area over the projected one, for |dp/dz| summed up a column is p at its
    foot. So it depends on neither cells nor columns, and under a resistance R per area the electrode has R over it.

    Args:
        model: the model.
        plane: area of the plane in each node's share, (N,) in m^(d-1).
        state: the state.
    """
    grid = model.grid
    return float(grid.sum((grid.is_owned * plane * model.metal_fraction(state)).sum())[0]) / model.area


class ContactFraction(Diagnostic):
    """Share of the collector that metal covers.

    Args:
        model: the model.
    """

    columns = (
        Column(
            "Contact fraction [-]",
            "Share of the collector plane that metal covers",
            WITH_CONTACT,
            summary_key="contact_fraction",
        ),
    )

    def __init__(self, model: Model) -> None:
        self.model, self.collector = model, model.grid.plane_area(0.0, 0)

    @classmethod
    def is_active(cls, case: Case, model: Model) -> bool:
        """Where contact can be told from the solution."""
        return model.is_charge_consistent

    @classmethod
    def build(cls, case: Case, model: Model) -> Self:
        """By the collector's face. Collective."""
        return cls(model)

    def row(self, observation: Observation) -> dict[str, float]:
        """Of the state. Collective."""
        return {"Contact fraction [-]": covered_share(self.model, self.collector, observation.state)}


class TopFraction(Diagnostic):
    """Share of the plated metal that lies above the interphase.

    Args:
        least: plated thickness below which there is no share, m.
    """

    columns = (
        Column(
            "Top fraction [-]",
            "Share of the metal plated so far that lies above the interphase",
            WITH_CONTACT,
            summary_key="top_fraction",
        ),
    )

    def __init__(self, least: float) -> None:
        self.least = least

    @classmethod
    def is_active(cls, case: Case, model: Model) -> bool:
        """Where electrons decide on which side of a layer metal grows."""
        return model.is_charge_consistent

    @classmethod
    def build(cls, case: Case, model: Model) -> Self:
        """By the width of the front."""
        return cls(LEAST_PLATED * case.interface.width)

    def row(self, observation: Observation) -> dict[str, float]:
        """Of all that has been plated; nan before anything has."""
        totals = observation.totals
        plated = totals.above + totals.below
        return {"Top fraction [-]": totals.above / plated if plated > self.least else math.nan}
