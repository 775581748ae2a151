"""The front of a 2D run as it moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.tri import Triangulation

from femna.analysis.snapshot import Snapshot
from femna.diagnostics.marching import front_simplices
from femna.render import theme
from femna.render.layers import grain_boundaries, lines, names
from femna.render.moments import STRIPPING_DASHES, has_directions, moments
from femna.render.panels import scale_bar

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun

Array = np.ndarray[Any, Any]

MARGIN, LEAST_MARGIN = 0.25, 0.06
"""Room below and above all fronts, over the range of their heights, and at least over the width of the box."""
LARGEST_HEIGHT = 5.5
"""Of the axes, inch."""
ROOM_BESIDE, LEGEND_WIDTH = 1.5, 1.4
"""Inches beside the axes: numbers and names of layers, and a legend of times."""


def fronts(snaps: Sequence[Snapshot], run: StoredRun, heading: str) -> Figure:
    """The contours xi = 1/2 of several outputs of a 2D run, coloured by time, the last the darkest.

    Where the cell strips, plating and stripping have a hue each, and every time its line in a legend.

    Args:
        snaps: the outputs in the order of time.
        run: the run.
        heading: title of the figure.

    Returns:
        The figure.
    """
    low, high = _window(snaps)
    aspect = float((high - low)[1] / (high - low)[0])
    times = [snap.time for snap in snaps]
    listed = has_directions(times, run.history)
    beside = ROOM_BESIDE + LEGEND_WIDTH * listed
    wide = min(theme.WIDTH - beside, LARGEST_HEIGHT / aspect)
    tall = max(wide * aspect + 0.8, 0.16 * len(snaps) + 0.7) if listed else wide * aspect + 1.2
    fig = theme.figure(wide + beside, tall)
    axes = fig.subplots()
    chosen = moments(times, run.history)
    drawn = []
    for snap, moment in zip(snaps, chosen, strict=True):
        xi = snap.values["xi"]
        if xi.min() < 0.5 <= xi.max():
            mesh = Triangulation(*(snap.points.T * theme.MICRO), snap.cells)
            style: Any = STRIPPING_DASHES if moment.strips else "solid"
            axes.tricontour(mesh, xi, levels=[0.5], colors=[moment.colour], linewidths=1.0, linestyles=[style])
            drawn.append(Line2D([], [], color=moment.colour, linewidth=1.0, linestyle=style, label=moment.text))
    grain_boundaries(axes, snaps[-1], run.case)
    axes.set_aspect("equal")
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel="x (µm)", ylabel="Height (µm)")
    fig.suptitle(heading, fontsize=9)
    fig.canvas.draw()
    if listed:
        fig.legend(handles=drawn, loc="outside right center", title="Time", title_fontsize=7)
    elif len(snaps) > 1:
        scale, unit = theme.time_axis(times[-1])
        scale_bar(axes, f"Time ({unit})", Normalize(times[0] / scale, times[-1] / scale), theme.TIMES, ticks=6)
    fig.canvas.draw()
    lines(axes, run.case)
    names(axes, run.case)
    return fig


def _window(snaps: Sequence[Snapshot]) -> tuple[Array, Array]:
    """The corners (um) of the part of the box where there are fronts."""
    points = snaps[-1].points * theme.MICRO
    low, high = points.min(axis=0), points.max(axis=0)
    heights = [_front_heights(snap) for snap in snaps]
    ends = np.concatenate(heights) if any(map(len, heights)) else np.array([low[1], high[1]])
    room = max(MARGIN * np.ptp(ends), LEAST_MARGIN * (high - low)[0])
    low[1], high[1] = max(low[1], ends.min() - room), min(high[1], ends.max() + room)
    return low, high


def _front_heights(snap: Snapshot) -> Array:
    mesh = np.ascontiguousarray(snap.points), np.ascontiguousarray(snap.cells)
    front = front_simplices(*mesh, np.ascontiguousarray(snap.values["xi"], dtype=float))
    return np.asarray(front.reshape(-1, snap.dim)[:, -1] * theme.MICRO)
