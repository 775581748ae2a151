"""Open circuit."""

from __future__ import annotations

from typing import ClassVar, Literal

from femna.case.modes.protocol_mode import ProtocolMode, register
from femna.case.sections import Kinetics


@register
class Rest(ProtocolMode):
    """No current flows through the outer circuit. A step has no value, and counts as a current of 0."""

    name: ClassVar[str] = "rest"
    rank: ClassVar[int] = 20
    fixes: ClassVar[Literal["voltage", "current"]] = "current"

    def kinetic_current(self, value: float, kinetics: Kinetics, thermal_voltage: float) -> float:
        """None: 0 A/m^2."""
        return 0.0
