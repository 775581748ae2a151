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

from femna.analysis.snapshot import Snapshot
from femna.fields import FIELDS
from femna.groups import conducting_layers
from femna.render import theme
from femna.render.panels import data, inches, meaningful, shown_keys, spread

if TYPE_CHECKING:
    from femna.case import Case

Array = np.ndarray[Any, Any]

TOGETHER = ("phi_l", "phi_s")
"""Fields that share a panel."""
DASHES = {"phi_s": (3.0, 1.5)}


def profiles(snaps: Sequence[Snapshot], case: Case, heading: str) -> Figure:
    """A one-dimensional run: every field over the height, both potentials together, one line a time.

    With two potentials, nothing is drawn where a field means nothing.
    """
    keys = shown_keys(case, snaps[-1])
    groups = [TOGETHER if key == TOGETHER[0] and TOGETHER[1] in keys else (key,) for key in keys]
    groups = [group for group in groups if group != TOGETHER[1:] or TOGETHER[0] not in keys]
    fig = theme.figure(theme.WIDTH * 0.75, 1.25 * len(groups) + 0.7)
    stack = fig.subplots(len(groups), 1, sharex=True, squeeze=False)[:, 0]
    norm = Normalize(snaps[0].time, max(snaps[-1].time, snaps[0].time + 1e-30))
    colours = colormaps[theme.TIME_MAP]
    conducting = carriers(case)
    for axes, group in zip(stack, groups, strict=True):
        for key in group:
            for snap in snaps:
                height, values = line(snap, key, conducting)
                name = theme.shown_time(snap.time)
                axes.plot(height, values, color=colours(0.9 * norm(snap.time)), label=name, **_dashes(key))
        _name(axes, group)
        for name in case.layer_names[:-1]:
            top = case.interval(name)[1] * theme.MICRO
            axes.axvline(top, color=theme.QUIET, linewidth=0.5, dashes=(4, 3), zorder=0)
        axes.margins(x=0)
    stack[0].set_xlim(0.0, case.height * theme.MICRO)
    _layer_names(stack[0], case)
    stack[-1].set_xlabel("Height (µm)")
    fig.align_ylabels(stack)
    handles, texts = stack[0].get_legend_handles_labels()
    fig.legend(handles, texts, loc="outside right center", title="Time", title_fontsize=7)
    fig.suptitle(heading, fontsize=9)
    return fig


def carriers(case: Case) -> tuple[int, ...] | None:
    """The layers that conduct electrons; None with one potential, where nothing depends on them."""
    return conducting_layers(case) if case.model == "two_potential" else None


def line(snap: Snapshot, key: str, conducting: Collection[int] | None) -> tuple[Array, Array]:
    """Heights (um) and values of a field in its shown unit; nan where it means nothing.

    conducting: layers that conduct electrons; None, with one potential, leaves nothing out.
    """
    height, values = snap.points[:, 0] * theme.MICRO, data(snap, key)
    if key == "field":  # constant in each cell
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


def _name(axes: Axes, group: tuple[str, ...]) -> None:
    """The label of a panel; of one with two fields a legend, too."""
    if len(group) == 1:
        axes.set_ylabel(theme.label(group[0], two_lines=True))
        return
    axes.set_ylabel(f"Potential\n({FIELDS[group[0]].shown_unit})")
    samples = [Line2D([], [], color=theme.QUIET, **_dashes(key)) for key in group]
    texts = [f"{FIELDS[key].label.split()[0].lower()} {FIELDS[key].symbol}" for key in group]
    axes.legend(samples, texts, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.1)


def _layer_names(axes: Axes, case: Case) -> None:
    """The layers' names above a panel."""
    letter = 0.06 / (0.75 * inches(axes)[0]) * case.height * theme.MICRO
    middles = [float(np.mean(case.interval(n))) * theme.MICRO for n in case.layer_names]
    places = spread(middles, [(len(n) + 1) * letter for n in case.layer_names], 0.0, case.height * theme.MICRO)
    for name, place in zip(case.layer_names, places, strict=True):
        axes.annotate(
            name, (place, 1.02), xycoords=("data", "axes fraction"), ha="center", color=theme.QUIET, fontsize=7
        )
