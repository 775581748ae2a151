"""Exact means over voxels of fields on the leaves of a tree: linear along each axis between the corners of a leaf.

Leaf and voxel share a box, and the mean of such a field over a box is its value at the centre. The sum over voxels is
the sum over leaves of volume times the mean of the corners, which is how a leaf's volume is shared among its corners.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel

Array = NDArray[Any]


@kernel
def add_leaves(low: Array, high: Array, values: Array, chosen: Array, first_plane: int, means: Array) -> None:
    """Add the integrals over leaves to the voxels of a slab; lengths in voxels.

    Args:
        low, high: lowest and highest corner of each leaf, (M, 3).
        values: at the corners, (M, 8), x fastest.
        chosen: numbers of the leaves that reach into the slab.
        first_plane: of the slab.
        means: (planes, y, x), the integrals, in voxels.
    """
    depth, rows, columns = means.shape
    for m in chosen:
        x0, x1, y0, y1, z0, z1 = low[m, 0], high[m, 0], low[m, 1], high[m, 1], low[m, 2], high[m, 2]
        v = values[m]
        for k in range(max(first_plane, int(np.floor(z0))), min(first_plane + depth, int(np.ceil(z1)))):
            bottom, top = max(z0, float(k)), min(z1, k + 1.0)
            w = ((bottom + top) * 0.5 - z0) / (z1 - z0)
            for j in range(max(0, int(np.floor(y0))), min(rows, int(np.ceil(y1)))):
                front, back = max(y0, float(j)), min(y1, j + 1.0)
                u = ((front + back) * 0.5 - y0) / (y1 - y0)
                share = (top - bottom) * (back - front)
                left = (1 - w) * ((1 - u) * v[0] + u * v[2]) + w * ((1 - u) * v[4] + u * v[6])
                right = (1 - w) * ((1 - u) * v[1] + u * v[3]) + w * ((1 - u) * v[5] + u * v[7])
                slope = (right - left) / (x1 - x0)
                for i in range(max(0, int(np.floor(x0))), min(columns, int(np.ceil(x1)))):
                    start, end = max(x0, float(i)), min(x1, i + 1.0)
                    means[k - first_plane, j, i] += share * (end - start) * (left + slope * ((start + end) * 0.5 - x0))
