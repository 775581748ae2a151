"""One look for every picture: fonts, sizes, colours, and how a quantity is written on an axis."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from string import ascii_lowercase
from textwrap import wrap
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure

from femna.fields import Field
from femna.io.atomic_files import write_whole
from femna.render.look import USUAL_DPI, Look

Array = np.ndarray[Any, Any]

DPI = USUAL_DPI
WIDTH = 170 / 25.4
"""Width of a full picture, inch: two columns of a page, 170 mm."""
PANEL_HEIGHT = 2.2
"""Height of a row of panels of curves, inch."""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours, told apart by colour-blind readers too."""
METAL, DIFFUSE_METAL = "#c9c7c3", "#e6e4e0"
FRONT = "#1a1a1a"
QUIET = "#6e6e6e"
ALARM = "#b3001b"
PLATING, STRIPPING = COLOURS[0], COLOURS[1]
TIMES = ListedColormap(colormaps["plasma"](np.linspace(0.7, 0.0, 256)), "times")
"""Colours of lines over time, the latest the darkest: none too pale for a line on white."""
MICRO = 1e6
NOTE_LETTER_WIDTH = 0.055
"""Width of a letter of a remark, inch."""

_RC: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.prop_cycle": mpl.cycler(color=COLOURS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.3,
    "hatch.color": "#bdbdbd",
    "hatch.linewidth": 0.4,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "savefig.facecolor": "white",
    "pdf.fonttype": 42,
}

_DARK_PAGE, _DARK_INK = "#15181c", "#e4e4e0"
_DARK: dict[str, Any] = {
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), _DARK_PAGE),
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), _DARK_INK),
    "axes.prop_cycle": mpl.cycler(color=("#56B4E9", "#E69F00", "#2fbf8f", "#CC79A7", "#D55E00", "#0072B2", _DARK_INK)),
    "hatch.color": "#5a5f66",
}
"""What a dark page changes."""

_USUAL = Look()
_LOOK: ContextVar[Look] = ContextVar("look", default=_USUAL)


@contextmanager
def style(look: Look | None = None) -> Iterator[None]:
    """The theme, as a context manager or a decorator: every figure is made and saved inside it.

    Args:
        look: what a user has chosen; that of the theme around by default.
    """
    chosen = _LOOK.get() if look is None else look
    token = _LOOK.set(chosen)
    try:
        with mpl.rc_context(_RC | (_DARK if chosen.theme == "dark" else {}) | {"savefig.dpi": chosen.dpi}):
            yield
    finally:
        _LOOK.reset(token)


def dots_per_inch() -> int:
    """Of what is pixels in the picture in hand."""
    return _LOOK.get().dpi


def page() -> str:
    """The colour of the page of the picture in hand."""
    return str(mpl.rcParams["figure.facecolor"])


def ink() -> str:
    """The colour of text on it."""
    return str(mpl.rcParams["text.color"])


def figure(width: float, height: float, layout: Literal["constrained", "compressed"] = "constrained") -> Figure:
    """An empty figure that needs no window system.

    Args:
        width: width, inch.
        height: height, inch.
        layout: `compressed` suits maps of a fixed aspect.

    Returns:
        The figure.
    """
    fig = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(fig)
    return fig


def panels(names: Sequence[str]) -> tuple[Figure, dict[str, Axes]]:
    """A figure of up to four panels in the order of reading, two in a row; with an odd number the first is wide.

    Args:
        names: what to call the panels.

    Returns:
        The figure, and its axes with their letters.
    """
    odd = len(names) % 2
    rows = [[names[0]] * 2] * odd + [list(pair) for pair in zip(names[odd::2], names[odd + 1 :: 2], strict=True)]
    fig = figure(WIDTH, PANEL_HEIGHT * len(rows) + 0.2)
    grid = fig.subplot_mosaic(rows)
    letters([grid[name] for name in names])
    return fig, grid


def letters(panels: Sequence[Axes], aside: float = 0.02) -> None:
    """The letters a, b, c.. above the upper left corners of several panels; one panel has none.

    Args:
        panels: the panels in the order of reading.
        aside: how far left of the panel they end, over its width, where no legend can be; with 0 they begin at it.
    """
    if len(panels) > 1:
        for axes, letter in zip(panels, ascii_lowercase, strict=False):
            title = axes.set_title(letter, loc="left", fontweight="bold", ha="right" if aside else "left")
            title.set_x(-aside)


def lettered(index: int, name: str) -> str:
    """A title with a letter of its own: of a row of panels, say.

    Args:
        index: 0 for the letter a.
        name: the rest of the title.

    Returns:
        The text to hand to matplotlib.
    """
    return rf"$\mathbf{{{ascii_lowercase[index % 26]}}}$  {name}"


def zero_line(axes: Axes) -> None:
    """A thin line at zero, when there are values on both sides of it."""
    low, high = axes.get_ylim()
    if low < 0.0 < high:
        axes.axhline(0.0, color=QUIET, linewidth=0.5, zorder=0)


def save(fig: Figure, path: Path) -> Path:
    """Write a figure.

    Args:
        fig: the figure.
        path: the file, whose ending becomes that of the chosen format; its folder is made when there is none.

    Returns:
        The path.

    Raises:
        CannotGoOn: the disk is full, or the file cannot be written; what was there before is still there.
    """
    image, chosen = io.BytesIO(), _LOOK.get()
    path = path.with_suffix(f".{chosen.format}")
    fig.savefig(image, format=chosen.format, dpi=chosen.dpi)
    write_whole(path, image)
    return path


def verbatim(text: str) -> str:
    """A name that a user has given, for a figure: it shows as it is, and no part of it is taken for a formula.

    Args:
        text: the name.

    Returns:
        The text to hand to matplotlib.
    """
    hidden = " " * text.startswith("_")  # matplotlib leaves such out of legends
    return hidden + text.replace("$", r"\$")


def label(field: Field, two_lines: bool = False) -> str:
    """The label of a field: "Na+ concentration c (mol/L)".

    Args:
        field: the field.
        two_lines: whether the symbol stands on a second line.

    Returns:
        The label.
    """
    symbol = " ".join(part for part in (field.symbol, f"({field.shown_unit})" * bool(field.shown_unit)) if part)
    return ("\n" if two_lines else " ").join(part for part in (field.label, symbol) if part)


def colours(count: int) -> list[Any]:
    """Colours for curves, of a colour map when the theme has not enough.

    Args:
        count: how many.

    Returns:
        The colours.
    """
    if count <= len(COLOURS):
        return [ink() if colour == "#000000" else colour for colour in COLOURS[:count]]
    return [colormaps["viridis"](k / (count - 1)) for k in range(count)]


def paler(colour: str | Sequence[float], white: float) -> tuple[float, ...]:
    """A colour with some white in it.

    Args:
        colour: the colour.
        white: share of white, 0 to 1.

    Returns:
        The colour, RGB.
    """
    return tuple((1.0 - white) * np.array(to_rgb(tuple(colour) if not isinstance(colour, str) else colour)) + white)


def widened(low: float, high: float, share: float, least: float = 0.0) -> tuple[float, float]:
    """A range that is not narrower than it should be, so that rounding does not fill a scale.

    Args:
        low: lower end.
        high: upper end.
        share: smallest width over the larger of the ends' magnitudes.
        least: smallest width.

    Returns:
        The range about the same middle; 0 to 1 beyond the lower end where all is zero.
    """
    wanted = max(share * max(abs(low), abs(high)), least)
    if wanted == 0.0:
        return low, low + 1.0
    if high - low < wanted:
        low, high = (low + high - wanted) / 2, (low + high + wanted) / 2
    return low, high


def shown(value: float, largest: float) -> str:
    """A number without an exponent, to three digits of the largest of its kind: "0.0237", "0" where that is rounding.

    Args:
        value: the number.
        largest: largest magnitude of its kind.

    Returns:
        The text.
    """
    digits = 2 - math.floor(math.log10(largest)) if largest > 0.0 else 0
    text = np.format_float_positional(round(value, digits) + 0.0, trim="-")
    return text.replace("-", "\N{MINUS SIGN}")


def shown_range(low: float, high: float, fine: float, unit: str = "") -> str:
    """A narrow range to a tenth of the width that would be worth drawing: "0.998 to 1.003 mol/L", "0.5 V".

    Args:
        low: lower end.
        high: upper end.
        fine: the width that would be worth drawing.
        unit: the unit; "" for none.

    Returns:
        The text.
    """
    ends = dict.fromkeys(shown(end, 10.0 * fine if fine > 0.0 else max(abs(low), abs(high))) for end in (low, high))
    return f"{' to '.join(ends)} {unit}".strip()


def note(fig: Figure, text: str) -> None:
    """A remark in small type at the foot of a figure, in as many lines as it needs.

    Args:
        fig: the figure.
        text: the remark; nothing is written of an empty one.
    """
    if text:
        wide = int(fig.get_size_inches()[0] / NOTE_LETTER_WIDTH)
        fig.supxlabel("\n".join(wrap(text, wide)), fontsize=7, color=QUIET)


def shown_time(time: float, end: float | None = None) -> str:
    """A time in the unit that a reader would choose: "250 ms", "12 s", "1.5 h".

    Args:
        time: the time, s.
        end: end of the series whose unit is used, s; the time itself by default.

    Returns:
        The text.
    """
    for unit, seconds in (("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3)):
        if (time if end is None else end) >= (2 * seconds if unit in ("h", "min") else seconds):
            return f"{time / seconds:.3g} {unit}"
    return f"{time:.3g} s"


def voltage_axis(values: Array) -> tuple[float, str]:
    """The unit of an axis of voltages.

    Args:
        values: the voltages, V.

    Returns:
        Units per volt, and the name of the unit.
    """
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    return (1e3, "mV") if 0.0 < largest < 0.1 else (1.0, "V")


def capacity_axis(values: Array) -> tuple[float, str]:
    """The unit of an axis of capacities.

    Args:
        values: the capacities, mAh/cm^2.

    Returns:
        Units per mAh/cm^2, and the name of the unit.
    """
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    return (1e3, "µAh cm⁻²") if 0.0 < largest < 0.01 else (1.0, "mAh cm⁻²")


def time_axis(end: float) -> tuple[float, str]:
    """The unit of an axis of times.

    Args:
        end: the latest time, s.

    Returns:
        Seconds per unit, and the name of the unit.
    """
    if end >= 2 * 3600:
        return 3600.0, "h"
    if end >= 600:
        return 60.0, "min"
    if end >= 0.1 or end <= 0.0:
        return 1.0, "s"
    return (1e-3, "ms") if end >= 1e-4 else (1e-6, "µs")
