"""The picture of current against voltage: where each step of the protocol took the cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from femna.analysis.history_columns import column
from femna.analysis.protocol_steps import StepRows, step_rows
from femna.render import theme
from femna.render.curves import MA_CM2_PER_A_M2

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun

Array = np.ndarray[Any, Any]

SAME_SHARE = 0.01
"""Of the largest: currents, or voltages, that lie closer are one and the same."""
NUMBERED_STEPS = 12
"""Steps up to which each has its number at its end."""


def current_voltage(run: StoredRun) -> Figure | None:
    """Current density over cell voltage: the way within each step of the protocol, and its end.

    Args:
        run: the run.

    Returns:
        The figure; None where the steps that drive the cell end at one current or at one voltage, whichever its sign,
        which says nothing.
    """
    voltage = column(run.history, "Cell voltage [V]")
    current = column(run.history, "Current density [A.m-2]") * MA_CM2_PER_A_M2
    steps = [part for part in step_rows(run) if part.last > part.before]
    ends = [part.last for part in steps if _drives(part)]
    if min(_count(voltage[ends]), _count(current[ends])) < 2:
        return None
    fig = theme.figure(0.62 * theme.WIDTH, 3.2)
    axes = fig.subplots()
    colours = {True: theme.PLATING, False: theme.STRIPPING}
    labels = {True: "plating", False: "stripping"}
    for part in steps:
        if not _drives(part):
            continue
        plates = bool(current[part.last] > 0.0)
        axes.plot(voltage[part.rows], current[part.rows], color=colours[plates], linewidth=0.8, alpha=0.6)
        axes.plot(
            voltage[part.last], current[part.last], color=colours[plates], marker="o", markersize=4, linestyle="none",
            label=labels.pop(plates, "_"),
        )  # fmt: skip
        if len(steps) <= NUMBERED_STEPS:
            axes.annotate(
                str(part.number), (voltage[part.last], current[part.last]), xytext=(4, 3), textcoords="offset points",
                fontsize=7, color=theme.QUIET,
            )  # fmt: skip
    for line, low, high in ((axes.axhline, *axes.get_ylim()), (axes.axvline, *axes.get_xlim())):
        if low < 0.0 < high:
            line(0.0, color=theme.QUIET, linewidth=0.5, zorder=0)
    axes.set_xlabel("Cell voltage (V)")
    axes.set_ylabel("Current density (mA cm⁻²)")
    axes.margins(0.08)
    fig.legend(loc="outside upper right", ncols=2)
    fig.suptitle(theme.verbatim(run.case.name), fontsize=9, x=0.02, ha="left")
    return fig


def _drives(part: StepRows) -> bool:
    """Whether a step drives the cell, and is no rest."""
    return bool(part.step.value)


def _count(values: Array) -> int:
    """How many different magnitudes there are, to SAME_SHARE of the largest."""
    sizes = np.sort(np.abs(values))
    return 0 if not len(sizes) else 1 + int((np.diff(sizes) > SAME_SHARE * sizes[-1]).sum())
