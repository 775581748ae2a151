"""Two-point correlation: the probability that two points a distance apart are both metal, without periodicity."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft

from femna.morphology.voxel_axes import BoolArray, FloatArray, array_spacing


def pair_probability(metal: BoolArray) -> FloatArray:
    """Probability that a pair of voxels is metal and metal, for each lag of up to half the volume.

    Pairs within the volume alone count: the array is padded with zeros, and the number of pairs of each lag divides.

    Args:
        metal: (z, y, x).

    Returns:
        (lz, ly, lx), from lag 0 on along z, and from the most negative lag on along y and x; the other half follows
        from S2(-r) = S2(r).
    """
    shape = metal.shape
    lags = [max(length // 2, 1) for length in shape]
    padded = [fft.next_fast_len(length + lag, real=True) for length, lag in zip(shape, lags, strict=True)]
    spectrum = fft.rfftn(metal.astype(np.float32), padded, workers=-1)
    power = spectrum.real**2 + spectrum.imag**2
    counts = fft.irfftn(power, padded, workers=-1)
    lz, ly, lx = lags
    rows = np.arange(-ly + 1, ly)
    columns = np.arange(-lx + 1, lx)
    pairs = (
        (shape[0] - np.arange(lz))[:, None, None]
        * (shape[1] - np.abs(rows))[None, :, None]
        * (shape[2] - np.abs(columns))[None, None, :]
    )
    return np.asarray(counts[:lz][:, rows][:, :, columns] / pairs)


def radial_correlation(metal: BoolArray, voxel_size: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Two-point correlation over the distance, the mean over all directions.

    Args:
        metal: (z, y, x).
        voxel_size: (3,), m, along x, y, z.

    Returns:
        Distances, m, the mean of each bin of the finest voxel size, up to half the shortest edge, and S2 at these; both
        (bins,). S2(0) is the metal's share.
    """
    probability = pair_probability(metal)
    spacing = array_spacing(voxel_size)
    lz, ly, lx = probability.shape
    z = spacing[0] * np.arange(lz)
    y = spacing[1] * (np.arange(ly) - ly // 2)
    x = spacing[2] * (np.arange(lx) - lx // 2)
    distance = np.sqrt((z**2)[:, None, None] + (y**2)[None, :, None] + (x**2)[None, None, :]).ravel()
    finest = min(spacing)
    bins = np.rint(distance / finest).astype(np.int64)
    # the plane of lag 0 along z holds both r and -r, the others one of them
    weight = np.full(probability.shape, 2.0)
    weight[0] = 1.0
    number = np.bincount(bins, weight.ravel())
    known = number > 0
    reach = min(size * length for size, length in zip(spacing, metal.shape, strict=True)) / 2
    known[int(reach / finest) + 1 :] = False
    radius = np.bincount(bins, weight.ravel() * distance)[known] / number[known]
    mean = np.bincount(bins, weight.ravel() * probability.ravel())[known] / number[known]
    return radius, mean


def correlation_length(distances: FloatArray, correlation: FloatArray) -> float:
    """Distance at which the covariance (S2 - f^2)/(f - f^2), f the metal's share, has fallen to 1/e.

    Args:
        distances: (bins,), m, the first 0.
        correlation: S2, (bins,).

    Returns:
        The length, m, linear between the bins; nan where it does not fall that far.
    """
    share = float(correlation[0])
    if not 0.0 < share < 1.0:
        return float("nan")
    covariance = (correlation - share**2) / (share - share**2)
    below = np.flatnonzero(covariance < np.exp(-1))
    if not len(below) or below[0] == 0:
        return float("nan")
    k = int(below[0])
    high, low = float(covariance[k - 1]), float(covariance[k])
    part = (high - np.exp(-1)) / (high - low)
    return float(distances[k - 1] + part * (distances[k] - distances[k - 1]))
