"""What the outer circuit holds while the cell takes a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Control:
    """The voltage of the cell (V, counter minus anode), or the current density (A/m^2, positive deposits)."""

    quantity: Literal["voltage", "current"]
    value: float
