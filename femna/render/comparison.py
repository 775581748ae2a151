"""Figures of several runs on common scales: growth, morphology, the interphase, the highest tips.

The counterparts of Fig. 4f, Fig. 4g and Fig. S24 of Lu et al., Nano-Micro Lett. 2026, 18:417.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.tri import LinearTriInterpolator, Triangulation

from femna.analysis.snapshot import Snapshot, section
from femna.fields import FIELDS
from femna.render import panels, theme
from femna.render.curves import CURRENT
from femna.render.profiles import carriers, line

if TYPE_CHECKING:
    from femna.analysis.runs import Run

Array = np.ndarray[Any, Any]
Series = list[list[Snapshot]]

COLUMNS = 4
LAYER = "interphase"


@theme.style()
def draw(runs: Sequence[Run], names: Sequence[str], end: float, out: Path) -> list[Path]:
    """Write the figures of these runs (of one dimension, with stored fields) up to the common time `end` (s)."""
    paths = [theme.save(growth(runs, names), out / "growth.png")]
    if runs[0].case.geometry.dim == 1:
        return [*paths, theme.save(profiles(runs, names, end), out / "profiles.png")]
    moments = columns(runs, end)
    series = [[section(run, t) for t in moments] for run in runs]
    paths.append(theme.save(morphology(runs, names, series), out / "morphology.png"))
    if (zoom := interphase(runs, names, end)) is not None:
        paths.append(theme.save(zoom, out / "interphase.png"))
    if (zoom := tips(runs, names, [row[-1] for row in series])) is not None:
        paths.append(theme.save(zoom, out / "tips.png"))
    return paths


def columns(runs: Sequence[Run], end: float) -> list[float]:
    """Up to four times (s), evenly chosen among the outputs of the run that stored fewest, the first left out."""
    stored = [[float(t) for t in run.times if t <= end * (1 + 1e-9)] for run in runs]
    times = min(stored, key=len) or [0.0]
    later = times[1:] or times
    wanted = np.linspace(0, len(later), min(COLUMNS, len(later)) + 1)[1:].round().astype(int) - 1
    return [later[k] for k in np.unique(wanted)]


def growth(runs: Sequence[Run], names: Sequence[str]) -> Figure:
    """Largest height over time and over capacity, roughness over capacity, current over time."""
    fig = theme.figure(theme.WIDTH, 4.4)
    grid = fig.subplots(2, 2)
    scale, unit = theme.time_axis(max(float(run.history["Time [s]"][-1]) for run in runs))
    time, capacity = (f"Time ({unit})", "Time [s]", 1 / scale), ("Capacity (mAh cm⁻²)", "Capacity [mAh.cm-2]", 1.0)
    height = ("Largest height (µm)", "Maximum height [m]", theme.MICRO)
    rough = ("Roughness Sq (µm)", "Roughness Sq [m]", theme.MICRO)
    current = ("Current density (mA cm⁻²)", "Current density [A.m-2]", CURRENT)
    for axes, across, up in zip(
        grid.flat, (time, capacity, time, capacity), (height, height, current, rough), strict=True
    ):
        for run, name in zip(runs, names, strict=True):
            axes.plot(run.history[across[1]] * across[2], run.history[up[1]] * up[2], label=name)
        axes.set_xlabel(across[0])
        axes.set_ylabel(up[0])
        axes.margins(x=0.02)
    grid[0, 0].legend()
    return fig


def morphology(runs: Sequence[Run], names: Sequence[str], series: Series) -> Figure:
    """Rows of runs, columns of times: the metal on the concentration (on xi where no concentration is stored)."""
    every = [snap for row in series for snap in row]
    key = "c" if all("c" in snap.values for snap in every) else "xi"
    top = min(_height(every), 1.3 * max(_tip_height(snap) for snap in every))
    norm = panels.common_scale([s.crop(np.array([-np.inf, 0.0]), np.array([np.inf, top])) for s in every], key)
    count = len(series[0])
    wide = (theme.WIDTH - 2.2) / max(count, 3)
    fig = theme.figure(wide * count + 2.2, len(runs) * (wide * top / _width(every) + 0.12) + 0.75, "compressed")
    grid = fig.subplots(len(runs), count, sharex=True, sharey=True, squeeze=False)
    for axes_row, row, name in zip(grid, series, names, strict=True):
        for axes, snap in zip(axes_row, row, strict=True):
            panels.draw(axes, snap, key, norm)
            axes.set_ylim(0, top * theme.MICRO)
        axes_row[0].set_ylabel(f"{name}\nHeight (µm)")
    for axes, snap in zip(grid[0], series[0], strict=True):
        axes.set_title(theme.shown_time(snap.time, series[0][-1].time))
    for axes in grid[-1]:
        axes.set_xlabel("x (µm)")
        axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    bar = fig.colorbar(ScalarMappable(norm, FIELDS[key].colour_map), ax=grid, aspect=40, pad=0.01)
    bar.set_label(theme.label(key), fontsize=7)
    bar.outline.set_linewidth(0.4)
    bar.locator = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10])
    bar.update_ticks()
    fig.canvas.draw()
    for axes_row, run in zip(grid, runs, strict=True):
        for axes in axes_row:
            panels.boundaries(axes, run.case, named=axes is grid[0, -1])
    return fig


def interphase(runs: Sequence[Run], names: Sequence[str], end: float) -> Figure | None:
    """The concentration about the interphase, run below run, and its lateral mean over the height.

    Drawn at the last output up to `end` (s) at which no run has lost more than half of its layer to the metal. None
    when the first run has no layer between first and last, or an output holds no concentration.
    """
    span = _layer(runs[0])
    if span is None:
        return None
    low, high = span
    chosen = _last_free(runs, low, high, end)
    if not all(_has(snap, "c") for snap in chosen):
        return None
    window = (max(low - 0.6 * (high - low), 0.0), high + 1.4 * (high - low))
    cut = [s.crop(np.array([-np.inf, window[0]]), np.array([np.inf, window[1]])) for s in chosen]
    norm = panels.common_scale(cut, "c")
    aspect = (window[1] - window[0]) / _width(chosen)
    wide = min(theme.WIDTH - 3.2, 1.7 / aspect)
    strip = wide * aspect
    fig = theme.figure(wide + 3.2, len(runs) * (strip + 0.12) + 1.35)
    grid = fig.subplot_mosaic([[k, "mean"] for k in range(len(runs))], width_ratios=(wide, 1.9))
    maps = [grid[k] for k in range(len(runs))]
    for axes, snap, name in zip(maps, cut, names, strict=True):
        panels.draw(axes, snap, "c", norm)
        axes.set_ylim(window[0] * theme.MICRO, window[1] * theme.MICRO)
        axes.set_ylabel(f"{name}\nHeight (µm)")
        axes.tick_params(labelbottom=axes is maps[-1])
        height, mean = lateral_mean(snap, window)
        grid["mean"].plot(mean * FIELDS["c"].shown_scale, height * theme.MICRO, label=name)
    maps[-1].set_xlabel("x (µm)")
    grid["mean"].set_ylim(window[0] * theme.MICRO, window[1] * theme.MICRO)
    grid["mean"].set_xlabel(f"Mean {FIELDS['c'].symbol} ({FIELDS['c'].shown_unit})")
    grid["mean"].set_xlim(left=0)
    grid["mean"].legend(loc="best")
    fig.suptitle(f"{theme.shown_time(chosen[0].time)}", fontsize=9)
    fig.canvas.draw()
    panels.colour_bar(maps[0], "c", norm)
    for axes, run in zip(maps, runs, strict=True):
        panels.boundaries(axes, run.case)
    panels.boundaries(grid["mean"], runs[0].case, named=True, on_map=False)
    return fig


def tips(runs: Sequence[Run], names: Sequence[str], last: Sequence[Snapshot]) -> Figure | None:
    """Concentration and field strength about the highest tip of every run at the last common time.

    None when a run has no front, or the outputs hold neither.
    """
    keys = [key for key in ("c", "field") if all(_has(snap, key) for snap in last)]
    half = 0.15 * _width(last)
    cut: list[tuple[Snapshot, Array, Array]] = []
    for snap in last:
        tip = snap.tip()
        if tip is None or not keys:
            return None
        low = np.clip(tip - half, snap.points.min(axis=0), snap.points.max(axis=0) - 2 * half)
        high = low + 2 * half
        cut.append((snap.crop(low, high), low * theme.MICRO, high * theme.MICRO))
    side = min(2.2, 8.0 / len(runs))
    fig = theme.figure(len(keys) * (side + 0.35) + 0.6, len(runs) * (side + 0.25) + 1.0)
    grid = fig.subplots(len(runs), len(keys), squeeze=False)
    norms = [panels.common_scale([snap for snap, _, _ in cut], key) for key in keys]
    for row, (snap, low, high), name in zip(grid, cut, names, strict=True):
        for axes, key, norm in zip(row, keys, norms, strict=True):
            panels.draw(axes, snap, key, norm)
            axes.set_xlim(low[0], high[0])
            axes.set_ylim(low[1], high[1])
            axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
            axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
            axes.tick_params(labelleft=axes is row[0])
        row[0].set_ylabel(f"{name}\nHeight (µm)")
    for axes in grid[-1]:
        axes.set_xlabel("x (µm)")
    fig.suptitle(theme.shown_time(last[0].time), fontsize=9)
    fig.canvas.draw()
    for axes, key, norm in zip(grid[0], keys, norms, strict=True):
        panels.colour_bar(axes, key, norm)
    for row, run in zip(grid, runs, strict=True):
        for axes in row:
            panels.boundaries(axes, run.case)
    return fig


def profiles(runs: Sequence[Run], names: Sequence[str], end: float) -> Figure:
    """One-dimensional runs at the last common time: every field over the height, one line a run."""
    snaps = [section(run, end) for run in runs]
    keys = [k for k in ("xi", "c", "phi", "phi_l", "phi_s") if any(k in s.values for s in snaps)]
    fig = theme.figure(theme.WIDTH * 0.75, 1.3 * len(keys) + 0.6)
    stack = fig.subplots(len(keys), 1, sharex=True, squeeze=False)[:, 0]
    for axes, key in zip(stack, keys, strict=True):
        for run, snap, name, colour in zip(runs, snaps, names, _colours(len(runs)), strict=True):
            if key in snap.values:
                axes.plot(*line(snap, key, carriers(run.case)), color=colour, label=name)
        axes.set_ylabel(theme.label(key).replace(" $", "\n$", 1))
        axes.margins(x=0)
    stack[0].legend()
    stack[-1].set_xlabel("Height (µm)")
    fig.align_ylabels(stack)
    fig.suptitle(theme.shown_time(snaps[0].time), fontsize=9)
    return fig


def lateral_mean(snap: Snapshot, window: tuple[float, float], levels: int = 60) -> tuple[Array, Array]:
    """Heights (L,), m, and the mean of c (L,) along x where xi < 1/2, mol/m^3; nan where all is metal."""
    mesh = Triangulation(*snap.points.T, snap.cells)
    low, high = snap.points[:, 0].min(), snap.points[:, 0].max()
    inset = 1e-9 * (high - low)
    x, z = np.meshgrid(np.linspace(low + inset, high - inset, 200), np.linspace(*window, levels))
    xi = LinearTriInterpolator(mesh, snap.values["xi"])(x, z)
    c = LinearTriInterpolator(mesh, snap.values["c"])(x, z)
    mean = np.ma.array(c, mask=np.ma.getmaskarray(c) | np.ma.filled(xi >= 0.5, True)).mean(axis=1)
    return z[:, 0], np.ma.filled(mean.astype(float), np.nan)


def _layer(run: Run) -> tuple[float, float] | None:
    between = list(run.case.layer_names[1:-1])
    if not between:
        return None
    low, high = run.case.interval(LAYER if LAYER in between else between[0])
    return low, high


def _has(snap: Snapshot, key: str) -> bool:
    return snap.field is not None if key == "field" else key in snap.values


def _last_free(runs: Sequence[Run], low: float, high: float, end: float) -> list[Snapshot]:
    """The outputs of the runs at the last time at which the strip low..high (m) is at least half free of metal in all.

    Found by bisection among the times of the run that stored fewest, as the metal only grows where this matters.
    """
    times = min(([float(t) for t in run.times if t <= end * (1 + 1e-9)] for run in runs), key=len) or [0.0]
    first, after = 0, len(times)
    found = [section(run, times[0]) for run in runs]
    while after - first > 1:
        middle = (first + after) // 2
        tried = [section(run, times[middle]) for run in runs]
        if all(_free(snap, low, high) >= 0.5 for snap in tried):
            first, found = middle, tried
        else:
            after = middle
    return found


def _free(snap: Snapshot, low: float, high: float) -> float:
    """The share of the strip low..high (m) that no metal has overrun."""
    middle = snap.points[snap.cells][..., -1].mean(axis=1)
    inside = (middle > low) & (middle < high)
    return float(snap.measure[inside & snap.liquid].sum() / max(snap.measure[inside].sum(), 1e-300))


def _tip_height(snap: Snapshot) -> float:
    tip = snap.tip()
    return _height([snap]) if tip is None else float(tip[-1])


def _height(snaps: Sequence[Snapshot]) -> float:
    return max(float(s.points[:, -1].max()) for s in snaps)


def _width(snaps: Sequence[Snapshot]) -> float:
    return max(float(np.ptp(s.points[:, 0])) for s in snaps)


def _colours(count: int) -> list[Any]:
    if count <= len(theme.COLOURS):
        return list(theme.COLOURS[:count])
    return [colormaps["viridis"](v) for v in Normalize(0, count - 1)(np.arange(count))]
