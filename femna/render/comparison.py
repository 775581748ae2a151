"""Figures of several runs on common scales: growth, morphology, the interphase, the highest tips.

The counterparts of Fig. 4f, Fig. 4g and Fig. S24 of Lu et al., Nano-Micro Lett. 2026, 18:417.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from femna.analysis.cycles import goes_back
from femna.analysis.history_columns import column
from femna.analysis.snapshot import FIELD_STRENGTH, Snapshot, section
from femna.render import layers, panels, scales, theme
from femna.render.curves import FLAT_ROUGHNESS, MA_CM2_PER_A_M2
from femna.render.domains import Domains
from femna.render.jumps import with_jumps
from femna.render.profiles import LETTERS_ASIDE, columns_of_profiles, limit, line, within
from femna.render.zooms import interphase, tips, width

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun

Series = list[list[Snapshot]]

LARGEST_COLUMN_COUNT = 4
LARGEST_ROW_HEIGHT, LEAST_ROW_HEIGHT, LEAST_MAP_WIDTH = 2.4, 0.6, 0.7
"""Inches: of a row of maps, unless that makes its maps narrower than the last."""


@theme.style()
def draw(runs: Sequence[StoredRun], names: Sequence[str], end: float, out: Path) -> list[Path]:
    """Write the figures of several runs.

    Args:
        runs: runs of one dimension, with stored fields.
        names: what to call them.
        end: latest time that all runs have reached, s.
        out: folder of the figures.

    Returns:
        The paths of the figures.
    """
    names = [theme.verbatim(name) for name in names]
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


def columns(runs: Sequence[StoredRun], end: float) -> list[float]:
    """The times of the columns of maps: up to four, evenly chosen among the outputs of the run that stored fewest.

    The first output is left out, as all runs begin alike.

    Args:
        runs: the runs.
        end: latest time that all runs have reached, s.

    Returns:
        Simulated times, s.
    """
    stored = [[float(t) for t in run.times if t <= end * (1 + 1e-9)] for run in runs]
    times = min(stored, key=len) or [0.0]
    later = times[1:] or times
    wanted = np.linspace(0, len(later), min(LARGEST_COLUMN_COUNT, len(later)) + 1)[1:].round().astype(int) - 1
    return [later[k] for k in np.unique(wanted)]


def growth(runs: Sequence[StoredRun], names: Sequence[str]) -> Figure:
    """Largest height over time and over capacity, roughness over capacity, current over time.

    Where a run strips, or a layer takes up sodium, its capacity goes back and forth: then everything is drawn over
    time, and the capacity itself takes the place of the height over it. Flat fronts have no roughness.

    Args:
        runs: the runs.
        names: what to call them.

    Returns:
        The figure.
    """
    back = any(goes_back(run.history) for run in runs)
    rugged = any((column(run.history, "Roughness Sq [m]") > FLAT_ROUGHNESS).any() for run in runs)
    scale, unit = theme.time_axis(max(float(run.history["Time [s]"][-1]) for run in runs))
    time, capacity = (f"Time ({unit})", "Time [s]", 1 / scale), ("Capacity (mAh cm⁻²)", "Capacity [mAh.cm-2]", 1.0)
    height = ("Largest height (µm)", "Maximum height [m]", theme.MICRO)
    rough = ("Roughness Sq (µm)", "Roughness Sq [m]", theme.MICRO)
    current = ("Current density (mA cm⁻²)", "Current density [A.m-2]", MA_CM2_PER_A_M2)
    shown = [(time, height), (time, capacity) if back else (capacity, height), (time, current)]
    shown += [(time if back else capacity, rough)] * rugged
    fig = theme.figure(theme.WIDTH, 4.4)
    grid = list(fig.subplot_mosaic([[0, 1], [2, len(shown) - 1]]).values())
    for axes, (across, up) in zip(grid, shown, strict=True):
        for run, called, colour in zip(runs, names, theme.colours(len(runs)), strict=True):
            x, y = (column(run.history, name) * scale for _, name, scale in (across, up))
            axes.plot(*(with_jumps(run.history, x, y) if up is current else (x, y)), color=colour, label=called)
        axes.set_xlabel(across[0])
        axes.set_ylabel(up[0])
        axes.margins(x=0.02)
    theme.letters(grid)
    fig.legend(*grid[0].get_legend_handles_labels(), loc="outside upper right", ncols=min(len(runs), 4))
    return fig


def morphology(runs: Sequence[StoredRun], names: Sequence[str], series: Series) -> Figure:
    """Rows of runs, columns of times: the metal on the concentration, or on xi where no concentration is stored.

    Args:
        runs: the runs.
        names: what to call them.
        series: of each run the outputs at the same times.

    Returns:
        The figure.
    """
    every = [snap for row in series for snap in row]
    key = "c" if all("c" in snap.values for snap in every) else "xi"
    count, across = len(series[0]), width(every)
    top = min(_height(every), 1.3 * max(_tip_height(snap) for snap in every))
    wide = min((theme.WIDTH - 2.2) / count, max(LARGEST_ROW_HEIGHT * across / top, LEAST_MAP_WIDTH))
    top = min(_height(every), max(top, LEAST_ROW_HEIGHT * across / wide))
    field = every[0].declaration(key)
    domains = [Domains.of(run.case) for run in runs]
    seen = [s.crop(np.array([-np.inf, 0.0]), np.array([np.inf, top])) for s in every]
    norm = scales.common_scale(seen, key, [d for d, row in zip(domains, series, strict=True) for _ in row])
    fig = theme.figure(wide * count + 2.2, len(runs) * (wide * top / across + 0.3) + 0.8, "compressed")
    grid = fig.subplots(len(runs), count, sharex=True, sharey=True, squeeze=False)
    titles = [theme.lettered(k, name) for k, name in enumerate(names)]
    for axes_row, row, title, domain in zip(grid, series, titles, domains, strict=True):
        for axes, snap in zip(axes_row, row, strict=True):
            panels.draw(axes, snap, key, norm, domain)
            axes.set(xlim=(0.0, across * theme.MICRO), ylim=(0.0, top * theme.MICRO))
        axes_row[0].set_title(title, loc="left")
    for axes, snap in zip(grid[0], series[0], strict=True):
        axes.set_title(f"{theme.shown_time(snap.time, series[0][-1].time)}\n ")  # a line above the run's name
    for axes in grid[-1]:
        axes.set_xlabel("x (µm)")
        axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    fig.supylabel("Height (µm)", fontsize=8)
    bar = fig.colorbar(ScalarMappable(norm, field.colour_map), ax=grid, aspect=40, pad=0.01)
    bar.set_label(theme.label(field), fontsize=7)
    bar.outline.set_linewidth(0.4)
    bar.locator = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10])
    bar.update_ticks()
    fig.canvas.draw()
    for axes_row, run in zip(grid, runs, strict=True):
        for axes in axes_row:
            layers.boundaries(axes, run.case, named=axes is axes_row[-1])
    return fig


def profiles(runs: Sequence[StoredRun], names: Sequence[str], end: float) -> Figure:
    """One-dimensional runs at the last common time: every field over the height, one line a run.

    Args:
        runs: the runs.
        names: what to call them.
        end: latest time that all runs have reached, s.

    Returns:
        The figure.
    """
    snaps, cases = [section(run, end) for run in runs], [run.case for run in runs]
    fields = {
        key: snap.declaration(key)
        for case, snap in zip(cases, snaps, strict=True)
        for key in scales.shown_keys(case, snap)
        if key != FIELD_STRENGTH.key
    }
    colours, domains = theme.colours(len(runs)), [Domains.of(case) for case in cases]
    even = [key for key in fields if _is_even(snaps, key, domains)]
    fields = {key: field for key, field in fields.items() if key not in even}
    fig, grid, windows = columns_of_profiles(snaps, cases, len(fields))
    for row, (key, field) in zip(grid, fields.items(), strict=True):
        for axes, window in zip(row, windows, strict=True):
            for case, domain, snap, name, colour in zip(cases, domains, snaps, names, colours, strict=True):
                if key in scales.shown_keys(case, snap):
                    axes.plot(*within(*line(snap, key, domain), window), color=colour, label=name)
            axes.set_xlim(window)
            limit(axes, field)
        row[0].set_ylabel(theme.label(field).replace(" $", "\n$", 1))
    fig.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside right center")
    theme.note(fig, scales.said(snaps, even, domains))
    theme.letters(list(grid.flat), aside=LETTERS_ASIDE)
    fig.align_ylabels(grid[:, 0])
    fig.suptitle(theme.shown_time(snaps[0].time), fontsize=9)
    fig.canvas.draw()
    for axes in grid[0]:
        layers.stacks(axes, cases, colours, upright=True)
    for axes in grid[1:].flat:
        layers.stacks(axes, cases, colours, upright=True, named=False)
    return fig


def _is_even(snaps: Sequence[Snapshot], key: str, domains: Sequence[Domains]) -> bool:
    return all(key in snap.values for snap in snaps) and scales.is_even(snaps, key, domains)


def _tip_height(snap: Snapshot) -> float:
    tip = snap.tip()
    return _height([snap]) if tip is None else float(tip[-1])


def _height(snaps: Sequence[Snapshot]) -> float:
    return max(float(s.points[:, -1].max()) for s in snaps)
