"""What a protocol step makes the outer circuit hold, as a function of time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from femna.contract.cell_state import CellState
from femna.contract.control import Control

if TYPE_CHECKING:
    from femna.case.protocol import ProtocolStep


class StepControlLaw(ABC):
    """The control of one protocol step.

    Args:
        step: of the protocol.
        begin: where the cell stood when it began.
    """

    mode: ClassVar[str]
    """Name of the mode in the case file."""

    is_constant: ClassVar[bool] = True
    """Whether the circuit holds the same all the time."""

    def __init__(self, step: ProtocolStep, begin: CellState) -> None:
        self.step, self.begin = step, begin

    @abstractmethod
    def control(self, elapsed: float) -> Control:
        """What the circuit holds `elapsed` s after the step began."""
