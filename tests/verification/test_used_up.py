"""An anode that is stripped until it is used up: the contact it still has, and the voltage that this takes.

Sodium of height h = h0 + A cos(2 pi x/lambda), lambda >> A, under a contact so resistive (R = 2000 ohm cm^2) that what
is left of it gives the same current per area everywhere. Where it has lost the depth s it is left where h > s,

    theta(s) = P(h > s) = arccos(u)/pi,  u = (s - h0)/A,

and the charge is Q V_m/F = mean of min(h, s) = s theta + h0 (1 - theta) - (A/pi) sqrt(1 - u^2). The current that is
held passes through theta of the area: V = i R/theta. (Derived here.)
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import femna
from femna.analysis.runs import Run
from femna.units import FARADAY
from femna.validation.load import load_case

pytestmark = pytest.mark.serial

Array = NDArray[np.float64]

MEAN, AMPLITUDE, RESISTANCE, CURRENT = 1.5e-6, 0.8e-6, 0.2, 2.0
CASE = """
title = "uneven sodium under a resistive contact"
model = "two_potential"
[geometry]
dim = 2
width = "10 um"
front_zone = "3 um"
[layer.anode]
material = "na"
thickness = "1.5 um"
[layer.ceramic]
material = "nzsp"
thickness = "6 um"
[counter]
kind = "metal"
[contacts.anode-ceramic]
resistance = "2000 ohm*cm^2"
[contacts.ceramic-counter]
resistance = "1 ohm*cm^2"
[surface]
kind = "cosine"
amplitude = "0.8 um"
wavelength = "20 um"
[interface]
width = "0.2 um"
[transport]
kind = "single_ion"
[[protocol]]
mode = "current"
value = "-0.2 mA/cm^2"
until = "1 mAh/cm^2"
[numerics]
resolution = 3
"""


def stripped(folder: Path, *sets: str) -> Run:
    path = folder / "uneven.toml"
    path.write_text(CASE)
    return femna.run(load_case(path, sets), folder / "run")


def contact(depth: Array) -> Array:
    """theta after these depths (m) of charge, V_m/F of it per area."""
    s = np.linspace(MEAN - AMPLITUDE, MEAN + AMPLITUDE, 2001)
    u = np.clip((s - MEAN) / AMPLITUDE, -1.0, 1.0)
    theta = np.arccos(u) / np.pi
    passed = s * theta + MEAN * (1.0 - theta) - AMPLITUDE / np.pi * np.sqrt(1.0 - u**2)
    return np.interp(depth, passed, theta)


def test_contact_is_lost_as_the_heights_say(tmp_path: Path) -> None:
    """theta between 0.95 and 0.3: 0.065, 0.025 off at l = 0.3, 0.15 um, since metal thinner than l is left behind.

    V theta/(i R) is 0.948 to 0.967 at l = 0.15 um: the front is 1.016 times as long as it is wide, and V is that of the
    step's middle, theta that of its end. With the whole collector as the contact it would be 3 in place of 0.95.
    """
    errors = []
    for width in (0.3, 0.15):
        folder = tmp_path / f"{width}"
        folder.mkdir()
        # theta is that of the end of a step: steps of a quarter of l each would add as much again to the error
        run = stripped(folder, f"interface.width={width} um", "numerics.dt_max=20 s")
        history = run.history
        theta, depth = history["Contact fraction [-]"], -history["Deposit thickness [m]"]
        assert run.status == "finished"
        assert theta[0] > 0.9999
        assert np.all(np.diff(theta) < 1e-12)
        exact = contact(depth)
        some = (exact < 0.95) & (exact > 0.3)
        assert some.sum() > 10
        errors.append(float(np.abs(theta - exact)[some].max()))
        product = -history["Cell voltage [V]"] * theta / (CURRENT * RESISTANCE)
        assert product[0] == pytest.approx(1.0 / history["Front length ratio [-]"][0], abs=2e-3)
        assert product[some].min() > 1.0 - 0.5 * width
        # it ends as soon as 3 % are left, with next to all of its sodium gone
        assert theta[-1] < 0.03 <= theta[-2]
        assert run.summary()["anode_exhausted_charge_C_m2"] == history["Charge density [C.m-2]"][-1]
        assert depth[-1] == pytest.approx(MEAN, rel=0.01)
        assert history["Sodium balance error [-]"].max() < 1e-8
        assert history["Charge balance error [-]"].max() < 1e-8
    assert errors[0] < 0.08
    assert errors[1] < 0.5 * errors[0]


@pytest.mark.parametrize("held", ["current", "voltage"])
def test_a_flat_anode_ends_when_its_sodium_does(held: str, tmp_path: Path) -> None:
    """1.5 um hold 0.1693 mAh/cm^2. Under a current the voltage used to run away to -60 kV; now the run finishes."""
    value = {"current": "-0.2 mA/cm^2", "voltage": "-0.3 V"}[held]
    run = stripped(
        tmp_path,
        "geometry.dim=1",
        "surface.kind=flat",
        f'protocol=[{{mode="{held}", value="{value}", until="5 h"}}]',
    )
    assert run.status == "finished"
    assert "used up" in run.manifest["reason"]
    charge = run.summary()["anode_exhausted_charge_C_m2"]
    assert charge == pytest.approx(-MEAN * FARADAY * run.case.site_density, rel=0.01)
    assert abs(run.history["Cell voltage [V]"]).max() < 20.0


def test_metal_on_a_mixed_conductor_is_not_used_up_with_the_anode_below(tmp_path: Path) -> None:
    """0.3 um of anode go first, and then, through the layer, 0.5 um on its face. Were the collector's contact all that
    counts, it would be over after 0.44 um."""
    sets = ["geometry.dim=1", "surface={kind='flat', film='0.5 um'}", "layer.anode.thickness=0.3 um"]
    sets += ["layer.electrolyte.thickness=2 um", "geometry.front_zone=2.4 um"]
    sets += ["materials.mci.ionic_conductivity=1e-2 S/m"]
    sets += ['protocol=[{mode="current", value="-0.5 mA/cm^2", until="5 h"}]']
    run = femna.run(load_case("mci-top", sets), tmp_path / "run")
    assert "used up" in run.manifest["reason"]
    gone = -run.history["Deposit thickness [m]"]
    assert run.history["Contact fraction [-]"][gone > 0.6e-6].max() < 0.01
    assert gone[-1] == pytest.approx(0.8e-6, rel=0.01)
    assert run.history["Charge balance error [-]"].max() < 1e-8


def test_a_layer_uses_the_anode_up_at_rest(tmp_path: Path) -> None:
    """1 um of sodium under a layer that could take 16 um: the run ends within 2 l of none, all of it in the layer."""
    sets = ["geometry.dim=1", "layer.anode.thickness=1 um", "geometry.front_zone=3 um", "layer.interlayer.uptake=0.35"]
    case = load_case("nzsp-uptake", [*sets, "interface.width=0.1 um", 'protocol=[{mode="rest", until="60 h"}]'])
    run = femna.run(case, tmp_path / "run")
    history = run.history
    assert run.status == "finished"
    assert history["Time [s]"][-1] == run.manifest["anode_exhausted_time_s"] < 6 * 3600.0
    assert -1e-6 < history["Deposit thickness [m]"][-1] < -0.8e-6
    lost = -FARADAY * case.site_density * history["Deposit thickness [m]"][-1]
    assert history["Uptake charge [C.m-2]"][-1] == pytest.approx(lost, rel=1e-8)
