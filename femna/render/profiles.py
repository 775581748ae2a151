"""Profiles of a one-dimensional run: the fields over the height, one line a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from femna.analysis.snapshot import FIELD_STRENGTH, Snapshot
from femna.fields import Field
from femna.geometry.phases import conducting_layers
from femna.render import theme
from femna.render.layers import lines, names
from femna.render.panels import LEAST_RANGE_SHARE, data, meaningful, shown_keys

if TYPE_CHECKING:
    from femna.case import Case

Array = np.ndarray[Any, Any]

POTENTIAL_PAIR = ("phi_l", "phi_s")
"""Fields that share a panel."""
DASHES = {"phi_s": (3.0, 1.5)}
CLOSE_UP_SHARE = 0.4
"""Of a cell's height: when the part about its metal is less, it is shown beside the whole."""


def profiles(snaps: Sequence[Snapshot], case: Case, heading: str) -> Figure:
    """A one-dimensional run: every field over the height, both potentials together, one line a time.

    With two potentials, nothing is drawn where a field has no meaning. Of a tall cell the part about the metal has a
    column of its own, before the whole.

    Args:
        snaps: the outputs in the order of time.
        case: the case of the run.
        heading: title of the figure.

    Returns:
        The figure.
    """
    keys = shown_keys(case, snaps[-1])
    groups = [POTENTIAL_PAIR if key == POTENTIAL_PAIR[0] and POTENTIAL_PAIR[1] in keys else (key,) for key in keys]
    groups = [group for group in groups if group != POTENTIAL_PAIR[1:] or POTENTIAL_PAIR[0] not in keys]
    fig, grid, windows = columns_of_profiles(snaps, [case], len(groups))
    norm = Normalize(snaps[0].time, max(snaps[-1].time, snaps[0].time + 1e-30))
    colours = colormaps[theme.TIME_MAP]
    conducting = carriers(case)
    for row, group in zip(grid, groups, strict=True):
        for axes, window in zip(row, windows, strict=True):
            for key in group:
                for snap in snaps:
                    name = theme.shown_time(snap.time, snaps[-1].time)
                    curve = within(*line(snap, key, conducting), window)
                    axes.plot(*curve, color=colours(0.9 * norm(snap.time)), label=name, **_dashes(key))
            axes.set_xlim(window)
            limit(axes, snaps[-1].declaration(group[0]))
            lines(axes, case, upright=True)
        _name(row, [snaps[-1].declaration(key) for key in group])
    handles, texts = grid[0, 0].get_legend_handles_labels()
    fig.legend(handles, texts, loc="outside right center", title="Time", title_fontsize=7)
    fig.suptitle(heading, fontsize=9)
    fig.align_ylabels(grid[:, 0])
    fig.canvas.draw()
    for axes in grid[0]:
        names(axes, case, upright=True)
    return fig


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


def carriers(case: Case) -> tuple[int, ...] | None:
    """The layers that conduct electrons.

    Args:
        case: the case of the run.

    Returns:
        Their indices; None with one potential, where nothing depends on them.
    """
    return conducting_layers(case) if case.model == "two_potential" else None


def line(snap: Snapshot, key: str, conducting: Collection[int] | None) -> tuple[Array, Array]:
    """A field over the height.

    Args:
        snap: the output, in one dimension.
        key: name of the field.
        conducting: indices of the layers that conduct electrons; None, with one potential, leaves nothing out.

    Returns:
        Heights in um and values in the shown unit; nan where the field has no meaning.
    """
    height, values = snap.points[:, 0] * theme.MICRO, data(snap, key)
    if key == FIELD_STRENGTH.key:  # constant in each cell
        if conducting is not None:
            values = np.where(snap.liquid, values, np.nan)
        ends = np.sort(height[snap.cells], axis=1)
        order = np.argsort(ends[:, 0])
        return ends[order].ravel(), np.repeat(values[order], 2)
    if conducting is not None:
        values = np.where(meaningful(snap, key, conducting), values, np.nan)
    order = np.argsort(height)
    return height[order], values[order]


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
