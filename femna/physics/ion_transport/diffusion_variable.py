"""The variable in which a salt diffuses linearly, also where it is used up.

Ions are as mobile as Nernst and Einstein say down to a least concentration c_m, and as mobile as at c_m where there is
less: with both mobilities times 1 + (c_m/c)^2 the flux of diffusion is D grad u,

    u = c - c_m^2/c = 2 c_m sinh(lambda),   lambda = ln(c/c_m),   du/dlambda = c + c_m^2/c.

u is c to (c_m/c)^2, and goes on below 0 where no salt is left: behind a front whose salt is used up it is the straight
line that the sharp front's flux asks for (docs/theory/salt_at_the_front.md). All in units of c0.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel

Array = NDArray[np.float64]

LEAST_CONCENTRATION = 1e-5
"""c_m, in units of c0: what is used up. Far below what a cell can tell, far above rounding."""

FAINT_CONCENTRATION = 1e-2
"""Of c0: where less is left behind a front, anions come to equilibrium as fast as there."""

SERIES_LIMIT = 1e-3
"""Half of the logarithm of a ratio of concentrations below which its hyperbolic functions are taken by their series."""


def variable_of(c: Array) -> Array:
    """u of c~ > 0, (N,)."""
    return np.asarray(c - LEAST_CONCENTRATION**2 / c)


def concentration_of(u: Array) -> tuple[Array, Array]:
    """c~ > 0 of u, and dc~/du between 0 and 1; (N,) each."""
    c = LEAST_CONCENTRATION * np.exp(np.arcsinh(u / (2.0 * LEAST_CONCENTRATION)))
    return c, rate_of(c)


def rate_of(c: Array) -> Array:
    """dc~/du at c~, (N,)."""
    return np.asarray(1.0 / (1.0 + (LEAST_CONCENTRATION / c) ** 2))


@kernel
def mean_mobility(a: float, b: float, least: float) -> tuple[float, float, float]:
    """Mean of c + c_m^2/c that belongs to two concentrations, (u(a) - u(b))/ln(a/b), and its derivatives by u.

    With lambda = ln(c/c_m) it is 2 c_m cosh[(lambda_a + lambda_b)/2] sinh(x)/x, x half of their difference.

    Args:
        a, b: c~ at the ends, positive.
        least: c_m, in the same unit; with 0 it is the logarithmic mean.
    """
    x = 0.5 * math.log(a / b)
    middle = math.sqrt(a * b)
    total, half_slope = middle + least * least / middle, 0.5 * (middle - least * least / middle)
    if abs(x) < SERIES_LIMIT:
        rise, slope = 1.0 + x * x / 6.0, x / 3.0
    else:
        rise = math.sinh(x) / x
        slope = (math.cosh(x) - rise) / x
    first, second = half_slope * rise + 0.5 * total * slope, half_slope * rise - 0.5 * total * slope
    return total * rise, first / (a + least * least / a), second / (b + least * least / b)
