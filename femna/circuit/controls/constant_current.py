"""A constant current density."""

from __future__ import annotations

from femna.circuit.control_law import StepControlLaw
from femna.contract.control import Control


class CurrentControl(StepControlLaw):
    """A constant current density."""

    mode = "current"

    def control(self, elapsed: float) -> Control:
        """The same at every time."""
        return Control("current", self.step.value)
