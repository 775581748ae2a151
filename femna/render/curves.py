"""Curves of a run's history, and the marks and shades on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from femna.analysis.cycles import STRIPPING, goes_back, passes
from femna.analysis.history_columns import column
from femna.render import theme
from femna.render.jumps import with_jumps

Array = np.ndarray[Any, Any]

MA_CM2_PER_A_M2 = 0.1
"""mA cm^-2 in one A m^-2."""
CURRENT, VOLTAGE = "Current density [A.m-2]", "Cell voltage [V]"
HELD_SHARE = 1e-3
"""Change over the largest value up to which a current or a voltage is constant, and is said in words."""
FLAT_ROUGHNESS = 1e-10
"""Roughness, m, up to which a front is flat: less than an atom."""
LEAST_HEIGHT_RANGE = 1e-3
"""In um: an axis of heights spans that at least."""
ENDS = {
    "short_circuit_time_s": "short circuit",
    "counter_exhausted_time_s": "counter used up",
    "anode_exhausted_time_s": "anode used up",
}
"""What a manifest may say of the end of a cell, and how a picture says it."""


def cell_end(manifest: Mapping[str, Any]) -> str | None:
    """What ended the cell before its protocol.

    Args:
        manifest: content of the manifest.

    Returns:
        The words of a picture; None when nothing did.
    """
    return next((text for key, text in ENDS.items() if manifest.get(key) is not None), None)


def mark_end(axes: Axes, x: Array, y: Array, text: str) -> None:
    """A labelled marker at the end of a curve, the words to its left, on the side that the curve does not come from.

    Args:
        axes: where to draw.
        x: horizontal coordinates of the curve, (rows,).
        y: vertical ones, (rows,).
        text: the words.
    """
    axes.plot(x[-1:], y[-1:], marker="X", color=theme.ALARM, markeredgecolor="white", markersize=6, clip_on=False)
    earlier = float(np.interp(x[-1] - 0.15 * np.ptp(x), x, y))
    side = 1 if y[-1] >= earlier else -1
    low, high = axes.get_ylim()
    room = 0.14 * (high - low)
    axes.set_ylim(min(low, y[-1] - room) if side < 0 else low, max(high, y[-1] + room) if side > 0 else high)
    axes.annotate(
        text, (x[-1], y[-1]), xytext=(-2, 5 * side), textcoords="offset points", ha="right",
        va="bottom" if side > 0 else "top", color=theme.ALARM, fontsize=7, annotation_clip=False,
        path_effects=[patheffects.withStroke(linewidth=2.0, foreground=theme.page())],
    )  # fmt: skip


def history(columns: Mapping[str, Array], heading: str, end: str | None = None) -> Figure:
    """Heights and roughness over the capacity, current density and cell voltage over the time.

    Where metal is stripped, or sodium is taken up by a layer, the capacity goes back and forth, and everything is drawn
    over the time, periods of stripping shaded. A flat front has neither a roughness nor a lowest and a highest point.
    What the protocol holds constant is said in words.

    Args:
        columns: column name -> values (rows,), of the history.
        heading: title of the figure.
        end: what ended the cell before its protocol, to be marked; None when nothing did.

    Returns:
        The figure.
    """
    roughness = column(columns, "Roughness Sq [m]")
    rugged = bool((roughness > FLAT_ROUGHNESS).any())
    metal_current, cell_voltage = column(columns, CURRENT), column(columns, VOLTAGE)
    held = [name for name, values in ((CURRENT, metal_current), (VOLTAGE, cell_voltage)) if _is_held(values)]
    panels = ["height", *["rough"] * rugged, *["current"] * (CURRENT not in held), *["voltage"] * (VOLTAGE not in held)]
    fig, grid = theme.panels(panels)
    scale, unit = theme.time_axis(float(columns["Time [s]"][-1]))
    time, across = columns["Time [s]"] / scale, column(columns, "Capacity [mAh.cm-2]")
    clock, (factor, name) = f"Time ({unit})", theme.capacity_axis(across)
    across, label = across * factor, f"Capacity ({name})"
    if goes_back(columns) or not np.isfinite(across).any():
        across, label = time, clock
    height = grid["height"]
    lowest, mean, highest = (column(columns, f"{k} height [m]") * theme.MICRO for k in ("Minimum", "Mean", "Maximum"))
    if rugged:
        height.fill_between(across, lowest, highest, color=theme.COLOURS[0], alpha=0.2, linewidth=0)
        height.plot(across, highest, color=theme.COLOURS[0], linewidth=0.8, label="lowest to highest")
        height.plot(across, lowest, color=theme.COLOURS[0], linewidth=0.8)
    height.plot(across, mean, color=theme.COLOURS[1] if rugged else theme.COLOURS[0], label="mean" if rugged else None)
    height.set_ylabel(f"Height of the {'' if rugged else 'flat '}front (µm)")
    height.set_xlabel(label)
    low, high = height.get_ylim()
    height.set_ylim(*theme.widened(low, high, 0.0, LEAST_HEIGHT_RANGE))
    if rugged:
        rough = grid["rough"]
        rough.plot(across, roughness * theme.MICRO)
        rough.set_ylabel("Roughness Sq (µm)")
        rough.set_ylim(0, 1.08 * float(np.nanmax(roughness)) * theme.MICRO)
        rough.set_xlabel(label)
    if "current" in grid:
        current, shown = grid["current"], metal_current * MA_CM2_PER_A_M2
        taken_up = columns.get("Uptake current [A.m-2]")
        current.plot(*with_jumps(columns, time, shown), label=None if taken_up is None else "metal")
        if taken_up is not None:
            current.plot(time, taken_up * MA_CM2_PER_A_M2, label="uptake by layers")
        current.set_ylabel("Current density (mA cm⁻²)")
    if "voltage" in grid:
        factor, unit = theme.voltage_axis(cell_voltage)
        grid["voltage"].plot(*with_jumps(columns, time, cell_voltage * factor))
        grid["voltage"].set_ylabel(f"Cell voltage ({unit})")
    for name in {"current", "voltage"} & set(grid):
        grid[name].set_xlabel(clock)
        theme.zero_line(grid[name])
    for axes in grid.values():
        axes.margins(x=0.02)
        if axes.get_xlabel() == clock:
            shade_stripping(axes, columns, scale, STRIPPING if axes is height else None)
    if end is not None:
        for axes, x, y in (
            (height, across, highest),
            (grid.get("current"), time, metal_current * MA_CM2_PER_A_M2),
            (grid.get("voltage"), time, cell_voltage * theme.voltage_axis(cell_voltage)[0]),
        ):
            if axes is not None:
                mark_end(axes, x, y, end)
    for axes in grid.values():
        legend_above(axes)
    theme.note(fig, " ".join(_said(name, column(columns, name)) for name in held))
    fig.suptitle(heading, fontsize=9)
    return fig


def shade_stripping(axes: Axes, columns: Mapping[str, Array], scale: float, label: str | None = None) -> None:
    """Behind curves over the time, the periods in which metal is stripped.

    Args:
        axes: where to draw.
        columns: column name -> values (rows,), of the history.
        scale: seconds per unit of the axis.
        label: entry of the legend; None for none.
    """
    time = columns["Time [s]"] / scale
    for half in passes(columns):
        if not half.plating:
            axes.axvspan(
                time[half.first],
                time[half.last],
                color=theme.STRIPPING,
                alpha=0.12,
                linewidth=0,
                zorder=-1,
                label=label,
            )
            label = None


def _is_held(values: Array) -> bool:
    """Whether a curve would be a straight line; the first row is the state before anything flows."""
    later = values[1:] if len(values) > 1 else values
    return bool(np.isfinite(later).all() and np.ptp(later) <= HELD_SHARE * np.abs(later).max())


def _said(name: str, values: Array) -> str:
    """What is said of a constant."""
    value = float(values[-1])
    if name == CURRENT:
        value *= MA_CM2_PER_A_M2
        return f"The current density is {theme.shown(value, abs(value))} mA cm⁻² throughout."
    factor, unit = theme.voltage_axis(values)
    return f"The cell voltage is {theme.shown(factor * value, abs(factor * value))} {unit} throughout."


def legend_above(axes: Axes) -> None:
    """A legend of what has a label in one line above the axes, where no curve can be.

    Args:
        axes: the axes.
    """
    handles, texts = axes.get_legend_handles_labels()
    if not handles:
        return
    axes.legend(handles, texts, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(texts), borderaxespad=0.1)
