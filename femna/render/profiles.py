"""Profiles of a one-dimensional run: the fields over the height, one line a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from femna.analysis.recovery import recovered
from femna.analysis.snapshot import FIELD_STRENGTH, Snapshot
from femna.fields import Field
from femna.render import theme
from femna.render.domains import Domains
from femna.render.layers import lines, names
from femna.render.moments import moments
from femna.render.scales import (
    EVERYWHERE,
    LEAST_RANGE_SHARE,
    ORDER_PARAMETER,
    data,
    in_fitting_units,
    is_even,
    said,
    shown_keys,
)

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun
    from femna.case import Case

Array = np.ndarray[Any, Any]

POTENTIAL_PAIR = ("phi_l", "phi_s")
"""Fields that share a panel."""
DASHES = {"phi_s": (3.0, 1.5)}
LETTERS_ASIDE = 0.12
"""Of the width of a panel, clear of the name of a thin first layer."""
CLOSE_UP_SHARE = 0.4
"""Of a cell's height: when the part about its metal is less, it is shown beside the whole."""


def profiles(snaps: Sequence[Snapshot], run: StoredRun, heading: str) -> Figure:
    """A one-dimensional run: every field over the height, both potentials together, one line a time.

    Nothing is drawn where a field has no meaning; the metal of the last time is grey, as in maps. Fields that hardly
    vary are said in words. Of a tall cell the part about the metal has a column of its own, before the whole.

    Args:
        snaps: the outputs in the order of time.
        run: the run.
        heading: title of the figure.

    Returns:
        The figure.
    """
    snaps, domains = in_fitting_units(snaps), Domains.of(run.case)
    groups, even = _rows(snaps, run.case, domains)
    fig, grid, windows = columns_of_profiles(snaps, [run.case], len(groups))
    times = moments([snap.time for snap in snaps], run.history)
    for row, group in zip(grid, groups, strict=True):
        for axes, window in zip(row, windows, strict=True):
            for key in group:
                for snap, moment in zip(snaps, times, strict=True):
                    curve = within(*line(snap, key, domains), window)
                    axes.plot(*curve, color=moment.colour, label=moment.text, **_dashes(key))
            axes.set_xlim(window)
            limit(axes, snaps[-1].declaration(group[0]))
            shade_metal(axes, snaps[-1], theme.shown_time(snaps[-1].time))
            lines(axes, run.case, upright=True)
        _name(row, [snaps[-1].declaration(key) for key in group])
    entries = dict(zip(*reversed(grid[0, 0].get_legend_handles_labels()), strict=True))
    fig.legend(entries.values(), entries.keys(), loc="outside right center", title="Time", title_fontsize=7)
    fig.suptitle(heading, fontsize=9)
    theme.note(fig, said(snaps, even, domains))
    theme.letters(list(grid.flat), aside=LETTERS_ASIDE)
    fig.align_ylabels(grid[:, 0])
    fig.canvas.draw()
    for axes in grid[0]:
        names(axes, run.case, upright=True)
    return fig


def _rows(snaps: Sequence[Snapshot], case: Case, domains: Domains) -> tuple[list[tuple[str, ...]], list[str]]:
    """The fields of each row of panels, and those that are even and have none."""
    every = shown_keys(case, snaps[-1])
    even = [key for key in every if is_even(snaps, key, domains)]
    pair = all(key in every for key in POTENTIAL_PAIR) and not all(key in even for key in POTENTIAL_PAIR)
    if pair:  # side by side both say something
        even = [key for key in even if key not in POTENTIAL_PAIR]
    keys = [key for key in every if key not in even and not (pair and key == POTENTIAL_PAIR[1])]
    return [POTENTIAL_PAIR if pair and key == POTENTIAL_PAIR[0] else (key,) for key in keys], even


def shade_metal(axes: Axes, snap: Snapshot, time: str) -> None:
    """Behind curves over the height, the metal of an output in the grey that it has on maps.

    Args:
        axes: where to draw.
        snap: the output, in one dimension.
        time: its time in words, for a legend.
    """
    height, xi = line(snap, ORDER_PARAMETER, EVERYWHERE)
    side = xi >= 0.5
    cross = np.flatnonzero(side[1:] != side[:-1])
    share = (0.5 - xi[cross]) / (xi[cross + 1] - xi[cross])
    ends = [*height[:1][side[:1]], *(height[cross] + share * np.diff(height)[cross]), *height[-1:][side[-1:]]]
    for low, high in zip(ends[::2], ends[1::2], strict=True):
        axes.axvspan(low, high, color=theme.METAL, alpha=0.5, linewidth=0, zorder=-1, label=f"metal at {time}")


def columns_of_profiles(
    snaps: Sequence[Snapshot], cases: Sequence[Case], rows: int
) -> tuple[Figure, Array, list[tuple[float, float]]]:
    """A figure with a column of panels for the whole height and, where it is small, one for the part about the metal.

    Args:
        snaps: the outputs.
        cases: cases of the runs.
        rows: number of rows.

    Returns:
        The figure, its axes (rows, columns), and the heights that each column shows, um.
    """
    windows = shown_heights(snaps, cases)
    fig = theme.figure(theme.WIDTH * (0.6 + 0.2 * len(windows)), 1.25 * rows + 0.7)
    grid = fig.subplots(rows, len(windows), sharex="col", squeeze=False, width_ratios=(1.4, 1.0)[: len(windows)])
    for axes, text in zip(grid[-1], ("Height (µm), about the metal", "Height (µm)")[-len(windows) :], strict=True):
        axes.set_xlabel(text)
    return fig, grid, windows


def shown_heights(snaps: Sequence[Snapshot], cases: Sequence[Case]) -> list[tuple[float, float]]:
    """The heights to show: of a tall cell the fronts and the layers between, with a margin; then the whole.

    Args:
        snaps: the outputs.
        cases: cases of the runs.

    Returns:
        Lower and upper end of each range, um.
    """
    marks = [case.interval(name)[1] for case in cases for name in case.layer_names[:-1]]
    marks += [float(tip[-1]) for tip in (snap.tip() for snap in snaps) if tip is not None]
    low, high, top = (float(end) * theme.MICRO for end in (min(marks), max(marks), max(c.height for c in cases)))
    room = max(high - low, 0.1 * high)
    near = max(low - 2.0 * room, 0.0), min(high + room, top)
    return [near, (0.0, top)] if near[1] - near[0] < CLOSE_UP_SHARE * top else [(0.0, top)]


def within(height: Array, values: Array, window: tuple[float, float]) -> tuple[Array, Array]:
    """The part of a curve in a range of heights, its ends interpolated, so that only what is seen decides the scale.

    Args:
        height: heights, (N,), um, rising.
        values: values, (N,).
        window: lower and upper end of the range, um.

    Returns:
        Heights and values of the part.
    """
    low, high = max(window[0], height[0]), min(window[1], height[-1])
    keep = (height >= low) & (height <= high)
    ends = [np.array([end]) for end in (low, high)]
    first, last = (np.interp(end, height, values) for end in ends)
    return np.concatenate([ends[0], height[keep], ends[1]]), np.concatenate([first, values[keep], last])


def limit(axes: Axes, field: Field) -> None:
    """Set the limits of a panel: those of the field, or wide enough that rounding does not fill it.

    Args:
        axes: the panel.
        field: the field.
    """
    if (limits := field.limits) is not None:
        room = 0.05 * (limits[1] - limits[0])
        axes.set_ylim(limits[0] - room, limits[1] + room)
    else:
        low, high = axes.get_ylim()
        axes.set_ylim(*theme.widened(low, high, LEAST_RANGE_SHARE, field.least_range))
        if field.key == FIELD_STRENGTH.key:
            axes.set_ylim(0.0, 1.05 * axes.get_ylim()[1])


def line(snap: Snapshot, key: str, domains: Domains) -> tuple[Array, Array]:
    """A field over the height.

    Args:
        snap: the output, in one dimension.
        key: name of the field.
        domains: which phases carry what.

    Returns:
        Heights in um and values in the shown unit; nan where the field has no meaning. Where two layers touch, the
        field strength has a value on either side.
    """
    height, values = snap.points[:, 0] * theme.MICRO, data(snap, key)
    if key == FIELD_STRENGTH.key:
        nodal = recovered(snap, values, domains.free(snap))
        order = np.lexsort((nodal.layer, height[nodal.node]))
        return height[nodal.node][order], np.where(nodal.known, nodal.values, np.nan)[order]
    order = np.argsort(height)
    shown = np.where(domains.nodes(snap, key), values, np.nan)[order]
    if not domains.ends_at_metal(snap, key):
        return height[order], shown
    # to the front, and not to the last node before it; what the metal's side holds counts as on maps
    inner = snap.cells[~domains.without(snap, key)]
    xi = snap.values["xi"][inner]
    cut = (xi >= 0.5).any(axis=1) & (xi < 0.5).any(axis=1)
    share = ((0.5 - xi[:, 0]) / np.where(cut, xi[:, 1] - xi[:, 0], 1.0))[cut]
    at, ends = (part[inner[cut, 0]] + share * (part[inner[cut, 1]] - part[inner[cut, 0]]) for part in (height, values))
    places = np.searchsorted(height[order], at)
    return np.insert(height[order], places, at), np.insert(shown, places, ends)


def _dashes(key: str) -> dict[str, Any]:
    return {"dashes": DASHES[key]} if key in DASHES else {}


def _name(row: Sequence[Axes], group: Sequence[Field]) -> None:
    """The label of a row of panels; of one with two fields a legend, too."""
    if len(group) == 1:
        row[0].set_ylabel(theme.label(group[0], two_lines=True))
        return
    row[0].set_ylabel(f"Potential\n({group[0].shown_unit})")
    samples = [Line2D([], [], color=theme.QUIET, **_dashes(field.key)) for field in group]
    texts = [f"{field.label.split()[0].lower()} {field.symbol}" for field in group]
    row[-1].legend(samples, texts, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.1)
