"""A constant cell voltage."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from femna.case.modes.protocol_mode import ProtocolMode, register
from femna.case.sections import Kinetics
from femna.case.until import UntilKind
from femna.quantities import Quantity


@register
class Voltage(ProtocolMode):
    """The voltage of the counter side minus that of the anode side is held, V."""

    name: ClassVar[str] = "voltage"
    rank: ClassVar[int] = 0
    quantity: ClassVar[Quantity | None] = Quantity("V")
    models: ClassVar[tuple[str, ...]] = ("single_potential", "two_potential")
    fixes: ClassVar[Literal["voltage", "current"]] = "voltage"
    ends: ClassVar[tuple[UntilKind, ...]] = ("time", "charge", "height")

    def kinetic_current(self, value: float, kinetics: Kinetics, thermal_voltage: float) -> float:
        """Butler-Volmer at eta = -V - U: i0 |exp((1-b) eta/V_T) - exp(-b eta/V_T)|, A/m^2. Raises OverflowError."""
        scaled = (-value - kinetics.standard_potential) / thermal_voltage
        beta = kinetics.transfer_coefficient
        return kinetics.exchange_current_density * abs(math.exp((1.0 - beta) * scaled) - math.exp(-beta * scaled))
