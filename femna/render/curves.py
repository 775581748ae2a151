"""Lines: the front as it moves, and the history of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps, patheffects
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation

from femna.analysis.cycles import goes_back
from femna.analysis.history_columns import column
from femna.analysis.snapshot import Snapshot
from femna.render import theme
from femna.render.jumps import with_jumps
from femna.render.layers import grain_boundaries, lines, names
from femna.render.panels import scale_bar

if TYPE_CHECKING:
    from femna.case import Case

Array = np.ndarray[Any, Any]

MA_CM2_PER_A_M2 = 0.1
"""mA cm^-2 in one A m^-2."""
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


def fronts(snaps: Sequence[Snapshot], case: Case, heading: str) -> Figure:
    """The contours xi = 1/2 of several outputs of a 2D run (or of sections), coloured by time.

    Args:
        snaps: the outputs in the order of time.
        case: the case of the run.
        heading: title of the figure.

    Returns:
        The figure.
    """
    points = snaps[-1].points * theme.MICRO
    low, high = points.min(axis=0), points.max(axis=0)
    tips = [tip[1] * theme.MICRO for tip in (s.tip() for s in snaps) if tip is not None]
    top = min(high[1], 1.25 * max(tips, default=high[1]))
    aspect = float((top - low[1]) / (high[0] - low[0]))
    wide = min(theme.WIDTH * 0.62, 5.5 / aspect)
    fig = theme.figure(wide + 1.4, wide * aspect + 1.1)
    axes = fig.subplots()
    scale, unit = theme.time_axis(snaps[-1].time)
    norm = Normalize(snaps[0].time / scale, max(snaps[-1].time / scale, snaps[0].time / scale + 1e-30))
    colours = colormaps[theme.TIME_MAP]
    for snap in snaps:
        xi = snap.values["xi"]
        if xi.min() < 0.5 <= xi.max():
            mesh = Triangulation(*(snap.points.T * theme.MICRO), snap.cells)
            axes.tricontour(mesh, xi, levels=[0.5], colors=[colours(0.95 * norm(snap.time / scale))], linewidths=0.9)
    grain_boundaries(axes, snaps[-1], case)
    axes.set_aspect("equal")
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], top)
    axes.set_xlabel("x (µm)")
    axes.set_ylabel("Height (µm)")
    fig.canvas.draw()
    scale_bar(axes, f"Time ({unit})", norm, colours, ticks=6)
    fig.suptitle(heading, fontsize=9)
    fig.canvas.draw()
    lines(axes, case)
    names(axes, case)
    return fig


def history(columns: Mapping[str, Array], heading: str, end: str | None = None) -> Figure:
    """Heights and roughness over the capacity, current density and cell voltage over the time.

    Where metal is stripped, or sodium is taken up by a layer, the capacity goes back and forth, and everything is drawn
    over the time. A flat front has neither a roughness nor a lowest and a highest point.

    Args:
        columns: column name -> values (rows,), of the history.
        heading: title of the figure.
        end: what ended the cell before its protocol, to be marked; None when nothing did.

    Returns:
        The figure.
    """
    roughness = column(columns, "Roughness Sq [m]")
    metal_current = column(columns, "Current density [A.m-2]") * MA_CM2_PER_A_M2
    cell_voltage = column(columns, "Cell voltage [V]")
    rugged = bool((roughness > FLAT_ROUGHNESS).any())
    fig = theme.figure(theme.WIDTH, 4.2)
    grid = fig.subplot_mosaic([["height", "rough" if rugged else "height"], ["current", "voltage"]])
    height, current, voltage = (grid[name] for name in ("height", "current", "voltage"))
    scale, unit = theme.time_axis(float(columns["Time [s]"][-1]))
    time, across = columns["Time [s]"] / scale, column(columns, "Capacity [mAh.cm-2]")
    clock, label = f"Time ({unit})", "Capacity (mAh cm⁻²)"
    if goes_back(columns) or not np.isfinite(across).any():
        across, label = time, clock
    lowest, mean, highest = (column(columns, f"{k} height [m]") * theme.MICRO for k in ("Minimum", "Mean", "Maximum"))
    if rugged:
        height.fill_between(across, lowest, highest, color=theme.COLOURS[0], alpha=0.2, linewidth=0)
        height.plot(across, highest, color=theme.COLOURS[0], linewidth=0.8, label="lowest to highest")
        height.plot(across, lowest, color=theme.COLOURS[0], linewidth=0.8)
    height.plot(across, mean, color=theme.COLOURS[1], label="mean")
    height.set_ylabel(f"Height of the {'' if rugged else 'flat '}front (µm)")
    height.set_xlabel(label)
    low, high = height.get_ylim()
    height.set_ylim(*theme.widened(low, high, 0.0, LEAST_HEIGHT_RANGE))
    if rugged:
        legend_above(height)
        rough = grid["rough"]
        rough.plot(across, roughness * theme.MICRO)
        rough.set_ylabel("Roughness Sq (µm)")
        rough.set_ylim(0, 1.08 * float(np.nanmax(roughness)) * theme.MICRO)
        rough.set_xlabel(label)
    current.plot(*with_jumps(columns, time, metal_current), label="metal")
    if "Uptake current [A.m-2]" in columns:
        current.plot(time, columns["Uptake current [A.m-2]"] * MA_CM2_PER_A_M2, label="uptake by layers")
        legend_above(current)
    current.set_ylabel("Current density (mA cm⁻²)")
    voltage.plot(*with_jumps(columns, time, cell_voltage))
    voltage.set_ylabel("Cell voltage (V)")
    for axes in (current, voltage):
        axes.set_xlabel(clock)
    for axes in grid.values():
        axes.margins(x=0.02)
    for axes, values in ((current, metal_current), (voltage, cell_voltage)):
        if np.ptp(values) < 1e-3 * np.abs(values).max():
            low, high = axes.get_ylim()
            axes.set_ylim(*theme.widened(low, high, 0.2))
    if end is not None:
        mark_end(height, across, highest, end)
        mark_end(current, time, metal_current, end)
        mark_end(voltage, time, cell_voltage, end)
    fig.suptitle(heading, fontsize=9)
    return fig


def legend_above(axes: Axes) -> None:
    """A legend in one line above the axes, where no curve can be.

    Args:
        axes: the axes.
    """
    handles, texts = axes.get_legend_handles_labels()
    axes.legend(handles, texts, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(texts), borderaxespad=0.1)
