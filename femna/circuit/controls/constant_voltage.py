"""A constant voltage."""

from __future__ import annotations

from femna.circuit.control_law import StepControlLaw
from femna.contract.control import Control


class VoltageControl(StepControlLaw):
    """A constant voltage."""

    mode = "voltage"

    def control(self, elapsed: float) -> Control:
        """The same at every time."""
        return Control("voltage", self.step.value)
