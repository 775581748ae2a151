"""Charge that layers take up, and its current."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from femna.columns import Column
from femna.contract.diagnostic import Diagnostic, Observation
from femna.contract.models import Model

if TYPE_CHECKING:
    from femna.case.model import Case

WITH_UPTAKE = "where a layer has an `uptake`"


class SodiationCharge(Diagnostic):
    """Charge that is stored besides the metal."""

    columns = (
        Column("Uptake current [A.m-2]", "Current into the layers that take up metal", WITH_UPTAKE),
        Column("Uptake charge [C.m-2]", "Charge that they have taken up since the start", WITH_UPTAKE),
    )

    @classmethod
    def is_active(cls, case: Case, model: Model) -> bool:
        """Where a layer takes up metal."""
        return bool(case.filling_layers)

    @classmethod
    def build(cls, case: Case, model: Model) -> Self:
        """Needs nothing of the case."""
        return cls()

    def row(self, observation: Observation) -> dict[str, float]:
        """Of the step and of the state."""
        return {
            "Uptake current [A.m-2]": observation.storing,
            "Uptake charge [C.m-2]": observation.amounts.stored_charge,
        }
