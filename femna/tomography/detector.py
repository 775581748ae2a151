"""What a detector adds to a volume: blur, and the noise of counted photons.

Counting N photons in a pixel behind the sample leaves a standard deviation 1/sqrt(N) in the projection p = -ln(N/N0).
Filtered back-projection from n angles with the ramp filter on pixels of size a turns it into

    sigma = pi / sqrt(12 n N) / a,

the integral of the ramp squared over all frequencies (Kak and Slaney, Principles of computerized tomographic imaging,
chapter 5): 4.4 1/cm for 0.65 um, 1000 angles and 1e4 photons.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

TAIL = 4.0
"""Standard deviations at which a Gaussian is cut off and made to sum to one."""


def reconstruction_noise(pixel: float, angles: float, photons: float) -> float:
    """Standard deviation of the attenuation in a voxel, 1/m.

    Args:
        pixel: size of the detector's pixels at the sample, m.
        angles: number of projections over half a turn.
        photons: counted in each pixel behind the sample in each projection.
    """
    return math.pi / math.sqrt(12.0 * angles * photons) / pixel


def noisy_slabs(slabs: Iterable[Array], deviation: float, seed: int) -> Iterator[Array]:
    """Add white noise of a standard deviation. A slice has its own stream of numbers, whatever the slabs.

    Args:
        slabs: (planes, y, x), of increasing z.
        deviation: in the unit of the values.
        seed: with the number of the slice it gives the noise.
    """
    plane = 0
    for slab in slabs:
        noisy = np.empty_like(slab)
        for number, values in enumerate(slab):
            noisy[number] = values + deviation * np.random.default_rng((seed, plane)).standard_normal(values.shape)
            plane += 1
        yield noisy


def gaussian_weights(sigma: float) -> Array:
    """Weights of a Gaussian over whole voxels, from -r to r; each is its integral over a voxel.

    From sigma = 1 on the variance is sigma^2 + 1/12, with that of the voxel's own box.

    Args:
        sigma: in voxels.
    """
    reach = max(1, math.ceil(TAIL * sigma))
    edges = (np.arange(-reach, reach + 2) - 0.5) / (math.sqrt(2.0) * sigma)
    weights = np.diff([math.erf(edge) for edge in edges])
    return np.asarray(weights / weights.sum())


def blurred_slabs(slabs: Iterable[Array], sigmas: tuple[float, float, float]) -> Iterator[Array]:
    """Blur by a Gaussian; the faces of the volume are mirrors, so that the sum stays.

    Args:
        slabs: (planes, y, x), of increasing z.
        sigmas: along z, y and x, in voxels.

    Yields:
        Single planes (1, y, x).
    """
    from scipy.ndimage import correlate1d

    in_plane = [gaussian_weights(sigma) for sigma in sigmas[1:]]
    weights = gaussian_weights(sigmas[0])
    reach = len(weights) // 2
    planes = (plane for slab in slabs for plane in slab)

    def smooth(plane: Array) -> Array:
        for axis, kernel in enumerate(in_plane):
            plane = correlate1d(plane, kernel, axis=axis, mode="reflect")
        return plane

    # mirrors need no more planes than the window reaches from either face
    first = [smooth(plane) for _, plane in zip(range(reach + 1), planes, strict=False)]
    if len(first) <= reach:
        mirrored = _Mirrored(first)
        for at in range(len(first)):
            yield _combined([mirrored[at + offset] for offset in range(-reach, reach + 1)], weights)
        return
    mirrored = _Mirrored(first)
    window = deque([mirrored[offset] for offset in range(-reach, reach + 1)], maxlen=len(weights))
    yield _combined(window, weights)
    for plane in planes:
        window.append(smooth(plane))
        yield _combined(window, weights)
    last = [*window][reach:]  # from the plane in the middle on: the last ones
    for step in range(reach):
        window.append(last[-1 - step])
        yield _combined(window, weights)


class _Mirrored:
    """Planes without end: those that there are, mirrored at the faces of the first and the last."""

    def __init__(self, planes: list[Array]) -> None:
        self._planes = planes

    def __getitem__(self, index: int) -> Array:
        number = len(self._planes)
        folded = index % (2 * number)
        return self._planes[folded if folded < number else 2 * number - 1 - folded]


def _combined(window: Iterable[Array], weights: Array) -> Array:
    """Sum of planes with their weights, (1, y, x)."""
    total: Array = sum(weight * plane for weight, plane in zip(weights, window, strict=True))
    return total[None]
