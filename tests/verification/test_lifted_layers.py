"""Layers that metal lifts: exact answers in one dimension, and what must hold in two.

Exact: metal that forms below a layer of thickness d lifts it by V_m Q/(zF), 8.861450 um a mAh/cm^2 of sodium; nothing
else of the cell changes, so that a current that is held keeps its voltage and a mixed conductor its share on top.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import femna
from femna.analysis import Run
from femna.case.model import Case
from femna.errors import BadInput, CannotGoOn
from femna.physics.ion_transport.binary_salt import ambipolar, salt_diffusivities
from femna.runtime.lifted_mesh import LARGEST_STRAIN
from femna.units import COULOMB_PER_MAH_CM2, FARADAY
from femna.validation.load import load_case

pytestmark = pytest.mark.serial

CURRENT = 5.0
"""A/m^2."""

LIFT_PER_CHARGE = 8.861450e-6
"""Of sodium, m a mAh/cm^2."""


def plating(until: str, sign: str = "") -> dict[str, str]:
    return {"mode": "current", "value": f"{sign}0.5 mA/cm^2", "until": f"{until} mAh/cm^2"}


def lifted(name: str, *protocol: dict[str, str], moves: bool = True, dim: int = 1, **more: Any) -> Case:
    layer = {"layer__interphase__moves": moves} if "interphase" in femna.load_case(name).layer else {}
    return femna.load_case(name, geometry__dim=dim, protocol=list(protocol), **layer, **more)


@pytest.fixture(scope="module")
def insulated(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Under a layer that conducts ions alone, 1 mAh/cm^2: nine times the layer's thickness."""
    case = lifted("ici-bottom", plating("1"), layer__electrolyte__thickness="30 um")
    return femna.run(case, tmp_path_factory.mktemp("lifted") / "run")


def test_the_stack_rises_by_what_plates_below_it(insulated: Run) -> None:
    history, case = insulated.history, insulated.case
    charge = history["Capacity [mAh.cm-2]"]
    assert charge[-1] == pytest.approx(1.0, rel=1e-9)
    assert history["Mean lift [m]"] == pytest.approx(LIFT_PER_CHARGE * charge, rel=1e-6, abs=1e-15)
    assert history["Largest lift [m]"] == pytest.approx(history["Mean lift [m]"], rel=1e-9, abs=1e-15)
    exact = COULOMB_PER_MAH_CM2 / (FARADAY * case.site_density)
    assert history["Mean lift [m]"][-1] == pytest.approx(exact, rel=1e-9)
    assert history["Mean height [m]"] - history["Mean lift [m]"] == pytest.approx(case.surface.position, abs=1e-12)
    assert history["Sodium balance error [-]"].max() < 1e-10


def test_the_layer_is_not_eaten(insulated: Run) -> None:
    """The layer keeps its volume to 1e-8: what metal the mesh holds takes no more of it than at the start."""
    first, last = insulated.fields(insulated.times[0]), insulated.fields(insulated.times[-1])
    height = first.points[:, np.ptp(first.points, axis=0).argmax()]
    order = np.argsort(height)
    eaten = np.trapezoid((last["xi"] - first["xi"])[order], height[order])
    assert abs(eaten) < 1e-8 * insulated.case.layer["interphase"].thickness


def gel_voltage(case: Case, thickness: float) -> float:
    """Of a binary salt before an ideal counter, steady, V: c falls by i t-/(F D) a metre, the anions are at rest.

    The cation alone carries the current: phi_l falls by 2 V_T ln of the concentrations, which the counter's c0 sets.
    """
    cation, anion = salt_diffusivities(case, "electrolyte")
    diffusivity, anions = ambipolar(cation, anion), anion / (cation + anion)
    low = 1.0 - CURRENT * anions * thickness / (FARADAY * diffusivity * case.salt_concentration)
    return -2.0 * case.thermal_voltage * math.log(low)


def test_the_voltage_changes_by_what_the_gel_loses(insulated: Run) -> None:
    """An ideal counter keeps its place: the gel gets thinner by the lift. Where metal eats the layer instead, the
    voltage falls by 8 % in the first 0.03 mAh/cm^2."""
    time, voltage, lift = (insulated.history[key] for key in ("Time [s]", "Cell voltage [V]", "Mean lift [m]"))
    case, steady = insulated.case, time > 600.0
    low, high = case.interval("electrolyte")
    gel = np.array([gel_voltage(case, high - low - each) for each in lift[steady]])
    rest = voltage[steady] - gel
    assert np.ptp(rest) < LARGEST_STRAIN * gel.max()  # how far the mesh may lag behind
    assert np.ptp(rest) < 2e-4 * voltage[-1]


def test_stripping_lowers_it_again(tmp_path: Path) -> None:
    run = femna.run(lifted("ici-bottom", plating("0.05"), plating("0.05", "-")), tmp_path / "run")
    lift, charge = run.history["Mean lift [m]"], run.history["Capacity [mAh.cm-2]"]
    assert lift.max() == pytest.approx(0.05 * LIFT_PER_CHARGE, rel=1e-6)
    assert abs(charge[-1]) < 1e-9
    assert abs(lift[-1]) < 1e-9 * lift.max()


@pytest.mark.parametrize("moves", [True, False])
def test_a_mixed_conductor_keeps_its_share_on_top(moves: bool, tmp_path: Path) -> None:
    """The divider: 0.1502 at the start. A layer that is eaten has 0.1567 at 0.01 mAh/cm^2; what is left where it is
    lifted (0.1518) is the film on top, which covers the layer as it closes."""
    conducts = {"materials__mci__ionic_conductivity": "1e-2 S/m"}
    run = femna.run(lifted("mci-top", plating("0.01"), moves=moves, **conducts), tmp_path / "run")
    share = run.history["Top fraction [-]"]
    start = share[np.isfinite(share)][0]
    assert start == pytest.approx(0.1502, rel=1e-3)
    if moves:
        assert share[-1] == pytest.approx(start, rel=0.02)
    else:
        assert share[-1] > 1.04 * start


def test_a_flat_electrolyte_between_two_electrodes_keeps_its_salt(tmp_path: Path) -> None:
    """A metal counter recedes by what it gives: 1 mAh/cm^2 through 200 um of gel change neither salt nor voltage."""
    base = femna.load_case("cell-gpe", geometry__dim=1)
    gel = base.layer_names[-1]
    case = femna.load_case("cell-gpe", geometry__dim=1, protocol=[plating("1")], **{f"layer__{gel}__moves": True})
    run = femna.run(case, tmp_path / "run")
    time, voltage = run.history["Time [s]"], run.history["Cell voltage [V]"]
    settled = voltage[time > 1800.0]
    assert np.ptp(settled) < 1e-4 * settled.mean()
    assert run.history["Mean lift [m]"][-1] == pytest.approx(LIFT_PER_CHARGE, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "setting", "what"),
    [
        ("planar", "layer.electrolyte.moves=true", "two_potential"),
        ("ici-bottom", "layer.anode.moves=true", "the anode itself stays"),
        ("ici-bottom", "layer.electrolyte.moves=true", r"layer\.interphase\.moves"),
        ("cell-gpe", "layer.electrolyte.moves=true", "an electrolyte with salt"),
    ],
)
def test_what_cannot_move(name: str, setting: str, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        load_case(name, [setting])


def test_too_little_room_above(tmp_path: Path) -> None:
    """8.5 um of gel above the fine mesh, of which a fifth stays."""
    with pytest.raises(CannotGoOn, match="a thicker last layer"):
        femna.run(lifted("ici-bottom", plating("1"), layer__electrolyte__thickness="8 um"), tmp_path / "run")
    run = femna.open_run(tmp_path / "run")
    assert run.status == "failed"
    room = run.case.height - run.case.front_zone_top
    assert run.history["Mean lift [m]"][-1] == pytest.approx(0.8 * room, rel=0.05)


def test_uneven_metal_bends_the_stack(tmp_path: Path) -> None:
    """In 2D: columns over thin metal rise less or more than the mean, nothing is lost, no layer is eaten."""
    case = lifted(
        "ici-bottom", plating("0.02"), dim=2, interface__width="0.2 um", geometry__width="1 um", output__interval="60 s"
    )
    run = femna.run(case, tmp_path / "run")
    history, first, last = run.history, run.fields(run.times[0]), run.fields(run.times[-1])
    assert history["Mean lift [m]"][-1] == pytest.approx(0.02 * LIFT_PER_CHARGE, rel=1e-6)
    assert history["Largest lift [m]"][-1] > 1.001 * history["Mean lift [m]"][-1]
    assert history["Sodium balance error [-]"].max() < 1e-9
    assert last["lift"].mean() == pytest.approx(history["Mean lift [m]"][-1], rel=0.02)
    assert last["xi"] == pytest.approx(first["xi"], abs=1e-6)  # the front stands still in the mesh
    assert "mesh lifted" in (tmp_path / "run" / "log.txt").read_text()
