"""Local thickness: the diameter of the largest ball that fits into a phase and holds the voxel.

Hildebrand and Ruegsegger, Journal of Microscopy 185 (1997) 67.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import find_objects

from femna.morphology.distance_transform import within
from femna.morphology.voxel_axes import FloatArray, array_spacing

MAX_RADII = 16
"""Number of ball sizes that are told apart, at the most; at the least they are a quarter of a voxel apart."""


def local_thickness(depths: FloatArray, voxel_size: ArrayLike) -> FloatArray:
    """Local thickness of the metal.

    Balls are centred at voxels and have one of at most `MAX_RADII` radii, which are evenly spaced up to the largest
    depth: a voxel gets the largest that fits.

    Args:
        depths: distance of every metal voxel's centre to the surface, (z, y, x), m, 0 outside the metal
            (`distance_transform.depth`); beyond the volume the metal is taken to go on.
        voxel_size: (3,), m, along x, y, z.

    Returns:
        Thickness, (z, y, x), m; 0 outside the metal.
    """
    metal = depths > 0
    found = find_objects(metal.astype(np.int8))
    thickness = np.zeros(depths.shape, dtype=np.float32)
    if not found:
        return thickness
    largest = float(depths.max())
    if not np.isfinite(largest):
        return np.asarray(np.where(metal, np.inf, 0.0))
    box = found[0]
    depths, inside, part = depths[box], metal[box], thickness[box]
    finest = min(array_spacing(voxel_size))
    steps = int(np.clip(4 * largest / finest, 1, MAX_RADII))
    for radius in largest * np.arange(1, steps + 1) / steps:  # the larger overwrite the smaller
        seeds = depths >= radius * (1 - 1e-6)
        part[inside & within(seeds, voxel_size, radius * (1 + 1e-6))] = 2 * radius
    part[inside & (part == 0)] = 2 * largest / steps
    return thickness


def thickness_statistics(thickness: FloatArray) -> dict[str, float]:
    """Mean, median and 5 and 95 % quantiles of a thickness over the volume of the phase.

    Args:
        thickness: (z, y, x), m; 0 outside the phase.

    Returns:
        The numbers by the names mean, median, low and high, m; nan where the phase is empty.
    """
    values = thickness[thickness > 0]
    if not values.size:
        return dict.fromkeys(("mean", "low", "median", "high"), float("nan"))
    low, median, high = (float(value) for value in np.quantile(values, [0.05, 0.5, 0.95]))
    return {"mean": float(values.mean(dtype=float)), "low": low, "median": median, "high": high}
