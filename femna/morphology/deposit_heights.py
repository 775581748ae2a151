"""Volume of the deposit, height of its top surface, and the areal texture parameters of that surface (ISO 25178-2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from femna.morphology.voxel_axes import BoolArray, FloatArray, array_spacing


def deposit_volume(fraction: FloatArray | BoolArray, voxel_size: ArrayLike) -> float:
    """Volume of the metal: sum of the metal's fraction over the voxels.

    Args:
        fraction: (z, y, x), fraction of metal in each voxel, or bool.
        voxel_size: (3,), m, along x, y, z.

    Returns:
        Volume, m^3. A segmented volume counts voxels: its error is that of the segmentation.
    """
    return float(fraction.sum(dtype=float)) * float(np.prod(array_spacing(voxel_size)))


def top_heights(grey: FloatArray, level: float, voxel_size: ArrayLike) -> FloatArray:
    """Height of the uppermost crossing of the level in each column, linear between the centres of voxels.

    Args:
        grey: (z, y, x).
        level: grey value of the surface.
        voxel_size: (3,), m, along x, y, z.

    Returns:
        Heights above the lower face of the volume, (y, x), m: 0 where a column has no metal, the upper face where its
        uppermost voxel is metal.
    """
    step = array_spacing(voxel_size)[0]
    metal = grey > level
    count = metal.shape[0]
    top = count - 1 - metal[::-1].argmax(axis=0)
    above = np.minimum(top + 1, count - 1)
    last = np.take_along_axis(grey, top[None], axis=0)[0]
    following = np.take_along_axis(grey, above[None], axis=0)[0]
    drop = last - following
    beyond = np.where(drop > 0, (last - level) / np.where(drop > 0, drop, 1.0), 0.5)
    beyond[top == count - 1] = 0.5
    heights = step * (top + 0.5 + beyond)
    return np.asarray(np.where(metal.any(axis=0), heights, 0.0))


def surface_texture(heights: FloatArray, voxel_size: ArrayLike) -> dict[str, float]:
    """Areal texture parameters about the mean height, without levelling or filter.

    Sa = mean |z|, Sq = sqrt(mean z^2), Sz = max z - min z, Ssk = mean z^3/Sq^3, Sku = mean z^4/Sq^4, Sdr = developed
    over projected area less one; the area of a cell of four points is the mean of its two triangulations.

    Args:
        heights: (y, x), m.
        voxel_size: (3,), m, along x, y, z.

    Returns:
        Sa, Sq, Sz in m; Ssk, Sku (nan where the surface is flat) and Sdr without unit.
    """
    z = heights - heights.mean()
    squared = float((z**2).mean())
    rough = np.sqrt(squared)
    flat = rough <= 1e-12 * max(float(np.abs(heights).max()), 1e-300)
    return {
        "Sa": float(np.abs(z).mean()),
        "Sq": float(rough),
        "Sz": float(np.ptp(z)),
        "Ssk": float("nan") if flat else float((z**3).mean() / rough**3),
        "Sku": float("nan") if flat else float((z**4).mean() / squared**2),
        "Sdr": developed_area_ratio(heights, voxel_size),
    }


def developed_area_ratio(heights: FloatArray, voxel_size: ArrayLike) -> float:
    """Sdr: developed area of a height map over its projected area, less one.

    Args:
        heights: (y, x), m.
        voxel_size: (3,), m, along x, y, z.

    Returns:
        The ratio; nan for a map that is less than two points wide.
    """
    if min(heights.shape) < 2:
        return float("nan")
    _, dy, dx = array_spacing(voxel_size)
    a, b, c, d = heights[:-1, :-1], heights[:-1, 1:], heights[1:, :-1], heights[1:, 1:]

    def triangle(slope_x: FloatArray, slope_y: FloatArray) -> float:
        return float(np.sqrt(1.0 + (slope_x / dx) ** 2 + (slope_y / dy) ** 2).mean())

    return (
        0.25 * (triangle(b - a, c - a) + triangle(d - c, d - b) + triangle(b - a, d - b) + triangle(d - c, c - a)) - 1
    )


def contact_fraction(metal: BoolArray, base: int = 0) -> float:
    """Share of a plane on which metal sits.

    Args:
        metal: (z, y, x).
        base: index along z of the first layer of voxels above the plane.

    Returns:
        Metal's share of that layer.
    """
    return float(metal[base].mean())
