"""Protocols in one dimension, through whole runs in this process: jumps, repeats, ends, and what goes wrong."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import femna
from femna.analysis.runs import Run
from femna.circuit import control_laws, model_limits
from femna.circuit.control_law import StepControlLaw
from femna.contract.control import Control
from femna.contract.state import State
from femna.contract.step import AttemptedStep
from femna.errors import CannotGoOn
from femna.io import checkpoint
from femna.linear_solvers.krylov import SolveFailed
from femna.runtime import simulation
from femna.runtime.run import resume
from femna.runtime.signals import Interrupted, Interrupts
from femna.timestepping.staggered import StaggeredStepper

pytestmark = pytest.mark.serial

CASE = Path(__file__).parents[2] / "small.toml"
STACK = ["layer.anode.thickness=3 um", "layer.interphase.thickness=2 um", "layer.electrolyte.thickness=6 um"]
BOX = ["geometry.dim=1", *STACK, "numerics.resolution=4", "numerics.max_steps=1000", "interface.barrier_ratio=0.3"]


def item(value: str, until: str) -> str:
    return f'{{mode="voltage", value="{value}", until="{until}"}}'


def run(folder: Path, *items: str, sets: Sequence[str] = ()) -> Run:
    return femna.run(femna.load_case(CASE, [*BOX, f"protocol=[{', '.join(items)}]", *sets]), folder / "run")


def ends(result: Run) -> list[int]:
    """Rows at which the protocol's steps ended."""
    return [*np.flatnonzero(np.diff(result.history["Cell voltage [V]"])), len(result.history["Step [-]"]) - 1]


def sound(result: Run) -> None:
    assert result.status == "finished"
    assert np.array_equal(result.history["Step [-]"], np.arange(len(result.history["Step [-]"])))
    assert result.summary()["sodium_balance_error"] < 1e-8
    assert result.times[0] == 0.0
    assert result.times[-1] == result.history["Time [s]"][-1]
    assert len(np.unique(result.times)) == len(result.times)


def test_voltage_jumps(tmp_path: Path) -> None:
    """More voltage, more current; the sodium balance does not notice the jumps."""
    result = run(tmp_path, item("0.3 V", "20 ms"), item("0.5 V", "20 ms"), item("0 V", "20 ms"))
    sound(result)
    rows = ends(result)
    assert result.history["Time [s]"][rows] == pytest.approx([0.02, 0.04, 0.06], rel=1e-9)
    assert result.history["Cell voltage [V]"][rows].tolist() == [0.3, 0.5, 0.0]
    current = result.history["Current density [A.m-2]"][rows]
    assert current[1] > 5.0 * current[0] > 0.0
    assert current[2] < 0.1 * current[1]
    # small steps after a jump, long ones before it
    sizes = result.history["Time step [s]"]
    assert all(sizes[row + 1] < 0.1 * sizes[row] for row in rows[:2])


class Ramp(StepControlLaw):
    """A voltage that rises to `value` in 20 ms."""

    mode = "voltage"
    is_constant = False

    def control(self, elapsed: float) -> Control:
        return Control("voltage", self.step.value * elapsed / 0.02)


def test_a_control_that_changes_with_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is taken with the voltage of its end, and a resumed run goes on with that of its own time."""
    monkeypatch.setattr(control_laws, "_registered", {"voltage": Ramp})
    whole = run(tmp_path / "whole", item("0.5 V", "20 ms"))
    sound(whole)
    assert len(ends(whole)) > 10
    history = whole.history
    assert history["Cell voltage [V]"] == pytest.approx(25.0 * history["Time [s]"], rel=1e-12)
    assert np.all(np.diff(history["Current density [A.m-2]"])[-5:] > 0.0)
    half = run(tmp_path / "half", item("0.5 V", "20 ms"), sets=["numerics.max_steps=9"])
    again = femna.open_run(resume(half.directory, ["numerics.max_steps=1000"]))
    sound(again)
    assert again.history["Cell voltage [V]"] == pytest.approx(25.0 * again.history["Time [s]"], rel=1e-12)
    assert again.history["Charge density [C.m-2]"] == pytest.approx(history["Charge density [C.m-2]"], rel=1e-6)


def test_repeated_plating_and_stripping(tmp_path: Path) -> None:
    both = f"{item('0.4 V', '10 ms')}, {item('-0.3 V', '10 ms')}"
    result = run(tmp_path, f"{{repeat=2, steps=[{both}]}}")
    sound(result)
    assert result.history["Time [s]"][ends(result)] == pytest.approx([0.01, 0.02, 0.03, 0.04], rel=1e-9)
    charge = result.history["Charge density [C.m-2]"][ends(result)]
    assert charge[0] > charge[1] > 0.0
    assert charge[2] > charge[3]


def test_stripping(tmp_path: Path) -> None:
    """Negative voltage: negative current, the front recedes."""
    result = run(tmp_path, item("-0.3 V", "50 ms"))
    sound(result)
    assert np.all(result.history["Current density [A.m-2]"] < 0.0)
    assert np.all(np.diff(result.history["Mean height [m]"]) < 0.0)
    assert result.history["Deposit thickness [m]"][-1] < 0.0


def test_until_a_charge(tmp_path: Path) -> None:
    """What passes in the step, plated or stripped, to 1e-6 of it."""
    result = run(tmp_path, item("0.5 V", "400 C/m^2"), item("0.4 V", "100 C/m^2"), item("-0.3 V", "50 C/m^2"))
    sound(result)
    charge = result.history["Charge density [C.m-2]"][ends(result)]
    assert np.diff([0.0, *charge]) == pytest.approx([400.0, 100.0, -50.0], rel=1e-6)


def test_until_a_height(tmp_path: Path) -> None:
    """From below and from above, to 1e-6 of the way; what is beyond it already is over at once."""
    steps = item("0.2 V", "3.05 um"), item("-0.2 V", "3.03 um"), item("0.1 V", "3.02 um"), item("0.2 V", "3.05 um")
    result = run(tmp_path, *steps)
    sound(result)
    rows = ends(result)
    height = result.history["Maximum height [m]"][rows] * 1e6
    assert np.abs(height - [3.05, 3.03, 3.05]).max() < 1e-6 * 0.02
    assert result.history["Cell voltage [V]"][rows].tolist() == [0.2, -0.2, 0.2]
    assert "protocol step 4" in (result.directory / "log.txt").read_text()


def test_until_a_height_that_is_jumped_over(tmp_path: Path) -> None:
    """Where the barrier is low metal forms ahead of the front: the height has no value between."""
    low = ["interface.barrier_ratio=1", "kinetics.exchange_current_density=4 A/m^2"]
    result = run(tmp_path, item("0.5 V", "3.4 um"), item("0.4 V", "1 ms"), sets=low)
    sound(result)
    height = result.history["Maximum height [m]"]
    first = ends(result)[0]
    assert height[first - 1] < 3.2e-6
    assert height[first] > 3.5e-6


def test_outputs_at_their_times(tmp_path: Path) -> None:
    result = run(tmp_path, item("0.3 V", "7 ms"), item("0.5 V", "3.5 ms"), sets=["output.interval=2 ms"])
    sound(result)
    assert result.times == pytest.approx([0.0, 2e-3, 4e-3, 6e-3, 7e-3, 8e-3, 10e-3, 10.5e-3], rel=1e-6)
    # no crumbs before an output or an end
    sizes = result.history["Time step [s]"]
    assert sizes[1:].min() > 0.5 * sizes[[1, ends(result)[0] + 1]].min()


def test_warnings_are_told_once_and_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run(tmp_path, item("0.5 V", "1 ms"))
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("warning: ")]
    assert told
    assert len(set(told)) == len(told)
    log = (result.directory / "log.txt").read_text()
    assert all(line in log for line in told)
    assert "finished: done" in log


def test_no_steps_at_all(tmp_path: Path) -> None:
    result = run(tmp_path, item("0.5 V", "1 ms"), sets=["numerics.max_steps=0"])
    assert (result.status, result.summary()["steps"], result.times.tolist()) == ("interrupted", 0, [0.0])


def test_a_solver_that_fails_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed solve, and a field out of bounds, are steps to be tried again, not the end."""
    whole = run(tmp_path / "whole", item("0.5 V", "5 ms"))
    advance, calls = StaggeredStepper.advance, 0

    def moody(self: StaggeredStepper, past: Sequence[State], dt: float) -> AttemptedStep:
        nonlocal calls
        calls += 1
        if calls % 7 == 0:
            raise SolveFailed("a whim")
        step = advance(self, past, dt)
        if calls % 11 == 0:
            step.state.fields["xi"] = step.state["xi"] + (np.nan if calls % 2 else 0.01)
        return step

    monkeypatch.setattr(StaggeredStepper, "advance", moody)
    result = run(tmp_path / "moody", item("0.5 V", "5 ms"))
    sound(result)
    assert result.summary()["rejected_steps"] > calls // 7
    last = "Charge density [C.m-2]"
    assert result.history[last][-1] == pytest.approx(whole.history[last][-1], rel=2e-3)
    assert "a whim" in (result.directory / "log.txt").read_text()


def test_a_solver_that_fails_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    advance = StaggeredStepper.advance

    def tired(self: StaggeredStepper, past: Sequence[State], dt: float) -> AttemptedStep:
        if len(past) == 3:
            raise SolveFailed("no more")
        return advance(self, past, dt)

    monkeypatch.setattr(StaggeredStepper, "advance", tired)
    with pytest.raises(CannotGoOn, match=r"(?s)t = .* s, step 2: .*no more.*try:"):
        run(tmp_path, item("0.5 V", "5 ms"))
    result = femna.open_run(tmp_path / "run")
    assert result.status == "failed"
    assert result.summary()["steps"] == result.manifest["steps"] == 2
    assert result.summary()["rejected_steps"] > 10
    assert checkpoint.load_newest(result.directory).step == 2
    assert result.times[-1] == result.history["Time [s]"][-1]


@pytest.mark.parametrize(
    ("trouble", "tolerance", "advice"),
    [("solver", "1e-3", "a smaller"), ("solver", "1e-30", "a larger"), ("error", "1e-3", "a larger")],
)
def test_a_tolerance_that_cannot_be_met_should_be_larger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str, tolerance: str, advice: str
) -> None:
    def advance(*_: object) -> AttemptedStep:
        raise SolveFailed("no more")

    if trouble == "error":
        monkeypatch.setattr(simulation.StepControl, "accepts", lambda *_: False)
        monkeypatch.setattr(simulation.StepControl, "after_rejection", lambda control, dt, _: control.after_failure(dt))
    else:
        monkeypatch.setattr(StaggeredStepper, "advance", advance)
    with pytest.raises(CannotGoOn, match=f"try: {advice} numerics.tolerance, a smaller numerics.cell_size"):
        run(tmp_path, item("0.5 V", "20 ms"), sets=[f"numerics.tolerance={tolerance}"])


def test_no_potential_to_start_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> State:
        raise SolveFailed("reason -3")

    monkeypatch.setattr(StaggeredStepper, "start", fail)
    with pytest.raises(CannotGoOn, match=r"no potential can be found at 0\.5 V"):
        run(tmp_path, item("0.5 V", "5 ms"))
    assert femna.open_run(tmp_path / "run").status == "failed"


def test_an_end_that_never_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_limits, "LONGEST_TIME", 1.0)
    with pytest.raises(CannotGoOn, match=r"protocol step 2 does not come to its end"):
        run(tmp_path, item("0.5 V", "1 ms"), item("0 V", "1 Ah/cm^2"))


def test_a_defect_is_shown_and_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> AttemptedStep:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(StaggeredStepper, "advance", fail)
    with pytest.raises(ZeroDivisionError):
        run(tmp_path, item("0.5 V", "5 ms"))
    result = femna.open_run(tmp_path / "run")
    assert (result.status, result.manifest["reason"]) == ("failed", "ZeroDivisionError: a defect")


def test_a_step_that_a_signal_cannot_wait_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up between two of its solves; the run stands at the step before."""
    advance = StaggeredStepper.advance

    def slow(self: StaggeredStepper, past: Sequence[State], dt: float) -> AttemptedStep:
        if len(past) == 3:
            signal.raise_signal(signal.SIGTERM)
        return advance(self, past, dt)

    monkeypatch.setattr(StaggeredStepper, "advance", slow)
    monkeypatch.setattr(Interrupts, "overdue", lambda self: bool(self.received))
    with pytest.raises(Interrupted, match="SIGTERM received; a checkpoint is written"):
        run(tmp_path, item("0.5 V", "5 ms"))
    result = femna.open_run(tmp_path / "run")
    assert (result.status, result.summary()["steps"]) == ("interrupted", 2)
    assert checkpoint.load_newest(result.directory).step == 2
