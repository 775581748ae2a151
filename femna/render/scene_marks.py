"""What is written on a 3D picture: a scale bar in the plane of the picture, the axes, heights, names of the layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from femna.render import theme
from femna.render.stage import View

Array = np.ndarray[Any, Any]

AXIS_LENGTH = 0.09
"""Of an arrow of the triad that lies in the plane of the picture, over the picture's width."""


def round_length(limit: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above a positive limit.

    Args:
        limit: in any unit.
    """
    power = 10.0 ** np.floor(np.log10(limit) + 1e-12)
    return float(power * max(k for k in (1, 2, 5) if k * power <= limit * (1 + 1e-12)))


def scale_bar(axes: Axes, view: View, share: float = 0.22) -> float:
    """A bar below the picture, to the right: true for every length that lies in the plane of the picture.

    Args:
        axes: whose unit is the micrometre in that plane.
        view: the picture.
        share: its largest length over the picture's width.

    Returns:
        Its length, um.
    """
    length = round_length(share * view.width)
    right, bottom = view.extent[1], view.extent[2]
    axes.plot(
        [right - length, right], [bottom, bottom], color=theme.ink(), linewidth=2, solid_capstyle="butt", clip_on=False,
        gid="scale bar",
    )  # fmt: skip
    axes.annotate(
        f"{length:g} µm", (right - length / 2, bottom), xytext=(0, -4), textcoords="offset points", ha="center",
        va="top", annotation_clip=False,
    )  # fmt: skip
    return length


def triad(axes: Axes, view: View) -> None:
    """Arrows along x, y and z below the picture, to the left, as long as their projections."""
    length = AXIS_LENGTH * view.width
    tips = view.camera.project(np.eye(3)) * length
    start = np.array([view.extent[0], view.extent[2]]) - np.minimum(tips.min(axis=0), 0.0)
    start[1] -= max(float(tips[:, 1].max()), 0.0) * 0.35
    for name, tip in zip("xyz", tips, strict=True):
        if np.hypot(*tip) < 0.2 * length:  # it points at the viewer
            continue
        axes.annotate(
            "", start + tip, start, annotation_clip=False,
            arrowprops={"arrowstyle": "-|>", "linewidth": 0.8, "color": theme.ink(), "shrinkA": 0, "shrinkB": 0,
                        "mutation_scale": 5},
        )  # fmt: skip
        axes.annotate(
            name, start + 1.25 * tip, ha="center", va="center", fontsize=7, color=theme.ink(), annotation_clip=False
        )


def heights(axes: Axes, view: View, bounds: Array, corner: Array) -> None:
    """A scale of heights along an upright edge of the box, in um from the collector.

    Args:
        axes: whose unit is the micrometre in the plane of the picture.
        view: the picture.
        bounds: of what is shown, (2, 3), um.
        corner: x and y of the edge, (2,), um.
    """
    low, high = bounds[:, 2]
    ticks = [z for z in MaxNLocator(nbins=5, steps=[1, 2, 5, 10]).tick_values(low, high) if low <= z <= high]
    tick = 0.012 * view.width
    for z in ticks:
        x, y = view.camera.project(np.array([*corner, z]))
        axes.plot([x, x - tick], [y, y], color=theme.ink(), linewidth=0.6, clip_on=False)
        axes.annotate(
            f"{z:g}", (x - tick, y), xytext=(-2, 0), textcoords="offset points", ha="right", va="center", fontsize=7,
            annotation_clip=False,
        )  # fmt: skip
    x, y = view.camera.project(np.array([*corner, high]))
    axes.annotate(
        "z (µm)", (x, y), xytext=(0, 5), textcoords="offset points", ha="center", va="bottom", fontsize=7,
        annotation_clip=False,
    )  # fmt: skip


def legend(axes: Axes, colours: Mapping[str, str]) -> None:
    """What each colour of a scene is, above it.

    Args:
        axes: of the scene.
        colours: names as users gave them -> colours, from the collector up.
    """
    patches = [Patch(facecolor=c, edgecolor="none", label=theme.verbatim(n)) for n, c in colours.items()][::-1]
    axes.legend(
        handles=patches, handlelength=0.9, handleheight=0.9, borderpad=0.0, columnspacing=1.2, ncols=len(patches),
        loc="lower left", bbox_to_anchor=(0.0, 1.0),
    )  # fmt: skip
