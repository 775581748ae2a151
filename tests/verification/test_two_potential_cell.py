"""V9: a metal film, its reaction and an electrolyte in series carry the current of the sharp cell.

Problem: 0.5 V over 100 um, of which 20 um are metal; 1 S/m of ionic conductivity and Butler and Volmer's kinetics.
Exact, with y the drop at the sharp front: i = 2 i0 sinh(F y/2RT), 0.5 V = y + i (80 um/sigma_l + 20 um/sigma_s), the
metal's own part being 2e-5. i0 = 0.332 A/m^2: y = 0.41482 V, i = 1064.607 A/m^2; i0 = 30 A/m^2: y = 0.24062 V, i =
3242.124 A/m^2 (docs/theory/two_potential.md, for an ideal metal). For small voltages R = L/sigma_l + RT/(F i0) (Bard &
Faulkner, Electrochemical Methods, section 3.4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy.optimize import brentq

from .drive import largest
from .grids import Grid, box, shaken
from .problems import front
from .two import METAL_CONTRAST, THERMAL_VOLTAGE, State, at_rest, kinetics, two_potential, under

LENGTH, PLACE, VOLTAGE = 100e-6, 20e-6, 0.5
SIZES = [5e-6, 2.5e-6, 1.25e-6]
"""d = 2 l, the width in the sense of W = 12 gamma/d."""


def sharp(exchange: float, voltage: float = VOLTAGE, contrast: float = METAL_CONTRAST, place: float = PLACE) -> float:
    """Current density of the cell with a sharp front, A/m^2."""
    resistance = LENGTH - place + place / contrast

    def missing(y: float) -> float:
        return 2.0 * exchange * np.sinh(0.5 * y / THERMAL_VOLTAGE) - (voltage - y) / resistance

    return (voltage - brentq(missing, 0.0, voltage, xtol=1e-15, rtol=1e-14)) / resistance


def cells(d: float, per_width: float) -> int:
    """Along the height, for so many between xi = 0.1 and 0.9."""
    return round(LENGTH * per_width / (2.197 * 0.5 * d))


def cell(grid: Grid, d: float, exchange: float, offset: float = 0.0, voltage: float = VOLTAGE) -> State:
    p = two_potential(grid, 0.5 * d, kinetics(exchange))
    return at_rest(p, front(grid.points[:, -1] - PLACE - offset, 0.5 * d), "voltage", voltage)


@pytest.mark.parametrize(("exchange", "current"), [(0.332, 1064.607), (30.0, 3242.124)])
def test_current_of_the_sharp_cell(exchange: float, current: float) -> None:
    """The numbers above, less the metal's own resistance: 2.0e-5 and 1.9e-5 of them."""
    drawn = cell(box([LENGTH], [cells(1.25e-6, 12.0)]), 1.25e-6, exchange).counter_current
    assert drawn == pytest.approx(current, rel=3e-5)


@pytest.mark.parametrize(
    ("exchange", "errors"),
    [(0.332, (1e-7, 2e-8, 2e-8)), (30.0, (3e-7, 1e-7, 2e-8)), (3e3, (1e-6, 2e-7, 5e-8)), (3e4, (4e-6, 1e-6, 5e-7))],
)
def test_current_hardly_feels_the_width(exchange: float, errors: Sequence[float]) -> None:
    """For l = 2.5, 1.25 and 0.625 um: i0 l F/(sigma RT) goes up to 2.9.

    With slopes of their own behind xi = 1/2 4.9e-6, 2.8e-7, 4e-8 for 30 A/m^2 and 1.2e-3, 9e-4, 4e-4 for 3e4.

    With phi_l at each node's own place 8.6e-4, 2.2e-4, 5.5e-5 for 0.332 A/m^2, 3.2e-3, 8.5e-4, 2.2e-4 for 30, 2.1e-2,
    7.2e-3, 2.3e-3 for 3e4, of second order at best. With the reaction spread by |grad xi| beside the conductivity's
    1 - p the first end at -9.7e-4.
    """
    currents = [cell(box([LENGTH], [cells(d, 12.0)]), d, exchange).counter_current for d in SIZES]
    seen = np.abs(np.array(currents) / sharp(exchange) - 1.0)
    assert np.all(seen < errors)


def test_neither_cells_nor_offset_matter() -> None:
    """From 3 to 12 cells across the width, the front anywhere between two nodes: the error is 4.6e-8 at the most.

    With harmonic means of 1 - p along the edges by 1.3e-3.
    """
    d, exchange, errors = 1.25e-6, 30.0, []
    for per_width in (3.0, 4.5, 6.0, 12.0):
        n = cells(d, per_width)
        for part in (0.0, 0.3, 0.5, 0.8):
            offset = part * LENGTH / n
            current = cell(box([LENGTH], [n]), d, exchange, offset).counter_current
            errors.append(current / sharp(exchange, place=PLACE + offset) - 1.0)
    assert max(np.abs(errors)) < 1e-7


@pytest.mark.parametrize("share", [0.1, 0.5, 1.25, 3.0, 10.0])
def test_resistance_of_the_reaction_for_any_exchange_current(share: float) -> None:
    """RT/(F i0) to 1e-3, where i0 l F/(sigma RT) is `share` and the reaction alone would not fill the front.

    With slopes of their own behind xi = 1/2 4e-5, 2.1e-2, 8.8e-2, 0.12 and 5.7e-2 too much.
    """
    width, exchange = 1e-6, share * THERMAL_VOLTAGE / 1e-6
    n = cells(2.0 * width, 5.0)
    for part in (0.0, 0.25, 0.5, 0.75):
        place = PLACE + part * LENGTH / n
        p = two_potential(box([LENGTH], [n]), width, kinetics(exchange))
        current = 0.01 * exchange
        state = at_rest(p, front(p.grid.points[:, -1] - place, width), "current", current)
        left = state.voltage - current * (LENGTH - place + place / METAL_CONTRAST)
        assert left == pytest.approx(2.0 * THERMAL_VOLTAGE * np.arcsinh(0.5 * current / exchange), rel=1e-3)


@pytest.mark.parametrize("make", [box, shaken])
@pytest.mark.parametrize("dim", [2, 3])
def test_a_flat_front_draws_the_same_current_in_more_dimensions(dim: int, make: Callable[..., Grid]) -> None:
    """On right triangles and Kuhn's tetrahedra that of 1D to 3e-15; on shaken nodes to 1e-5, and phi_l in the
    electrolyte is the straight line of 1D: no lateral current."""
    d, exchange, n = 5e-6, 30.0, cells(5e-6, 6.0)
    side = 4.0 * LENGTH / n
    grid = make([side] * (dim - 1) + [LENGTH], [4] * (dim - 1) + [n])
    state = cell(grid, d, exchange)
    current = state.counter_current / side ** (dim - 1)
    straight = VOLTAGE - current * (LENGTH - grid.points[:, -1])
    bend = np.where(grid.points[:, -1] > PLACE + 3.0 * d, state["phi_l"] - straight, 0.0)
    exact = make is box
    reference = cell(box([LENGTH], [n]), d, exchange).counter_current
    assert current == pytest.approx(reference, rel=1e-12 if exact else 2e-5)
    assert largest(grid, bend) < (1e-12 if exact else 1e-8) * VOLTAGE


@pytest.mark.parametrize("exchange", [0.332, 30.0])
def test_linear_resistance(exchange: float) -> None:
    """At 0.1 mV R = L/sigma + RT/(F i0), to 1e-5 already for d = 5 um (of which 6e-7 are the law's own bend)."""
    metal = PLACE / METAL_CONTRAST
    state = cell(box([LENGTH], [cells(5e-6, 6.0)]), 5e-6, exchange, voltage=1e-4)
    assert 1e-4 / state.counter_current == pytest.approx(LENGTH - PLACE + metal + THERMAL_VOLTAGE / exchange, rel=1e-5)


@pytest.mark.parametrize("preset", ["direct", "gamg"])
@pytest.mark.parametrize("exchange", [0.332, 30.0])
def test_the_currents_are_equal(exchange: float, preset: str) -> None:
    """Collector, counter and F c_s d(metal)/dt, under voltage and under current control: to 1e-9 (seen: 2e-14)."""
    grid = shaken([20e-6, LENGTH], [6, 60])
    p = two_potential(grid, 2.5e-6, kinetics(exchange))
    xi = front(grid.points[:, -1] - PLACE, 2.5e-6)
    for mode, value in (("voltage", VOLTAGE), ("current", 0.01), ("current", -0.01)):
        stepper = under(p, mode, value, preset)
        state = stepper.start(0.0, {"xi": xi, "c": np.ones(grid.size)})
        if mode == "current":
            assert state.counter_current == pytest.approx(value, rel=1e-9)
        assert state.collector_current == pytest.approx(state.counter_current, rel=1e-9)
        assert stepper.deposition_current(state) == pytest.approx(state.counter_current, rel=1e-9)
