"""An open circuit: no current."""

from __future__ import annotations

from femna.circuit.control_law import StepControlLaw
from femna.contract.control import Control


class RestControl(StepControlLaw):
    """An open circuit: no current."""

    mode = "rest"

    def control(self, elapsed: float) -> Control:
        """The same at every time."""
        return Control("current", 0.0)
