"""Chords: the lengths that a phase cuts out of the rows of voxels along an axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from femna.morphology.voxel_axes import BoolArray, FloatArray, array_spacing


def chord_lengths(phase: BoolArray, voxel_size: ArrayLike, axis: int) -> FloatArray:
    """Lengths of the chords of a phase along an axis; those that a face of the volume cuts are left out.

    The mean of parallel chords of a body is its volume over its projected area: 4 R/3 for a ball.

    Args:
        phase: (z, y, x).
        voxel_size: (3,), m, along x, y, z.
        axis: 0, 1, 2 for z, y, x.

    Returns:
        The lengths, (chords,), m.
    """
    rows = np.moveaxis(phase, axis, 2).reshape(-1, phase.shape[axis])
    count = rows.shape[1]
    padded = np.zeros((len(rows), count + 2), dtype=np.int8)
    padded[:, 1:-1] = rows
    change = np.diff(padded, axis=1)
    starts, ends = np.nonzero(change == 1)[1], np.nonzero(change == -1)[1]
    whole = (starts > 0) & (ends < count)
    return np.asarray((ends - starts)[whole] * array_spacing(voxel_size)[axis])
