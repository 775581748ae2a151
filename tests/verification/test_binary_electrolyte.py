"""V7: a binary electrolyte between sodium and sodium, and its depletion in time.

Problem: L = 20 um, D+ = 1e-10, D- = 2e-10 m^2/s, 1 mol/l: t+ = 1/3, D_a = 2 D+ D-/(D+ + D-), i_lim = 4 F D+ c0/L =
1929.71 A/m^2. The front does not move; its reaction has i0 = 300 A/m^2 sqrt(c~), the counter's is fast.

Exact, with I = i/i_lim: c~ falls linearly from 1 + I to 1 - I, the number of anions is that of the start, and the cell
shows 2 (RT/F) {ln[(1 + I)/(1 - I)] + asinh[i/(2 i0 sqrt(1 - I))]}; the first part is 10.311, 56.452, 151.300 mV for I =
0.1, 0.5, 0.9. From rest under i the surface of a half space falls as 1 - 2 i (1 - t+)/(F c0) sqrt(t/(pi D_a)), to 0 at
Sand's time pi D_a [F c0/(2 i (1 - t+))]^2 = 0.1473 s for 2 i_lim. (Newman and Thomas-Alyea, Electrochemical Systems,
ch. 11; Bard & Faulkner, Electrochemical Methods, section 8.2.) The front's width has to be small against L (1 - I).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from femna.contract.state import State
from femna.models.two_potential import TwoPotential
from femna.units import FARADAY

from .drive import Array, even, graded, largest, march, rates
from .grids import box
from .problems import front
from .two import METAL_CONTRAST, THERMAL_VOLTAGE, at_height, kinetics, two_potential, under

GAP, PLACE, CATION, ANION, SALT, EXCHANGE = 20e-6, 6e-6, 1e-10, 2e-10, 1000.0, 300.0
LIMIT = 4.0 * FARADAY * CATION * SALT / GAP
AMBIPOLAR, ANION_SHARE = 2.0 * CATION * ANION / (CATION + ANION), 2.0 / 3.0
LAW, FAST = (0.5, 0.5), 1e7


def cell(width: float, ideal: bool = False) -> tuple[TwoPotential, Array]:
    """The problem with a node at the front's place, and its metal."""
    grid = box([PLACE + GAP], [13 * round(3.0 * (PLACE + GAP) / width / 13.0)])
    p = two_potential(
        grid,
        width,
        kinetics(EXCHANGE, reaction_orders=LAW),
        kind="binary",
        conductivity=0.0,
        cation=CATION,
        anion=ANION,
        salt=SALT,
        moves=False,
        counter=None if ideal else kinetics(FAST, reaction_orders=LAW),
    )
    return p, front(grid.points[:, -1] - PLACE, width)


def settled(p: TwoPotential, xi: Array, mode: str, value: float) -> tuple[State, float]:
    """The state after 12 s (4 L^2/D_a), and by how much the number of anions has changed."""
    stepper = under(p, mode, value)
    start = stepper.start(0.0, {"xi": xi, "c": np.ones(p.grid.size)})
    state = march(stepper, [start], graded(12.0, 1e-3, 1.5, 0.4))
    share = p.ions.salt_volume / p.grid.volume
    return state, p.grid.integral(share * state["salt"]) / p.grid.integral(share * start["salt"]) - 1.0


def voltage(share: float) -> float:
    """Of the sharp cell at I = share, V, with what its metal (some 3e-5 of it) and the counter's reaction take."""
    steep = 0.5 * share * LIMIT / EXCHANGE / np.sqrt(1.0 - share)
    counter = 0.5 * share * LIMIT / FAST / np.sqrt(1.0 + share)
    salt = np.log((1.0 + share) / (1.0 - share)) + np.arcsinh(steep) + np.arcsinh(counter)
    return 2.0 * THERMAL_VOLTAGE * float(salt) + metal(share * LIMIT)


def metal(current: float) -> float:
    """Ohmic drop of the anode at a current density (A/m^2), V."""
    best = FARADAY * SALT / THERMAL_VOLTAGE * (CATION + ANION)
    return current * PLACE / (METAL_CONTRAST * best)


@pytest.mark.parametrize(
    ("share", "widths", "last"),
    [(0.1, [0.5e-6, 0.25e-6], 3e-6), (0.5, [0.5e-6, 0.25e-6, 0.125e-6], 5e-6), (0.9, [0.25e-6, 0.125e-6], 2e-4)],
)
def test_voltage_and_profile(share: float, widths: list[float], last: float) -> None:
    """c~ is a straight line of the exact slope to 1e-8, anions stay to 1e-10, the voltage is of second order.

    Voltage, l = 0.25 um: -2e-6, -2e-5, 1e-3 for I = 0.1, 0.5, 0.9 (-4e-5, -4e-4, -1.1e-2 with a reaction to the salt
    where each node is). With 3/2 (1 - t+) in place of 2 (1 - t+) in the current it is 127.19 in place of 136.61 mV at
    I = 0.5.
    """
    errors = []
    for width in widths:
        p, xi = cell(width)
        grid = p.grid
        state, anions = settled(p, xi, "current", share * LIMIT)
        assert abs(anions) < 1e-10
        below = grid.points[:, -1] - PLACE - GAP
        line = at_height(grid, state["c"], PLACE + GAP) + 2.0 * share * below / GAP
        assert largest(grid, np.where(below > 8.0 * width - GAP, state["c"] - line, 0.0)) < 1e-8
        errors.append(abs(state.voltage / voltage(share) - 1.0))
    assert rates(errors, widths).min() > 1.9
    assert errors[-1] < last


def test_current_under_a_voltage() -> None:
    """0.3 V drive 0.899 i_lim: errors -3.7e-4, -5.9e-5, -1.0e-5 (of 4.4e-3, 1.2e-3, 3.2e-4 with the local salt)."""
    widths, errors = [0.25e-6, 0.125e-6, 0.0625e-6], []
    exact = brentq(lambda share: voltage(share) - 0.3, 0.0, 1.0 - 1e-9, xtol=1e-14)
    for width in widths:
        state, _ = settled(*cell(width), "voltage", 0.3)
        errors.append(abs(state.counter_current / (exact * LIMIT) - 1.0))
    assert rates(errors, widths).min() > 1.9
    assert errors[0] < 5e-4


def test_limiting_current() -> None:
    """0.5 V drive 0.9917 i_lim, where c~ = 0.008 is left: within 5e-4, whatever the width.

    With a reaction to the salt where each node of the front is it seems ahead of its place by up to 2.5 l: 6.1e-2,
    2.3e-2, 8.5e-3 too much current.
    """
    exact = brentq(lambda share: voltage(share) - 0.5, 0.0, 1.0 - 1e-9, xtol=1e-14)
    assert exact == pytest.approx(0.9917, abs=5e-5)
    for width in (0.5e-6, 0.25e-6, 0.125e-6):
        state, _ = settled(*cell(width), "voltage", 0.5)
        assert state.counter_current == pytest.approx(exact * LIMIT, rel=6e-4)


def test_an_ideal_counter_halves_the_limit() -> None:
    """c0 is held at the counter and falls to 1 - I, I = i/(2 F D+ c0/L): 0.3 V drive 0.957 of that, 0.478 i_lim.

    The cell shows 2 (RT/F) {-ln(1 - I) + asinh[i/(2 i0 sqrt(1 - I))]}. Errors -3.2e-4, -5.9e-5, -1.1e-5. Were the salt
    kept, as between two metal electrodes, the current would be 0.899 i_lim.
    """

    def ideal(share: float) -> float:
        steep = 0.25 * share * LIMIT / EXCHANGE / np.sqrt(1.0 - share)
        salt = 2.0 * THERMAL_VOLTAGE * float(np.arcsinh(steep) - np.log1p(-share))
        return salt + metal(0.5 * share * LIMIT) - 0.3

    exact = brentq(ideal, 0.0, 1.0 - 1e-9, xtol=1e-14)
    widths, errors = [0.25e-6, 0.125e-6, 0.0625e-6], []
    for width in widths:
        state, _ = settled(*cell(width, ideal=True), "voltage", 0.3)
        errors.append(state.counter_current / (0.5 * exact * LIMIT) - 1.0)
    assert np.abs(errors).max() < 4e-4
    assert rates(np.abs(errors), widths).min() > 1.9


def surface(width: float, steps: int) -> float:
    """c~ in the front after half of Sand's time under 2 i_lim from rest."""
    p, xi = cell(width, ideal=True)
    stepper = under(p, "current", 2.0 * LIMIT)
    start = stepper.start(0.0, {"xi": xi, "c": np.ones(p.grid.size)})
    return at_height(p.grid, march(stepper, [start], even(0.5 * SAND, steps))["c"], PLACE)


SAND = np.pi * AMBIPOLAR * (FARADAY * SALT / (4.0 * LIMIT * ANION_SHARE)) ** 2


def test_depletion_towards_sands_time() -> None:
    """0.29289 in the front at half of Sand's time: second order in the step (the first is backward Euler's) and width.

    Extrapolated to no step size the errors are 1.8e-3, 4.2e-4, 1.0e-4 for l = 0.25, 0.125, 0.0625 um. With the whole
    current in place of 1 - t+ of it 3e-5 is left at that time.
    """
    assert pytest.approx(0.1473, abs=5e-5) == SAND
    exact = 1.0 - 4.0 * LIMIT * ANION_SHARE / (FARADAY * SALT) * np.sqrt(0.5 * SAND / (np.pi * AMBIPOLAR))
    assert exact == pytest.approx(1.0 - np.sqrt(0.5), abs=1e-12)
    widths, errors = [0.25e-6, 0.125e-6, 0.0625e-6], []
    for width in widths:
        coarse, middle, fine = (surface(width, steps) for steps in (10, 20, 40))
        assert np.log2((coarse - middle) / (middle - fine)) == pytest.approx(2.0, abs=0.05)
        errors.append((4.0 * fine - middle) / 3.0 - exact)
    assert 0.0 < errors[-1] < 1.2e-4
    assert rates(errors, widths).min() > 1.9
