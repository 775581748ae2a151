"""Thinning of a volume to lines of one voxel (Lee, Kashyap and Chu, CVGIP 56 (1994) 462).

Border voxels are taken off from six directions in turn as long as they are simple (their removal changes no
connection) and no end of a line. Candidates of one direction go in eight parts, of which none holds two neighbours, and
each is asked again before it goes: one after the other along a line that is two voxels wide, each would be simple and
none an end, and the line would be gone from end to end (as in scikit-image and ITK).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.morphology.voxel_axes import BoolArray

type IntArray = NDArray[np.int64]

_OFFSETS = np.array([(i, j, k) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)])
"""The 27 voxels of a neighbourhood; the middle one is number 13."""
FACES = (4, 22, 10, 16, 12, 14)
"""Numbers of the six neighbours by a face: the directions in turn."""
DIRECT = sum(1 << number for number in FACES)
"""The neighbours by a face, as bits."""
NEAR = sum(1 << number for number, offset in enumerate(_OFFSETS) if 1 <= np.abs(offset).sum() <= 2)
"""The neighbours by a face or an edge, as bits."""


def _masks(joined: NDArray[np.bool_], among: int) -> IntArray:
    """Of each of the 27 voxels the bits of those among some that are joined to it."""
    bits = np.array([among & (1 << number) for number in range(27)], dtype=np.int64)
    return np.asarray((joined * bits).sum(axis=1))


_APART = np.abs(_OFFSETS[:, None] - _OFFSETS[None])
BY_CORNERS = _masks(_APART.max(axis=2) == 1, (1 << 27) - 1 - (1 << 13))
BY_FACES = _masks(_APART.sum(axis=2) == 1, NEAR)


@kernel
def _flood(seed: int, within: int, masks: IntArray) -> int:
    """Bits of `within` that hang together with the bits `seed`."""
    reached = seed
    frontier = seed
    while frontier != 0:
        grown = 0
        for bit in range(27):
            if (frontier >> bit) & 1:
                grown |= masks[bit]
        frontier = grown & within & ~reached
        reached |= frontier
    return reached


@kernel
def _removable(metal: NDArray[np.uint8], place: int, steps: IntArray, corners: IntArray, faces: IntArray) -> bool:
    """Whether a voxel of the flat volume is simple, and no end of a line."""
    around = 0
    count = 0
    for bit in range(27):
        if bit != 13 and metal[place + steps[bit]] != 0:
            around |= 1 << bit
            count += 1
    if count < 2:
        return False
    if _flood(around & -around, around, corners) != around:
        return False
    near = NEAR & ~around
    direct = DIRECT & ~around
    if direct == 0:
        return False
    return direct & ~_flood(direct & -direct, near, faces) == 0


@kernel
def _parity(place: int, steps: IntArray) -> int:
    """Which of eight parts a voxel belongs to; no two neighbours are of one part."""
    plane, row = steps[22] - steps[13], steps[16] - steps[13]
    return int(4 * ((place // plane) % 2) + 2 * ((place % plane) // row % 2) + place % row % 2)


@kernel
def _thin(metal: NDArray[np.uint8], places: IntArray, steps: IntArray, corners: IntArray, faces: IntArray) -> int:
    """Take off all that can be, in place; returns the number of rounds."""
    remaining = len(places)
    chosen = np.empty(remaining, dtype=np.int64)
    rounds = 0
    removed = 1
    while removed > 0:
        removed = 0
        rounds += 1
        for direction in FACES:
            found = 0
            for n in range(remaining):
                place = places[n]
                if metal[place + steps[direction]] == 0 and _removable(metal, place, steps, corners, faces):
                    chosen[found] = place
                    found += 1
            for part in range(8):
                for n in range(found):
                    place = chosen[n]
                    if _parity(place, steps) == part and _removable(metal, place, steps, corners, faces):
                        metal[place] = 0
                        removed += 1
            kept = 0
            for n in range(remaining):
                if metal[places[n]] != 0:
                    places[kept] = places[n]
                    kept += 1
            remaining = kept
    return rounds


def thinned(metal: BoolArray) -> BoolArray:
    """The lines that are left of a volume; connected as it is, with its tunnels (metal by corners, the rest by faces).

    Args:
        metal: (z, y, x); beyond the volume there is no metal.

    Returns:
        (z, y, x).
    """
    padded = np.pad(metal, 1).astype(np.uint8)
    shape = padded.shape
    steps = _OFFSETS @ np.array([shape[1] * shape[2], shape[2], 1])
    flat = padded.ravel()
    _thin(flat, np.flatnonzero(flat), steps, BY_CORNERS, BY_FACES)
    return np.asarray(padded[1:-1, 1:-1, 1:-1] != 0)
