"""The table of protocol steps: what the history alone says is what the run wrote down while it went on."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import femna
from femna.analysis.protocol_steps import step_rows
from femna.analysis.runs import Run
from femna.cli import main

pytestmark = pytest.mark.serial

MIXED = """[
  {mode="current", value="1 mA/cm^2", until="0.02 mAh/cm^2"},
  {mode="rest", until="20 s"},
  {repeat=2, steps=[
    {mode="current", value="-2 mA/cm^2", until="10 s"},
    {mode="current", value="2 mA/cm^2", until="0.03 V"},
    {mode="rest", until="5 s"},
    {mode="voltage", value="0.1 V", until="3 s"},
    {mode="voltage", value="0.1 V", until="0.002 mAh/cm^2"}]},
  {mode="current", value="1 mA/cm^2", until="10.5 um"},
  {mode="current", value="1 mA/cm^2", until="10.4 um"},
  {mode="current", value="1 mA/cm^2", until="5 s"}]"""
"""The second step of each repeat begins beyond its voltage: it has no rows, and so has the last
but one. The two voltages are one after
the other."""
STAIRCASE = "[{mode='voltage', value='20 mV', until='2 s'}, {mode='voltage', value='-20 mV', until='1 s'}]"


def ran(tmp_path: Path, model: str, protocol: str, *more: str) -> Run:
    sets = [f"model={model}", "interface.width=0.5 um", f"protocol={protocol}", *more]
    case = femna.load_case("planar", sets)
    return femna.run(case, tmp_path / "run", log_level="error")


def logged(run: Run) -> list[tuple[int, float]]:
    """Number and start of each protocol step but the first, as the run wrote them down."""
    text = (run.directory / "log.txt").read_text()
    return [(int(n), float(t)) for t, n in re.findall(r"t = (\S+) s: protocol step (\d+)", text)]


@pytest.mark.parametrize(
    ("model", "protocol"),
    [
        ("two_potential", MIXED),
        (
            "single_potential",
            STAIRCASE,
        ),
    ],
)
def test_steps_begin_where_the_run_began_them(tmp_path: Path, model: str, protocol: str) -> None:
    run = ran(tmp_path, model, protocol)
    found = run.summary()["protocol_steps"]
    assert isinstance(found, list)
    assert [step["number"] for step in found] == list(range(1, len(run.case.steps()) + 1))
    assert [(step["number"], float(f"{step['start_s']:.6g}")) for step in found[1:]] == logged(run)
    assert all(step["is_over"] for step in found)
    assert found[-1]["end_s"] == run.history["Time [s]"][-1]
    covered = np.concatenate([np.r_[part.rows] for part in step_rows(run)])
    assert covered.tolist() == list(range(1, len(run.history["Time [s]"])))


def test_the_numbers_of_a_step(tmp_path: Path) -> None:
    """0.02 mAh/cm2 at 1 mA/cm2 take 72 s and are 0.17723 um of sodium; then rest, nothing; then half of it back."""
    steps = "{mode='rest', until='20 s'}, {mode='current', value='-1 mA/cm^2', until='0.01 mAh/cm^2'}"
    run = ran(tmp_path, "two_potential", f"[{{mode='current', value='1 mA/cm^2', until='0.02 mAh/cm^2'}}, {steps}]")
    plated, rested, stripped = run.summary()["protocol_steps"]  # type: ignore[misc]
    assert [plated[key] for key in ("mode", "value", "unit")] == ["current", 10.0, "A/m^2"]
    assert plated["duration_s"] == pytest.approx(72.0, rel=1e-6)
    assert plated["capacity_mAh_cm2"] == pytest.approx(0.02, rel=1e-6)
    assert plated["deposit_m"] == pytest.approx(0.02 * 8.861450e-6, rel=1e-6)
    assert plated["current_start_A_m2"] == pytest.approx(10.0, rel=1e-6)
    assert plated["voltage_start_V"] > 0.0 > stripped["voltage_start_V"]
    assert (rested["mode"], rested["value"]) == ("rest", None)
    assert (rested["duration_s"], rested["current_end_A_m2"]) == (pytest.approx(20.0), pytest.approx(0.0, abs=1e-6))
    assert abs(rested["voltage_end_V"]) < abs(plated["voltage_end_V"])
    assert rested["deposit_m"] == pytest.approx(0.0, abs=1e-15)
    assert stripped["charge_C_m2"] == pytest.approx(-360.0, rel=1e-6)
    assert stripped["charge_end_C_m2"] == pytest.approx(360.0, rel=1e-6)
    assert stripped["deposit_end_m"] == pytest.approx(0.01 * 8.861450e-6, rel=1e-6)


def test_a_run_that_was_left_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = ran(tmp_path, "two_potential", MIXED, "numerics.max_steps=3")
    (only,) = run.summary()["protocol_steps"]  # type: ignore[misc]
    assert not only["is_over"]
    assert main(["summary", str(run.directory)]) == 0
    assert "current 10 A/m^2, not over" in capsys.readouterr().out
