"""A 3D output as a tomogram is shown: three orthogonal slices through the highest tip, in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.tri import Triangulation

from femna.render import theme
from femna.render.cut_stack import Framing
from femna.render.scene_marks import round_length

if TYPE_CHECKING:
    import pyvista

    from femna.render.front_mesh import Output

Array = np.ndarray[Any, Any]

PLANES = ((1, (0, 2)), (0, (1, 2)), (2, (0, 1)))
"""Axis across which a slice lies, and its two axes: xz, yz, xy."""
SLICE_COLOURS = ("#0072B2", "#D55E00", "#009E73")
"""Of the lines that say where the slices across x, y and z lie."""


LEAST_SHAPE = 0.01
"""Smallest area over the longest edge squared of a triangle that is drawn: a cut just within a wall leaves thinner ones
along every edge of the mesh."""


def slices(output: Output, framing: Framing, place: Array, heading: str) -> Figure:
    """The order parameter, metal white, on three planes.

    Args:
        output: the output.
        framing: its heights are shown.
        place: where the planes meet, (3,), um.
        heading: title of the figure.
    """
    low, high = framing.bounds
    sizes = [tuple(float((high - low)[k]) for k in axes) for _, axes in PLANES]
    wide = theme.WIDTH - 1.0
    scale = min(wide / sum(size[0] for size in sizes), 3.2 / max(size[1] for size in sizes))
    fig = theme.figure(theme.WIDTH, scale * max(size[1] for size in sizes) + 1.1, layout="compressed")
    grid = fig.subplots(1, 3, width_ratios=[size[0] for size in sizes])
    for axes, (axis, plane) in zip(grid, PLANES, strict=True):
        _slice(axes, framing.within(output.cut(axis, place[axis])), plane)
        for other in plane:
            line = axes.axvline if other == plane[0] else axes.axhline
            line(place[other], color=SLICE_COLOURS[other], linewidth=0.7, dashes=(3, 2))
        axes.set_xlim(low[plane[0]], high[plane[0]])
        axes.set_ylim(low[plane[1]], high[plane[1]])
        for spine in axes.spines.values():
            spine.set(visible=True, color=SLICE_COLOURS[axis], linewidth=1.2)
        slice_bar(axes)
        axes.set_title(f"{'xyz'[axis]} = {place[axis]:.3g} µm", fontsize=7, color=SLICE_COLOURS[axis])
        axes.set_xlabel(f"{'xyz'[plane[0]]} (µm)")
        axes.set_ylabel(f"{'xyz'[plane[1]]} (µm)")
        for ticks in (axes.xaxis, axes.yaxis):
            ticks.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    theme.letters(list(grid))
    fig.suptitle(heading, fontsize=9)
    theme.note(fig, "Order parameter: white metal, black none. An X-ray tomogram of sodium has far less contrast.")
    return fig


def fair_triangles(points: Array, faces: Array) -> Array:
    """Which triangles of a cut are no slivers, which would be drawn one pixel wide.

    Args:
        points: places in the plane, (N, 2).
        faces: corners, (M, 3).

    Returns:
        (M,) whether its area over the square of its longest edge is above `LEAST_SHAPE`.
    """
    edges = np.diff(points[faces][:, [0, 1, 2, 0]], axis=1)
    twice = np.abs(edges[:, 0, 0] * edges[:, 1, 1] - edges[:, 0, 1] * edges[:, 1, 0])
    return np.asarray(twice / 2 > LEAST_SHAPE * (edges**2).sum(axis=2).max(axis=1))


def _slice(axes: Axes, cut: pyvista.PolyData, plane: tuple[int, int]) -> None:
    axes.set_aspect("equal")
    axes.set_facecolor("black")
    if not cut.n_cells:
        return
    mesh = cut if cut.is_all_triangles else cut.triangulate()
    points = np.asarray(mesh.points, dtype=float)
    keep = fair_triangles(points[:, plane], mesh.regular_faces)
    flat = Triangulation(points[:, plane[0]], points[:, plane[1]], mesh.regular_faces[keep])
    xi = np.asarray(mesh.point_data["xi"], dtype=float)
    axes.tripcolor(flat, xi, shading="gouraud", cmap="gray", vmin=0.0, vmax=1.0, rasterized=True)


def slice_bar(axes: Axes) -> None:
    """A scale bar within a slice, white with a dark edge."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    length = round_length(0.35 * (right - left))
    x, y = right - 0.05 * (right - left), bottom + 0.05 * (top - bottom)
    halo = [patheffects.withStroke(linewidth=3.6, foreground="black")]
    axes.plot([x - length, x], [y, y], color="white", linewidth=2.0, solid_capstyle="butt", path_effects=halo)
    axes.annotate(
        f"{length:g} µm", (x - length / 2, y), xytext=(0, 3), textcoords="offset points", ha="center", va="bottom",
        fontsize=7, color="white", path_effects=[patheffects.withStroke(linewidth=1.4, foreground="black")],
    )  # fmt: skip
