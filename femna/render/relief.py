"""The heights of a 3D front seen from above: a map without shading, beside its scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

from femna.diagnostics.height_map import LateralGrid, rasterise

if TYPE_CHECKING:
    import pyvista
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

COLOUR_MAP = "cividis"
COLUMNS = 300
"""Columns along the longer side of the box."""


def relief(front: pyvista.PolyData, box: Array, columns: int = COLUMNS) -> Array:
    """The uppermost height of a front over columns across the box.

    Args:
        front: triangles, um.
        box: lower and upper corner, (2, 3), um.
        columns: along the longer side.

    Returns:
        (columns along y, columns along x), um, as a picture has them; nan where the front is not met.
    """
    grid = LateralGrid.cover(box[0, :2], box[1, :2], float(np.ptp(box[:, :2], axis=0).max()) / columns)
    triangles = np.asarray(front.points, dtype=float)[front.regular_faces] if front.n_cells else np.empty((0, 3, 3))
    found = rasterise(np.ascontiguousarray(triangles), grid).reshape(grid.shape)
    return np.where(np.isneginf(found), np.nan, found).T


def draw_relief(axes: Axes, heights: Array, box: Array, limits: tuple[float, float] | None = None) -> AxesImage:
    """Draw heights as a map: a colour means one height, and nothing shades it.

    Args:
        axes: where to.
        heights: as `relief` gives them, um.
        box: lower and upper corner, (2, 3), um.
        limits: of the scale, um; the heights' own by default.

    Returns:
        What a colour bar belongs to.
    """
    low, high = limits or heights_range(heights)
    image = axes.imshow(
        heights, origin="lower", cmap=COLOUR_MAP, vmin=low, vmax=high, interpolation="nearest",
        extent=(box[0, 0], box[1, 0], box[0, 1], box[1, 1]),
    )  # fmt: skip
    axes.set_xlabel("x (µm)")
    axes.set_ylabel("y (µm)")
    for spine in axes.spines.values():
        spine.set_visible(True)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    return image


def heights_range(heights: Array) -> tuple[float, float]:
    """Lower and upper end of a scale of heights, um, not narrower than a nanometre."""
    known = heights[np.isfinite(heights)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    return low, max(high, low + 1e-3)


def height_bar(fig: Figure, image: AxesImage, axes: Axes) -> None:
    """The scale of a map of heights, on its right."""
    bar = fig.colorbar(image, cax=axes.inset_axes((1.04, 0.0, 0.05, 1.0)))
    bar.set_label("Height z (µm)", fontsize=7)
    bar.outline.set_linewidth(0.4)
    bar.locator = MaxNLocator(nbins=5, steps=[1, 2, 5, 10])
    bar.update_ticks()
