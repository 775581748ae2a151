"""Projections of slices and their reconstruction by filtered back-projection, with scikit-image.

radon and iradon of scikit-image both turn about pixel n//2. A slice is laid into a square of an odd number of pixels
that holds its circle, so that n//2 is its middle, (n-1)/2, and what is centred stays centred.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput

Array = NDArray[Any]

MISSING = "--reconstruct needs the package scikit-image: pip install 'femna[tomography]'"


def reconstructed_slabs(
    slabs: Iterable[Array], pixel: float, angles: int, photons: float, seed: int
) -> Iterator[Array]:
    """Project each slice over half a turn, count photons, and reconstruct it with the ramp filter.

    Args:
        slabs: attenuation (planes, y, x), 1/m, of increasing z; around it is nothing.
        pixel: size of the voxels along x and y, m.
        angles: number of projections, evenly over half a turn.
        photons: that enter each pixel in each projection; 0 for no noise.
        seed: with the number of the slice it gives the noise.

    Yields:
        Single planes (1, y, x).

    Raises:
        BadInput: scikit-image is not installed, or no photon comes through.
    """
    try:
        from skimage.transform import iradon, radon
    except ImportError as error:
        raise BadInput(MISSING) from error
    theta = np.arange(angles) * (180.0 / angles)
    for number, plane in enumerate(plane for slab in slabs for plane in slab):
        square, rows, columns = framed(plane)
        sinogram = radon(square * pixel, theta=theta, circle=True)
        if photons:
            sinogram = _counted(sinogram, photons, np.random.default_rng((seed, number)))
        whole = iradon(sinogram, theta=theta, filter_name="ramp", circle=True) / pixel
        yield whole[rows, columns][None]


def framed(plane: Array) -> tuple[Array, slice, slice]:
    """A slice in the middle of a square of zeros whose circle holds it.

    Args:
        plane: (y, x).

    Returns:
        The square, of an odd number of pixels, and where in it the slice lies. A slice of an even number of pixels
        cannot lie in its very middle: it lies half a pixel low, and is taken out where it was put in.
    """
    rows, columns = plane.shape
    side = math.ceil(math.hypot(rows, columns)) + 3
    side += 1 - side % 2
    square = np.zeros((side, side))
    top, left = (side - rows) // 2, (side - columns) // 2
    place = slice(top, top + rows), slice(left, left + columns)
    square[place] = plane
    return square, *place


def _counted(sinogram: Array, photons: float, random: np.random.Generator) -> Array:
    """Projections as they follow from counted photons. Raises BadInput where none come through."""
    counts = random.poisson(photons * np.exp(-sinogram))
    if not counts.all():
        text = f"no photon of {photons:g} comes through in {np.count_nonzero(counts == 0)} of {counts.size} rays"
        raise BadInput(f"--photons: {text}; allowed: more photons, or a higher --energy")
    return np.asarray(np.log(photons / counts))
