"""A constant cell voltage."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from femna.case.modes.protocol_mode import ProtocolMode, register
from femna.case.sections import Kinetics
from femna.case.until import UntilKind
from femna.quantities import Quantity
from femna.units import FARADAY, GAS_CONSTANT


@register
class Voltage(ProtocolMode):
    """The voltage of the counter side minus that of the anode side is held, V."""

    name: ClassVar[str] = "voltage"
    rank: ClassVar[int] = 0
    quantity: ClassVar[Quantity | None] = Quantity("V")
    models: ClassVar[tuple[str, ...]] = ("single_potential", "two_potential")
    fixes: ClassVar[Literal["voltage", "current"]] = "voltage"
    ends: ClassVar[tuple[UntilKind, ...]] = ("time", "charge", "height")

    def kinetic_current(self, value: float, kinetics: Kinetics, temperature: float) -> float:
        """Butler-Volmer at eta = -V - U: i0 |exp((1-b) F eta/RT) - exp(-b F eta/RT)|, A/m^2. Raises OverflowError."""
        eta = -value - kinetics.standard_potential
        scaled = FARADAY * eta / (GAS_CONSTANT * temperature)
        beta = kinetics.transfer_coefficient
        return kinetics.exchange_current_density * abs(math.exp((1.0 - beta) * scaled) - math.exp(-beta * scaled))
