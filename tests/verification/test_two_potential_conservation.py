"""The two-potential model loses no sodium and no charge, and leaves its variables where they belong.

Problem: a wavy front plates 4 l at 400 A/m^2, then strips as much, in each kind of transport, between an ideal or a
metal counter. Exact (Gauss's theorem on the sum of the equations in femna/models/two_potential.py, with the same nodal
current in each of them): sodium changes by what entered; the metal grows by V_m/F times the charge that passed; the
collector's current is the counter's; with a metal counter the salt stays. 0 <= xi <= 1 (what leaves 1 or 0 is driven by
|grad p| = 0 there, and the reinitialisation is an exclusion process: docs/theory/reinitialisation.md); c~ > 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from femna.contract.control import Control
from femna.units import FARADAY

from .drive import Array, march, sodium
from .grids import Grid, box, shaken
from .problems import front
from .two import MOLAR_VOLUME, kinetics, two_potential, under

LENGTH, PLACE, WIDTH, CURRENT = 24e-6, 6e-6, 0.5e-6, 400.0
REACTION_ORDERS = {"single_ion": (0.0, 0.0), "nernst_planck": (1.0, 0.0), "binary": (0.5, 0.5)}


def wavy(grid: Grid) -> Array:
    waves = sum(np.cos(2.0 * np.pi * x / 6e-6) for x in grid.points[:, :-1].T)
    return front(grid.points[:, -1] - PLACE - 0.3e-6 * waves, WIDTH)


@pytest.mark.parametrize("counter", ["ideal", "metal"])
@pytest.mark.parametrize("kind", list(REACTION_ORDERS))
@pytest.mark.parametrize(
    ("dim", "make", "steps"), [(1, box, 13), (2, box, 6), (2, shaken, 3), (3, box, 1)], ids=["1D", "2D", "shaken", "3D"]
)
def test_plating_and_stripping(dim: int, make: Callable[..., Grid], steps: int, kind: str, counter: str) -> None:
    """Sodium and charge to 1e-10 of what passed (seen: 7e-12, 3e-11), the two electrodes' currents to 1e-9.

    c~ stays above 0.42. With 1e-3 more of the reaction in phi_s than in phi_l 1e-3 of the charge is lost.
    """
    sides = [3e-6] * (dim - 1)
    grid = make([*sides, LENGTH], {1: [144], 2: [16, 128], 3: [6, 6, 64]}[dim])
    area = float(np.prod(sides))
    law = kinetics(30.0, reaction_orders=REACTION_ORDERS[kind])
    p = two_potential(grid, WIDTH, law, kind=kind, counter=law if counter == "metal" else None)
    stepper = under(p, "current", CURRENT * area, "gamg")
    start = stepper.start(0.0, {"xi": wavy(grid), "c": np.ones(grid.size)})
    passed = 0.0
    states = [start]
    dt = 0.3 * WIDTH * FARADAY / (MOLAR_VOLUME * CURRENT)
    for sign in (1.0, -1.0):
        stepper.set_control(Control("current", sign * CURRENT))
        march(stepper, [stepper.reinitialise_potentials(states[-1])], [dt] * steps, states.append)
        passed += sign * CURRENT * area * steps * dt
        assert states[-1].scalars["counter_charge"] == pytest.approx(passed, abs=1e-10 * CURRENT * area * steps * dt)
    scale = CURRENT * area * steps * dt * MOLAR_VOLUME / FARADAY
    assert grid.integral(np.abs(states[steps]["xi"] - start["xi"])) > 0.5 * scale
    for s in states[1:]:
        assert abs(sodium(p, s) - s.scalars["ions_in"] - sodium(p, start)) < 1e-10 * p.site_ratio * scale
        grown = s.scalars["counter_charge"] * MOLAR_VOLUME / FARADAY
        assert abs(grid.integral(s["xi"] - start["xi"]) - grown) < 1e-10 * scale
        assert s.collector_current == pytest.approx(s.counter_current, rel=1e-9)
        assert grid.max(-s["xi"].min(), s["xi"].max() - 1.0).max() < 1e-12
        assert float(grid.max(-s["c"].min())[0]) < -0.4
        if counter == "metal" and kind != "single_ion":
            salt = grid.integral(p.ions.salt_volume / grid.volume * (s["salt"] - start["salt"]))
            assert abs(salt) < 1e-10 * p.site_ratio * scale
