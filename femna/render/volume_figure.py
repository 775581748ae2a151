"""The figure of a comparison of volumes: the same cut of both, where they differ, and their numbers over height and
distance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from femna.render import theme

if TYPE_CHECKING:
    from femna.analysis.volume_comparison import VolumeComparison

Array = np.ndarray[Any, Any]

FIGURE = "volumes.png"
GREY_QUANTILES = (0.002, 0.998)
RELATIVE = ("Deposit volume", "Mean height", "Sq", "Surface area", "Mean thickness", "Correlation length")
"""Metrics that are drawn as measured over simulated."""
DASHES = {"simulated": "-", "measured": "--"}
BOTH, ONLY_SIMULATED, ONLY_MEASURED = theme.METAL, theme.COLOURS[0], theme.COLOURS[1]


@theme.style()
def draw_volumes(comparison: VolumeComparison, out: Path) -> Path:
    """Write the figure.

    Args:
        comparison: what came of it.
        out: the folder.

    Returns:
        The path.

    Raises:
        CannotGoOn: the disk is full, or the file cannot be written.
    """
    fig = theme.figure(theme.WIDTH, 4.6)
    names = ("simulated", "measured", "overlap", "height", "thickness", "ratio")
    grid = fig.subplot_mosaic([list(names[:3]), list(names[3:])])
    ours, theirs = comparison.simulated, comparison.measured
    a, b = comparison.simulated_levels, comparison.measured_levels
    metal = ours > a.nominal
    middle = int(metal.sum(axis=(0, 2)).argmax()) if metal.any() else ours.shape[1] // 2
    _grey(grid["simulated"], ours[:, middle], comparison)
    _grey(grid["measured"], theirs[:, middle], comparison)
    _overlap(grid["overlap"], ours[:, middle] > a.nominal, theirs[:, middle] > b.nominal, comparison)
    _over_height(grid["height"], comparison)
    _thickness(grid["thickness"], comparison)
    _ratios(grid["ratio"], comparison)
    place = f"y = {(middle + 0.5) * comparison.registration.voxel_size[1] * theme.MICRO:.3g} µm"
    titles = (f"Simulated, {place}", "Measured", "Metal", "", "", "bars: all thresholds")
    for k, (name, title) in enumerate(zip(names, titles, strict=True)):
        grid[name].set_title(theme.lettered(k, title), loc="left")
    return theme.save(fig, out / FIGURE)


def _extent(comparison: VolumeComparison) -> tuple[float, float, float, float]:
    x, _, z = comparison.registration.voxel_size
    high, _, wide = comparison.simulated.shape
    return 0.0, wide * x * theme.MICRO, 0.0, high * z * theme.MICRO


def _grey(axes: Axes, cut: Array, comparison: VolumeComparison) -> None:
    low, high = np.quantile(cut, GREY_QUANTILES)
    axes.imshow(
        cut,
        cmap="gray",
        origin="lower",
        extent=_extent(comparison),
        vmin=low,
        vmax=max(high, low + 1e-30),
        aspect="equal",
    )
    axes.set(xlabel="x (µm)", ylabel="Height (µm)")


def _overlap(axes: Axes, ours: Array, theirs: Array, comparison: VolumeComparison) -> None:
    kinds = ours.astype(int) + 2 * theirs.astype(int)
    colours = ListedColormap([theme.page(), ONLY_SIMULATED, ONLY_MEASURED, BOTH])
    axes.imshow(kinds, cmap=colours, origin="lower", extent=_extent(comparison), vmin=-0.5, vmax=3.5, aspect="equal")
    axes.set(xlabel="x (µm)", ylabel="Height (µm)")
    for colour, name in ((BOTH, "both"), (ONLY_SIMULATED, "simulated"), (ONLY_MEASURED, "measured")):
        axes.plot([], [], "s", color=colour, label=name)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.08), ncols=3, handletextpad=0.0, columnspacing=0.6)


def _over_height(axes: Axes, comparison: VolumeComparison) -> None:
    step = comparison.registration.voxel_size[2] * theme.MICRO
    for measured, name, colour in _both(comparison):
        share = measured.share_over_height
        axes.plot(share, (np.arange(len(share)) + 0.5) * step, DASHES[name], color=colour, label=name)
    axes.set(xlabel="Share of metal", ylabel="Height (µm)")
    axes.legend()


def _thickness(axes: Axes, comparison: VolumeComparison) -> None:
    for measured, name, colour in _both(comparison):
        values, counts = np.unique(measured.thickness * theme.MICRO, return_counts=True)
        axes.step(
            np.append(0.0, values),
            np.append(0.0, np.cumsum(counts) / counts.sum()),
            color=colour,
            where="post",
            linestyle=DASHES[name],
            label=name,
        )
    axes.set(xlabel="Local thickness (µm)", ylabel="Share of the metal up to it")


def _ratios(axes: Axes, comparison: VolumeComparison) -> None:
    rows = {row.metric: row for row in comparison.rows}
    shown = [rows[name] for name in RELATIVE if rows[name].simulated > 0 and np.isfinite(rows[name].measured)]
    for place, row in enumerate(shown):
        low, high = (value / row.simulated for value in row.measured_range)
        axes.plot([low, high], [place, place], color=theme.COLOURS[1], linewidth=3, alpha=0.4)
        axes.plot([row.measured / row.simulated], [place], "o", color=theme.COLOURS[1], markersize=4)
    axes.axvline(1.0, color=theme.QUIET, linewidth=0.6)
    axes.set_yticks(range(len(shown)), [row.metric for row in shown])
    axes.invert_yaxis()
    axes.set_xlabel("Measured / simulated")


def _both(comparison: VolumeComparison) -> Sequence[tuple[Any, str, str]]:
    return (
        (comparison.simulated_metrics, "simulated", theme.COLOURS[0]),
        (comparison.measured_metrics, "measured", theme.COLOURS[1]),
    )
