"""V3: the front stands still at the Nernst potential.

Problem: a planar front in a uniform electrolyte of relative concentration c~, couplings off, at a given overpotential
eta = phi - U. Exact: the bracket exp(a F eta/RT) - c~ exp(-b F eta/RT) vanishes at eta = (RT/F) ln c~, whatever the
transfer coefficient (a + b = 1): -59.16 mV for c~ = 0.1 and -25.69 mV for c~ = 1/e at 298.15 K, 59.16 mV a decade.
Below it metal is deposited, above it dissolved. Source: Nernst equation; the check of Chen et al., J. Power Sources
300 (2015) 376.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from femna.physics.interpolation import CUBIC
from femna.units import FARADAY, GAS_CONSTANT

from .drive import even, integrate
from .grids import Grid, box
from .problems import front, problem

THERMAL_VOLTAGE = GAS_CONSTANT * 298.15 / FARADAY
RATE = 0.02


@pytest.fixture(scope="module")
def grid() -> Grid:
    return box([20.0], [80])


def speed(grid: Grid, eta: float, concentration: float, transfer: float) -> float:
    """Velocity of the front over 5/(L_sigma W), in widths l times L_sigma W."""
    p = problem(
        grid,
        interpolation=CUBIC,
        rate=RATE,
        transfer=transfer,
        thermal_voltage=THERMAL_VOLTAGE,
        equilibrium_potential=-eta,
    )
    xi = front(grid.points[:, 0] - 10.0)
    state = integrate(p, xi, np.full(grid.size, concentration), even(5.0, 10))
    return grid.integral(state["xi"] - xi) / 5.0


@pytest.mark.parametrize(
    ("concentration", "millivolts"), [(0.1, -59.16), (np.exp(-1.0), -25.69), (1.0, 0.0), (3.0, 28.23)]
)
@pytest.mark.parametrize("transfer", [0.5, 0.3])
def test_front_stands_at_the_nernst_potential(
    grid: Grid, concentration: float, millivolts: float, transfer: float
) -> None:
    """The potential of zero velocity is found by bisection from both sides.

    Without c~ in the cathodic term there is none; with 300 K for 298.15 K it is -59.53 mV.
    """
    nernst = THERMAL_VOLTAGE * np.log(concentration)
    still = brentq(lambda eta: speed(grid, eta, concentration, transfer), nernst - 0.011, nernst + 0.009, xtol=1e-9)
    assert still * 1e3 == pytest.approx(millivolts, abs=0.005)
    assert still == pytest.approx(nernst, abs=1e-7)


@pytest.mark.parametrize("shift", [-0.02, -0.005, 0.005, 0.02])
@pytest.mark.parametrize("transfer", [0.5, 0.3])
def test_either_side_deposits_or_dissolves(grid: Grid, shift: float, transfer: float) -> None:
    """v = 3 l L_eta c~^a [exp(-b F s/RT) - exp(a F s/RT)] at a potential s away from equilibrium.

    Source: docs/theory/kinetics.md. With a and b exchanged the speed at b = 0.3, s = -20 mV is 3.4 times too large.
    """
    concentration = 0.1
    measured = speed(grid, THERMAL_VOLTAGE * np.log(concentration) + shift, concentration, transfer)
    x, a = shift / THERMAL_VOLTAGE, 1.0 - transfer
    exact = 3.0 * RATE * concentration**a * (np.exp(-transfer * x) - np.exp(a * x))
    assert np.sign(measured) == -np.sign(shift)
    assert measured == pytest.approx(exact, rel=0.01)
