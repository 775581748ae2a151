"""What a mode of a protocol step declares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from femna.case.sections import Kinetics
from femna.case.until import UntilKind
from femna.quantities import Quantity


class ProtocolMode(ABC):
    """A mode of a protocol step.

    Attributes:
        name: value of `mode`.
        rank: place among the modes where they are listed.
        quantity: what the value of a step is; None where a step has none.
        models: the models that can take it.
        fixes: what it prescribes, the cell's voltage or its current.
        is_constant: whether that is the step's value (0 without one) all the time.
        ends: the kinds of ends that a step may have.
    """

    name: ClassVar[str]
    rank: ClassVar[int] = 100
    quantity: ClassVar[Quantity | None] = None
    models: ClassVar[tuple[str, ...]] = ("two_potential",)
    fixes: ClassVar[Literal["voltage", "current"]]
    is_constant: ClassVar[bool] = True
    ends: ClassVar[tuple[UntilKind, ...]] = ("time", "charge", "voltage", "height")

    @abstractmethod
    def kinetic_current(self, value: float, kinetics: Kinetics, thermal_voltage: float) -> float:
        """Size of the current density that a step asks of the kinetics at c = c0.

        Args:
            value: the step's value, SI; positive deposits on the anode.
            kinetics: constants of the electrode reaction.
            thermal_voltage: RT/(z F), V.

        Returns:
            Current density, A/m^2.

        Raises:
            OverflowError: it is no finite number.
        """

    def described(self, value: float) -> str:
        """A step with this value in words: "current of 5 A/m^2"."""
        return self.name if self.quantity is None else f"{self.name} of {value:g} {self.quantity.unit}"


MODES: dict[str, ProtocolMode] = {}
"""The registered modes by name."""


def register[Mode: ProtocolMode](mode: type[Mode]) -> type[Mode]:
    """Make a mode known to case files; a class decorator.

    Raises:
        ValueError: there is a mode of that name.
    """
    if mode.name in MODES:
        raise ValueError(f"there is a mode '{mode.name}' already")
    MODES[mode.name] = mode()
    return mode
