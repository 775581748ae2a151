"""Steps and ends that only a cell with two potentials has: currents, voltages that end a step, a cell that is over."""

from __future__ import annotations

import math
import signal
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import femna
from femna.analysis.runs import Run
from femna.contract.state import State
from femna.contract.step import AttemptedStep
from femna.runtime.run import resume
from femna.runtime.signals import Interrupted, Interrupts
from femna.timestepping.lagged_front import LaggedFrontStepper
from femna.validation.load import load_case

pytestmark = pytest.mark.serial

GEL = """
title = "a flat front under a gel"
model = "two_potential"
[geometry]
dim = 1
front_zone = "3 um"
[layer.anode]
material = "na"
thickness = "1.5 um"
[layer.electrolyte]
material = "gpe"
thickness = "10 um"
[interface]
width = "0.2 um"
energy = "0.22 J/m^2"
[kinetics]
exchange_current_density = "100 A/m^2"
[output]
interval = "100 s"
"""


def run(folder: Path, *steps: str, sets: tuple[str, ...] = ()) -> Run:
    """A run of the cell through these steps, each `current in mA/cm^2, end`."""
    pairs = [step.split(", ") for step in steps]
    text = ", ".join(f'{{mode="current", value="{current} mA/cm^2", until="{end}"}}' for current, end in pairs)
    folder.mkdir(exist_ok=True)
    path = folder / "gel.toml"
    path.write_text(GEL + "[[protocol]]\nmode = 'rest'\nuntil = '1 s'\n")
    return femna.run(load_case(path, [f"protocol=[{text}]", *sets]), folder / "run")


def test_a_voltage_is_met_in_time(tmp_path: Path) -> None:
    """The salt's polarisation rises from 99 mV through 110 mV, at a third of the current that empties it."""
    voltage = run(tmp_path, "60, 110 mV").history["Cell voltage [V]"]
    assert voltage[0] < 0.1
    assert voltage[-1] == pytest.approx(0.11, rel=1e-6)
    assert np.all(voltage[:-1] < 0.11)


def test_ends_late_in_a_run_are_met_and_stored(tmp_path: Path) -> None:
    """After a rest of 30 d steps of 1 ms end where they should, at once, and their ends are stored; resumed too."""
    begin, late = 30.0 * 86400.0, ("0, 30 d", "0.5, 1 ms", "-0.5, 1 ms", "0.5, 0.1 C/m^2", "0, 1 us")
    output = ("output.interval=100 d",)
    result = run(tmp_path / "whole", *late, sets=output)
    assert result.status == "finished"
    assert result.summary()["rejected_steps"] == 0
    sizes, times = result.history["Time step [s]"], result.history["Time [s]"]
    assert result.times - begin == pytest.approx([-begin, 0.0, 1e-3, 2e-3, 22e-3, 22e-3 + 1e-6], abs=5e-9)
    steps = [math.fsum(sizes[(times > low + 1e-8) & (times <= high + 1e-8)]) for low, high in pairwise(result.times)]
    assert steps == pytest.approx([begin, 1e-3, 1e-3, 20e-3, 1e-6], rel=1e-9)
    assert sizes[times > begin + 1e-8].min() == pytest.approx(1e-6, rel=1e-9)
    limit = int(np.flatnonzero(times > begin + 1e-8)[0])  # within the first short step
    part = run(tmp_path / "part", *late, sets=(*output, f"numerics.max_steps={limit}"))
    again = femna.open_run(resume(part.directory, ["numerics.max_steps=1000"]))
    assert again.times == pytest.approx(result.times, abs=1e-12)
    assert again.history["Time step [s]"] == pytest.approx(sizes, rel=1e-9)


def test_a_reversal_under_a_strict_tolerance(tmp_path: Path) -> None:
    """The salt's room is that of an extrapolated front: with it corrected at once c~ jumped in a step however short."""
    result = run(tmp_path, "30, 3 s", "-30, 1 s", sets=("numerics.tolerance=1e-5",))
    assert result.status == "finished"
    assert result.summary()["sodium_balance_error"] < 1e-10


def test_a_step_begins_with_its_own_voltage(tmp_path: Path) -> None:
    """The step before ended at 110 mV, above the 90 mV that end this one: it has to be gone through all the same."""
    result = run(tmp_path, "60, 110 mV", "20, 90 mV", sets=("numerics.max_steps=60",))
    assert result.status == "interrupted"
    current = result.history["Counter current [A.m-2]"]
    assert current[-1] == pytest.approx(200.0, rel=1e-9)
    assert (current < 300.0).sum() > 5


def test_a_counter_electrode_is_used_up(tmp_path: Path) -> None:
    result = run(tmp_path, "5, 1 h", sets=("counter={kind='metal', thickness='0.2 um'}",))
    assert result.status == "finished"
    end = result.manifest["counter_exhausted_charge_C_m2"]
    charge = result.history["Charge density [C.m-2]"]
    assert charge[-1] == end == pytest.approx(96485.33212 / 23.75e-6 * 0.2e-6, rel=1e-6)
    assert result.summary()["counter_exhausted_time_s"] == result.history["Time [s]"][-1]


def test_a_short_circuit_ends_the_run(tmp_path: Path) -> None:
    sets = ("layer.electrolyte.thickness=1 um", "geometry.front_zone=2.5 um")
    result = run(tmp_path, "5, 1 h", "-5, 1 h", sets=sets)
    assert result.status == "finished"
    heights = result.history["Maximum height [m]"]
    assert heights[-2] < 2.3e-6 <= heights[-1]
    assert result.summary()["short_circuit_time_s"] == result.history["Time [s]"][-1]
    assert np.all(result.history["Counter current [A.m-2]"] > 0.0)


def test_a_film_on_a_mixed_conductor_shorts_the_cell(tmp_path: Path) -> None:
    """Electrons reach it through the layer. Once metal touches the counter a step more would find no electrolyte."""
    sets = [
        "geometry.dim=1",
        "geometry.front_zone=3.6 um",
        "layer.electrolyte.thickness=0.6 um",
        'protocol=[{mode="current", value="1 mA/cm^2", until="1 mAh/cm^2"}]',
    ]
    result = femna.run(load_case("mci-top", sets), tmp_path / "run")
    assert result.status == "finished"
    heights = result.history["Maximum height [m]"]
    assert np.all(np.diff(heights) > -1e-9)
    assert heights[-2] < 3.5e-6 <= heights[-1]
    assert result.summary()["short_circuit_charge_C_m2"] == result.history["Charge density [C.m-2]"][-1]


def test_what_a_step_may_take_of_a_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of the front is the tolerance at three quarters of a node's metal or room, and goes with the cube."""
    errors, advance = [], LaggedFrontStepper.advance

    def watched(self: LaggedFrontStepper, past: Sequence[State], dt: float) -> AttemptedStep:
        step = advance(self, past, dt)
        errors.append(step.errors["front"])
        return step

    monkeypatch.setattr(LaggedFrontStepper, "advance", watched)
    monkeypatch.setattr(LaggedFrontStepper, "_loss", lambda *_: 0.74)
    run(tmp_path, "5, 1 s", sets=("numerics.max_steps=3",))
    assert min(errors) == pytest.approx(1e-3 * (0.74 / 0.75) ** 3, rel=1e-12)


def test_a_step_that_a_signal_cannot_wait_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up between two iterations of Newton's method; the run stands at the step before."""
    advance = LaggedFrontStepper.advance

    def slow(self: LaggedFrontStepper, past: Sequence[State], dt: float) -> AttemptedStep:
        if len(past) == 3:
            signal.raise_signal(signal.SIGTERM)
        return advance(self, past, dt)

    monkeypatch.setattr(LaggedFrontStepper, "advance", slow)
    monkeypatch.setattr(Interrupts, "overdue", lambda self: bool(self.received))
    with pytest.raises(Interrupted, match="SIGTERM received; a checkpoint is written"):
        run(tmp_path, "60, 110 mV")
    assert femna.open_run(tmp_path / "run").summary()["steps"] == 2
