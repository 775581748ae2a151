"""Where a cell stands, as far as the ends of protocol steps are concerned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class CellState:
    """Time, charge, metal height and voltage of a cell.

    Args:
        time: simulated time, s.
        charge: what has become metal or has been taken up by layers, C/m^2.
        height: of the highest metal above the collector, m.
        lift: how far the stack above the anode has been lifted at most, m.
        voltage: of the cell, V.
        elapsed: time since the protocol step in hand began, s. The difference of two simulated times says less: after
            a rest of 30 d it is good to 5e-10 s only.
    """

    time: float
    charge: float
    height: float
    voltage: float = 0.0
    elapsed: float = 0.0
    lift: float = 0.0

    @property
    def height_in_stack(self) -> float:
        """Of the highest metal, counted from where the collector was under the stack at the start, m."""
        return self.height - self.lift

    @classmethod
    def of_row(cls, row: Mapping[str, float], elapsed: float) -> Self:
        """Where a row of the history stands, `elapsed` s after its protocol step began."""
        charge = row["Charge density [C.m-2]"] + row.get("Uptake charge [C.m-2]", 0.0)
        lift = row.get("Largest lift [m]", 0.0)
        return cls(row["Time [s]"], charge, row["Maximum height [m]"], row["Cell voltage [V]"], elapsed, lift)
