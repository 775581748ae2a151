"""Box-counting dimension of a surface."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from femna.morphology.voxel_axes import FloatArray

BOXES_ALONG = (4, 8, 16, 32, 64, 128)
"""Numbers of boxes along the shortest edge of the surface's extent; all divide by the next: a plane gives 2 exactly."""
SMALLEST_BOX = 2.0
"""Smallest edge of a box, in voxels: below, the points of the surface are sparser than the boxes."""


def box_counting_dimension(points: FloatArray, extent: ArrayLike, voxel: float) -> float:
    """Slope of the logarithm of the number of boxes that hold a part of a surface, over that of their number along it.

    Args:
        points: (P, 3), points of the surface, less than a voxel apart, m.
        extent: (3,), edges of the volume, m, in the order of the points' axes; points count from its lower corner.
        voxel: the largest voxel size, m.

    Returns:
        The dimension; nan where there are fewer than two sizes of boxes.
    """
    edges = np.asarray(extent, dtype=float)
    shortest = float(np.sort(edges)[1])  # a volume may be flat: boxes divide its lateral extent
    used, numbers = [], []
    for count in BOXES_ALONG:
        edge = shortest / count
        if edge < SMALLEST_BOX * voxel or not len(points):
            break
        cells = np.floor(points / edge + 1e-9).astype(np.int64)
        across = np.ceil(edges / edge).astype(np.int64) + 1
        flat = (cells[:, 0] * across[1] + cells[:, 1]) * across[2] + cells[:, 2]
        used.append(count)
        numbers.append(len(np.unique(flat)))
    if len(used) < 2:
        return float("nan")
    return float(np.polyfit(np.log(used), np.log(numbers), 1)[0])
