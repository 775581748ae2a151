"""Maps of the fields of one output in the plane, and profiles of a one-dimensional run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps, patheffects
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.tri import Triangulation

from femna.analysis.snapshot import Snapshot
from femna.fields import FIELDS, UNKNOWNS
from femna.render import theme

if TYPE_CHECKING:
    from femna.case import Case

IN_THE_LIQUID = ("c", "field")
"""Fields that mean something only in the electrolyte: the metal is drawn over them."""


def shown_keys(case: Case, snap: Snapshot) -> list[str]:
    """The fields to draw: what the model solves for and the output holds, and the field strength."""
    keys = [key for key in UNKNOWNS[case.model] if key in snap.values]
    return keys if snap.field is None else [*keys, "field"]


def data(snap: Snapshot, key: str) -> np.ndarray[Any, Any]:
    """A field in the unit it is shown in, a value a node ((N,); the field strength a cell, (M,))."""
    values = snap.field if key == "field" else snap.values[key]
    return np.asarray(values) * FIELDS[key].shown_scale


def common_scale(snaps: Sequence[Snapshot], key: str) -> Normalize:
    """One colour scale for several outputs: the field's own limits, else its range (that of c in the electrolyte).

    The field strength stops at its 99.8 % quantile, since a single cell at a tip would darken all others.
    """
    limits = FIELDS[key].limits
    if limits is not None:
        return Normalize(*limits)
    parts = [data(s, key)[_counted(s, key)] for s in snaps]
    values = np.concatenate(parts) if sum(map(len, parts)) else np.zeros(1)
    low, high = float(values.min()), float(values.max())
    if key == "field":
        low, high = 0.0, float(np.quantile(values, 0.998))
    elif key == "c" and low < 0.5 * high:
        low = min(low, 0.0)
    if high - low <= 1e-9 * max(abs(high), abs(low), 1e-30):
        high = low + (abs(low) or 1.0)
    return Normalize(low, high)


def _counted(snap: Snapshot, key: str) -> np.ndarray[Any, Any]:
    if key == "field":
        return snap.liquid
    shown = snap.values["xi"] < 0.5 if key in IN_THE_LIQUID else np.ones(len(snap.points), bool)
    used = np.zeros(len(snap.points), bool)
    used[snap.cells] = True
    return np.asarray(shown & used)


def draw(axes: Axes, snap: Snapshot, key: str, norm: Normalize) -> None:
    """One field as a map, the front xi = 1/2 as a line, the metal in grey where the field means nothing there; um."""
    x, z = snap.points.T * theme.MICRO
    mesh = Triangulation(x, z, snap.cells)
    values = data(snap, key)
    how: dict[str, Any] = {"norm": norm, "cmap": FIELDS[key].colour_map, "rasterized": True}
    if key == "field":
        axes.tripcolor(mesh, facecolors=values, edgecolors="none", **how)
    else:
        axes.tripcolor(mesh, values, shading="gouraud", **how)
    xi = snap.values["xi"]
    inside = xi[np.unique(snap.cells)]
    if key in IN_THE_LIQUID and inside.max() >= 0.5:
        axes.tricontourf(mesh, xi, levels=[0.5, max(1.0, inside.max()) + 1.0], colors=[theme.METAL])
    if inside.min() < 0.5 <= inside.max():
        colour = "white" if key.startswith("phi") else theme.FRONT
        axes.tricontour(mesh, xi, levels=[0.5], colors=colour, linewidths=0.7)
    axes.set_aspect("equal")
    axes.set_xlim(x.min(), x.max())
    axes.set_ylim(z.min(), z.max())


def boundaries(axes: Axes, case: Case, named: bool = False, on_map: bool = True) -> None:
    """The layers' boundaries as thin lines, and their names outside, on the right; after the layout is known."""
    low, high = axes.get_ylim()
    how: dict[str, Any] = {"color": theme.QUIET, "linewidth": 0.5, "dashes": (4, 3), "zorder": 0}
    if on_map:
        halo = [patheffects.withStroke(linewidth=1.3, foreground="#00000055")]
        how |= {"color": "white", "linewidth": 0.6, "path_effects": halo, "zorder": 3}
    for name in case.layer_names[:-1]:
        top = case.interval(name)[1] * theme.MICRO
        if low < top < high:
            axes.axhline(top, **how)
    if not named:
        return
    spans = {n: np.clip(np.array(case.interval(n)) * theme.MICRO, low, high) for n in case.layer_names}
    spans = {name: span for name, span in spans.items() if span[1] > span[0]}
    line = 9.0 / 72 / _inches(axes)[1] * (high - low)
    places = spread([float(s.mean()) for s in spans.values()], [line] * len(spans), low, high)
    for name, place in zip(spans, places, strict=True):
        axes.annotate(
            name, (1.0, (place - low) / (high - low)), xycoords="axes fraction", xytext=(4, 0),
            textcoords="offset points", va="center", color=theme.QUIET, fontsize=7,
        )  # fmt: skip


def spread(places: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Rising places moved apart, as little as need be, so that things of these sizes do not overlap in low..high."""
    moved = list(places)
    room = [(a + b) / 2 for a, b in pairwise(sizes)]
    for k in range(1, len(moved)):
        moved[k] = max(moved[k], moved[k - 1] + room[k - 1])
    if moved:
        moved[-1] = min(moved[-1], high - sizes[-1] / 2)
    for k in range(len(moved) - 2, -1, -1):
        moved[k] = min(moved[k], moved[k + 1] - room[k])
    return [max(place, low) for place in moved]


def colour_bar(axes: Axes, key: str, norm: Normalize) -> None:
    """The scale of one field, as wide as its map and above it; pointed where the map clips values."""
    extend = "max" if key == "field" else "neither"
    scale_bar(axes, theme.label(key), norm, colormaps[FIELDS[key].colour_map], extend)


def scale_bar(
    axes: Axes, text: str, norm: Normalize, colours: Colormap, extend: str = "neither", ticks: int = 3
) -> None:
    """A labelled colour bar above the axes, 0.08 inch thick."""
    inch = 1.0 / _inches(axes)[1]
    place = axes.inset_axes((0.0, 1 + 0.07 * inch, 1.0, 0.08 * inch))
    figure = axes.figure
    bar = figure.colorbar(ScalarMappable(norm, colours), cax=place, orientation="horizontal", extend=extend)
    place.xaxis.set_ticks_position("top")
    place.xaxis.set_label_position("top")
    bar.set_label(text, fontsize=7)
    bar.outline.set_linewidth(0.4)
    bar.locator = MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10])
    bar.update_ticks()


def _inches(axes: Axes) -> tuple[float, float]:
    """Width and height of the axes as they stand now, inch."""
    box, (wide, high) = axes.get_position(), axes.figure.get_size_inches()
    return box.width * wide, box.height * high


def plane(snap: Snapshot, case: Case, heading: str) -> Figure:
    """The panels of one output: every field with its own scale, side by side (two by two when the box is wide)."""
    keys = shown_keys(case, snap)
    low, high = snap.points.min(axis=0), snap.points.max(axis=0)
    aspect = float((high - low)[1] / (high - low)[0])
    columns = len(keys) if aspect > 0.9 else 2
    rows = -(-len(keys) // columns)
    wide = (theme.WIDTH - 1.6) / columns
    fig = theme.figure(theme.WIDTH, rows * (min(wide * aspect, 6.5) + 0.45) + 0.65)
    grid = fig.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes, key in zip(grid.flat, keys, strict=False):
        norm = common_scale([snap], key)
        draw(axes, snap, key, norm)
        colour_bar(axes, key, norm)
    for axes in grid.flat[len(keys) :]:
        axes.remove()
    for axes in grid[-1]:
        axes.set_xlabel("x (µm)")
    for line in grid:
        line[0].set_ylabel("Height (µm)")
    fig.suptitle(heading, fontsize=9)
    fig.canvas.draw()  # the layout decides how much room the names have
    for line in grid:
        for axes in line:
            if axes.figure is not None:
                boundaries(axes, case, named=axes is line[-1])
    return fig


def profiles(snaps: Sequence[Snapshot], case: Case, heading: str) -> Figure:
    """A one-dimensional run: every field over the height, one line a time."""
    keys = shown_keys(case, snaps[-1])
    fig = theme.figure(theme.WIDTH * 0.75, 1.25 * len(keys) + 0.7)
    axes = fig.subplots(len(keys), 1, sharex=True, squeeze=False)[:, 0]
    norm = Normalize(snaps[0].time, max(snaps[-1].time, snaps[0].time + 1e-30))
    colours = colormaps[theme.TIME_MAP]
    for axis, key in zip(axes, keys, strict=True):
        for snap in snaps:
            height = snap.points[:, 0] * theme.MICRO
            order = np.argsort(height)
            values = data(snap, key)
            colour = colours(0.9 * norm(snap.time))
            if key == "field":  # constant in each cell
                ends = np.sort(height[snap.cells], axis=1)
                order = np.argsort(ends[:, 0])
                height, values = ends[order].ravel(), np.repeat(values[order], 2)
            else:
                height, values = height[order], values[order]
            axis.plot(height, values, color=colour, label=theme.shown_time(snap.time))
        axis.set_ylabel(theme.label(key).replace(" $", "\n$", 1))
        for name in case.layer_names[:-1]:
            top = case.interval(name)[1] * theme.MICRO
            axis.axvline(top, color=theme.QUIET, linewidth=0.5, dashes=(4, 3), zorder=0)
        axis.margins(x=0)
    letter = 0.06 / (0.75 * _inches(axes[0])[0]) * case.height * theme.MICRO
    middles = [float(np.mean(case.interval(n))) * theme.MICRO for n in case.layer_names]
    places = spread(middles, [(len(n) + 1) * letter for n in case.layer_names], 0.0, case.height * theme.MICRO)
    for name, place in zip(case.layer_names, places, strict=True):
        axes[0].annotate(
            name, (place, 1.02), xycoords=("data", "axes fraction"), ha="center", color=theme.QUIET, fontsize=7
        )
    axes[-1].set_xlabel("Height (µm)")
    fig.align_ylabels(axes)
    handles, texts = axes[0].get_legend_handles_labels()
    fig.legend(handles, texts, loc="outside right center", title="Time", title_fontsize=7)
    fig.suptitle(heading, fontsize=9)
    return fig
