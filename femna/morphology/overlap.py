"""How far two segmented volumes of the same voxels agree: Dice coefficient and distance of their surfaces."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from femna.morphology.voxel_axes import BoolArray, FloatArray


def dice(first: BoolArray, second: BoolArray) -> float:
    """Dice coefficient 2 |A and B|/(|A| + |B|).

    Args:
        first: (z, y, x).
        second: of the same shape.

    Returns:
        0 (nothing in common) to 1 (the same); nan where both are empty.
    """
    total = int(first.sum()) + int(second.sum())
    return 2.0 * int((first & second).sum()) / total if total else float("nan")


def surface_distance(first: FloatArray, second: FloatArray) -> dict[str, float]:
    """Distance from points of each surface to the nearest point of the other, both ways.

    Points are less than a voxel apart. Of surfaces that are closer than a voxel but not the same, distances along them
    add to it: those below half a voxel are too large.

    Args:
        first: points of a surface, (P, 3), m.
        second: points of the other, (Q, 3), m.

    Returns:
        mean, and high, the 95 % quantile, m; nan where a surface has no points.
    """
    if not len(first) or not len(second):
        return {"mean": float("nan"), "high": float("nan")}
    both = np.concatenate([KDTree(second).query(first, workers=-1)[0], KDTree(first).query(second, workers=-1)[0]])
    return {"mean": float(both.mean()), "high": float(np.quantile(both, 0.95))}
