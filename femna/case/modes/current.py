"""A constant current density."""

from __future__ import annotations

from typing import ClassVar, Literal

from femna.case.modes.protocol_mode import ProtocolMode, register
from femna.case.sections import Kinetics
from femna.quantities import Quantity


@register
class Current(ProtocolMode):
    """The current per projected area is held, A/m^2."""

    name: ClassVar[str] = "current"
    rank: ClassVar[int] = 10
    quantity: ClassVar[Quantity | None] = Quantity("A/m^2")
    fixes: ClassVar[Literal["voltage", "current"]] = "current"

    def kinetic_current(self, value: float, kinetics: Kinetics, thermal_voltage: float) -> float:
        """The current itself, A/m^2."""
        return abs(value)
