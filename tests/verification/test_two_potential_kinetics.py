"""V3 and V4 with two potentials: Nernst at rest, Butler and Volmer under current, Ohm at a contact, Faraday in motion.

Exact: at rest phi_s - phi = (RT/F) ln c~, phi the electrostatic potential: -59.16 mV at c~ = 0.1, -25.69 mV at 1/e;
against a sodium reference electrode (phi_l of a binary electrolyte) 0, and a concentration cell shows 2 (1 - t+) (RT/F)
ln(c2/c1) whatever the profile between (Newman and Thomas-Alyea, Electrochemical Systems, section 2.6). Under current i
= i0 [exp(-b F eta/RT) - exp(a F eta/RT)], with Tafel's slopes RT ln(10)/(b F) and RT ln(10)/(a F): 118.32 mV per decade
for b = 1/2, 197.20 and 84.51 mV for b = 0.3 (Bard & Faulkner, Electrochemical Methods, section 3.4). A contact of R
costs i R, and nothing else. The front moves at V_m i/F.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq

from femna.units import FARADAY

from .drive import even, largest, march
from .grids import Grid, box, shaken
from .problems import front
from .two import (
    METAL_CONTRAST,
    MOLAR_VOLUME,
    THERMAL_VOLTAGE,
    Array,
    at_height,
    at_rest,
    kinetics,
    two_potential,
    under,
)

LENGTH, PLACE, WIDTH = 40e-6, 10e-6, 0.5e-6
OHMIC = LENGTH - PLACE + PLACE / METAL_CONTRAST
"""Resistance of the cell without its reaction at 1 S/m, in ohm m^2."""
WELL_CONDUCTING = 1e4
"""S/m: with it the drops along the conductors are known better than the reaction's."""


@pytest.fixture(scope="module")
def grid() -> Grid:
    return box([LENGTH], [200])


def metal(grid: Grid) -> Array:
    return front(grid.points[:, -1] - PLACE, WIDTH)


@pytest.mark.parametrize("share", [0.1, np.exp(-1.0), 3.0])
@pytest.mark.parametrize("kind", ["nernst_planck", "binary"])
def test_rest_potential(grid: Grid, kind: str, share: float) -> None:
    """(RT/F) ln c~ to 1e-12 V, and 11 s without a current change nothing."""
    reaction_orders = (1.0, 0.0) if kind == "nernst_planck" else (0.5, 0.5)
    p = two_potential(grid, WIDTH, kinetics(30.0, reaction_orders=reaction_orders), kind=kind)
    stepper = under(p, "current", 0.0)
    start = stepper.start(0.0, {"xi": metal(grid), "c": np.full(grid.size, share)})
    state = march(stepper, [start], [1.0, 10.0])
    for s in (start, state):
        phi = at_height(grid, p.ions.electrostatic(s["c"], s["phi_l"]), LENGTH)
        rest = at_height(grid, s["phi_s"], 0.0) - phi
        assert rest == pytest.approx(THERMAL_VOLTAGE * np.log(share), abs=1e-12)
        if share == 0.1:
            assert 1e3 * rest == pytest.approx(-59.16, abs=5e-3)
        if kind == "binary":
            assert abs(s.voltage) < 1e-12
    assert largest(grid, state["xi"] - start["xi"]) < 1e-14
    assert largest(grid, state["c"] - start["c"]) < 1e-12


@pytest.mark.parametrize("shape", [lambda x: x, np.square, lambda x: 1.0 * (x > 0.5)], ids=["ln", "square", "step"])
@pytest.mark.parametrize("counter", ["ideal", "metal"])
def test_concentration_cell(grid: Grid, shape: Callable[[Array], Array], counter: str) -> None:
    """c~ = 0.1 at the front, 1 at the counter, t+ = 1/3: 78.879 mV, whatever the profile between: to 1e-11 V.

    With the mean of c~ along an edge in place of the logarithmic mean the step's cell shows 56.06 mV.
    """
    law = kinetics(30.0, reaction_orders=(0.5, 0.5))
    p = two_potential(grid, WIDTH, law, kind="binary", counter=law if counter == "metal" else None)
    clear = PLACE + 10.0 * WIDTH
    c = 10.0 ** (shape(np.clip((grid.points[:, -1] - clear) / (LENGTH - clear), 0.0, 1.0)) - 1.0)
    voltage = at_rest(p, metal(grid), "current", 0.0, c).voltage
    assert voltage == pytest.approx(4.0 / 3.0 * THERMAL_VOLTAGE * np.log(10.0), abs=1e-11)


def overpotential(current: float, exchange: float, transfer: float) -> float:
    """eta of Butler and Volmer's law, V."""

    def missing(eta: float) -> float:
        x = eta / THERMAL_VOLTAGE
        return exchange * (np.exp(-transfer * x) - np.exp((1.0 - transfer) * x)) - current

    return brentq(missing, -1.0, 1.0, xtol=1e-15, rtol=1e-14)


@pytest.mark.parametrize("transfer", [0.5, 0.3])
@pytest.mark.parametrize("branch", [1.0, -1.0], ids=["plating", "stripping"])
def test_butler_volmer_and_tafel(grid: Grid, transfer: float, branch: float) -> None:
    """Under current control from i0/10 to 1e5 i0: eta to 0.02 uV, the slopes between 1e4 and 1e5 i0 to 1e-6.

    With alpha and beta exchanged eta is -422.6 in place of -986.0 mV at 1e5 i0 for b = 0.3.
    """
    exchange = 0.332
    p = two_potential(grid, WIDTH, kinetics(exchange, transfer), conductivity=WELL_CONDUCTING)
    current = branch * exchange * np.array([0.1, 1.0, 1e4, 1e5])
    voltage = np.array([at_rest(p, metal(grid), "current", i).voltage for i in current])
    eta = current * OHMIC / WELL_CONDUCTING - voltage
    assert eta == pytest.approx([overpotential(i, exchange, transfer) for i in current], abs=2e-8)
    slope = abs(eta[-1] - eta[-2])
    share = transfer if branch > 0.0 else 1.0 - transfer
    assert slope == pytest.approx(THERMAL_VOLTAGE * np.log(10.0) / share, rel=1e-6)
    assert 1e3 * slope == pytest.approx({0.5: 118.32, 0.3: 197.20, 0.7: 84.51}[share], abs=5e-3)


@pytest.mark.parametrize("current", [5.0, -5.0, 500.0])
@pytest.mark.parametrize("dim", [1, 2])
def test_contact_resistance(dim: int, current: float) -> None:
    """75 ohm cm^2 in series with the electrolyte: the cell's i (R + L/sigma) to 3e-9, on shaken nodes to 4e-7."""
    resistance, sides = 75e-4, [4e-6] * (dim - 1)
    grid = shaken([*sides, LENGTH], [4] * (dim - 1) + [80]) if dim > 1 else box([LENGTH], [80])
    p = two_potential(grid, WIDTH, kinetics(30.0, conductance=1.0 / resistance))
    state = at_rest(p, metal(grid), "current", current * float(np.prod(sides)))
    assert state.voltage == pytest.approx(current * (resistance + OHMIC), rel=1e-8 if dim == 1 else 1e-6)


@pytest.mark.parametrize("current", [50.0, -50.0], ids=["plating", "stripping"])
@pytest.mark.parametrize("dim", [1, 2])
def test_the_front_moves_by_faraday(dim: int, current: float) -> None:
    """12 l in 40 steps: the metal is V_m i t/F thicker to 1e-12, and the voltage that of a front there, to 1e-4.

    Without the relaxation xi leaves [0, 1] by 2e-3 and the step is refused.
    """
    sides = [2e-6] * (dim - 1)
    grid = box([*sides, LENGTH], [8] * (dim - 1) + [160])
    area = float(np.prod(sides))
    p = two_potential(grid, WIDTH, kinetics(30.0))
    stepper = under(p, "current", current * area)
    start = stepper.start(0.0, {"xi": metal(grid), "c": np.ones(grid.size)})
    speed = MOLAR_VOLUME * current / FARADAY
    until = 12.0 * WIDTH / abs(speed)
    state = march(stepper, [start], even(until, 40))
    moved = speed * until
    assert grid.integral(state["xi"] - start["xi"]) == pytest.approx(moved * area, rel=1e-12)
    ohmic = LENGTH - PLACE - moved + (PLACE + moved) / METAL_CONTRAST
    exact = current * ohmic - overpotential(current, 30.0, 0.5)
    assert state.voltage == pytest.approx(exact, rel=2e-4)
    off = state["xi"] - front(grid.points[:, -1] - PLACE - moved, WIDTH)
    assert grid.integral(np.abs(off)) < 0.02 * WIDTH * area
