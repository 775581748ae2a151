"""Bricks into simplices after Kuhn: one simplex for each path along the axes from the lowest to the highest corner.

The path simplices of a brick have no obtuse dihedral angle, whatever its three lengths, so that P1 stiffness entries
off the diagonal are <= 0; every face is cut along the diagonal from its lowest to its highest corner, so neighbours
match (Kuhn, IBM J. Res. Dev. 4, 518 (1960); Korotov & Krizek, SIAM J. Numer. Anal. 39, 724 (2001)).
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[Any]


def split_bricks(corners: Ints) -> Ints:
    """Split bricks into simplices.

    Args:
        corners: (M, 2^d), node numbers of bricks in d = 1, 2 or 3 dimensions. Corner number b_x + 2 b_y + 4 b_z is the
            one on the upper side along the axes whose bit is set.

    Returns:
        (M d!, d+1), node numbers of positively oriented simplices; the d! of a brick are consecutive.
    """
    dim = int(corners.shape[1]).bit_length() - 1
    paths = np.array([_path(order) for order in permutations(range(dim))])
    return corners[:, paths].reshape(-1, dim + 1)


def _path(order: tuple[int, ...]) -> list[int]:
    """Corner numbers of the simplex that walks along the axes in this order; two are swapped for an odd one."""
    path = [0]
    for axis in order:
        path.append(path[-1] | 1 << axis)
    odd = sum(a > b for i, a in enumerate(order) for b in order[i + 1 :]) % 2
    if odd:
        path[-1], path[-2] = path[-2], path[-1]
    return path
