"""Plating and stripping, half cycle by half cycle, read off the history of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from femna.analysis.history_columns import column, finite
from femna.analysis.metal import disconnected
from femna.units import COULOMB_PER_MAH_CM2

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun

Array = np.ndarray[Any, Any]

REST_CURRENT_SHARE = 1e-4
"""Of the largest current density: below it a cell rests."""
LISTED_CYCLES = 8
"""Cycles that a printed list shows; of more, the first and the last."""
LEAST_PASS_SHARE = 1e-3
"""Of the largest charge of a half cycle: one that passes less is no pass to compare runs at."""
TOP_FRACTION = "Top fraction [-]"
PLATING, STRIPPING, REST = "plating", "stripping", "rest"


@dataclass(frozen=True)
class HalfCycle:
    """Plating or stripping without a change of sign; rests between two steps of one sign belong to it.

    Args:
        plating: whether metal is plated, or stripped.
        first: row of the history at its start.
        last: row at its end.
        charge: charge per area that passed, C/m^2, positive.
        voltage: mean cell voltage over that charge, V.
    """

    plating: bool
    first: int
    last: int
    charge: float
    voltage: float

    @property
    def rows(self) -> slice:
        """The rows of the steps that belong to it; that of the state at its start is not among them."""
        return slice(self.first + 1, self.last + 1)


@dataclass(frozen=True)
class Cycle:
    """One plating and the stripping that follows it; either may be missing, and then counts 0 and has no voltage.

    The last three values are None until a stripping has come to its end, the last also without a stored output there.

    Args:
        number: counted from 1.
        start_s: simulated time at its start.
        end_s: simulated time at its end.
        plated_C_m2: charge plated per projected area, positive.
        stripped_C_m2: charge stripped per projected area, positive.
        plated_mAh_cm2: the same in mAh/cm^2.
        stripped_mAh_cm2: the same in mAh/cm^2.
        coulombic_efficiency: stripped over plated; above 1 where the electrode's own sodium is stripped too.
        plating_voltage_V: mean cell voltage over the charge plated.
        stripping_voltage_V: mean cell voltage over the charge stripped.
        left_behind_m: thickness plated in this cycle and not stripped; negative where more was stripped.
        disconnected_m: metal that the collector does not reach at the end, volume over projected area.
    """

    number: int
    start_s: float
    end_s: float
    plated_C_m2: float
    stripped_C_m2: float
    plated_mAh_cm2: float
    stripped_mAh_cm2: float
    coulombic_efficiency: float | None
    plating_voltage_V: float | None
    stripping_voltage_V: float | None
    left_behind_m: float | None
    disconnected_m: float | None = None


class CycleList(list[dict[str, Any]]):
    """Cycles as JSON holds them; printed, one short line each."""

    def __str__(self) -> str:
        lines = [_line(cycle) for cycle in self]
        if len(lines) > LISTED_CYCLES:
            lines = [*lines[: LISTED_CYCLES // 2], "..", *lines[-LISTED_CYCLES // 2 :]]
        return "\n".join(lines)


def charge_passed(history: Mapping[str, Array]) -> Array:
    """The charge that has come from outside: what is metal now and what layers have taken up.

    Args:
        history: column name -> values (rows,).

    Returns:
        Charge per projected area since the start, (rows,), C/m^2.
    """
    charge, taken_up = column(history, "Charge density [C.m-2]"), history.get("Uptake charge [C.m-2]")
    return charge if taken_up is None else charge + taken_up


def half_cycles(history: Mapping[str, Array]) -> list[HalfCycle]:
    """The half cycles of a history, told apart by the sign of the current from outside.

    Args:
        history: column name -> values (rows,).

    Returns:
        The half cycles in the order of time.
    """
    current = column(history, "Current density [A.m-2]")
    if "Uptake current [A.m-2]" in history:
        current = current + history["Uptake current [A.m-2]"]
    current = current[1:]  # row 0 is a state; the current of the others is their step's
    charge, voltage = charge_passed(history), column(history, "Cell voltage [V]")
    signs = np.where(np.abs(current) > REST_CURRENT_SHARE * np.abs(current).max(initial=0.0), np.sign(current), 0.0)
    active = np.flatnonzero(signs)
    if not len(active):
        return []
    parts = np.split(active, np.flatnonzero(np.diff(signs[active])) + 1)
    halves = []
    for part in parts:
        first, last = int(part[0]), int(part[-1]) + 1
        passed = np.abs(np.diff(charge[first : last + 1]))
        ends = voltage[first + 1 : last + 1]
        starts = np.concatenate([ends[:1], ends[:-1]])  # the state before was another step's
        total = float(passed.sum())
        mean = float((passed * (starts + ends)).sum() / 2 / total) if total > 0.0 else float(ends.mean())
        halves.append(HalfCycle(bool(signs[part[0]] > 0), first, last, total, mean))
    return halves


def passes(history: Mapping[str, Array]) -> list[HalfCycle]:
    """The half cycles that pass more than a trace of charge.

    Args:
        history: column name -> values (rows,).

    Returns:
        The half cycles in the order of time.
    """
    halves = half_cycles(history)
    least = LEAST_PASS_SHARE * max((half.charge for half in halves), default=0.0)
    return [half for half in halves if half.charge > least]


def direction_at(history: Mapping[str, Array], time: float) -> str:
    """What a cell was doing when an output was stored.

    Args:
        history: column name -> values (rows,).
        time: simulated time, s.

    Returns:
        PLATING, STRIPPING, or REST where no current flowed; of the first state what follows it.
    """
    ends, late = history["Time [s]"], time * (1.0 - 1e-9)
    halves = passes(history)
    for half in halves:
        if late <= ends[half.last]:
            begun = late > ends[half.first] or (half is halves[0] and late <= ends[half.first])
            return (PLATING if half.plating else STRIPPING) if begun else REST
    return REST


def goes_back(history: Mapping[str, Array]) -> bool:
    """Whether the capacity goes back and forth: metal is stripped, or sodium is taken up by a layer.

    Args:
        history: column name -> values (rows,).

    Returns:
        The answer.
    """
    return "Uptake current [A.m-2]" in history or not all(half.plating for half in half_cycles(history))


def first_pass(history: Mapping[str, Array], plating: bool) -> HalfCycle | None:
    """The first half cycle of a kind that passes more than a trace of charge.

    Args:
        history: column name -> values (rows,).
        plating: whether a plating is wanted, or a stripping.

    Returns:
        The half cycle; None when there is none.
    """
    return next((half for half in passes(history) if half.plating is plating), None)


def top_fraction(run: StoredRun) -> Array | None:
    """The share of what was plated that lies above the interphase.

    Args:
        run: the run.

    Returns:
        The share, (rows,); None with one potential, and without a layer between the first and the last.
    """
    return run.history.get(TOP_FRACTION) if len(run.case.layer_names) > 2 else None


def cycles(run: StoredRun) -> list[Cycle]:
    """The cycles of a run, each from the start of a plating to the end of the stripping that follows it.

    A run may begin with a stripping and end anywhere: the last stripping of a run that is not finished has not come to
    its end.

    Args:
        run: the run.

    Returns:
        The cycles in the order of time.

    Raises:
        BadInput: the history cannot be read.
    """
    history = run.history
    halves = half_cycles(history)
    found: list[Cycle] = []
    while halves:
        plating = halves.pop(0) if halves[0].plating else None
        stripping = halves.pop(0) if halves and not halves[0].plating else None
        found.append(_cycle(history, len(found) + 1, plating, stripping, bool(halves) or run.status == "finished"))
    return found


def cycle_table(run: StoredRun) -> CycleList | None:
    """The cycles as JSON holds them.

    Args:
        run: the run.

    Returns:
        One dictionary a cycle; None when nothing was stripped.
    """
    table = cycles(run)
    if not any(cycle.stripped_C_m2 > 0.0 for cycle in table):
        return None
    ended = (replace(c, disconnected_m=disconnected(run, c.end_s)) if c.left_behind_m is not None else c for c in table)
    return CycleList(map(asdict, ended))


def efficiencies(table: Sequence[Cycle]) -> tuple[list[int], list[float]]:
    """The Coulombic efficiencies that are known.

    Args:
        table: the cycles.

    Returns:
        The numbers of the cycles, and their efficiencies.
    """
    known = [(c.number, c.coulombic_efficiency) for c in table if c.coulombic_efficiency is not None]
    return [number for number, _ in known], [value for _, value in known]


def _cycle(
    history: Mapping[str, Array], number: int, plating: HalfCycle | None, stripping: HalfCycle | None, ended: bool
) -> Cycle:
    halves = [half for half in (plating, stripping) if half is not None]
    first, last = halves[0].first, halves[-1].last
    time, thickness = history["Time [s]"], column(history, "Deposit thickness [m]")
    plated, stripped = plating.charge if plating else 0.0, stripping.charge if stripping else 0.0
    ended = ended and stripping is not None
    return Cycle(
        number=number,
        start_s=float(time[first]),
        end_s=float(time[last]),
        plated_C_m2=plated,
        stripped_C_m2=stripped,
        plated_mAh_cm2=plated / COULOMB_PER_MAH_CM2,
        stripped_mAh_cm2=stripped / COULOMB_PER_MAH_CM2,
        coulombic_efficiency=stripped / plated if ended and plated > 0.0 else None,
        plating_voltage_V=finite(plating.voltage) if plating else None,
        stripping_voltage_V=finite(stripping.voltage) if stripping else None,
        left_behind_m=finite(thickness[last] - thickness[first]) if ended else None,
    )


def _line(cycle: Mapping[str, Any]) -> str:
    efficiency = cycle["coulombic_efficiency"]
    share = "" if efficiency is None else f", {100 * efficiency:.4g} %"
    return f"{cycle['number']}: {cycle['plated_mAh_cm2']:.4g} in, {cycle['stripped_mAh_cm2']:.4g} out mAh/cm2{share}"
