"""The verdict of a run: constructed histories with known answers, closed forms, and what a run cannot say."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import pyvista

import femna
from femna.analysis.verdict import metal_share, verdict, verdict_lines
from femna.errors import BadInput
from femna.units import FARADAY
from femna.validation.load import load_case

from .test_old_runs import unpacked

KEYS = [
    *("front_growth_ratio", "time_to_short_s", "charge_to_short_C_m2"),
    *("limiting_current_A_m2", "limiting_current_share", "sand_time_s", "metal_share"),
    *("fastest_wavelength_m", "fastest_growth_rate_1_s", "neutral_wavelength_m", "longest_wavelength_m"),
]
LENGTH, CATION, ANION, SALT = 100e-6, 1e-10, 2e-10, 1000.0
CASE = f"""
model = "two_potential"
geometry = {{dim = 2, width = "30 um"}}
layer.anode = {{material = "na", thickness = "10 um"}}
layer.electrolyte = {{material = "gel", thickness = {LENGTH}}}
materials.gel = {{diffusivity = {CATION}, anion_diffusivity = {ANION}, concentration = {SALT}}}
counter.kind = "metal"
interface = {{width = "1 um", energy = 0.22}}
kinetics.exchange_current_density = 30
transport.kind = "binary"
protocol = [{{mode = "current", value = "0.5 mA/cm^2", until = "1 h"}}]
"""
UM = 1e-6


class Made:
    """A run of one-second steps with a case, and currents and heights as they are given.

    currents: A/m^2 of the steps; means, tips: heights (um) of the states, one more.
    """

    def __init__(self, currents: list[float], means: list[float], tips: list[float], *sets: str, text: str = CASE):
        steps = len(currents)
        charge = np.concatenate([[0.0], np.cumsum(currents)])
        self.history: dict[str, Any] = {
            "Time [s]": np.arange(steps + 1.0),
            "Current density [A.m-2]": np.array([0.0, *currents]),
            "Charge density [C.m-2]": charge,
            "Cell voltage [V]": np.zeros(steps + 1),
            "Mean height [m]": np.array(means) * UM,
            "Maximum height [m]": np.array(tips) * UM,
        }
        self.manifest: dict[str, Any] = {}
        self.times = np.zeros(0)
        self.directory = Path("made")
        self._case = sets, text

    @property
    def case(self) -> Any:
        sets, text = self._case
        if not text:
            raise BadInput("no case")
        path = Path("made.toml")
        path.write_text(text)
        return load_case(path, sets)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def plated(*sets: str, current: float = 5.0, text: str = CASE) -> Any:
    """8 s: the mean rises by 1 um/s from 10, the tallest tip by 2.5 um/s from 12."""
    s = np.arange(9.0)
    return Made([current] * 8, list(10 + s), list(12 + 2.5 * s), *sets, text=text)


def test_keys_and_no_metal_share_without_fields() -> None:
    found = verdict(plated())
    assert list(found) == KEYS
    assert found["metal_share"] is None


def test_a_tip_that_runs_ahead() -> None:
    """The tip stands at 32 um of 110: 78/2.5 s are left, at 5 A/m^2."""
    found = verdict(plated())
    assert found["front_growth_ratio"] == pytest.approx(2.5, rel=1e-12)
    assert found["time_to_short_s"] == pytest.approx(78.0 / 2.5, rel=1e-12)
    assert found["charge_to_short_C_m2"] == pytest.approx(5.0 * 78.0 / 2.5, rel=1e-12)


def test_the_last_plating_counts_and_the_tip_as_it_stands_now() -> None:
    """Plated with a ratio of 2, stripped by 3 um, plated with a ratio of 1.5 (3 um in 2 s), stripped by 1 um."""
    currents = [5.0] * 2 + [-5.0] * 2 + [5.0] * 2 + [-5.0]
    run = Made(currents, [10, 11, 12, 11, 10, 11, 12, 11.5], [12, 14, 16, 14.5, 13, 14.5, 16, 15])
    found = verdict(run)
    assert found["front_growth_ratio"] == pytest.approx(1.5, rel=1e-12)
    assert found["time_to_short_s"] == pytest.approx((110.0 - 15.0) / 1.5, rel=1e-12)


def test_the_rate_is_that_of_the_last_quarter() -> None:
    """4 um/s in the last 2 s of 8, 1 um/s before."""
    s = np.arange(9.0)
    tips = np.where(s <= 6, 12 + s, 18 + 4 * (s - 6))
    found = verdict(Made([5.0] * 6 + [20.0] * 2, list(10 + s), list(tips)))
    assert found["time_to_short_s"] == pytest.approx((110.0 - 26.0) / 4.0, rel=1e-12)
    assert found["charge_to_short_C_m2"] == pytest.approx(20.0 * (110.0 - 26.0) / 4.0, rel=1e-12)
    assert found["front_growth_ratio"] == pytest.approx(14.0 / 8.0, rel=1e-12)


@pytest.mark.parametrize("currents", [[-5.0] * 3, [0.0] * 3])
def test_nothing_plated_says_nothing_of_a_front(currents: list[float]) -> None:
    found = verdict(Made(currents, [10, 9, 8, 7], [12, 10, 8, 7]))
    assert [found[key] for key in KEYS[:3]] == [None, None, None]
    assert found["fastest_wavelength_m"] is None


def test_a_tip_that_does_not_rise_never_arrives_and_after_a_short_circuit_it_has() -> None:
    run = Made([5.0] * 2, [10, 11, 12], [14, 14, 14])
    assert (verdict(run)["front_growth_ratio"], verdict(run)["time_to_short_s"]) == (0.0, None)
    run.manifest["short_circuit_time_s"] = 2.0
    assert (verdict(run)["time_to_short_s"], verdict(run)["charge_to_short_C_m2"]) == (0.0, 0.0)


def test_the_limits_of_a_salt_are_the_closed_forms() -> None:
    """4 F D+ c0/L, and pi D_a (F c0/(2 i (1 - t+)))^2 at the largest current."""
    run = plated()
    run.history["Current density [A.m-2]"][3] = -20.0
    found = verdict(run)
    limit = 4.0 * FARADAY * CATION * SALT / LENGTH
    ambipolar, anions = 2.0 * CATION * ANION / (CATION + ANION), ANION / (CATION + ANION)
    sand = math.pi * ambipolar * (FARADAY * SALT / (2.0 * 20.0 * anions)) ** 2
    assert found["limiting_current_A_m2"] == pytest.approx(limit, rel=1e-9)
    assert found["limiting_current_share"] == pytest.approx(20.0 / limit, rel=1e-9)
    assert found["sand_time_s"] == pytest.approx(sand, rel=1e-9)
    ideal = verdict(plated("counter.kind=ideal"))["limiting_current_A_m2"]
    assert ideal == pytest.approx(limit / 2.0, rel=1e-9)


def test_a_ceramic_has_no_limit() -> None:
    found = verdict(plated("transport.kind=single_ion", "materials.gel.ionic_conductivity=0.5"))
    assert [found[key] for key in KEYS[3:6]] == [None, None, None]
    assert found["fastest_wavelength_m"] is not None


def test_the_waves_are_those_of_the_last_current_against_the_box() -> None:
    from femna.derived.front_stability import FrontStability

    run = plated(current=5.0)
    front, found = FrontStability.of(run.case, 5.0), verdict(run)
    assert front is not None
    assert front.fastest_wavelength is not None
    assert found["fastest_wavelength_m"] == pytest.approx(front.fastest_wavelength, rel=1e-9)
    assert found["fastest_growth_rate_1_s"] == pytest.approx(front.rate(front.fastest_wavelength), rel=1e-9)
    assert found["neutral_wavelength_m"] == pytest.approx(front.neutral_wavelength, rel=1e-9)
    assert found["longest_wavelength_m"] == pytest.approx(60e-6)
    assert verdict(plated("geometry.dim=1"))["longest_wavelength_m"] is None
    assert verdict(plated("geometry.dim=3", "geometry.depth=40 um"))["longest_wavelength_m"] == pytest.approx(80e-6)


def test_a_run_without_its_case_or_its_columns_says_what_is_left() -> None:
    found = verdict(plated(text=""))
    assert [key for key, value in found.items() if value is not None] == ["front_growth_ratio"]
    run = plated()
    del run.history["Maximum height [m]"], run.history["Current density [A.m-2]"]
    found = verdict(run)
    assert [found[key] for key in KEYS[:3]] == [None, None, None]
    assert found["limiting_current_A_m2"] is not None
    empty = Made([], [10], [12])
    assert [key for key, value in verdict(empty).items() if value is not None] == [KEYS[3], KEYS[-1]]


def test_metal_share_of_a_known_profile() -> None:
    """xi is 0.8 up to 3 m and falls to 0 at 4 m: 2.8 m of metal, and xi = 1/2 at 3.375 m."""
    points = np.array([[0.0], [1.0], [3.0], [4.0], [6.0]])
    grid = pyvista.UnstructuredGrid(
        {pyvista.CellType.LINE: np.array([[0, 1], [1, 2], [2, 3], [3, 4]])}, np.pad(points, ((0, 0), (0, 2)))
    )
    grid.point_data["xi"] = np.array([0.8, 0.8, 0.8, 0.0, 0.0])
    grid.cell_data["material"] = np.zeros(4, dtype=int)
    history = {"Time [s]": np.array([0.0, 10.0]), "Mean height [m]": np.array([2.0, 3.375])}
    run: Any = SimpleNamespace(
        history=history, times=np.array([10.0]), fields=lambda time: grid, directory=Path("made"), field_table={}
    )
    assert metal_share(run) == pytest.approx(2.8 / 3.375, rel=1e-12)


def test_in_words() -> None:
    lines = verdict_lines({"model": "two_potential"} | verdict(plated()))
    assert lines[0] == "front: in the last plating its tallest tip gained 2.500 times what its mean did: tips run ahead"
    assert lines[1] == "short circuit: after 31.2 s of plating on (0.00433 mAh/cm2) at that rate"
    assert lines[2] == "salt: the largest current is 1.3 % of the limiting one, 38.6 mA/cm2"
    assert lines[3].startswith("waves: of ")
    assert lines[3].endswith("; the box holds up to 60 um")
    even = verdict_lines({"model": "two_potential"} | verdict(Made([5.0] * 2, [10, 11, 12], [14, 15, 16])))
    assert even[0].endswith("gained 1.000 times what its mean did: it grows evenly")
    assert verdict_lines({"model": "two_potential"} | dict.fromkeys(KEYS)) == []


@pytest.mark.serial
def test_runs_of_0_1_0(tmp_path: Path) -> None:
    """One potential, which holds no salt's anions; two, of a flat cell."""
    one, two = (femna.open_run(unpacked(name, tmp_path)).summary() for name in ("run-one", "run-two"))
    for found in (one, two):
        assert [key for key in found if key in KEYS] == KEYS
        assert json.loads(json.dumps(found, allow_nan=False)) == found
        assert found["front_growth_ratio"] == pytest.approx(1.0, rel=1e-9)
        assert found["metal_share"] == pytest.approx(1.0, abs=0.05)
    assert one["fastest_wavelength_m"] is None
    assert two["limiting_current_A_m2"] is not None
