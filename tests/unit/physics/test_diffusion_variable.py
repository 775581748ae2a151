"""The variable in which a salt diffuses: it and its inverse, the mean mobility and their derivatives."""

from __future__ import annotations

import numpy as np

from femna.physics.ion_transport.diffusion_variable import (
    LEAST_CONCENTRATION,
    concentration_of,
    mean_mobility,
    rate_of,
    variable_of,
)


def test_it_is_the_concentration_where_there_is_salt_and_goes_on_where_there_is_none() -> None:
    """c~ stays positive over ten decades below c_m; there and back to rounding."""
    u = np.array([-3.0, -1e-2, -1e-6, 0.0, 1e-6, 1e-3, 0.1, 2.0])
    c, rate = concentration_of(u)
    assert (c > 0.0).all()
    assert np.abs(variable_of(c) - u).max() < 1e-12
    assert np.abs(c[-2:] / u[-2:] - 1.0).max() < 2e-8
    step = 1e-5 * np.maximum(np.abs(u), LEAST_CONCENTRATION)
    slope = (concentration_of(u + step)[0] - concentration_of(u - step)[0]) / (2.0 * step)
    assert np.allclose(rate, slope, rtol=1e-8)
    assert np.array_equal(rate, rate_of(c))


def test_mean_mobility() -> None:
    """(u_a - u_b)/ln(a/b), next to equal ends by its series; with c_m = 0 the logarithmic mean; derivatives by u."""
    least = LEAST_CONCENTRATION
    for a, b in [(1.0, 0.2), (1.0, 1.0 + 1e-9), (0.3, 0.3 * 1.001), (1e-7, 0.5), (1e-9, 3e-8), (least, 2.0 * least)]:
        mean, by_a, by_b = mean_mobility(a, b, least)
        if abs(a / b - 1.0) > 1e-6:
            exact = (variable_of(np.array(a)) - variable_of(np.array(b))) / np.log(a / b)
            assert abs(mean / exact - 1.0) < 1e-9
        assert abs(mean_mobility(b, a, least)[0] / mean - 1.0) < 1e-12
        for value, other, slope in ((a, b, by_a), (b, a, by_b)):
            u = float(variable_of(np.array(value)))
            step = 1e-4 * (value + least**2 / value)
            high, low = (float(concentration_of(np.array(u + sign * step))[0]) for sign in (1.0, -1.0))
            differences = (mean_mobility(high, other, least)[0] - mean_mobility(low, other, least)[0]) / (2.0 * step)
            assert abs(differences - slope) < 1e-6 * max(abs(slope), 1.0)
    assert abs(mean_mobility(1.0, 0.2, 0.0)[0] - 0.8 / np.log(5.0)) < 1e-15
