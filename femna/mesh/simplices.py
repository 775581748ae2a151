"""Volumes of simplices and gradients of their barycentric coordinates."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]


def volumes(points: Floats, cells: Ints) -> Floats:
    """Signed volumes of simplices.

    Args:
        points: (N, d), coordinates in m.
        cells: (M, d+1), node numbers.

    Returns:
        (M,), in m^d; positive where a cell is positively oriented.
    """
    sides = points[cells[:, 1:]] - points[cells[:, :1]]
    return np.asarray(np.linalg.det(sides) / math.factorial(points.shape[1]))


def gradients(points: Floats, cells: Ints) -> tuple[Floats, Floats]:
    """Gradients of the barycentric coordinates, which are those of the linear shape functions.

    Args:
        points: (N, d), coordinates in m.
        cells: (M, d+1), node numbers.

    Returns:
        The gradients, (M, d+1, d) in 1/m, and the volumes, (M,) in m^d, not negative.
    """
    sides = points[cells[:, 1:]] - points[cells[:, :1]]
    others = np.swapaxes(np.linalg.inv(sides), 1, 2)  # the columns of the inverse belong to the corners 1 .. d
    return np.concatenate([-others.sum(axis=1, keepdims=True), others], axis=1), np.abs(volumes(points, cells))
