"""What a run did in each step of its protocol, read off its history.

The history does not say where a step of the protocol begins: its ends are met again, by the very rule of the run
(femna.circuit.termination), among rows that hold what the step holds. So runs of any version have the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from femna.analysis.history_columns import column, finite
from femna.circuit.termination import Termination
from femna.contract.cell_state import CellState
from femna.units import COULOMB_PER_MAH_CM2

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun
    from femna.case import ProtocolStep

Array = np.ndarray[Any, Any]

HELD_SHARE = 1e-3
"""How far beside the value of its step (over the largest of the run) a row's voltage or current may lie and hold it."""


@dataclass(frozen=True)
class ProtocolStepRecord:
    """One step of the protocol, repeats expanded, that the run has begun.

    Voltage and current at the start are those of the first row after the switch. A step at whose beginning its end was
    met already has no rows, and its values are None.

    Args:
        number: counted from 1.
        mode: its mode.
        value: what it holds, SI; None where the mode has no value.
        unit: unit of the value.
        start_s: simulated time at its start.
        end_s: at its end, or of the last row so far.
        duration_s: the difference.
        voltage_start_V: cell voltage.
        voltage_end_V: cell voltage.
        current_start_A_m2: Faradaic, per projected area; positive deposits.
        current_end_A_m2: the same.
        charge_start_C_m2: charge that has become metal, or was taken up by layers, since the start of the run.
        charge_end_C_m2: the same.
        charge_C_m2: the difference.
        capacity_mAh_cm2: the same in mAh/cm^2.
        deposit_start_m: thickness of the deposit.
        deposit_end_m: the same.
        deposit_m: the difference.
        is_over: whether the step has come to its own end; not where a cell ended before, or a run goes on.
    """

    number: int
    mode: str
    value: float | None
    unit: str
    start_s: float
    end_s: float
    duration_s: float
    voltage_start_V: float | None
    voltage_end_V: float | None
    current_start_A_m2: float | None
    current_end_A_m2: float | None
    charge_start_C_m2: float | None
    charge_end_C_m2: float | None
    charge_C_m2: float | None
    capacity_mAh_cm2: float | None
    deposit_start_m: float | None
    deposit_end_m: float | None
    deposit_m: float | None
    is_over: bool


@dataclass(frozen=True)
class StepRows:
    """The rows of a protocol step.

    Args:
        number: of the step, counted from 1.
        step: the step.
        before: row of the state at its start.
        last: its last row; `before` where it has none.
        is_over: whether its end is met.
    """

    number: int
    step: ProtocolStep
    before: int
    last: int
    is_over: bool

    @property
    def rows(self) -> slice:
        """The rows of its time steps."""
        return slice(self.before + 1, self.last + 1)


def step_rows(run: StoredRun) -> list[StepRows]:
    """The rows of each protocol step that the run has begun, in the order of time.

    Args:
        run: the run, at any stage of its life.

    Raises:
        BadInput: case or history cannot be read.
    """
    history, row = run.history, 0
    found: list[StepRows] = []
    if not len(history["Time [s]"]):
        return []
    last = len(history["Time [s]"]) - 1
    for number, step in enumerate(run.case.steps(), start=1):
        if row == last and found:
            break
        end, is_over = _end(history, step, row)
        found.append(StepRows(number, step, row, end, is_over))
        row = end
    return found


def protocol_steps(run: StoredRun) -> list[dict[str, Any]]:
    """The steps of the protocol that the run has begun, as JSON holds them (`ProtocolStepRecord`).

    Args:
        run: the run, at any stage of its life.

    Returns:
        One dictionary a step.

    Raises:
        BadInput: case or history cannot be read.
    """
    return [asdict(_record(run.history, part)) for part in step_rows(run)]


def _end(history: Mapping[str, Array], step: ProtocolStep, begin: int) -> tuple[int, bool]:
    """The last row of a step that begins at a row, and whether its end is met there."""
    held, elapsed, time = _holds(history, step), 0.0, history["Time step [s]"]
    termination, here = None, begin
    while here + 1 < len(time) and held[here + 1]:
        if termination is None:
            # the voltage at the start is that after the switch, which the first row of the step knows
            start = _state(history, begin, 0.0)
            switched = CellState(start.time, start.charge, start.height, float(history["Cell voltage [V]"][here + 1]))
            termination = Termination.of(step, switched)
            if step.until.kind != "voltage" and termination.met(start):
                return begin, True
        here += 1
        elapsed += float(time[here])
        if termination.met(_state(history, here, elapsed)):
            return here, True
    # rows that hold something else follow: the end was met where this step's rows end, also without one
    return here, here + 1 < len(time)


def _holds(history: Mapping[str, Array], step: ProtocolStep) -> Array:
    """Whether each row holds what a step holds, (rows,)."""
    mode = step.definition
    name = "Cell voltage [V]" if mode.fixes == "voltage" else "Counter current [A.m-2]"
    values = column(history, name)
    if not mode.is_constant or np.isnan(values).any():
        return np.ones(len(values), dtype=bool)
    return np.asarray(np.abs(values - step.value) <= HELD_SHARE * np.abs(values).max(initial=0.0))


def _state(history: Mapping[str, Array], row: int, elapsed: float) -> CellState:
    return CellState.of_row({name: float(values[row]) for name, values in history.items()}, elapsed)


def _record(history: Mapping[str, Array], part: StepRows) -> ProtocolStepRecord:
    before, last, step = part.before, part.last, part.step
    time, voltage = history["Time [s]"], column(history, "Cell voltage [V]")
    current, deposit = column(history, "Current density [A.m-2]"), column(history, "Deposit thickness [m]")
    first = min(before + 1, last)
    charges = [_state(history, row, 0.0).charge for row in (before, last)]
    passed, grown = charges[1] - charges[0], float(deposit[last] - deposit[before])
    has_rows = last > before
    quantity = step.definition.quantity
    return ProtocolStepRecord(
        number=part.number,
        mode=step.mode,
        value=None if quantity is None else step.value,
        unit="" if quantity is None else quantity.unit,
        start_s=float(time[before]),
        end_s=float(time[last]),
        duration_s=float(time[last] - time[before]),
        voltage_start_V=finite(voltage[first]) if has_rows else None,
        voltage_end_V=finite(voltage[last]) if has_rows else None,
        current_start_A_m2=finite(current[first]) if has_rows else None,
        current_end_A_m2=finite(current[last]) if has_rows else None,
        charge_start_C_m2=finite(charges[0]),
        charge_end_C_m2=finite(charges[1]),
        charge_C_m2=finite(passed),
        capacity_mAh_cm2=finite(passed / COULOMB_PER_MAH_CM2),
        deposit_start_m=finite(deposit[before]),
        deposit_end_m=finite(deposit[last]),
        deposit_m=finite(grown),
        is_over=part.is_over,
    )
