"""The picture of a cell that is plated and stripped under current: voltages, efficiency, where the sodium went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from femna.analysis.cycles import HalfCycle, charge_passed, cycles, efficiencies, half_cycles, top_fraction
from femna.analysis.history_columns import column
from femna.render import theme
from femna.render.curves import cell_end, mark_end
from femna.render.jumps import with_jumps
from femna.units import COULOMB_PER_MAH_CM2

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun

Array = np.ndarray[Any, Any]

STEPS = [1, 2, 5, 10]
LARGEST_WHITE_SHARE = 0.6
"""Share of white in the colour of the first cycle; the last has none."""
LEAST_PLATED_SHARE = 0.02
"""Of the first plating's charge: with less plated, the share that went on top says nothing."""


def has_cycles(run: StoredRun) -> bool:
    """Whether there is anything to draw: a step of constant current that took two time steps.

    Args:
        run: the run.

    Returns:
        The answer.
    """
    by_current = any(step.mode == "current" for step in run.case.steps())
    return by_current and any(half.last > half.first + 1 for half in half_cycles(run.history))


def cycle_picture(run: StoredRun) -> Figure:
    """Voltage over time and over the capacity of each half cycle; efficiencies; the share plated above the layers.

    Args:
        run: the run.

    Returns:
        The figure.
    """
    history, end = run.history, cell_end(run.manifest)
    halves = half_cycles(history)
    numbers, values = efficiencies(cycles(run))
    plated = _plated(history)
    top = top_fraction(run) if any(half.plating and plated[half.last] > 0.0 for half in halves) else None
    below = ["capacity", *["efficiency"] * (len(values) > 1), *["top"] * (top is not None)]
    fig = theme.figure(theme.WIDTH, 4.4)
    grid = fig.subplot_mosaic([["time"] * len(below), below], height_ratios=(1.0, 1.25))
    _over_time(grid["time"], history, halves)
    _over_capacity(grid["capacity"], history, halves)
    if "efficiency" in grid:
        _efficiency(grid["efficiency"], numbers, values)
    if top is not None:
        _top_fraction(grid["top"], plated, halves, top)
        grid["top"].set_ylabel(f"Share plated above\nthe {theme.verbatim(run.case.layer_names[-2])}")
    _legend(grid["time"], halves)
    if end is not None:
        scale, _ = theme.time_axis(float(history["Time [s]"][-1]))
        voltage = column(history, "Cell voltage [V]")
        mark_end(grid["time"], history["Time [s]"] / scale, voltage, end)
        mark_end(grid["capacity"], _passed(history, halves[-1]), voltage[halves[-1].rows], end)
    fig.suptitle(theme.verbatim(run.case.name), fontsize=9)
    return fig


def _over_time(axes: Axes, history: dict[str, Array], halves: list[HalfCycle]) -> None:
    scale, unit = theme.time_axis(float(history["Time [s]"][-1]))
    time, voltage = history["Time [s]"] / scale, column(history, "Cell voltage [V]")
    axes.plot(*with_jumps(history, time, voltage), color=theme.QUIET, linewidth=0.7)
    for half in halves:
        axes.plot(time[half.rows], voltage[half.rows], color=_colour(half))
    axes.set_xlabel(f"Time ({unit})")
    _voltage_axis(axes)


def _over_capacity(axes: Axes, history: dict[str, Array], halves: list[HalfCycle]) -> None:
    shades = _shades(halves)
    for half, colour in zip(halves, shades, strict=True):
        axes.plot(_passed(history, half), column(history, "Cell voltage [V]")[half.rows], color=colour, linewidth=1.1)
    axes.set_xlabel("Capacity passed (mAh cm⁻²)")
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
    axes.set_xlim(left=0.0)
    _voltage_axis(axes)


def _efficiency(axes: Axes, numbers: list[int], values: list[float]) -> None:
    axes.axhline(100.0, color=theme.QUIET, linewidth=0.5, dashes=(4, 3), zorder=0)
    axes.plot(numbers, 100.0 * np.array(values), marker="o", markersize=3.5, linewidth=0.7, color=theme.COLOURS[2])
    axes.set_xlabel("Cycle")
    axes.set_ylabel("Coulombic efficiency (%)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.margins(x=0.08)
    if np.ptp(values) < 1e-3:  # noise is not to fill the panel
        middle = 100.0 * float(np.mean(values))
        axes.set_ylim(min(middle, 100.0) - 1.0, max(middle, 100.0) + 1.0)


def _plated(history: dict[str, Array]) -> Array:
    """All that has been plated as metal at each row, mAh cm^-2; what is stripped is not taken off."""
    capacity = column(history, "Capacity [mAh.cm-2]")
    return np.asarray(np.cumsum(np.maximum(np.diff(capacity, prepend=capacity[0]), 0.0)))


def _top_fraction(axes: Axes, plated: Array, halves: list[HalfCycle], top: Array) -> None:
    """Over all that has been plated, one plating after the other."""
    least = LEAST_PLATED_SHARE * plated[next(half.last for half in halves if half.plating)]
    for half, colour in zip(halves, _shades(halves), strict=True):
        if half.plating:
            rows = half.rows
            axes.plot(plated[rows], np.where(plated > least, top, np.nan)[rows], color=colour, linewidth=1.1)
    axes.set_xlim(left=0.0)
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlabel("Plated so far (mAh cm⁻²)")
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=STEPS))


def _passed(history: dict[str, Array], half: HalfCycle) -> Array:
    """What has passed since the half cycle began, at its rows, mAh cm^-2."""
    capacity = charge_passed(history) / COULOMB_PER_MAH_CM2
    return np.asarray(np.abs(capacity[half.rows] - capacity[half.first]))


def _voltage_axis(axes: Axes) -> None:
    axes.set_ylabel("Cell voltage (V)")
    axes.margins(x=0.02)
    low, high = axes.get_ylim()
    if low < 0.0 < high:
        axes.axhline(0.0, color=theme.QUIET, linewidth=0.5, zorder=0)


def _colour(half: HalfCycle) -> str:
    return theme.PLATING if half.plating else theme.STRIPPING


def _shades(halves: list[HalfCycle]) -> list[Any]:
    """The colour of each half cycle, paler the earlier it was."""
    shades = []
    for number, half in enumerate(halves):
        white = LARGEST_WHITE_SHARE * (1.0 - (number // 2) / max((len(halves) - 1) // 2, 1)) if len(halves) > 2 else 0.0
        shades.append(tuple((1.0 - white) * np.array(to_rgb(_colour(half))) + white))
    return shades


def _legend(axes: Axes, halves: list[HalfCycle]) -> None:
    """Above the uppermost panel, where no curve can be."""
    names = {theme.PLATING: "plating", theme.STRIPPING: "stripping"}
    found = [colour for colour in names if any(_colour(half) == colour for half in halves)]
    lines = [Line2D([], [], color=colour) for colour in found]
    texts = [names[colour] for colour in found]
    if len(halves) > 2:
        texts[-1] += " (pale: early cycles)"
    axes.legend(lines, texts, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(lines), borderaxespad=0.1)
