"""The picture of a cell that is plated and stripped under current: voltages, efficiency, where the sodium went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from femna.analysis.cycles import (
    PLATING,
    STRIPPING,
    HalfCycle,
    charge_passed,
    cycles,
    efficiencies,
    half_cycles,
    top_fraction,
)
from femna.analysis.history_columns import column
from femna.render import theme
from femna.render.curves import cell_end, mark_end
from femna.render.jumps import with_jumps
from femna.render.moments import LARGEST_WHITE_SHARE
from femna.units import COULOMB_PER_MAH_CM2

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun

Array = np.ndarray[Any, Any]

STEPS = [1, 2, 5, 10]
LEAST_PLATED_SHARE = 0.02
"""Of the first plating's charge: with less plated, the share that went on top says nothing."""
LEAST_SHARE_CHANGE, LEAST_EFFICIENCY_CHANGE = 0.05, 1e-3
"""A share that changes by less, and efficiencies that differ by less, are said in words."""


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
    shares = np.zeros(0) if top is None else _shares(plated, halves, top)
    shares = shares[np.isfinite(shares)]
    varies = len(values) > 1 and float(np.ptp(values)) >= LEAST_EFFICIENCY_CHANGE
    below = [
        "capacity",
        *["efficiency"] * varies,
        *["top"] * bool(len(shares) and np.ptp(shares) >= LEAST_SHARE_CHANGE),
    ]
    fig = theme.figure(theme.WIDTH, 4.5)
    grid = fig.subplot_mosaic([["time"] * len(below), below], height_ratios=(1.0, 1.25))
    theme.letters([grid["time"], *(grid[name] for name in below)])
    _over_time(grid["time"], history, halves)
    _over_capacity(grid["capacity"], history, halves)
    notes = []
    if "efficiency" in grid:
        _efficiency(grid["efficiency"], numbers, values)
    elif len(values) > 1:
        notes.append(f"The Coulombic efficiency is {theme.shown(100.0 * values[-1], 100.0)} % in every cycle.")
    layer = theme.verbatim(run.case.layer_names[-2])
    if "top" in grid:
        assert top is not None
        _top_fraction(grid["top"], plated, halves, top)
        grid["top"].set_ylabel(f"Share plated above\nthe {layer}")
    elif len(shares):
        share = theme.shown_range(float(shares.min()), float(shares.max()), LEAST_SHARE_CHANGE)
        notes.append(f"The share plated above the {layer} is {share} throughout.")
    _legend(grid["time"], halves)
    if end is not None:
        scale, _ = theme.time_axis(float(history["Time [s]"][-1]))
        voltage = _voltage(history)[0]
        mark_end(grid["time"], history["Time [s]"] / scale, voltage, end)
        factor, _ = theme.capacity_axis(np.concatenate([_passed(history, half) for half in halves]))
        mark_end(grid["capacity"], factor * _passed(history, halves[-1]), voltage[halves[-1].rows], end)
    theme.note(fig, " ".join(notes))
    fig.suptitle(theme.verbatim(run.case.name), fontsize=9)
    return fig


def _voltage(history: dict[str, Array]) -> tuple[Array, str]:
    """The cell voltage in the unit of its axis, and the unit."""
    voltage = column(history, "Cell voltage [V]")
    factor, unit = theme.voltage_axis(voltage)
    return voltage * factor, unit


def _over_time(axes: Axes, history: dict[str, Array], halves: list[HalfCycle]) -> None:
    scale, unit = theme.time_axis(float(history["Time [s]"][-1]))
    time, (voltage, volt) = history["Time [s]"] / scale, _voltage(history)
    axes.plot(*with_jumps(history, time, voltage), color=theme.QUIET, linewidth=0.7)
    for half in halves:
        axes.plot(time[half.rows], voltage[half.rows], color=_colour(half))
    axes.set_xlabel(f"Time ({unit})")
    _voltage_axis(axes, volt)


def _over_capacity(axes: Axes, history: dict[str, Array], halves: list[HalfCycle]) -> None:
    voltage, volt = _voltage(history)
    passed = [_passed(history, half) for half in halves]
    factor, unit = theme.capacity_axis(np.concatenate(passed))
    for half, across, colour in zip(halves, passed, _shades(halves), strict=True):
        axes.plot(across * factor, voltage[half.rows], color=colour, linewidth=1.1)
    axes.set_xlabel(f"Capacity passed ({unit})")
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
    axes.set_xlim(left=0.0)
    _voltage_axis(axes, volt)


def _efficiency(axes: Axes, numbers: list[int], values: list[float]) -> None:
    axes.axhline(100.0, color=theme.QUIET, linewidth=0.5, dashes=(4, 3), zorder=0)
    axes.plot(numbers, 100.0 * np.array(values), marker="o", markersize=3.5, linewidth=0.7, color=theme.COLOURS[2])
    axes.set_xlabel("Cycle")
    axes.set_ylabel("Coulombic efficiency (%)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.margins(x=0.08)


def _plated(history: dict[str, Array]) -> Array:
    """All that has been plated as metal at each row, mAh cm^-2; what is stripped is not taken off."""
    capacity = column(history, "Capacity [mAh.cm-2]")
    return np.asarray(np.cumsum(np.maximum(np.diff(capacity, prepend=capacity[0]), 0.0)))


def _shares(plated: Array, halves: list[HalfCycle], top: Array) -> Array:
    """The share plated above the layers at each row; nan where next to nothing is plated yet, and between platings."""
    least = LEAST_PLATED_SHARE * plated[next(half.last for half in halves if half.plating)]
    plating = np.zeros(len(top), bool)
    for half in halves:
        plating[half.rows] |= half.plating
    return np.asarray(np.where(plating & (plated > least), top, np.nan))


def _top_fraction(axes: Axes, plated: Array, halves: list[HalfCycle], top: Array) -> None:
    """Over all that has been plated, one plating after the other."""
    shares = _shares(plated, halves, top)
    factor, unit = theme.capacity_axis(plated)
    for half, colour in zip(halves, _shades(halves), strict=True):
        if half.plating:
            axes.plot(plated[half.rows] * factor, shares[half.rows], color=colour, linewidth=1.1)
    axes.set_xlim(left=0.0)
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlabel(f"Plated so far ({unit})")
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=STEPS))


def _passed(history: dict[str, Array], half: HalfCycle) -> Array:
    """What has passed since the half cycle began, at its rows, mAh cm^-2."""
    capacity = charge_passed(history) / COULOMB_PER_MAH_CM2
    return np.asarray(np.abs(capacity[half.rows] - capacity[half.first]))


def _voltage_axis(axes: Axes, unit: str) -> None:
    axes.set_ylabel(f"Cell voltage ({unit})")
    axes.margins(x=0.02)
    theme.zero_line(axes)


def _colour(half: HalfCycle) -> str:
    return theme.PLATING if half.plating else theme.STRIPPING


def _shades(halves: list[HalfCycle]) -> list[Any]:
    """The colour of each half cycle, paler the earlier it was."""
    shades = []
    for number, half in enumerate(halves):
        white = LARGEST_WHITE_SHARE * (1.0 - (number // 2) / max((len(halves) - 1) // 2, 1)) if len(halves) > 2 else 0.0
        shades.append(theme.paler(_colour(half), white))
    return shades


def _legend(axes: Axes, halves: list[HalfCycle]) -> None:
    """Above the uppermost panel, where no curve can be."""
    names = {theme.PLATING: PLATING, theme.STRIPPING: STRIPPING}
    found = [colour for colour in names if any(_colour(half) == colour for half in halves)]
    lines = [Line2D([], [], color=colour) for colour in found]
    texts = [names[colour] for colour in found]
    if len(halves) > 2:
        texts[-1] += " (pale: early cycles)"
    axes.legend(lines, texts, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(lines), borderaxespad=0.1)
