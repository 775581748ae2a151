"""Pictures of a sweep: curves over one key, maps over two, parallel coordinates over more."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import NDArray

from femna.render import theme

RESULTS = (
    ("deposit_thickness_m", "Deposit (µm)", theme.MICRO),
    ("height_max_m", "Largest height (µm)", theme.MICRO),
    ("roughness_sq_m", "Roughness Sq (µm)", theme.MICRO),
    ("front_length_ratio", "Front length ratio", 1.0),
    ("front_growth_ratio", "Tip's gain over the mean's", 1.0),
    ("top_fraction", "Share on top", 1.0),
    ("contact_fraction", "Share in contact", 1.0),
    ("cell_voltage_V", "Cell voltage (mV)", 1e3),
    ("current_density_A_m2", "Current density (mA cm⁻²)", 0.1),
    ("concentration_min_mol_m3", "Least concentration (mol/L)", 1e-3),
)
"""Keys of the summary that are drawn where they differ among the runs, with label and factor from SI."""

LARGEST_PANEL_COUNT = 6
SAME = 1e-6
"""Relative spread of a result below which it counts as the same in all runs."""
LOG_FROM = 10.0
"""Ratio of the largest to the smallest value of a key from which its axis is logarithmic."""
LARGEST_TICK_COUNT = 6
"""Number of values up to which every one of a map's axis is written."""

WHITE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
"""Box of a text that lies on lines."""

type Units = Mapping[str, str]
type Rows = Sequence[Mapping[str, Any]]
type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """A varied key as an axis.

    Args:
        label: of the axis.
        places: where each row stands on it (rows,).
        ticks: place -> text, for words; empty for numbers.
        is_log: whether it is logarithmic.
    """

    label: str
    places: Floats
    ticks: Mapping[float, str]
    is_log: bool


@theme.style()
def draw_sweep(rows: Rows, units: Units, out: Path) -> list[Path]:
    """Write the picture of a sweep: `curves.png`, `maps.png` or `parallel.png` by the number of keys that vary.

    Args:
        rows: of the table, one a point (see femna.sweep.sweep_table).
        units: SI unit of each varied key.
        out: folder of the pictures.

    Returns:
        The paths; none where fewer than two runs have a result that differs.
    """
    rows = [row for row in rows if row.get("deposit_thickness_m") is not None]
    keys = [key for key in units if len({row[key] for row in rows}) > 1]
    results = differing(rows)
    if not keys or not results:
        return []
    axes = [axis_of(key, rows, units[key]) for key in keys]
    if len(keys) == 1:
        return [theme.save(curves(axes[0], results), out / "curves.png")]
    if len(keys) == 2:
        return [theme.save(maps(axes[0], axes[1], results), out / "maps.png")]
    return [theme.save(parallel(axes, results), out / "parallel.png")]


def differing(rows: Rows) -> dict[str, Floats]:
    """The results that differ among the runs, by their label.

    Args:
        rows: of the table.

    Returns:
        At most LARGEST_PANEL_COUNT of them, (rows,), nan where a run has none.
    """
    found = {}
    for key, label, factor in RESULTS:
        given = [row.get(key) for row in rows]
        values = np.array([math.nan if value is None else float(value) * factor for value in given])
        known = values[np.isfinite(values)]
        if known.size > 1 and np.ptp(known) > SAME * np.abs(known).max():
            found[label] = values
    return dict(list(found.items())[:LARGEST_PANEL_COUNT])


def axis_of(key: str, rows: Rows, unit: str) -> Axis:
    """The axis of a varied key: its values, or their order where they are words.

    Args:
        key: the dotted key.
        rows: of the table.
        unit: its SI unit.
    """
    given = [row[key] for row in rows]
    if all(isinstance(value, float | int) for value in given):
        values = np.array(given, float)
        is_log = bool((values > 0).all() and values.max() / values.min() >= LOG_FROM)
        factor, shown_unit = _readable(unit, float(np.abs(values).max()))
        label = f"{key} ({shown_unit})" if shown_unit else key
        return Axis(theme.verbatim(label), values * factor, {}, is_log)
    words = list(dict.fromkeys(str(value) for value in given))
    ticks = {float(n): theme.verbatim(word if len(word) <= 24 else word[:23] + "…") for n, word in enumerate(words)}
    return Axis(theme.verbatim(key), np.array([float(words.index(str(value))) for value in given]), ticks, False)


def _readable(unit: str, largest: float) -> tuple[float, str]:
    """Factor and unit in which the field states a value."""
    if unit == "m":
        return (1e6, "µm") if largest < 1e-3 else (1e3, "mm")
    return {"A/m^2": (0.1, "mA cm⁻²"), "mol/m^3": (1e-3, "mol/L"), "C/m^2": (1 / 36e3, "mAh cm⁻²")}.get(
        unit, (1.0, unit.replace("^2", "²").replace("^3", "³"))
    )


def curves(axis: Axis, results: Mapping[str, Floats]) -> Figure:
    """Every result over the one key that varies.

    Args:
        axis: of the key.
        results: by label.
    """
    fig, grid = _panels(len(results), 2.1)
    order = np.argsort(axis.places, kind="stable")
    for axes, (label, values) in zip(grid, results.items(), strict=False):
        axes.plot(axis.places[order], values[order], "o-", markersize=3.5, color=theme.COLOURS[0])
        axes.set_ylabel(label)
        axes.margins(x=0.05, y=0.1)
        _dress(axes, "x", axis)
        axes.set_xlabel(axis.label)
    theme.letters(grid[: len(results)])
    return fig


def maps(across: Axis, up: Axis, results: Mapping[str, Floats]) -> Figure:
    """Every result as colours over the two keys that vary: fields of a full grid, else one mark a run.

    Args:
        across: of the first key.
        up: of the second.
        results: by label.
    """
    fig, grid = _panels(len(results), 2.5)
    xs, ys = np.unique(across.places), np.unique(up.places)
    is_grid = len(xs) * len(ys) == len(across.places) and min(len(xs), len(ys)) > 1
    for axes, (label, values) in zip(grid, results.items(), strict=False):
        if is_grid:
            field = np.full((len(ys), len(xs)), math.nan)
            field[np.searchsorted(ys, up.places), np.searchsorted(xs, across.places)] = values
            edges = (_edges(xs, across.is_log), _edges(ys, up.is_log))
            drawn = axes.pcolormesh(*edges, field, cmap="viridis", edgecolors="white", linewidth=0.5)
        else:
            drawn = axes.scatter(across.places, up.places, c=values, cmap="viridis", s=26, linewidths=0)
            axes.margins(0.08)
        _dress(axes, "x", across, at_values=True)
        _dress(axes, "y", up, at_values=True)
        axes.set(xlabel=across.label, ylabel=up.label)
        bar = fig.colorbar(drawn, ax=axes, pad=0.02)
        bar.set_label(label, fontsize=7)
        bar.outline.set_linewidth(0.4)
    theme.letters(grid[: len(results)])
    return fig


def parallel(axes_of_keys: Sequence[Axis], results: Mapping[str, Floats]) -> Figure:
    """Parallel coordinates: one line a run through all keys and results, coloured by the first result.

    Args:
        axes_of_keys: of the varied keys.
        results: by label.
    """
    columns = [*axes_of_keys, *(Axis(label, values, {}, False) for label, values in results.items())]
    shown = next(iter(results.items()))
    known = shown[1][np.isfinite(shown[1])]
    norm = Normalize(float(known.min()), float(known.max()))
    colour = ScalarMappable(norm, "viridis")
    heights = np.array([_height(axis) for axis in columns])
    fig = theme.figure(max(theme.WIDTH, 1.0 * len(columns)), 3.4)
    axes = fig.subplots()
    places = np.arange(len(columns))
    for number in np.argsort(shown[1]):
        if np.isfinite(heights[:, number]).all():
            axes.plot(places, heights[:, number], color=colour.to_rgba(shown[1][number]), linewidth=0.9)
    for place, axis in zip(places, columns, strict=True):
        axes.axvline(place, color=theme.QUIET, linewidth=0.6)
        for height, text in _marks(axis):
            axes.text(place + 0.03, height, text, fontsize=6, va="center", color=theme.FRONT, bbox=WHITE)
    wrapped = [axis.label.replace(".", ".\n").replace(" (", "\n(") for axis in columns]
    axes.set_xticks(places, wrapped, fontsize=6)
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.1, len(columns) - 0.6)
    bar = fig.colorbar(colour, ax=axes, pad=0.01, aspect=30)
    bar.set_label(shown[0], fontsize=7)
    bar.outline.set_linewidth(0.4)
    return fig


def _height(axis: Axis) -> Floats:
    values = np.log(axis.places) if axis.is_log else axis.places
    low, high = np.nanmin(values), np.nanmax(values)
    return np.asarray((values - low) / (high - low) if high > low else np.full(values.shape, 0.5))


def _marks(axis: Axis) -> list[tuple[float, str]]:
    """Heights and texts at the ends of one of the parallel axes, or at each word."""
    known = axis.places[np.isfinite(axis.places)]
    low, high = float(known.min()), float(known.max())
    if axis.ticks:
        return [((place - low) / (high - low), text) for place, text in axis.ticks.items()]
    return [(0.0, f"{low:.3g}"), (1.0, f"{high:.3g}")]


def _panels(count: int, height: float) -> tuple[Figure, list[Any]]:
    columns = min(count, 2 if count in (2, 4) else 3)
    rows = -(-count // columns)
    fig = theme.figure(theme.WIDTH if columns > 1 else 3.5, height * rows)
    grid = list(np.atleast_1d(fig.subplots(rows, columns, squeeze=False)).flat)
    for axes in grid[count:]:
        axes.remove()
    return fig, grid


def _dress(axes: Any, which: str, axis: Axis, at_values: bool = False) -> None:
    """Scale and ticks of one axis of a panel; `at_values` writes the values themselves where they are few."""
    ticks, values = dict(axis.ticks), np.unique(axis.places)
    side = getattr(axes, f"{which}axis")
    if axis.is_log:
        getattr(axes, f"set_{which}scale")("log")
    if not ticks and at_values and len(values) <= LARGEST_TICK_COUNT:
        ticks = {float(value): f"{value:.3g}" for value in values}
    if ticks:
        side.set_ticks(list(ticks), list(ticks.values()))
        side.set_minor_locator(NullLocator())
    elif not axis.is_log:
        side.set_major_locator(MaxNLocator(4))
        side.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.4g}"))


def _edges(places: Floats, is_log: bool) -> Floats:
    """Borders of the fields of a map, half-way between its values."""
    values = np.log(places) if is_log else places
    middle = 0.5 * (values[1:] + values[:-1])
    edges = np.concatenate([[2 * values[0] - middle[0]], middle, [2 * values[-1] - middle[-1]]])
    return np.asarray(np.exp(edges) if is_log else edges)
