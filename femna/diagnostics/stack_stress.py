"""Stack pressure, thickness of cell and layers, stress in the layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from femna.columns import Column
from femna.contract.diagnostic import Diagnostic, Observation
from femna.contract.models import Model
from femna.mechanics.stack_mechanics import StackMechanics

if TYPE_CHECKING:
    from femna.case.model import Case

WITH_MECHANICS = "with `mechanics.model`"


class StackStress(Diagnostic):
    """What the stress of the stack comes to."""

    columns = (
        Column("Stack pressure [Pa]", "Mean of -sigma_zz: the same on every plane across the stack", WITH_MECHANICS),
        Column("Cell thickness [m]", "From the collector to the outer face of the counter's metal", WITH_MECHANICS),
    )

    def __init__(self, process: StackMechanics) -> None:
        self.process = process

    @classmethod
    def is_active(cls, case: Case, model: Model) -> bool:
        """Where the case has mechanics."""
        return any(isinstance(process, StackMechanics) for process in model.processes)

    @classmethod
    def build(cls, case: Case, model: Model) -> Self:
        """Of the process of the model."""
        return cls(next(process for process in model.processes if isinstance(process, StackMechanics)))

    def declared(self) -> tuple[Column, ...]:
        """Those of the stack, and three a layer."""
        columns = list(self.columns)
        for name in self.process.names:
            columns += [
                Column(
                    f"Maximum principal stress in {name} [Pa]",
                    "Largest tension in a layer where no metal has taken its place; in the first layer, in all metal",
                    WITH_MECHANICS,
                ),
                Column(f"Strain of {name} [-]", "Mean stretch along the growth axis, without growth", WITH_MECHANICS),
                Column(
                    f"Thickness of {name} [m]", "Mean, as strained; of the first layer with all metal", WITH_MECHANICS
                ),
            ]
        return tuple(columns)

    def row(self, observation: Observation) -> dict[str, float]:
        """Of the state."""
        return self.process.measures(observation.state)
