"""Maps of the fields of one output in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator
from matplotlib.tri import Triangulation

from femna.analysis.recovery import recovered
from femna.analysis.snapshot import FIELD_STRENGTH, Snapshot
from femna.fields import Field
from femna.render import theme
from femna.render.domains import Domains, distance
from femna.render.layers import boundaries, grain_boundaries, inches
from femna.render.scales import EVERYWHERE, common_scale, data, in_fitting_units, is_even, said, shown_keys

if TYPE_CHECKING:
    from femna.case import Case

LARGEST_ASPECT = 4.0
"""Height over width of what a map shows of a cell that is more than twice as tall as that."""
TIP_SHARE = 0.35
"""Of such a map's height: where the highest tip stands, below the electrolyte that it grows into."""
LARGEST_MAP_HEIGHT = 4.8
LEAST_MAP_WIDTH = 0.95
NARROW_MAP_WIDTH = 1.3
"""Inch; on a map below the last one the name of its scale takes two lines."""
DIGIT_WIDTH = 0.065
"""Width of a digit on a scale, inch."""


def draw(axes: Axes, snap: Snapshot, key: str, norm: Normalize, domains: Domains = EVERYWHERE) -> None:
    """One field as a map in um, the front xi = 1/2 as a line.

    Metal is grey where the field has no meaning in it, and paler where, ahead of the front, metal still shorts the one
    potential. What has no electrons is hatched in the map of the electronic potential, what has no salt in that of the
    concentration, what takes up no sodium in that of the uptake.

    Args:
        axes: where to draw.
        snap: the output.
        key: name of the field.
        norm: colour scale in the shown unit.
        domains: which phases carry what.
    """
    x, z = snap.points.T * theme.MICRO
    mesh = Triangulation(x, z, snap.cells)
    values, field = data(snap, key), snap.declaration(key)
    how: dict[str, Any] = {"norm": norm, "cmap": field.colour_map, "rasterized": True, "shading": "gouraud"}
    if key == FIELD_STRENGTH.key:
        nodal = recovered(snap, values, domains.free(snap))
        shown = np.maximum(np.nan_to_num(nodal.values), norm.vmin or 0.0)  # on a logarithmic scale there is no zero
        axes.tripcolor(Triangulation(x[nodal.node], z[nodal.node], nodal.cells), shown, **how)
        _shorted(axes, snap, domains)
    else:
        axes.tripcolor(mesh, values, **how)
    xi = snap.values["xi"]
    inside = xi[np.unique(snap.cells)]
    bare = domains.without(snap, key)
    if (xi[snap.cells[bare]] < 0.5).any():
        without = Triangulation(x, z, snap.cells[bare])
        axes.tricontourf(without, xi, levels=[inside.min() - 1.0, 0.5], colors=["white"], hatches=["////"])
    if domains.ends_at_metal(snap, key) and inside.max() >= 0.5:
        axes.tricontourf(mesh, xi, levels=[0.5, max(1.0, inside.max()) + 1.0], colors=[theme.METAL])
    if inside.min() < 0.5 <= inside.max():
        colour = "white" if key == "phi" else theme.FRONT
        axes.tricontour(mesh, xi, levels=[0.5], colors=colour, linewidths=0.7)
    axes.set_aspect("equal")
    shown_nodes = np.unique(snap.cells)  # of a cut-out the points are all there, the cells are not
    axes.set_xlim(x[shown_nodes].min(), x[shown_nodes].max())
    axes.set_ylim(z[shown_nodes].min(), z[shown_nodes].max())


def _shorted(axes: Axes, snap: Snapshot, domains: Domains) -> None:
    """Cover what metal shorts ahead of the front, phase by phase; the contour of a distance is smooth."""
    away, reach = distance(snap), domains.reach_of(snap)
    for phase in np.unique(snap.layer):
        cells = snap.cells[snap.layer == phase]
        limit = float(reach[snap.layer == phase][0])
        if limit > 0.0 and away[cells].min() < limit:
            mesh = Triangulation(*(snap.points.T * theme.MICRO), cells)
            axes.tricontourf(mesh, away, levels=[away.min() - 1.0, limit], colors=[theme.DIFFUSE_METAL])


def colour_bar(axes: Axes, field: Field, norm: Normalize, narrow: bool = False) -> None:
    """The scale of one field, as wide as its map and above it; pointed where the map clips values.

    Args:
        axes: the map.
        field: the field.
        norm: colour scale in the shown unit.
        narrow: whether the symbol stands on a line of its own.
    """
    extend = "neither" if field.key != FIELD_STRENGTH.key else "both" if isinstance(norm, LogNorm) else "max"
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
    logarithmic = isinstance(norm, LogNorm)
    if logarithmic:
        bar.formatter = FuncFormatter(lambda value, _: f"{value:g}")
        bar.minorticks_off()
    while True:
        bar.locator = LogLocator(numticks=ticks + 1) if logarithmic else MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10])
        bar.update_ticks()
        if _set_apart(place, norm) or ticks == 1:
            return
        ticks -= 1


def _set_apart(place: Axes, norm: Normalize) -> bool:
    """Keep the numbers of a scale from reaching beyond its ends; whether they are clear of each other too."""
    wide, end, clear = inches(place)[0], -1.0, True
    for at, number in zip(place.get_xticks(), place.get_xticklabels(), strict=True):
        share = float(norm(at))
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
        start = (low[1] if tip is None else tip[1]) - TIP_SHARE * room
        low[1] = np.clip(start, low[1], high[1] - room)
        high[1] = low[1] + room
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
    [snap], domains = in_fitting_units([snap.crop(low, high)]), Domains.of(case)
    every = shown_keys(case, snap)
    even = [key for key in every if is_even([snap], key, domains)]
    keys = [key for key in every if key not in even]
    aspect = float((high - low)[1] / (high - low)[0])
    columns = 2 if aspect <= 0.9 else len(keys) if len(keys) < 5 or aspect > 2.0 else 3
    rows = -(-len(keys) // columns)
    wide = min((theme.WIDTH - 1.6) / columns, max(LARGEST_MAP_HEIGHT / aspect, LEAST_MAP_WIDTH))
    narrow = wide < NARROW_MAP_WIDTH
    fig = theme.figure(wide * columns + 1.6, rows * (wide * aspect + 0.75 + 0.12 * narrow) + 0.75)
    grid = fig.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    shown = list(grid.flat[: len(keys)])
    for axes, key in zip(shown, keys, strict=True):
        norm = common_scale([snap], key, domains)
        draw(axes, snap, key, norm, domains)
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
    theme.letters(shown, aside=0.0)
    fig.suptitle(heading, fontsize=9)
    theme.note(fig, said([snap], even, domains))
    fig.canvas.draw()  # the layout decides how much room the names have
    for k, axes in enumerate(shown):
        boundaries(axes, case, named=(k + 1) % columns == 0)
    return fig
