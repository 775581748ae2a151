"""Height, roughness and tips of the front, on columns that run along the growth axis.

The front (marching.py) is sampled where columns cross it; of several crossings, under an overhang, the uppermost
counts. Each rank rasterises its own simplices; the maximum over ranks is the height map of the whole front.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from femna.diagnostics.marching import FloatArray
from femna.kernels import kernel

SLACK = 1e-9
"""Relative to the column spacing: how far beside a simplex a column still meets it, so that none slips between two."""


@dataclass(frozen=True)
class LateralGrid:
    """Columns at the centres of equal bins over the lateral extent of the cell.

    lower: (dim - 1,) least lateral coordinates, m; spacing: (dim - 1,) bin sizes, m; shape: (dim - 1,) bins along each
    lateral axis. In 1D all three are empty and there is one column. Arrays over columns are flat, in C order.
    """

    lower: tuple[float, ...]
    spacing: tuple[float, ...]
    shape: tuple[int, ...]

    @classmethod
    def cover(cls, lower: ArrayLike, upper: ArrayLike, spacing: float) -> Self:
        """The grid over [lower, upper] (dim - 1,) whose bins come closest to spacing (m, about the finest cell)."""
        low, high = np.atleast_1d(np.asarray(lower, float)), np.atleast_1d(np.asarray(upper, float))
        bins = np.maximum(1, np.rint((high - low) / spacing)).astype(int)
        return cls(tuple(low.tolist()), tuple(((high - low) / bins).tolist()), tuple(bins.tolist()))

    @property
    def dim(self) -> int:
        """Space dimension: the lateral axes and the growth axis."""
        return len(self.shape) + 1

    @property
    def size(self) -> int:
        """Number of columns."""
        return int(np.prod(self.shape, dtype=int))

    @property
    def columns(self) -> FloatArray:
        """Lateral coordinates of the columns (size, dim - 1), m."""
        axes = [low + (np.arange(n) + 0.5) * h for low, h, n in zip(self.lower, self.spacing, self.shape, strict=True)]
        return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(self.size, -1) if axes else np.empty((1, 0))


def rasterise(simplices: FloatArray, grid: LateralGrid) -> FloatArray:
    """Uppermost crossing of the simplices (S, dim, dim) with each column: (grid.size,) in m, -inf where there is none.

    Exact linear interpolation within each simplex. A simplex parallel to the columns gives its upper end in 2D and
    nothing in 3D, where its upper edge belongs to the neighbour as well.
    """
    heights = np.full(grid.size, -np.inf)
    if grid.dim == 1:
        heights[0] = simplices.max(initial=-np.inf)
    elif grid.dim == 2:
        _raster_segments(simplices, grid.lower[0], grid.spacing[0], heights)
    else:
        _raster_triangles(simplices, np.array(grid.lower), np.array(grid.spacing), heights.reshape(grid.shape))
    return heights


def height_statistics(heights: FloatArray, missing: float | FloatArray = 0.0) -> dict[str, float]:
    """Mean, maximum, minimum and rms roughness Sq (ISO 25178-2) of a height map, all in m.

    missing: the height (m, one or one a column) of columns without any crossing (-inf): 0, the collector plane, for a
    column without metal; for one that is metal up to the top, the caller, who has the fields, gives the cell's height.
    """
    filled = _fill(heights, missing)
    return {
        "mean": float(filled.mean()),
        "maximum": float(filled.max()),
        "minimum": float(filled.min()),
        "sq": float(filled.std()),
    }


def metal_tips(
    heights: FloatArray, grid: LateralGrid, prominence: float, missing: float | FloatArray = 0.0
) -> FloatArray:
    """The tips of the front: (k, dim) lateral coordinates and height (m), highest first.

    A tip is a local maximum whose prominence, its height above the highest saddle towards higher metal, exceeds
    prominence (m); that of the highest tip is its height above the lowest column. Walls are mirrors: a tip may stand at
    one. missing: as in height_statistics.
    """
    filled = _fill(heights, missing)
    shape = (*grid.shape, 1, 1)[:2]
    order = np.argsort(-filled, kind="stable")
    rise = _prominences(filled, order, shape[0], shape[1])
    tips = order[rise[order] > prominence]
    return np.column_stack([grid.columns[tips], filled[tips]])


def _fill(heights: FloatArray, missing: float | FloatArray) -> FloatArray:
    return np.where(np.isneginf(heights), missing, heights)


@kernel
def _columns_between(low: float, high: float, lower: float, spacing: float, size: int) -> tuple[int, int]:
    """First column and the one past the last within [low, high] and the slack."""
    first = np.ceil((low - lower) / spacing - 0.5 - SLACK)
    last = np.floor((high - lower) / spacing - 0.5 + SLACK)
    return max(0, int(first)), min(size, int(last) + 1)


@kernel
def _raster_segments(segments: FloatArray, lower: float, spacing: float, heights: FloatArray) -> None:
    for s in range(segments.shape[0]):
        left, right = (0, 1) if segments[s, 0, 0] <= segments[s, 1, 0] else (1, 0)
        x0, z0 = segments[s, left]
        x1, z1 = segments[s, right]
        first, end = _columns_between(x0, x1, lower, spacing, heights.size)
        for i in range(first, end):
            if x1 - x0 > SLACK * spacing:
                share = (lower + (i + 0.5) * spacing - x0) / (x1 - x0)
                z = z0 + min(max(share, 0.0), 1.0) * (z1 - z0)
            else:
                z = max(z0, z1)
            heights[i] = max(heights[i], z)


@kernel
def _raster_triangles(triangles: FloatArray, lower: FloatArray, spacing: FloatArray, heights: FloatArray) -> None:
    slack = SLACK * min(spacing[0], spacing[1])
    for s in range(triangles.shape[0]):
        x0, y0, z0 = triangles[s, 0]
        x1, y1, z1 = triangles[s, 1]
        x2, y2, z2 = triangles[s, 2]
        first_x, end_x = _columns_between(min(x0, x1, x2), max(x0, x1, x2), lower[0], spacing[0], heights.shape[0])
        first_y, end_y = _columns_between(min(y0, y1, y2), max(y0, y1, y2), lower[1], spacing[1], heights.shape[1])
        if first_x >= end_x or first_y >= end_y:
            continue
        # twice the area of the projection, and the lengths of its edges
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        edge0, edge1, edge2 = np.hypot(x2 - x1, y2 - y1), np.hypot(x0 - x2, y0 - y2), np.hypot(x1 - x0, y1 - y0)
        if not abs(area) > 1e-3 * slack * max(edge0, edge1, edge2):
            continue
        sign = 1.0 if area > 0 else -1.0
        low, high = min(z0, z1, z2), max(z0, z1, z2)
        for i in range(first_x, end_x):
            x = lower[0] + (i + 0.5) * spacing[0]
            for j in range(first_y, end_y):
                y = lower[1] + (j + 0.5) * spacing[1]
                w0 = sign * ((x2 - x1) * (y - y1) - (x - x1) * (y2 - y1))
                w1 = sign * ((x0 - x2) * (y - y2) - (x - x2) * (y0 - y2))
                w2 = sign * ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0))
                if w0 >= -slack * edge0 and w1 >= -slack * edge1 and w2 >= -slack * edge2:
                    z = (w0 * z0 + w1 * z1 + w2 * z2) / abs(area)
                    heights[i, j] = max(heights[i, j], min(max(z, low), high))


@kernel
def _prominences(heights: FloatArray, order: NDArray[np.int64], rows: int, columns: int) -> FloatArray:
    """Prominence of each local maximum, 0 elsewhere, by union-find over columns in order (highest first).

    A water level sinks through the map, islands appear and grow, and where two meet the lower one's summit gets its
    rise above that saddle.
    """
    rise = np.zeros(heights.size)
    summit = np.full(heights.size, -1)  # a chain of columns that ends at the summit of the island
    for here in order:
        summit[here] = here
        row, column = here // columns, here % columns
        for dr, dc in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)):
            r, c = row + dr, column + dc
            if not (0 <= r < rows and 0 <= c < columns) or summit[r * columns + c] < 0:
                continue
            mine, other = here, r * columns + c
            while summit[mine] != mine:
                summit[mine] = summit[summit[mine]]
                mine = summit[mine]
            while summit[other] != other:
                summit[other] = summit[summit[other]]
                other = summit[other]
            if mine == other:
                continue
            lower, upper = (mine, other) if heights[mine] <= heights[other] else (other, mine)
            rise[lower] = heights[lower] - heights[here]
            summit[lower] = upper
    rise[order[0]] = heights[order[0]] - heights[order[-1]]
    return rise
