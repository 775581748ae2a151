"""V4: the current of a planar front follows Butler and Volmer, with Tafel's slopes on both branches.

Problem: a planar front at c~ = 1 and eta from -0.30 V to +0.30 V, sodium's numbers, r = R/(L_sigma W) < 0.03,
couplings off; the current is F c_s times the rate at which the metal thickens. Exact: i = i0 [exp(-b F eta/RT) -
exp(a F eta/RT)] with i0 = 3 l F c_s L_eta; log10|i| has the slopes RT ln(10)/(b F) and RT ln(10)/(a F) per decade:
118.3 mV each for a = b = 1/2. Source: Bard & Faulkner, Electrochemical Methods, section 3.4; the diffuse front:
docs/theory/kinetics.md (at r = 0.03 it is 0.2 % slow).
"""

from __future__ import annotations

import numpy as np
import pytest

from femna.units import FARADAY, GAS_CONSTANT

from .drive import Array, even, integrate
from .grids import Grid, box
from .problems import front, problem

THERMAL_VOLTAGE = GAS_CONSTANT * 298.15 / FARADAY
WIDTH, SITES = 0.75e-6, 1.0 / 23.75e-6  # m, mol/m^3
LARGEST_RATIO = 0.03


@pytest.fixture(scope="module")
def grid() -> Grid:
    return box([20.0 * WIDTH], [160])


def current(grid: Grid, eta: float, exchange: float, transfer: float) -> float:
    """Current density of the moving front (A/m^2, positive deposits), once it has settled."""
    rate_constant = exchange / (3.0 * WIDTH * FARADAY * SITES)
    steepest = max(transfer, 1.0 - transfer)
    relaxation = rate_constant * np.exp(steepest * 0.30 / THERMAL_VOLTAGE) / LARGEST_RATIO
    p = problem(
        grid,
        mobility=relaxation,
        well=1.0,
        gradient=0.5 * WIDTH**2,
        rate=rate_constant,
        transfer=transfer,
        thermal_voltage=THERMAL_VOLTAGE,
        equilibrium_potential=-eta,
    )
    thickness: list[float] = []
    sizes = even(20.0 / relaxation, 40)
    xi = front(grid.points[:, 0] - 10.0 * WIDTH, WIDTH)
    integrate(p, xi, np.ones(grid.size), sizes, lambda s: thickness.append(grid.integral(s["xi"])))
    return FARADAY * SITES * (thickness[-1] - thickness[19]) / (20 * sizes[0])


@pytest.mark.parametrize("transfer", [0.5, 0.3])
@pytest.mark.parametrize("branch", [-1.0, 1.0])
def test_tafel_slope(grid: Grid, transfer: float, branch: float) -> None:
    """Between 0.2 and 0.3 V, where the other direction is below 0.1 %: within 0.5 % of RT ln(10)/(b F).

    With 300 K for 298.15 K it is 119.2 mV/dec; with a and b exchanged 84.7 in place of 197.2.
    """
    eta: Array = branch * np.array([0.20, 0.25, 0.30])
    currents = [current(grid, float(e), 0.332, transfer) for e in eta]
    assert np.sign(currents).tolist() == [-branch] * 3
    slope = np.polyfit(np.log10(np.abs(currents)), np.abs(eta), 1)[0]
    coefficient = transfer if branch < 0 else 1.0 - transfer
    assert slope == pytest.approx(THERMAL_VOLTAGE * np.log(10.0) / coefficient, rel=5e-3)
    if transfer == 0.5:
        assert slope * 1e3 == pytest.approx(118.3, rel=5e-3)


@pytest.mark.parametrize("eta", [-0.30, -0.13958, -0.02, 0.02, 0.1])
def test_current_is_butler_volmer(grid: Grid, eta: float) -> None:
    """i itself within 0.5 %, also where both directions count; 0.332 A/m^2 gives 5 A/m^2 at -139.58 mV."""
    x = eta / THERMAL_VOLTAGE
    assert current(grid, eta, 0.332, 0.5) == pytest.approx(-2.0 * 0.332 * np.sinh(0.5 * x), rel=5e-3)
    if eta == -0.13958:
        assert current(grid, eta, 0.332, 0.5) == pytest.approx(5.0, rel=5e-3)


def test_small_overpotentials_show_the_exchange_current(grid: Grid) -> None:
    """di/d eta = -F i0/RT at equilibrium."""
    step = 1e-3
    slope = (current(grid, step, 0.332, 0.3) - current(grid, -step, 0.332, 0.3)) / (2.0 * step)
    assert slope == pytest.approx(-0.332 / THERMAL_VOLTAGE, rel=5e-3)
