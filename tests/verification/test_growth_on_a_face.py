"""Sodium that plates on a mixed conductor: its share follows the current divider from the first deposit on.

f = (R_b + d/sigma_i)/(R_b + d/sigma_i + R_t + d/sigma_e), R_b = R_t = RT/(F i0), holds before any growth. While a film
forms on the face, and after it has closed, ions still choose between the same two ways: the metal that grows on the
face must stay above it, and its underside must answer for what the face did. Measured on `mci-top` in one dimension
(l = d/10): 0.946 to 0.958, divider 0.949; were the profile to relax through the face, 0.64 to 0.72.

Stripped again, the film must thin out where it lies, and the voltage then jump by i d/sigma_i: 0.5 V here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import femna
from femna.units import FARADAY, GAS_CONSTANT
from femna.validation.load import load_case

pytestmark = pytest.mark.serial

SETTINGS = [
    "geometry.dim=1",
    "geometry.front_zone=4.5 um",
    "layer.electrolyte.thickness=4 um",
    'protocol=[{mode="current", value="0.5 mA/cm^2", until="0.08 mAh/cm^2"}]',
]


@pytest.mark.parametrize("width", ["0.1 um", "0.05 um"])
def test_the_share_on_top_is_the_divider_s(width: str, tmp_path: Path) -> None:
    case = load_case("mci-top", [*SETTINGS, f"interface.width={width}"])
    history = femna.run(case, tmp_path / "run").history
    resistance = GAS_CONSTANT * case.temperature / FARADAY / case.kinetics.exchange_current_density
    thickness = case.layer["interphase"].thickness
    below, through = (
        resistance + thickness / case.property("interphase", key)
        for key in ("ionic_conductivity", "electronic_conductivity")
    )
    grown = history["Deposit thickness [m]"] > 5e-9
    share = history["Top fraction [-]"][grown]
    assert grown.sum() > 30
    assert share.min() > below / (below + through) - 0.01
    assert share.max() < below / (below + through) + 0.015
    assert history["Charge balance error [-]"].max() < 1e-8


def test_a_film_thins_out_on_its_face_and_the_voltage_jumps(tmp_path: Path) -> None:
    """The film's densest place is its foot once it is thinner than l; the jump is 0.43 V (foot and layer are diffuse).

    Were the film to have a side of its own towards the face, its densest place would be 2 to 4 nodes above it.
    """
    strip = '{mode="current", value="-0.5 mA/cm^2", until="0.085 mAh/cm^2"}'
    protocol = SETTINGS[-1].replace("]", f", {strip}]")
    case = load_case("mci-top", [*SETTINGS[:-1], protocol, "output.interval=15 s"])
    run = femna.run(case, tmp_path / "run")
    seen = 0
    for time in run.times[run.times > 700.0]:
        fields = run.fields(time)
        height, xi = np.asarray(fields.points)[:, 0], np.asarray(fields["xi"])
        above = height > case.interphase_top - 1e-9
        order = np.argsort(height[above])
        places, film = height[above][order], xi[above][order]
        if 0.05 < np.trapezoid(film, places) / case.interface.width < 1.0:
            assert film.argmax() == 0
            seen += 1
    assert seen > 5
    history = run.history
    full = np.interp(700.0, history["Time [s]"], history["Cell voltage [V]"])
    drop = 5.0 * case.layer["interphase"].thickness / case.property("interphase", "ionic_conductivity")
    assert history["Cell voltage [V]"][-1] - full == pytest.approx(-drop, rel=0.15)
    assert history["Charge balance error [-]"].max() < 1e-8
    assert run.summary()["rejected_steps"] < 20


@pytest.mark.parametrize(("ionic", "electronic"), [(43.0, 2.2e-4), (1.0, 2.2e-4), (0.1, 2.2e-4), (1e-3, 1e-5)])
def test_the_share_where_electrons_resist(ionic: float, electronic: float, tmp_path: Path) -> None:
    """The divider to 1 % at l = d/20. Electrons mixed by the metal's share gave 0.168 for 43 S/m, exact 0.137."""
    sets = [
        "interface.width=0.05 um",
        f"materials.mci.ionic_conductivity={ionic}",
        f"materials.mci.electronic_conductivity={electronic}",
        'protocol=[{mode="current", value="0.5 mA/cm^2", until="1 s"}]',
    ]
    case = load_case("mci-top", [*SETTINGS[:-1], *sets])
    resistance = GAS_CONSTANT * case.temperature / FARADAY / case.kinetics.exchange_current_density
    below, through = (resistance + case.layer["interphase"].thickness / sigma for sigma in (ionic, electronic))
    share = femna.run(case, tmp_path / "run").summary()["top_fraction"]
    assert share == pytest.approx(below / (below + through), rel=1e-2)


def test_the_second_plateau_is_the_layer_s_resistance(tmp_path: Path) -> None:
    """Once the film is gone sodium from below comes through the layer, which follows it: i (d + gone)/sigma_i, and the
    reaction, to 0.5 mV of 0.55 V with what is gone at the middle of each step.

    With phi_l at each node's own place the front stood ahead by l (0.49 V), and with slopes of their own behind xi =
    1/2 the voltage was off by 2 mV. Steps that took more than they found in the front's tail left xi = 0.03 in the
    layer, and the voltage jumped by 70 mV.
    """
    steps = ((0.5, 0.02), (-0.5, 0.03))
    protocol = ", ".join(f'{{mode="current", value="{i} mA/cm^2", until="{q} mAh/cm^2"}}' for i, q in steps)
    numerics = ("numerics.resolution=8", "numerics.dt_max=5 s")
    case = load_case("mci-top", [*SETTINGS[:-1], f"protocol=[{protocol}]", *numerics])
    history = femna.run(case, tmp_path / "run").history
    late = history["Time [s]"] > 315.0  # the film is gone at 300 s, and its front has left the layer
    ends = -history["Deposit thickness [m]"]
    gone = (0.5 * (ends[1:] + ends[:-1]))[late[1:]]
    layer = case.layer["interphase"].thickness + gone
    thermal = GAS_CONSTANT * case.temperature / FARADAY
    reaction = 2.0 * thermal * np.arcsinh(0.5 * 5.0 / case.kinetics.exchange_current_density)
    exact = -5.0 * layer / case.property("interphase", "ionic_conductivity") - reaction
    assert late.sum() > 5
    assert history["Cell voltage [V]"][late] == pytest.approx(exact, abs=5e-4)
