"""Voltages far beyond what the salt can carry: the front's salt runs out and the current falls to the limiting one.

Problem: Na | 20 um of gel | ideal counter, D+ = D- (library), l = 0.5 um, i0 = 30 A/m^2, from rest. With c~ = 1 held at
the counter and no net flux of anions i_lim = 2 F D+ c0/L, L from the front to the counter (Newman and Thomas-Alyea,
Electrochemical Systems, ch. 11), and 1 + v L/(3 D) times that at a front that comes nearer at v: at the time t the
profile (x - v t)/(L - v t) changes by -(v/L)(1 - x/L), which D c'' makes good.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import femna
from femna.physics.ion_transport.kinds import kind_of
from femna.physics.kinetics import InterfacialKinetics
from femna.units import FARADAY
from femna.validation.load import load_case

pytestmark = pytest.mark.serial

GEL = """
title = "a thin gel under far more than its limiting current"
model = "two_potential"
[geometry]
dim = 1
front_zone = "14 um"
[layer.anode]
material = "na"
thickness = "10 um"
[layer.electrolyte]
material = "gpe"
thickness = "20 um"
[interface]
width = "0.5 um"
energy = "0.22 J/m^2"
[kinetics]
exchange_current_density = "30 A/m^2"
[transport]
kind = "binary"
[[protocol]]
mode = "voltage"
value = "0.7 V"
until = "4 s"
"""


@pytest.mark.parametrize("voltage", ["0.7 V", "1 V"])
def test_current_falls_to_the_limiting_one(voltage: str, tmp_path: Path) -> None:
    """Within 1 %. A reaction to the salt where each node of the front is stands ahead of it by 2 l: 5 % more."""
    path = tmp_path / "gel.toml"
    path.write_text(GEL)
    case = load_case(path, [f'protocol=[{{mode="voltage", value="{voltage}", until="4 s"}}]'])
    run = femna.run(case, tmp_path / "run")
    history = run.history
    current, height = history["Current density [A.m-2]"], history["Mean height [m]"]
    cation, _ = kind_of(case).diffusivities(case, "electrolyte")
    left = case.height - height[-1]
    limit = 2.0 * FARADAY * cation * case.salt_concentration / left
    limit *= 1.0 + limit / (FARADAY * case.site_density) * left / (3.0 * cation)
    assert current[0] > 15.0 * limit
    assert current[-1] == pytest.approx(limit, rel=0.01)
    assert abs(current[-1] / current[-10] - 1.0) < 0.02
    # one front, whose metal is what was plated: nothing grows ahead of it
    assert height[-1] - height[0] == pytest.approx(history["Deposit thickness [m]"][-1], abs=0.3e-6)
    fields = run.fields(run.times[-1])
    upwards = np.argsort(fields.points.max(axis=1))
    assert (np.diff(np.asarray(fields["xi"])[upwards]) < 1e-9).all()
    assert 0.0 < history["Minimum concentration anywhere [mol.m-3]"].min() < 1.0
    assert history["Charge balance error [-]"].max() < 1e-8
    assert history["Sodium balance error [-]"].max() < 1e-8
    assert len(current) < 250


def test_supply_in_series() -> None:
    """1/j = 1/j_kinetic + 1/(supply c~) for a deposit, no change when it dissolves; derivatives by differences."""
    free = InterfacialKinetics(30.0, 0.5, 0.0257, (0.5, 0.5))
    held = InterfacialKinetics(30.0, 0.5, 0.0257, (0.5, 0.5), diffusion_limited_current=1e5)
    eta, c = np.array([-0.6, -0.4, -0.01, 0.0, 0.2]), np.array([1e-4, 0.1, 1.0, 1.0, 0.5])
    kinetic, current = free.current(eta, c)[0], held.current(eta, c)[0]
    assert np.allclose(current[:3], 1.0 / (1.0 / kinetic[:3] + 1.0 / (1e5 * c[:3])), rtol=1e-12)
    assert np.array_equal(current[3:], kinetic[3:])
    _, by_eta, by_c = held.current(eta, c)
    step = 1e-6
    eta_slope = (held.current(eta + step, c)[0] - held.current(eta - step, c)[0]) / (2.0 * step)
    c_slope = (held.current(eta, c * (1 + step))[0] - held.current(eta, c * (1 - step))[0]) / (2.0 * step * c)
    away = eta != 0.0
    assert np.allclose(by_eta[away], eta_slope[away], rtol=1e-4)
    assert np.allclose(by_c[away], c_slope[away], rtol=1e-4)
