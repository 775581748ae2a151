"""Measures the states of a run: the columns of all diagnostics, and what the protocol's ends are decided on."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import femna.diagnostics
from femna.columns import Column
from femna.contract.cell_state import CellState
from femna.contract.diagnostic import Amounts, CumulativeTotals, Diagnostic, Observation
from femna.contract.models import Model
from femna.contract.plugin_checks import check_columns, check_conserved
from femna.contract.state import State
from femna.diagnostics.front_shape import FrontMeter
from femna.diagnostics.lift import largest_lift
from femna.models.registry import registered_diagnostics

if TYPE_CHECKING:
    from femna.case.model import Case


@dataclass(frozen=True)
class StartingAmounts:
    """What later rows are counted from: what the initial state holds.

    Args:
        metal: volume of the metal, m^d.
        above: the part of it over the lower face of the last layer, m^d.
        stored_charge: charge stored besides the metal, C m^(d-3).
        conserved: quantity -> amount.
    """

    metal: float
    above: float = 0.0
    stored_charge: float = 0.0
    conserved: dict[str, float] = field(default_factory=dict)


def diagnostic_types() -> Iterator[type[Diagnostic]]:
    """Every diagnostic: those of the modules of this package, by module, then those that are registered."""
    for module in sorted(info.name for info in pkgutil.iter_modules(femna.diagnostics.__path__)):
        if module == "observer":
            continue
        found = vars(importlib.import_module(f"femna.diagnostics.{module}")).values()
        for kind in found:
            if isinstance(kind, type) and issubclass(kind, Diagnostic) and kind.__module__.endswith(f".{module}"):
                yield kind
    yield from registered_diagnostics()


class Observer:
    """Measures states of one model. Every method is collective.

    Args:
        case: the case.
        model: its model.
        start: what a resumed run counts from; by default the first state that is asked about is the start.
    """

    def __init__(self, case: Case, model: Model, start: StartingAmounts | None = None) -> None:
        self.model, self.start = model, start
        self.charge_per_metre = case.metal_charge
        self.front = FrontMeter(case, model)
        check_conserved(model.conserved())
        self.diagnostics = [kind.build(case, model) for kind in diagnostic_types() if kind.is_active(case, model)]
        self._layered = len(case.layer_names) > 2
        height = model.grid.points[:, -1]
        self._over = (height > case.interphase_top - 1e-9 * case.height).astype(float)

    def columns(self) -> list[Column]:
        """The declared columns of all diagnostics. Raises BadInput for one that cannot stand in a header."""
        for diagnostic in self.diagnostics:
            check_columns(type(diagnostic), diagnostic.declared())
        return [column for diagnostic in self.diagnostics for column in diagnostic.declared()]

    def _measured(self, state: State) -> StartingAmounts:
        """What a state holds."""
        grid, content = self.model.grid, self.model.metal_content(state)
        conserved: dict[str, float] = {}
        for part in self.model.conserved():
            conserved[part.quantity] = conserved.get(part.quantity, 0.0) + part.amount(state)
        return StartingAmounts(
            metal=grid.integral(content) + self.model.metal_beside(state),
            # metal over the interphase, what stands on its upper face included
            above=grid.integral(self._over * content) if self.model.is_charge_consistent else 0.0,
            stored_charge=sum(process.stored_charge(state) for process in self.model.processes),
            conserved=conserved,
        )

    def amounts(self, state: State) -> Amounts:
        """What a state holds, counted from the start; the first state asked about is the start."""
        now = self._measured(state)
        if self.start is None:
            self.start = now
        start, area = self.start, self.model.area
        entered: dict[str, float] = {}
        for part in self.model.conserved():
            entered[part.quantity] = entered.get(part.quantity, 0.0) + part.entered(state)
        for key, held in now.conserved.items():  # a run resumed with one process more counts it from there
            start.conserved.setdefault(key, held - entered[key])
        thickness = (now.metal - start.metal) / area
        # without a layer between them whatever is plated on the anode lies under the electrolyte
        above = (now.above - start.above) / area if self._layered else thickness
        return Amounts(
            thickness=thickness,
            above=above,
            current=max(abs(state.collector_current), abs(state.counter_current)) / area,
            stored_charge=(now.stored_charge - start.stored_charge) / area,
            conserved={key: held - start.conserved[key] - entered[key] for key, held in now.conserved.items()},
        )

    def cell_state(self, state: State, elapsed: float) -> CellState:
        """Where the cell stands with this state, `elapsed` s after its protocol step began."""
        amounts = self.amounts(state)
        charge = self.charge_per_metre * amounts.thickness + amounts.stored_charge
        lift = largest_lift(self.model, state)
        return CellState(state.time, charge, self.front.shape(state).maximum, state.voltage, elapsed, lift)

    def observe(
        self, state: State, dt: float, old: Amounts, totals: CumulativeTotals, faradaic: float | None = None
    ) -> Observation:
        """Everything that the diagnostics of a state need.

        Args:
            state: the state that a step of size dt has reached.
            dt: s.
            old: amounts before the step.
            totals: what has happened up to the state.
            faradaic: Faradaic current density, A/m^2; by default that of the step, from the thicknesses at its ends.
        """
        amounts = self.amounts(state)
        if faradaic is None:
            faradaic = self.charge_per_metre * (amounts.thickness - old.thickness) / dt
        storing = sum(process.storing_current(state) for process in self.model.processes) / self.model.area
        return Observation(
            state=state,
            dt=dt,
            faradaic=faradaic,
            storing=storing,
            amounts=amounts,
            totals=totals,
            front=self.front.shape(state),
        )

    def row(self, observation: Observation) -> dict[str, float]:
        """Column name -> value."""
        row: dict[str, float] = {}
        for diagnostic in self.diagnostics:
            row |= diagnostic.row(observation)
        return row
