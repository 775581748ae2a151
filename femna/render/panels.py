"""Maps of the fields of one output in the plane."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.tri import Triangulation

from femna.analysis.snapshot import FIELD_STRENGTH, Snapshot
from femna.fields import Field
from femna.geometry.phases import conducting_layers
from femna.render import theme
from femna.render.layers import boundaries, grain_boundaries, inches

if TYPE_CHECKING:
    from femna.case import Case

LEAST_RANGE_SHARE = 0.01
"""Of a field's largest value (of the electronic potential: of the ionic one's range): its scale spans that at least."""
LARGEST_ASPECT = 4.0
"""Height over width of what a map shows of a cell that is more than twice as tall as that."""
DIGIT_WIDTH = 0.065
"""Width of a digit on a scale, inch."""


def shown_keys(case: Case, snap: Snapshot) -> list[str]:
    """Names of the fields to draw: what the output holds, in the order of the run's table, and the field strength.

    The concentration of a ceramic is fixed, and left out.

    Args:
        case: the case of the run.
        snap: the output.

    Returns:
        The names.
    """
    fixed = ("c",) if case.transport.kind == "single_ion" else ()
    keys = [key for key in dict.fromkeys((*snap.table, *snap.values)) if key in snap.values and key not in fixed]
    return keys if snap.field is None else [*keys, FIELD_STRENGTH.key]


def data(snap: Snapshot, key: str) -> np.ndarray[Any, Any]:
    """A field in the unit in which it is shown.

    Args:
        snap: the output.
        key: name of the field.

    Returns:
        A value a node, (N,); of the field strength a value a cell, (M,).
    """
    # an output from before the field was stored has no value of it
    missing = np.full(len(snap.points), np.nan)
    values = snap.field if key == FIELD_STRENGTH.key else snap.values.get(key, missing)
    return np.asarray(values) * snap.declaration(key).shown_scale


def meaningful(snap: Snapshot, key: str, conducting: Collection[int] = ()) -> np.ndarray[Any, Any]:
    """The nodes where a field has a meaning.

    Args:
        snap: the output.
        key: name of the field.
        conducting: indices of the layers that conduct electrons.

    Returns:
        (N,) whether it has.
    """
    metal, domain = np.asarray(snap.values["xi"] >= 0.5), snap.declaration(key).domain
    if domain == "electron conductors":
        carries = snap.cells[np.isin(snap.layer, list(conducting))]
        metal[carries] = True
        return metal
    return ~metal if domain == "electrolyte" else np.ones(len(snap.points), bool)


def common_scale(snaps: Sequence[Snapshot], key: str, conducting: Collection[int] = ()) -> Normalize:
    """One colour scale for several outputs: the limits of the field, or its range where it has a meaning.

    The field strength stops at its 99.8 % quantile, since a single cell at a tip would darken all others.

    Args:
        snaps: the outputs.
        key: name of the field.
        conducting: indices of the layers that conduct electrons.

    Returns:
        The scale, in the shown unit.
    """
    field = snaps[0].declaration(key)
    if field.limits is not None:
        return Normalize(*field.limits)
    parts = [data(s, key)[_counted(s, key, conducting)] for s in snaps]
    values = np.concatenate(parts) if sum(map(len, parts)) else np.zeros(1)
    low, high = float(values.min()), float(values.max())
    if key == FIELD_STRENGTH.key:
        low, high = 0.0, max(float(np.quantile(values, 0.998)), field.least_range)
    elif key == "c" and low < 0.5 * high:
        low = min(low, 0.0)
    share, least = LEAST_RANGE_SHARE, field.least_range
    if key == "phi_s" and "phi_l" in snaps[0].values:
        ionic = common_scale(snaps, "phi_l")
        share, least = 0.0, max(LEAST_RANGE_SHARE * ((ionic.vmax or 0.0) - (ionic.vmin or 0.0)), least)
    return Normalize(*theme.widened(low, high, share, least))


def _counted(snap: Snapshot, key: str, conducting: Collection[int]) -> np.ndarray[Any, Any]:
    if key == FIELD_STRENGTH.key:
        return snap.liquid
    used = np.zeros(len(snap.points), bool)
    used[snap.cells] = True
    return np.asarray(meaningful(snap, key, conducting) & used)


def draw(axes: Axes, snap: Snapshot, key: str, norm: Normalize, conducting: Collection[int] = ()) -> None:
    """One field as a map in um, the front xi = 1/2 as a line.

    Metal is grey where the field has no meaning in it. In the map of the electronic potential, what has no electrons is
    hatched.

    Args:
        axes: where to draw.
        snap: the output.
        key: name of the field.
        norm: colour scale in the shown unit.
        conducting: indices of the layers that conduct electrons.
    """
    x, z = snap.points.T * theme.MICRO
    mesh = Triangulation(x, z, snap.cells)
    values, field = data(snap, key), snap.declaration(key)
    how: dict[str, Any] = {"norm": norm, "cmap": field.colour_map, "rasterized": True}
    if key == FIELD_STRENGTH.key:
        axes.tripcolor(mesh, facecolors=values, edgecolors="none", **how)
    else:
        axes.tripcolor(mesh, values, shading="gouraud", **how)
    xi = snap.values["xi"]
    inside = xi[np.unique(snap.cells)]
    if field.domain == "electrolyte" and inside.max() >= 0.5:
        axes.tricontourf(mesh, xi, levels=[0.5, max(1.0, inside.max()) + 1.0], colors=[theme.METAL])
    bare = ~np.isin(snap.layer, list(conducting))
    if field.domain == "electron conductors" and (xi[snap.cells[bare]] < 0.5).any():
        without = Triangulation(x, z, snap.cells[bare])
        axes.tricontourf(without, xi, levels=[inside.min() - 1.0, 0.5], colors=["white"], hatches=["////"])
    if inside.min() < 0.5 <= inside.max():
        colour = "white" if key == "phi" else theme.FRONT
        axes.tricontour(mesh, xi, levels=[0.5], colors=colour, linewidths=0.7)
    axes.set_aspect("equal")
    shown = np.unique(snap.cells)  # of a cut-out the points are all there, the cells are not
    axes.set_xlim(x[shown].min(), x[shown].max())
    axes.set_ylim(z[shown].min(), z[shown].max())


def colour_bar(axes: Axes, field: Field, norm: Normalize, narrow: bool = False) -> None:
    """The scale of one field, as wide as its map and above it; pointed where the map clips values.

    Args:
        axes: the map.
        field: the field.
        norm: colour scale in the shown unit.
        narrow: whether the symbol stands on a line of its own.
    """
    extend = "max" if field == FIELD_STRENGTH else "neither"
    scale_bar(axes, theme.label(field, narrow), norm, colormaps[field.colour_map], extend, 2 if narrow else 3)


def scale_bar(
    axes: Axes, text: str, norm: Normalize, colours: Colormap, extend: str = "neither", ticks: int = 3
) -> None:
    """A labelled colour bar above the axes, 0.08 inch thick.

    Args:
        axes: the axes.
        text: the label.
        norm: colour scale in the shown unit.
        colours: the colour map.
        extend: which ends are pointed, in words of matplotlib.
        ticks: largest number of intervals between the numbers.
    """
    inch = 1.0 / inches(axes)[1]
    place = axes.inset_axes((0.0, 1 + 0.07 * inch, 1.0, 0.08 * inch))
    figure = axes.figure
    bar = figure.colorbar(ScalarMappable(norm, colours), cax=place, orientation="horizontal", extend=extend)
    place.xaxis.set_ticks_position("top")
    place.xaxis.set_label_position("top")
    bar.set_label(text, fontsize=7)
    bar.outline.set_linewidth(0.4)
    while True:
        bar.locator = MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10])
        bar.update_ticks()
        if _set_apart(place, bar.vmin, bar.vmax) or ticks == 1:
            return
        ticks -= 1


def _set_apart(place: Axes, low: float, high: float) -> bool:
    """Keep the numbers of a scale low..high from reaching beyond its ends; whether they are clear of each other too."""
    wide, end, clear = inches(place)[0], -1.0, True
    for at, number in zip(place.get_xticks(), place.get_xticklabels(), strict=True):
        share = (at - low) / (high - low)
        size = DIGIT_WIDTH * len(number.get_text()) / wide
        over = share < size / 2, share > 1.0 - size / 2
        side: Literal["left", "center", "right"] = "left" if over[0] else "right" if over[1] else "center"
        number.set_horizontalalignment(side)
        start = share - {"left": 0.0, "center": 0.5, "right": 1.0}[side] * size
        clear, end = clear and start > end, start + size + DIGIT_WIDTH / wide
    return clear


def _about_the_front(snap: Snapshot) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The corners (m) of the box, or, of one much higher than wide, of the part about the highest metal."""
    low, high = snap.points.min(axis=0), snap.points.max(axis=0)
    room, tip = LARGEST_ASPECT * (high - low)[0], snap.tip()
    if (high - low)[1] > 2.0 * room:
        middle = np.clip(low[1] if tip is None else tip[1], low[1] + 0.5 * room, high[1] - 0.5 * room)
        low[1], high[1] = middle - 0.5 * room, middle + 0.5 * room
    return low, high


def plane(snap: Snapshot, case: Case, heading: str) -> Figure:
    """The panels of one output: every field with its own scale, in as many rows as suit the shape of the box.

    Args:
        snap: the output, or a section.
        case: the case of the run.
        heading: title of the figure.

    Returns:
        The figure.
    """
    low, high = _about_the_front(snap)
    snap = snap.crop(low, high)
    keys, conducting = shown_keys(case, snap), conducting_layers(case)
    aspect = float((high - low)[1] / (high - low)[0])
    columns = 2 if aspect <= 0.9 else len(keys) if len(keys) < 5 or aspect > 2.0 else 3
    rows = -(-len(keys) // columns)
    wide = (theme.WIDTH - 1.6) / columns
    narrow = wide < 1.3
    fig = theme.figure(theme.WIDTH, rows * (min(wide * aspect, 6.5) + 0.6 + 0.12 * narrow) + 0.75)
    grid = fig.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    shown = list(grid.flat[: len(keys)])
    for axes, key in zip(shown, keys, strict=True):
        norm = common_scale([snap], key, conducting)
        draw(axes, snap, key, norm, conducting)
        if snap.declaration(key).domain != "electron conductors":  # whose hatching shows them
            grain_boundaries(axes, snap, case)
        colour_bar(axes, snap.declaration(key), norm, narrow)
    for axes in grid.flat[len(keys) :]:
        axes.remove()
    shown[0].set_ylim(low[1] * theme.MICRO, high[1] * theme.MICRO)
    for axes in shown[-columns:]:
        axes.set_xlabel("x (µm)")
        axes.tick_params(labelbottom=True)
    for line in grid:
        line[0].set_ylabel("Height (µm)")
    fig.suptitle(heading, fontsize=9)
    fig.canvas.draw()  # the layout decides how much room the names have
    for k, axes in enumerate(shown):
        boundaries(axes, case, named=(k + 1) % columns == 0)
    return fig
