"""The highest tip of a front: how fast it rises, and how round it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femna.analysis.snapshot import Snapshot
from femna.diagnostics.marching import front_simplices

Array = NDArray[np.float64]

RISE = 2.0
"""The rise over which the speed of a tip is taken, in widths l."""
REACH = 0.3
"""How far from the tip the front is fitted, in radii of the fit before; one width l at the least."""
LEAST_XI = 1e-12
"""What xi is taken for at least, as far from 0 as from 1."""
FITS = 4
"""Fits of a circle, one after the other, each over the reach that the last one's radius sets."""


def tip_speed(times: Array, heights: Array, width: float) -> float | None:
    """Mean speed of the largest height over its last rise of RISE widths.

    Args:
        times: (n,) s.
        heights: (n,) largest height of the front, m.
        width: of the front, l, m.

    Returns:
        The speed, m/s; None where it has not risen so far, or not at the end.
    """
    known = np.isfinite(heights)
    times, heights = times[known], heights[known]
    if heights.size < 2:
        return None
    below = np.flatnonzero(heights <= heights[-1] - RISE * width)
    if not below.size or below[-1] + 1 == heights.size:
        return None
    last = int(below[-1])
    share = (heights[-1] - RISE * width - heights[last]) / (heights[last + 1] - heights[last])
    start = times[last] + share * (times[last + 1] - times[last])
    return float(RISE * width / (times[-1] - start))


def tip_radius(output: Snapshot, width: float) -> float | None:
    """Radius of the circle through the front about its highest point, by least squares. Walls are mirrors.

    Args:
        output: a stored output.
        width: of the front, l, m.

    Returns:
        The radius, m; None in other than two dimensions, without a front, and where the circle would be wider than
        the box or is not below the tip: there is no tip.
    """
    if output.dim != 2:
        return None
    mesh = np.ascontiguousarray(output.points), np.ascontiguousarray(output.cells)
    xi = np.clip(np.asarray(output.values["xi"], dtype=float), LEAST_XI, 1.0 - LEAST_XI)
    # over l/2 the distance to a front in equilibrium: linear across it, where xi is not
    front = front_simplices(*mesh, np.log(xi / (1.0 - xi)), level=0.0).reshape(-1, 2)
    if not len(front):
        return None
    left, right = output.points[:, 0].min(), output.points[:, 0].max()
    mirrored = [front, *(np.stack([2.0 * wall - front[:, 0], front[:, 1]], axis=1) for wall in (left, right))]
    around = np.concatenate(mirrored) - front[front[:, 1].argmax()]
    distance = np.linalg.norm(around, axis=1)
    reach = width
    radius = np.inf
    for _ in range(FITS):
        radius = _circle(around[distance <= reach])
        if not 0.0 < radius <= right - left:
            return None
        reach = max(width, REACH * radius)
    return radius


def _circle(points: Array) -> float:
    """Radius of the circle x^2 + y^2 = 2 a x + 2 b y + d nearest to points (n, 2) (Kasa, IEEE Trans. Instrum. Meas.
    25 (1976) 8); negative where its centre lies above the origin, nan where the points are on a line."""
    if len(points) < 3:
        return float("nan")
    scale = float(np.linalg.norm(points, axis=1).max())
    x, y = points.T / scale
    (a, b, d), _, rank, _ = np.linalg.lstsq(np.stack([2 * x, 2 * y, np.ones_like(x)], axis=1), x**2 + y**2, rcond=1e-9)
    if rank < 3:
        return float("nan")
    return float(np.sqrt(a**2 + b**2 + d)) * scale * (1.0 if b < 0.0 else -1.0)
