"""The double well and the interpolation functions of the order parameter.

g(xi) = W xi^2 (1 - xi)^2; quintic h = xi^3 (6 xi^2 - 15 xi + 10) (paper A, below equation (4)); cubic
h = xi^2 (3 - 2 xi), for which the travelling front is exact. The polynomials are not cut off outside [0, 1], where an
iterate of Newton's method may be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[[Array], Array]


@dataclass(frozen=True)
class Interpolation:
    """h and its first two derivatives, each a function of the order parameter (N,) with values (N,), without unit."""

    h: Function
    slope: Function
    curvature: Function


QUINTIC = Interpolation(
    h=lambda x: x * x * x * (10.0 + x * (6.0 * x - 15.0)),
    slope=lambda x: 30.0 * (x * (1.0 - x)) ** 2,
    curvature=lambda x: 60.0 * x * (1.0 - x) * (1.0 - 2.0 * x),
)
CUBIC = Interpolation(
    h=lambda x: x * x * (3.0 - 2.0 * x), slope=lambda x: 6.0 * x * (1.0 - x), curvature=lambda x: 6.0 - 12.0 * x
)
LINEAR = Interpolation(h=lambda x: x, slope=np.ones_like, curvature=np.zeros_like)


@cache
def _smooth_cut(cut: float, points: int = 8193) -> Interpolation:
    """p with p' ~ S(min(1, xi(1-xi)/(cut(1-cut)))), S(t) = t^2 (3 - 2 t): linear but for smooth ends, tabulated."""
    from scipy.interpolate import CubicHermiteSpline  # slow to load, and not needed to read a case

    x = np.linspace(0.0, 1.0, points)

    def bump(x: Array) -> Array:
        t = np.clip(x * (1.0 - x) / (cut * (1.0 - cut)), 0.0, 1.0)
        return t * t * (3.0 - 2.0 * t)

    slope = CubicHermiteSpline(x, bump(x), np.gradient(bump(x), x, edge_order=2))
    whole = slope.antiderivative()
    norm = 1.0 / float(whole(1.0))
    curvature = slope.derivative()
    return Interpolation(
        h=lambda x: np.clip(norm * whole(np.clip(x, 0.0, 1.0)), 0.0, 1.0),
        slope=lambda x: norm * bump(x),
        curvature=lambda x: norm * curvature(np.clip(x, 0.0, 1.0)),
    )


CUT = 0.05
"""xi, or 1 - xi, below which the smooth cut lets the reaction fade."""

SMOOTH_CUT = Interpolation(
    h=lambda x: _smooth_cut(CUT).h(x),
    slope=lambda x: _smooth_cut(CUT).slope(x),
    curvature=lambda x: _smooth_cut(CUT).curvature(x),
)
"""For a front whose reaction is distributed by |grad p|: nearly as wide as |grad xi|, but without a reaction in the
tail ahead of the front."""
INTERPOLATIONS = {"quintic": QUINTIC, "cubic": CUBIC, "smooth_cut": SMOOTH_CUT}


def well_slope(x: Array) -> Array:
    """g'(xi)/W = 2 xi (1 - xi)(1 - 2 xi)."""
    return 2.0 * x * (1.0 - x) * (1.0 - 2.0 * x)


def well_curvature(x: Array) -> Array:
    """g''(xi)/W = 2 - 12 xi (1 - xi)."""
    return 2.0 - 12.0 * x * (1.0 - x)
