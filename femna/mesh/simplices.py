"""Volumes of simplices and gradients of their barycentric coordinates."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel

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
    return _gradients(points, cells, np.empty((*cells.shape, points.shape[1])), np.empty(len(cells)))


@kernel
def _gradients(points: Floats, cells: Ints, slopes: Floats, size: Floats) -> tuple[Floats, Floats]:
    """`gradients`, into the arrays given: the rows of the inverse of the sides, by cofactors."""
    dim = points.shape[1]
    sides, inverse = np.empty((dim, dim)), np.empty((dim, dim))
    for cell in range(cells.shape[0]):
        for a in range(dim):
            for k in range(dim):
                sides[a, k] = points[cells[cell, a + 1], k] - points[cells[cell, 0], k]
        factorial = 1.0
        if dim == 1:
            inverse[0, 0] = 1.0
        elif dim == 2:
            factorial = 2.0
            inverse[0, 0], inverse[0, 1] = sides[1, 1], -sides[1, 0]
            inverse[1, 0], inverse[1, 1] = -sides[0, 1], sides[0, 0]
        else:
            factorial = 6.0
            for a in range(3):
                b, c = (a + 1) % 3, (a + 2) % 3
                for k in range(3):
                    m, n = (k + 1) % 3, (k + 2) % 3
                    inverse[a, k] = sides[b, m] * sides[c, n] - sides[b, n] * sides[c, m]
        determinant = 0.0
        for k in range(dim):
            determinant += sides[0, k] * inverse[0, k]
        size[cell] = abs(determinant) / factorial
        for k in range(dim):
            slopes[cell, 0, k] = 0.0
            for a in range(dim):
                slopes[cell, a + 1, k] = inverse[a, k] / determinant
                slopes[cell, 0, k] -= slopes[cell, a + 1, k]
    return slopes, size
