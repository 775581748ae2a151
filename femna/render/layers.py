"""The layers on a picture: their faces, grain boundaries and names, and where names find room."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.tri import Triangulation

from femna.analysis.snapshot import Snapshot
from femna.render import theme

if TYPE_CHECKING:
    from femna.case import Case

LINE_HEIGHT, LETTER_WIDTH = 9.0 / 72, 0.06
"""Height of a line of names, and width of a letter, inch."""


def boundaries(axes: Axes, case: Case, named: bool = False) -> None:
    """On a map, the faces of the layers as thin lines; to be called when the layout is known.

    Args:
        axes: where to draw.
        case: the case of the run.
        named: whether to write the names of the layers outside, on the right.
    """
    low, high = axes.get_ylim()
    halo = [patheffects.withStroke(linewidth=1.3, foreground="#00000055")]
    width = case.geometry.width * theme.MICRO
    for face in faces(case, low, high):
        axes.plot(
            [0.0, width], [face, face], color="white", linewidth=0.6, dashes=(4, 3), path_effects=halo, zorder=3,
            scalex=False, scaley=False,
        )  # fmt: skip
    if named:
        names(axes, case)


def lines(axes: Axes, case: Case, upright: bool = False, colour: str = theme.QUIET) -> None:
    """Behind curves, the faces of the layers as thin lines.

    Args:
        axes: where to draw.
        case: the case of the run.
        upright: whether the height is the horizontal axis.
        colour: colour of the lines.
    """
    low, high = axes.get_xlim() if upright else axes.get_ylim()
    for face in faces(case, low, high):
        draw = axes.axvline if upright else axes.axhline
        draw(face, color=colour, linewidth=0.5, dashes=(4, 3), zorder=0)


def stacks(
    axes: Axes, cases: Sequence[Case], colours: Sequence[Any], upright: bool = False, named: bool = True
) -> None:
    """Behind the curves of several runs, their layers.

    They are drawn once and with names where all stacks are alike, else each in the colour of its run.

    Args:
        axes: where to draw.
        cases: cases of the runs.
        colours: colours of the runs.
        upright: whether the height is the horizontal axis.
        named: whether to write the names.
    """
    alike = len({tuple((name, round(case.interval(name)[0], 12)) for name in case.layer_names) for case in cases}) == 1
    for case, colour in zip(cases, colours, strict=True):
        lines(axes, case, upright, theme.QUIET if alike else colour)
        if alike and named:
            names(axes, case, upright)
        if alike:
            return


def names(axes: Axes, case: Case, upright: bool = False) -> None:
    """The names of the layers on the right, or above axes whose horizontal axis is the height.

    Names that find no room are left out.

    Args:
        axes: where to draw.
        case: the case of the run.
        upright: whether the height is the horizontal axis.
    """
    low, high = axes.get_xlim() if upright else axes.get_ylim()
    inch = (high - low) / inches(axes)[0 if upright else 1]
    for name, place in placed(case, low, high, inch, upright).items():
        share = (place - low) / (high - low)
        axes.annotate(
            theme.verbatim(name), (share, 1.0) if upright else (1.0, share), xycoords="axes fraction",
            color=theme.QUIET, fontsize=7, xytext=(0, 2) if upright else (4, 0), textcoords="offset points",
            va="bottom" if upright else "center", ha="center" if upright else "left",
        )  # fmt: skip


def placed(case: Case, low: float, high: float, inch: float, upright: bool = False) -> dict[str, float]:
    """Where the names of the layers find room, each beside its layer; names of thin layers may find none.

    Args:
        case: the case of the run.
        low: lower end of the shown heights, um.
        high: upper end, um.
        inch: um in an inch of the picture.
        upright: whether names lie along the height and need their width, not the height of a line.

    Returns:
        Name -> height at which it stands, um.
    """
    spans = {n: np.clip(np.array(case.interval(n)) * theme.MICRO, low, high) for n in case.layer_names}
    spans = {name: span for name, span in spans.items() if span[1] > span[0]}
    while spans:
        sizes = [inch * ((len(name) + 1) * LETTER_WIDTH if upright else LINE_HEIGHT) for name in spans]
        places = spread([float(span.mean()) for span in spans.values()], sizes, low, high)
        reach = zip(spans, spans.values(), places, sizes, strict=True)
        astray = [name for name, (a, b), at, size in reach if not a - size / 2 <= at <= b + size / 2]
        apart = zip(pairwise(places), pairwise(sizes), strict=True)
        crowded = any(y - x < 0.99 * (a + b) / 2 for (x, y), (a, b) in apart)
        if not astray and not crowded:
            return dict(zip(spans, places, strict=True))
        del spans[min(astray or spans, key=lambda name: float(np.ptp(spans[name])))]
    return {}


def faces(case: Case, low: float, high: float) -> list[float]:
    """The heights at which two layers touch.

    Args:
        case: the case of the run.
        low: lower end of the shown heights, um.
        high: upper end, um.

    Returns:
        Heights between low and high, um.
    """
    tops = [case.interval(name)[1] * theme.MICRO for name in case.layer_names[:-1]]
    return [top for top in tops if low < top < high]


def grain_boundaries(axes: Axes, snap: Snapshot, case: Case, colour: str = theme.QUIET) -> None:
    """The edges of the cells that stand for grain boundaries as thin lines, outside the metal.

    Args:
        axes: where to draw.
        snap: the output.
        case: the case of the run.
        colour: colour of the lines.
    """
    among = snap.layer >= len(case.layer_names)
    if not among.any():
        return
    # the share of such cells around a node: its contour is smoother than their edges
    corners, per_cell = snap.cells.ravel(), snap.cells.shape[1]
    count = np.bincount(corners, minlength=len(snap.points))
    share = np.bincount(corners, np.repeat(among, per_cell), len(snap.points)) / np.maximum(count, 1)
    open_cells = ~(snap.values["xi"][snap.cells] >= 0.5).all(axis=1)
    if open_cells.any():
        mesh = Triangulation(*(snap.points.T * theme.MICRO), snap.cells[open_cells])
        axes.tricontour(mesh, share, levels=[0.5], colors=[colour], linewidths=0.4, alpha=0.8)


def spread(places: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Places moved apart, as little as need be, so that what stands there does not overlap.

    Args:
        places: wanted places, rising.
        sizes: what each needs.
        low: lower end of the room.
        high: upper end.

    Returns:
        The places.
    """
    moved = list(places)
    room = [(a + b) / 2 for a, b in pairwise(sizes)]
    for k in range(1, len(moved)):
        moved[k] = max(moved[k], moved[k - 1] + room[k - 1])
    if moved:
        moved[-1] = min(moved[-1], high - sizes[-1] / 2)
    for k in range(len(moved) - 2, -1, -1):
        moved[k] = min(moved[k], moved[k + 1] - room[k])
    return [max(place, low) for place in moved]


def inches(axes: Axes) -> tuple[float, float]:
    """The size of axes as they stand now.

    Args:
        axes: the axes.

    Returns:
        Width and height, inch.
    """
    box, (wide, high) = axes.get_position(), axes.figure.get_size_inches()
    return box.width * wide, box.height * high
