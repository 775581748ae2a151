"""Backward differences with variable steps and the extrapolations that go with them.

With w = dt/dt_old the derivative at the new time is a0 x + a1 x_n + a2 x_(n-1),
a0 = (1 + 2w)/((1 + w) dt), a1 = -(1 + w)/dt, a2 = w^2/((1 + w) dt); zero-stable for w < 1 + sqrt 2
(Hairer, Norsett & Wanner, Solving ODEs I, III.5). Without a past it is backward Euler. The third order is zero-stable
for ratios below 1.53 (the same).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MAX_GROWTH = 2.0
"""Largest ratio of successive steps, below the limit of zero stability with room for noise."""

SLOW_GROWTH = 1.45
"""Ratio of successive steps that a size control keeps to for the third order: at 1.45 an error falls by a factor 0.83
with each step, whatever the ratios below (found with random periodic sequences)."""

THIRD_ORDER_GROWTH = 1.48
"""Ratio of successive steps up to which third order is used. A control that keeps to SLOW_GROWTH meets it exactly, and
sizes are differences of times here: their rounding, which differs with the number of ranks, must not choose the order.
"""


def derivative_weights(dt: float, times: Sequence[float], order: int = 2) -> tuple[float, ...]:
    """Weights (a0, a1[, a2[, a3]]) of the derivative at times[0] + dt; `times` holds past times, newest first."""
    if order == 1 or len(times) < 2:
        return 1.0 / dt, -1.0 / dt
    w = dt / (times[0] - times[1])
    if order == 2 or len(times) < 3:
        return (1.0 + 2.0 * w) / ((1.0 + w) * dt), -(1.0 + w) / dt, w * w / ((1.0 + w) * dt)
    # the derivative of the cubic through the new time and the three that lie a, b and c before it
    a, b, c = (dt + times[0] - time for time in times[:3])
    past = -b * c / (a * (b - a) * (c - a)), a * c / (b * (b - a) * (c - b)), -a * b / (c * (c - a) * (c - b))
    return -sum(past), *past


def stable_order(dt: float, times: Sequence[float]) -> int:
    """Highest order that is stable in a step of size dt from times[0]: 2 where steps grow fast, else 3.

    Args:
        dt: size of the step.
        times: past times, newest first.
    """
    sizes = [dt, *(new - old for new, old in pairwise(times))]
    return 3 if all(new <= THIRD_ORDER_GROWTH * old for new, old in pairwise(sizes)) else 2


@dataclass(frozen=True)
class RateWeights:
    """du/dt at the end of a step: `now` u + `past`, by backward differences.

    Args:
        now: weight of the value at the end, 1/s.
        past: what the values before give at the nodes, (N,) or (N, k), in 1/s.
    """

    now: float
    past: Array

    @classmethod
    def of(cls, weights: Sequence[float], values: Sequence[Array]) -> Self:
        """Those of a field.

        Args:
            weights: as `derivative_weights` gives them.
            values: of the past states, newest first, (N,) or (N, k) each.
        """
        return cls(weights[0], np.asarray(combine(weights[1:], values)))


def extrapolation_weights(time: float, times: Sequence[float]) -> tuple[float, ...]:
    """Lagrange weights that carry values at `times` to `time`, exact for polynomials of degree len(times) - 1."""
    return tuple(
        float(np.prod([(time - t) / (own - t) for j, t in enumerate(times) if j != i])) for i, own in enumerate(times)
    )


def combine[T: (float, NDArray[np.float64])](weights: Sequence[float], values: Sequence[T]) -> T:
    """Sum of weight * value over as many values as there are weights."""
    total = weights[0] * values[0]
    for weight, value in zip(weights[1:], values[1:], strict=False):
        total = total + weight * value
    return total


def error_factor(dt: float, times: Sequence[float]) -> float:
    """Local error of the step as a multiple of (corrector - quadratic predictor).

    The corrector is off by L = dt^2 (dt + d1)^2/(6 (2 dt + d1)) x''', the predictor by
    P = -dt (dt + d1)(dt + d1 + d2)/6 x''', so that L = (corrector - predictor) L/(L + |P|). With less past the
    predictor is linear and the corrector backward Euler or a first second-order step: L <= (corrector - predictor)/2.
    """
    if len(times) < 3:
        return 0.5
    d1, d2 = times[0] - times[1], times[1] - times[2]
    corrector = dt * dt * (dt + d1) ** 2 / (2.0 * dt + d1)
    predictor = dt * (dt + d1) * (dt + d1 + d2)
    return corrector / (corrector + predictor)
