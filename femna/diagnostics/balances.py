"""How well conserved amounts are conserved: the metal, and whatever the processes declare besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from femna.columns import Column
from femna.contract.diagnostic import Diagnostic, Observation
from femna.contract.models import Model

if TYPE_CHECKING:
    from femna.case.model import Case

METAL = "sodium"
"""Quantity of `Conserved` that stands for the metal and its ions, whichever metal it is: stored runs call it so."""


class SodiumBalance(Diagnostic):
    """|inventory - initial - what entered| over the metal that has been moved since the start.

    Args:
        site_volume: area times c_s/c0, for metal in m to c0 m^d.
        charge_volume: area over z F c0, for stored charge in C/m^2 to c0 m^d.
    """

    columns = (
        Column(
            "Sodium balance error [-]",
            "|inventory - initial - boundary flux|, cumulative, over the metal deposited and stripped since the start",
            summary_key="sodium_balance_error",
        ),
    )

    def __init__(self, site_volume: float, charge_volume: float) -> None:
        self.site_volume, self.charge_volume = site_volume, charge_volume

    @classmethod
    def build(cls, case: Case, model: Model) -> Self:
        """By the densities of the case."""
        return cls(model.area * model.site_ratio, model.area / case.salt_charge)

    def row(self, observation: Observation) -> dict[str, float]:
        """What a run of plating and stripping has moved counts, not what happens to be left of it."""
        amounts = observation.amounts
        moved = observation.totals.moved * self.site_volume + abs(amounts.stored_charge) * self.charge_volume
        missing = abs(amounts.conserved[METAL])
        return {"Sodium balance error [-]": missing / moved if moved > 0.0 else 0.0}


class DeclaredBalances(Diagnostic):
    """A column for every other amount that a process declares as conserved: what is missing, per projected area.

    Args:
        units: quantity -> unit of the amount per projected area.
        area: projected area of the cell, m^(d-1).
    """

    def __init__(self, units: dict[str, str], area: float) -> None:
        self.units, self.area = units, area

    @classmethod
    def is_active(cls, case: Case, model: Model) -> bool:
        """Where a process declares one."""
        return any(part.quantity != METAL for part in model.conserved())

    @classmethod
    def build(cls, case: Case, model: Model) -> Self:
        """The quantities of the model's processes."""
        units = {part.quantity: part.unit for part in model.conserved() if part.quantity != METAL}
        return cls(units, model.area)

    def declared(self) -> tuple[Column, ...]:
        """One column a quantity."""
        return tuple(
            Column(
                self._name(quantity),
                f"{quantity}: inventory - initial - what entered",
                f"where a process declares {quantity} as conserved",
                summary_key=f"{quantity.replace(' ', '_')}_balance_error",
            )
            for quantity in self.units
        )

    def _name(self, quantity: str) -> str:
        return f"{quantity.capitalize()} balance error [{self.units[quantity]}]"

    def row(self, observation: Observation) -> dict[str, float]:
        """What is missing."""
        missing = observation.amounts.conserved
        return {self._name(quantity): missing[quantity] / self.area for quantity in self.units}
