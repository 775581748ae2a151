"""A layer that takes up sodium: how it fills under voltage, under current and at rest, and what it leaves of the metal.

Problem: metal, a layer of thickness d that holds C mol/m^3 of sodium at the most, an electrolyte. Exact, with k =
i0v/(F C), f = exp(-beta eta/V_T), b = exp((1 - beta) eta/V_T) and beta = 1/2, for a layer that conducts so well that
it fills evenly (femna/physics/sodiation.py; the ordinary differential equation solved by hand):

    voltage held, the front blocked: eta = -V - U_up, u = w + (u0 - w) exp(-k (f + b) t), w = f/(f + b),
    current held, the front blocked: u = u0 + i t/(F C d), full after F C d (1 - u0)/i;
      V = i L/sigma - U_up + 2 V_T ln z, z = [q + sqrt(q^2 + 4 u (1 - u))]/(2 (1 - u)), q = i/(d i0v),
    at rest, the front open: u = 1/(1 + exp(-U_up/V_T)) in the end, and the metal gives C d V_m (u - u0), or all of it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from femna.contract.control import Control
from femna.models.two_potential import TwoPotential
from femna.physics.kinetics import InterfacialKinetics
from femna.physics.sodiation import Sodiation
from femna.units import FARADAY

from .drive import Array, march, rates, sodium
from .grids import box
from .problems import front
from .two import MOLAR_VOLUME, THERMAL_VOLTAGE, State, kinetics, two_potential, under

METAL, LAYER, LENGTH, PLACE, WIDTH = 3e-6, 4e-6, 10e-6, 2e-6, 0.25e-6
CAPACITY, EXCHANGE, PLATEAU, START = 1e4, 1e6, 0.05, 0.1
"""mol/m^3, A/m^3, V, and the filled share at the start."""
FULL = FARADAY * CAPACITY * LAYER
"""C/m^2."""


def stack(dim: int = 1, law: InterfacialKinetics | None = None, **options: object) -> tuple[TwoPotential, Array]:
    """The cell and its front 1 um below the layer; blocked where no law is given."""
    grid = box([*[2e-6] * (dim - 1), LENGTH], [*[8] * (dim - 1), 100], faces=[METAL, METAL + LAYER])
    given = {"conductivity": [1e4, 1e4, 1e4], "electronic": [1e4, 1e4, 0.0]} | options
    volume = grid.layer_volume(1)
    order = 1.0 if given.get("kind") == "nernst_planck" else 0.0
    taken = Sodiation(
        grid=grid,
        capacity=FARADAY * CAPACITY * volume,
        exchange=EXCHANGE * volume,
        equilibrium_potential=np.full(grid.size, PLATEAU),
        start=np.full(grid.size, START),
        transfer=0.5,
        thermal_voltage=THERMAL_VOLTAGE,
        charge=FARADAY * 1000.0,
        order=order,
    )
    p = two_potential(grid, WIDTH, law or kinetics(0.0), uptake=taken, **given)  # type: ignore[arg-type]
    waves = sum(np.cos(np.pi * x / 1e-6) for x in grid.points[:, :-1].T)
    return p, front(grid.points[:, -1] - PLACE - 0.2e-6 * waves, WIDTH)


def beginning(p: TwoPotential, xi: Array) -> dict[str, Array]:
    """The fields at the start: c~ = 1, START of the layer filled."""
    return {"xi": xi, "c": np.ones(p.grid.size), "uptake": p.sodiation.start}


def area(p: TwoPotential) -> float:
    return float(np.prod((p.grid.upper - p.grid.lower)[:-1]))


def mean(p: TwoPotential, state: State) -> float:
    """Mean filled share of the layer. Collective."""
    return p.sodiation.stored_charge(state) / (FULL * area(p))


def test_under_voltage_it_fills_exponentially() -> None:
    """Order 1 in time: u is off by 3.8e-3, 1.9e-3, 9.8e-4 after 1/(k (f + b)) in 10, 20, 40 steps.

    With f in the place of (1 - u) f it ends 4.0e-2 off.
    """
    p, xi = stack()
    eta = 0.02
    forth, back = np.exp(-0.5 * eta / THERMAL_VOLTAGE), np.exp(0.5 * eta / THERMAL_VOLTAGE)
    time = FARADAY * CAPACITY / (EXCHANGE * (forth + back))
    end = forth / (forth + back)
    exact = end + (START - end) * np.exp(-1.0)
    errors = []
    for steps in (10, 20, 40):
        stepper = under(p, "voltage", -PLATEAU - eta)
        begin = stepper.start(0.0, beginning(p, xi))
        errors.append(mean(p, march(stepper, [begin], [time / steps] * steps)) - exact)
    assert np.abs(errors[-1]) < 1.1e-3
    assert rates(np.abs(errors), [4.0, 2.0, 1.0]).min() > 0.95


def test_under_current_it_fills_evenly_and_the_voltage_follows() -> None:
    """u to 1e-10 and V to 1e-6 V up to 0.999 of what fits, whatever the steps.

    With the rate at the beginning of the step in the place of that at its end V is 2.9 mV off in the first step.
    """
    p, xi = stack(conductivity=[1e4, 1e4, 1.0])
    current, steps = 10.0, 20
    stepper = under(p, "current", current)
    until = FULL * (0.999 - START) / current
    states: list[State] = []
    march(stepper, [stepper.start(0.0, beginning(p, xi))], [until / steps] * steps, states.append)
    for state in states:
        u = START + current * state.time / FULL
        assert mean(p, state) == pytest.approx(u, abs=1e-10)
        rate = current / (LAYER * EXCHANGE)
        z = (rate + np.sqrt(rate**2 + 4.0 * u * (1.0 - u))) / (2.0 * (1.0 - u))
        resistance = LENGTH - METAL - LAYER
        exact = current * resistance - PLATEAU + 2.0 * THERMAL_VOLTAGE * np.log(z)
        assert state.voltage == pytest.approx(exact, abs=1e-6)
        assert state.scalars["uptake_current"] == pytest.approx(current, rel=1e-9)


@pytest.mark.parametrize("dim", [1, 2])
def test_at_rest_the_metal_fills_the_layer(dim: int) -> None:
    """What leaves the metal is in the layer, to 1e-10 of it; in the end 1/(1 + exp(-U_up/V_T)) = 0.875 is full.

    With the rate at the beginning of the step the layer overfills and the metal is driven out of [0, 1] by 4.
    """
    p, xi = stack(dim, kinetics(30.0), conductivity=[1.0, 1.0, 1.0], electronic=[10.0, 10.0, 0.0])
    stepper = under(p, "current", 0.0)
    states = [stepper.start(0.0, beginning(p, xi))]
    march(stepper, states, [30.0] * 12 + [1e2, 3e2, 1e3, 1e4, 1e5, 1e6], states.append)
    full = 1.0 / (1.0 + np.exp(-PLATEAU / THERMAL_VOLTAGE))
    assert mean(p, states[-1]) == pytest.approx(full, rel=1e-8)
    for state in states[1:]:
        lost = p.grid.integral(xi - state["xi"]) * FARADAY / MOLAR_VOLUME
        gained = p.sodiation.stored_charge(state) - p.sodiation.stored_charge(states[0])
        assert lost == pytest.approx(gained, rel=1e-10)
    eaten = (full - START) * CAPACITY * LAYER * MOLAR_VOLUME
    assert p.grid.integral(xi - states[-1]["xi"]) / area(p) == pytest.approx(eaten, rel=1e-8)


REACTION_ORDERS = {"single_ion": (0.0, 0.0), "nernst_planck": (1.0, 0.0), "binary": (0.5, 0.5)}


@pytest.mark.parametrize("kind", list(REACTION_ORDERS))
@pytest.mark.parametrize(("dim", "counter"), [(1, "ideal"), (1, "metal"), (2, "metal")])
def test_sodium_and_charge_are_kept(kind: str, dim: int, counter: str) -> None:
    """Plating and stripping: currents and sodium after each step to 1e-8; u stays within 0 and 1.

    With 1e-3 more of the uptake in phi_s than in phi_l the collector's current is 7e-4 off the counter's.
    """
    law = kinetics(30.0, reaction_orders=REACTION_ORDERS[kind])
    ends = kinetics(30.0, reaction_orders=REACTION_ORDERS[kind]) if counter == "metal" else None
    options = {"conductivity": [1.0, 1.0, 1.0], "electronic": [10.0, 10.0, 0.0], "anion": [0.0, 0.0, 2e-10]}
    p, xi = stack(dim, law, kind=kind, counter=ends, **options)
    grid = p.grid
    stepper = under(p, "current", 0.0, "gamg")
    states = [stepper.start(0.0, beginning(p, xi))]
    for current in (15.0, -30.0):
        stepper.set_control(Control("current", current))
        march(stepper, [stepper.reinitialise_potentials(states[-1])], [6.0] * 12, states.append)
    moved = 0.0
    for old, new in pairwise(states):
        dt = new.time - old.time
        metal = grid.integral(new["xi"] - old["xi"]) * FARADAY / MOLAR_VOLUME / dt
        taken = (p.sodiation.stored_charge(new) - p.sodiation.stored_charge(old)) / dt
        scale = max(abs(metal), abs(taken), abs(new.counter_current))
        assert taken == pytest.approx(new.scalars["uptake_current"], abs=1e-8 * scale)
        assert abs(new.counter_current - metal - taken) < 1e-8 * scale
        assert abs(new.counter_current - new.collector_current) < 1e-8 * scale
        moved += scale * dt / p.ions.charge
        assert abs(sodium(p, new) - new.scalars["ions_in"] - sodium(p, states[0])) < 1e-8 * moved
        assert grid.max(-new["uptake"].min(), new["uptake"].max() - 1.0).max() < 1e-12
    assert mean(p, states[12]) > START + 0.1
    assert mean(p, states[-1]) > START
