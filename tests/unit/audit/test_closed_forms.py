"""The closed forms against exact values, limits and other parts of femna."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from femna import load_case
from femna.audit import closed_forms as laws
from femna.derived.limiting_current import limiting_current
from femna.units import FARADAY, GAS_CONSTANT


def test_overpotential_in_both_limits() -> None:
    thermal = laws.thermal_voltage(298.15)
    assert thermal == pytest.approx(25.6926e-3, rel=1e-5)
    assert laws.overpotential(1e-3, 1.0, 298.15) == pytest.approx(1e-3 * laws.charge_transfer(1.0, 298.15), rel=1e-6)
    assert laws.overpotential(1e4, 1.0, 298.15) == pytest.approx(2 * thermal * math.log(1e4), rel=1e-6)


def test_sodium() -> None:
    assert laws.sodium_thickness(3.6e4, 23.75e-6) == pytest.approx(8.861e-6, rel=1e-4)
    assert laws.sodium_charge(laws.sodium_thickness(1.0, 23.75e-6), 23.75e-6) == pytest.approx(1.0)


def test_top_fraction() -> None:
    """No electrons: all below. No ions: all above. Thick: sigma_e/(sigma_e + sigma_i). Alike: half."""
    assert laws.top_fraction(1e-6, 1.0, 1e-20, 1e-4, 1e-4) == pytest.approx(0.0, abs=1e-9)
    assert laws.top_fraction(1e-6, 1e-20, 1.0, 1e-4, 1e-4) == pytest.approx(1.0)
    assert laws.top_fraction(1.0, 3e-4, 1e-4, 1e-4, 1e-4) == pytest.approx(0.25, rel=1e-6)
    assert laws.top_fraction(1e-6, 2.2e-4, 2.2e-4, 1e-4, 1e-4) == pytest.approx(0.5)
    assert laws.top_fraction(1e-6, 1e-5, 2.2e-4, 75e-4, 75e-4) == pytest.approx(0.89924, abs=1e-5)
    even = laws.even_ionic(1e-6, 2.2e-4, 1e-4, 5e-4)
    assert laws.top_fraction(1e-6, even, 2.2e-4, 1e-4, 5e-4) == pytest.approx(0.5)


def test_power_law_finds_its_own() -> None:
    x = np.array([1.0, 3.0, 10.0, 50.0])
    assert laws.power_law(x, 2.0 * x**-0.5) == pytest.approx((2.0, -0.5, 1.0))


def test_arrhenius_regression_finds_its_own() -> None:
    temperatures = np.array([278.15, 298.15, 318.15, 338.15])
    resistances = 3e-5 * temperatures * np.exp(17.83e3 / (GAS_CONSTANT * temperatures))
    assert laws.arrhenius_energy(temperatures, resistances) == pytest.approx(17.83e3)


def test_limiting_current_is_that_of_a_case() -> None:
    """The library's gel has D- = 2 D+, hence t+ = 1/3."""
    case = load_case("planar", ["layer.electrolyte.thickness=675 um"])
    assert laws.limiting_current(1e-10, 1000.0, 675e-6) == pytest.approx(limiting_current(case), rel=1e-6)


def test_spread_of_a_film_that_loses_contact() -> None:
    """Against the film itself, 20001 heights; a contact of 1/1.1 is lost the earlier the wider the heights spread."""
    volume = 23.75e-6
    spread = laws.contact_spread(20e-6, 7.5e4, volume, 1.1)
    heights = 20e-6 + spread * np.array([NormalDist().inv_cdf((k + 0.5) / 20001) for k in range(20001)])
    depth = np.quantile(heights, 1.0 - 1.0 / 1.1)
    assert np.minimum(heights, depth).mean() * FARADAY / volume == pytest.approx(7.5e4, rel=1e-4)


def test_wavelengths() -> None:
    """Without resistance the fastest wave is sqrt(3) times the critical one; with it, the largest of the rates."""
    front = (5.0, 0.5, 0.22, 2.375e-5)
    critical = laws.critical_wavelength(*front)
    assert critical == pytest.approx(14.62e-6, rel=1e-3)
    assert laws.fastest_wavelength(*front, 1e-12) == pytest.approx(math.sqrt(3) * critical, rel=1e-4)
    resistance = laws.charge_transfer(30.0, 298.15)
    k = 2 * math.pi / np.geomspace(critical, 1e-3, 20001)
    surface = 0.5 * 0.22 * 2.375e-5 / 96485.33212
    rate = k * (5.0 - surface * k**2) / (1 + resistance * 0.5 * k)
    assert laws.fastest_wavelength(*front, resistance) == pytest.approx(2 * math.pi / k[rate.argmax()], rel=1e-3)
