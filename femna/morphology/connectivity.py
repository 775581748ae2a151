"""What hangs together: metal with and without contact, voids, pores, Euler number.

Voxels are neighbours where they share a face, metal and electrolyte alike: current and ions do not pass through edges.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import label

from femna.morphology.image_library import measure_library
from femna.morphology.voxel_axes import BoolArray


def connected_to(phase: BoolArray, face: int) -> BoolArray:
    """The part of a phase that hangs together with the lowest or uppermost layer of voxels.

    Args:
        phase: (z, y, x).
        face: index of the layer along z, 0 or -1.

    Returns:
        (z, y, x).
    """
    parts, count = label(phase)
    reached = np.zeros(count + 1, dtype=bool)
    reached[parts[face]] = True
    reached[0] = False
    return np.asarray(reached[parts])


def connected_metal(metal: BoolArray) -> BoolArray:
    """Metal that hangs together with metal of the lowest layer; the rest is dead.

    Args:
        metal: (z, y, x).

    Returns:
        (z, y, x).
    """
    return connected_to(metal, 0)


def voids_under_metal(metal: BoolArray) -> BoolArray:
    """Voxels that are no metal and have metal somewhere above them.

    Args:
        metal: (z, y, x).

    Returns:
        (z, y, x).
    """
    roof = np.logical_or.accumulate(metal[::-1], axis=0)[::-1]
    return np.asarray(roof & ~metal)


def closed_pores(metal: BoolArray) -> BoolArray:
    """Voxels that are no metal and from which no way through faces leads to the uppermost layer.

    Beyond the sides of the volume nothing is known: a void that they cut counts by its way within the volume.

    Args:
        metal: (z, y, x).

    Returns:
        (z, y, x).
    """
    return ~metal & ~connected_to(~metal, -1)


def euler_number(metal: BoolArray) -> int:
    """Pieces less tunnels plus cavities of the metal; metal by faces, the rest by corners too.

    Args:
        metal: (z, y, x); beyond the volume there is no metal.

    Returns:
        1 for a ball, 2 for a shell, 0 for a torus.
    """
    return int(measure_library().euler_number(metal, connectivity=1))
