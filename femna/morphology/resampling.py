"""Volumes on other voxels, by exact means over the new ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from femna.morphology.voxel_axes import FloatArray, array_spacing


def resampled(values: FloatArray, voxel_size: ArrayLike, new_size: ArrayLike) -> FloatArray:
    """Means over voxels of another size, from the same lower corner; the integral over whole new voxels is kept.

    Args:
        values: (z, y, x), each the mean over its voxel.
        voxel_size: (3,), m, along x, y, z.
        new_size: (3,), m; as many voxels as fit, at least one, which beyond the volume is its mean within.

    Returns:
        (z, y, x), float64, or the values themselves where the sizes agree to 1e-6.
    """
    old, new = array_spacing(voxel_size), array_spacing(new_size)
    if np.allclose(old, new, rtol=1e-6, atol=0):
        return values
    result = np.asarray(values, dtype=float)
    for axis in range(3):
        weights = overlap_weights(values.shape[axis], old[axis], new[axis])
        result = np.moveaxis(np.tensordot(weights, result, axes=(1, axis)), 0, axis)
    return result


def overlap_weights(count: int, old: float, new: float) -> FloatArray:
    """Shares of old intervals in new ones, along a line.

    Args:
        count: number of old intervals.
        old: their length.
        new: length of the new ones.

    Returns:
        (new intervals, old intervals); rows sum to one.
    """
    number = max(int(count * old / new + 1e-6), 1)
    edges = np.arange(number + 1)[:, None] * new
    places = np.arange(count)[None, :] * old
    covered = np.clip((edges - places) / old, 0.0, 1.0)
    weights = np.diff(covered, axis=0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def nearest_resampled(labels: NDArray[Any], voxel_size: ArrayLike, new_size: ArrayLike) -> NDArray[Any]:
    """Labels at the centres of voxels of another size, from the same lower corner.

    Args:
        labels: (z, y, x).
        voxel_size: (3,), m, along x, y, z.
        new_size: (3,), m; as many voxels as fit, at least one.

    Returns:
        (z, y, x), of the same type.
    """
    result = labels
    for axis, (old, new) in enumerate(zip(array_spacing(voxel_size), array_spacing(new_size), strict=True)):
        count = labels.shape[axis]
        number = max(int(count * old / new + 1e-6), 1)
        places = ((np.arange(number) + 0.5) * new / old).astype(np.int64)
        result = result.take(np.minimum(places, count - 1), axis=axis)
    return result
