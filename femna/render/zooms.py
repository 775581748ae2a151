"""Several runs close up, on common scales: the interphase, and the highest tips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import patheffects
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.tri import LinearTriInterpolator, Triangulation

from femna.analysis.snapshot import FIELD_STRENGTH, Snapshot, section
from femna.render import layers, panels, scales, theme
from femna.render.domains import Domains

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun

Array = np.ndarray[Any, Any]
Span = tuple[float, float]

INTERPHASE = "interphase"
TIP_DEPTH = 0.7
"""Depth below a tip that its close-up shows, over half of its side."""


def interphase(runs: Sequence[StoredRun], names: Sequence[str], end: float) -> Figure | None:
    """The concentration about the interphases, run below run, and its lateral mean over the height.

    Drawn at the last output at which no run has lost more than half of its layer to the metal.

    Args:
        runs: the runs.
        names: what to call them.
        end: latest time that all runs have reached, s.

    Returns:
        The figure; None when no run has a layer between first and last, or an output holds no concentration.
    """
    spans = [_layer(run) for run in runs]
    known = [span for span in spans if span is not None]
    if not known:
        return None
    chosen = last_free(runs, spans, end)
    if not all(holds(snap, "c") for snap in chosen):
        return None
    low, high = min(span[0] for span in known), max(span[1] for span in known)
    window = (max(low - 0.6 * (high - low), 0.0), high + 1.4 * (high - low))
    shown = window[0] * theme.MICRO, window[1] * theme.MICRO
    concentration = chosen[0].declaration("c")
    cut = [s.crop(np.array([-np.inf, window[0]]), np.array([np.inf, window[1]])) for s in chosen]
    domains = [Domains.of(run.case) for run in runs]
    norm = scales.common_scale(cut, "c", domains)
    aspect = (window[1] - window[0]) / width(chosen)
    wide = max(min(theme.WIDTH - 3.4, 1.7 / aspect), 1.0)
    strip = wide * aspect
    fig = theme.figure(wide + 3.4, max(len(runs) * (strip + 0.27), 1.5) + 1.35)
    grid = fig.subplot_mosaic([[k, "mean"] for k in range(len(runs))], width_ratios=(wide, 1.9))
    maps, mean = [grid[k] for k in range(len(runs))], grid["mean"]
    colours = theme.colours(len(runs))
    for axes, snap, name, colour, domain in zip(maps, cut, names, colours, domains, strict=True):
        panels.draw(axes, snap, "c", norm, domain)
        axes.set(xlim=(0.0, width(chosen) * theme.MICRO), ylim=shown, anchor="W")
        axes.tick_params(labelbottom=axes is maps[-1])
        halo = [patheffects.withStroke(linewidth=2.0, foreground="white")]
        axes.annotate(
            name, (0.0, 1.0), xycoords="axes fraction", xytext=(3, -3), textcoords="offset points", va="top",
            color=colour, path_effects=halo, zorder=4,
        )  # fmt: skip
        height, values = lateral_mean(snap.only(~domain.without(snap, "c")), window)
        mean.plot(values * concentration.shown_scale, height * theme.MICRO, color=colour, label=name)
    theme.letters([*maps, mean], aside=0.0)
    maps[-1].set_xlabel("x (µm)")
    fig.supylabel("Height (µm)", fontsize=8)
    mean.set_ylim(shown)
    mean.set_xlabel(f"Mean {concentration.symbol} ({concentration.shown_unit})")
    mean.set_xlim(norm.vmin, (norm.vmax or 0.0) + 0.03 * ((norm.vmax or 0.0) - (norm.vmin or 0.0)))
    fig.suptitle(f"{theme.shown_time(chosen[0].time)}", fontsize=9)
    fig.canvas.draw()
    panels.colour_bar(maps[0], concentration, norm)
    for axes, run in zip(maps, runs, strict=True):
        layers.boundaries(axes, run.case, named=True)
    layers.stacks(mean, [run.case for run in runs], colours)
    return fig


def tips(runs: Sequence[StoredRun], names: Sequence[str], last: Sequence[Snapshot]) -> Figure | None:
    """Concentration and field strength about the highest tip of every run.

    Args:
        runs: the runs.
        names: what to call them.
        last: of each run the output, or its section, at the last common time.

    Returns:
        The figure; None when a run has no front, or the outputs hold neither field.
    """
    keys = [key for key in ("c", FIELD_STRENGTH.key) if all(holds(snap, key) for snap in last)]
    half = min(0.15 * width(last), *(0.5 * width([snap]) for snap in last))
    cut: list[tuple[Snapshot, Array, Array]] = []
    for snap in last:
        tip = snap.tip()
        if tip is None or not keys:
            return None
        low = np.clip(
            tip - half * np.array([1.0, TIP_DEPTH]), snap.points.min(axis=0), snap.points.max(axis=0) - 2 * half
        )
        high = low + 2 * half
        cut.append((snap.crop(low, high), low * theme.MICRO, high * theme.MICRO))
    side = min(2.2, 8.0 / len(runs))
    fig = theme.figure(len(keys) * (side + 0.35) + 0.6, len(runs) * (side + 0.4) + 1.0)
    grid = fig.subplots(len(runs), len(keys), squeeze=False)
    domains = [Domains.of(run.case) for run in runs]
    norms = [scales.common_scale([snap for snap, _, _ in cut], key, domains) for key in keys]
    for row, (snap, low, high), name, domain in zip(grid, cut, names, domains, strict=True):
        for axes, key, norm in zip(row, keys, norms, strict=True):
            panels.draw(axes, snap, key, norm, domain)
            axes.set_xlim(low[0], high[0])
            axes.set_ylim(low[1], high[1])
            axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
            axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
            axes.tick_params(labelleft=axes is row[0])
        row[0].set_ylabel(f"{name}\nHeight (µm)")
    theme.letters(list(grid.flat), aside=0.0)
    for axes in grid[-1]:
        axes.set_xlabel("x (µm)")
    fig.suptitle(theme.shown_time(last[0].time), fontsize=9)
    fig.canvas.draw()
    for axes, key, norm in zip(grid[0], keys, norms, strict=True):
        panels.colour_bar(axes, last[0].declaration(key), norm)
    for row, run in zip(grid, runs, strict=True):
        for axes in row:
            layers.boundaries(axes, run.case)
    return fig


def lateral_mean(snap: Snapshot, window: tuple[float, float], levels: int = 60) -> tuple[Array, Array]:
    """The mean of c along x where xi < 1/2.

    Args:
        snap: an output in the plane.
        window: lower and upper end of the heights, m.
        levels: number L of heights.

    Returns:
        Heights (L,), m, and the mean (L,), mol/m^3; nan where all is metal.
    """
    mesh = Triangulation(*snap.points.T, snap.cells)
    low, high = snap.points[:, 0].min(), snap.points[:, 0].max()
    inset = 1e-9 * (high - low)
    x, z = np.meshgrid(np.linspace(low + inset, high - inset, 200), np.linspace(*window, levels))
    xi = LinearTriInterpolator(mesh, snap.values["xi"])(x, z)
    c = LinearTriInterpolator(mesh, snap.values["c"])(x, z)
    mean = np.ma.array(c, mask=np.ma.getmaskarray(c) | np.ma.filled(xi >= 0.5, True)).mean(axis=1)
    return z[:, 0], np.ma.filled(mean.astype(float), np.nan)


def last_free(runs: Sequence[StoredRun], spans: Sequence[Span | None], end: float) -> list[Snapshot]:
    """The outputs at the last time at which all layers are at least half free of metal.

    Found by bisection among the times of the run that stored fewest, as the metal only grows where this matters.

    Args:
        runs: the runs.
        spans: lower and upper height of the layer of each run, m; None where it has none.
        end: latest time that all runs have reached, s.

    Returns:
        The output, or its section, of each run.
    """
    times = min(([float(t) for t in run.times if t <= end * (1 + 1e-9)] for run in runs), key=len) or [0.0]
    first, after = 0, len(times)
    found = [section(run, times[0]) for run in runs]
    while after - first > 1:
        middle = (first + after) // 2
        tried = [section(run, times[middle]) for run in runs]
        if all(span is None or free(snap, *span) >= 0.5 for snap, span in zip(tried, spans, strict=True)):
            first, found = middle, tried
        else:
            after = middle
    return found


def free(snap: Snapshot, low: float, high: float) -> float:
    """The share of a layer that no metal has overrun.

    Args:
        snap: an output in the plane.
        low: lower height of the layer, m.
        high: upper height, m.

    Returns:
        The share, 0 to 1.
    """
    middle = snap.points[snap.cells][..., -1].mean(axis=1)
    inside = (middle > low) & (middle < high)
    return float(snap.measure[inside & snap.liquid].sum() / max(snap.measure[inside].sum(), 1e-300))


def holds(snap: Snapshot, key: str) -> bool:
    """Whether an output has a field, or what the field strength follows from.

    Args:
        snap: the output.
        key: name of the field.

    Returns:
        The answer.
    """
    return snap.field is not None if key == FIELD_STRENGTH.key else key in snap.values


def width(snaps: Sequence[Snapshot]) -> float:
    """The width of the widest output.

    Args:
        snaps: the outputs.

    Returns:
        Width, m.
    """
    return max(float(np.ptp(s.points[:, 0])) for s in snaps)


def _layer(run: StoredRun) -> Span | None:
    between = list(run.case.layer_names[1:-1])
    if not between:
        return None
    low, high = run.case.interval(INTERPHASE if INTERPHASE in between else between[0])
    return low, high
