"""The salt that a diffuse front stores while the concentration changes: what it does to the profile across the front.

Within a flat front the salt obeys (eps c')' = (eps dc/dt + share of a j)/D, eps = 1 - p and a = eps'. A concentration
that changes evenly bends the straight line of an even reaction by k W, k = (dc/dt)/D and eps W' = integral of eps.
Beside the front W is x^2/2; the salt that a front with a straight line lacks beside a sharp one, half of the second
moment <x^2> of its area times the slope, shifts that. So c - k V, with

    V = W - <x^2>/2,   V -> x^2/2 - <x^2>/2 ahead of the front,

is the straight line through the concentration at the sharp front (docs/theory/salt_at_the_front.md).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from femna.physics.interpolation import Interpolation

Array = NDArray[np.float64]

TABLE_REACH = 10.0
"""Distance from the front to which V is tabulated, in units of l; beyond, V keeps its last value."""

TABLE_POINTS = 8001
"""Points of the table: 400 in l, which leave 1e-6 of V."""

LEAST_FRACTION = 1e-10
"""1 - p from which on inwards W' stays as it is: there it is constant, and 1 - p is lost in rounding."""


@cache
def _table(interpolation: Interpolation) -> tuple[Array, Array]:
    """Distances ahead of the front in units of l, ascending, and V there in units of l^2."""
    x = np.linspace(-TABLE_REACH, TABLE_REACH, TABLE_POINTS)
    fraction = 1.0 - interpolation.h(0.5 * (1.0 - np.tanh(x)))

    def integral(values: Array) -> Array:
        means = 0.5 * (values[1:] + values[:-1])
        return np.concatenate([[0.0], np.cumsum(means * np.diff(x))])

    room, ahead = integral(fraction), np.maximum(x, 0.0)
    first = int(np.argmax(fraction > LEAST_FRACTION))
    slope = room / np.maximum(fraction, LEAST_FRACTION)
    slope[:first] = slope[first]
    bend = integral(slope - ahead)
    second_moment = 2.0 * float(integral(x * ((x > 0.0) - fraction))[-1])
    return x, 0.5 * ahead**2 + bend - bend[-1] - 0.5 * second_moment


def storage_profile(interpolation: Interpolation, distance: Array) -> Array:
    """V at some distances of a front with the profile of tanh.

    Args:
        interpolation: p of the order parameter.
        distance: (N,), signed distance to the front in units of l, positive in the metal.

    Returns:
        (N,), in units of l^2.
    """
    x, profile = _table(interpolation)
    return np.interp(-distance, x, profile)
