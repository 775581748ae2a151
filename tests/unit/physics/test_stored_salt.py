"""The profile of a salt that changes evenly across a flat front."""

from __future__ import annotations

import numpy as np
import pytest

from femna.physics.interpolation import INTERPOLATIONS
from femna.physics.stored_salt import storage_profile

# variance of 1/2 sech^2 x, pi^2/12, less what an interpolation takes off
SECOND_MOMENTS = {"cubic": np.pi**2 / 12.0 - 0.5, "quintic": np.pi**2 / 12.0 - 0.625}


@pytest.mark.parametrize("name", SECOND_MOMENTS)
def test_ahead_of_the_front_it_is_a_parabola_less_half_the_second_moment(name: str) -> None:
    ahead = np.array([5.0, 6.0, 8.0])
    expected = 0.5 * ahead**2 - 0.5 * SECOND_MOMENTS[name]
    assert storage_profile(INTERPOLATIONS[name], -ahead) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", SECOND_MOMENTS)
def test_its_mean_over_the_area_is_the_second_moment(name: str) -> None:
    """By parts, with eps V' = integral of eps: the mean of V over eps' is -<x^2>."""
    x = np.linspace(-9.0, 9.0, 7001)
    fraction = 1.0 - INTERPOLATIONS[name].h(0.5 * (1.0 - np.tanh(x)))
    mean = np.trapezoid(np.gradient(fraction, x) * storage_profile(INTERPOLATIONS[name], -x), x)
    assert mean == pytest.approx(-SECOND_MOMENTS[name], abs=1e-5)


@pytest.mark.parametrize("name", INTERPOLATIONS)
def test_it_takes_what_the_room_stores(name: str) -> None:
    """(eps V')' = eps, to the order of differences over 0.02 l."""
    x = np.linspace(-3.0, 3.0, 301)
    fraction = 1.0 - INTERPOLATIONS[name].h(0.5 * (1.0 - np.tanh(x)))
    flux = 0.5 * (fraction[1:] + fraction[:-1]) * np.diff(storage_profile(INTERPOLATIONS[name], -x)) / np.diff(x)
    stored = np.diff(flux) / np.diff(x)[1:]
    assert np.abs(stored - fraction[1:-1]).max() < 2e-3
