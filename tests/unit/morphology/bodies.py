"""Bodies with exact answers, as grey fields on voxels that need not be cubes."""

from __future__ import annotations

import numpy as np

PROFILE = 2.0
"""Width l of the profile (1 - tanh(n/l))/2 of a grey field, where lengths are in units of a voxel."""


def centres(lengths, voxel=(1.0, 1.0, 1.0)):
    """z, y, x of the centres of voxels (x, y, z sizes) that fill a box (z, y, x lengths)."""
    axes = [(np.arange(round(length / size)) + 0.5) * size for length, size in zip(lengths, voxel[::-1], strict=True)]
    return np.meshgrid(*axes, indexing="ij")


def grey(distance, width=PROFILE):
    """1 within a body, 0 outside; distance is negative within."""
    return 0.5 * (1.0 - np.tanh(distance / width))


def ball(radius, voxel=(1.0, 1.0, 1.0), off=(0.3, 0.1, -0.2), margin=4.0):
    """Signed distance to a ball that is not centred on a voxel."""
    lengths = [np.ceil((2 * (radius + margin)) / size) * size for size in voxel[::-1]]
    places = centres(lengths, voxel)
    squares = [(p - length / 2 - o) ** 2 for p, length, o in zip(places, lengths, off, strict=True)]
    return np.sqrt(sum(squares)) - radius


def rod(length, radius, axis, voxel=(1.0, 1.0, 1.0), shift=0.0):
    """Signed distance (along the axis and across it) to a rod with flat ends."""
    lengths = [2 * radius + 17.0] * 3
    lengths[axis] = length + 16.0
    places = centres(lengths, voxel)
    along = np.abs(places[axis] - lengths[axis] / 2) - length / 2
    across = np.hypot(*(places[k] - lengths[k] / 2 - shift for k in range(3) if k != axis)) - radius
    return np.maximum(along, across)


def torus(major=18.0, minor=6.0):
    """Signed distance to a torus about z."""
    z, y, x = centres((30, 60, 60))
    return np.hypot(np.hypot(y - 30.2, x - 29.7) - major, z - 15.1) - minor
