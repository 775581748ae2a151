"""Ends of protocol steps: when they are met, and by which step."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from femna.case.protocol import ProtocolStep
from femna.circuit.termination import CLOSENESS, Termination
from femna.contract.cell_state import CellState

BEGIN = CellState(time=5.0, charge=-300.0, height=10e-6)


def after(elapsed: float, charge: float, height: float) -> CellState:
    """Where a cell stands so long after BEGIN."""
    return CellState(BEGIN.time + elapsed, charge, height, elapsed=elapsed)


def end(kind: str, value: float, drive: float = 0.1) -> Termination:
    return Termination(kind, value, BEGIN, drive)


def test_of_a_case_s_step() -> None:
    step = ProtocolStep(mode="voltage", value="-0.2 V", until="8 um")
    made = Termination.of(step, BEGIN)
    assert (made.kind, made.value, made.begin, made.drive) == ("height", pytest.approx(8e-6), BEGIN, -0.2)


def test_a_duration_is_met_however_late_in_a_run() -> None:
    """After 30 d two simulated times that are 1 ms apart differ by 1 ms to 2e-7 only, more than the closeness."""
    begin = 30.0 * 86400.0
    assert abs((begin + 1e-3 - begin) / 1e-3 - 1.0) > CLOSENESS
    wanted = Termination("time", 1e-3, CellState(begin, 0.0, 0.0))
    assert wanted.met(CellState(begin + 1e-3, 0.0, 0.0, elapsed=1e-3))
    assert wanted.remaining_time(CellState(begin + 4e-4, 0.0, 0.0, elapsed=4e-4)) == pytest.approx(6e-4, rel=1e-15)


def test_a_duration_counts_from_the_beginning() -> None:
    wanted = end("time", 2.0)
    assert wanted.remaining_time(after(1.5, 0.0, 0.0)) == 0.5
    assert not wanted.met(after(1.9, 0.0, 0.0))
    assert wanted.met(after(2.0, 0.0, 0.0))
    assert end("charge", 2.0).remaining_time(BEGIN) is None


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_charge_counts_from_the_beginning_whatever_its_sign(sign: float) -> None:
    wanted = end("charge", 50.0)
    assert wanted.progress(CellState(6.0, -300.0 + sign * 20.0, 0.0)) == pytest.approx(0.4)
    assert wanted.met(CellState(6.0, -300.0 + sign * 50.0, 0.0))


@pytest.mark.parametrize(
    ("value", "drive", "at", "progress"),
    [
        (12e-6, 0.3, 11e-6, 0.5),  # plating, from below
        (8e-6, -0.3, 9.5e-6, 0.25),  # stripping, from above
        (12e-6, 0.3, 9e-6, -0.5),  # the wrong way
        (8e-6, 0.3, 10e-6, 1.0),  # beyond it already
        (12e-6, -0.3, 10e-6, 1.0),
        (10e-6, 0.3, 10e-6, 1.0),
    ],
)
def test_a_height_is_met_from_the_side_of_the_drive(value: float, drive: float, at: float, progress: float) -> None:
    assert end("height", value, drive).progress(CellState(6.0, 0.0, at)) == pytest.approx(progress)


@pytest.mark.parametrize(
    ("value", "drive", "at", "progress"),
    [
        (0.3, 50.0, 0.2, 0.5),  # a current that deposits raises the voltage
        (-0.1, -50.0, 0.0, 0.5),  # one that strips lowers it
        (0.3, 50.0, 0.05, -0.25),  # the wrong way
        (0.05, 50.0, 0.1, 1.0),  # beyond it already
        (0.3, -50.0, 0.1, 1.0),
        (0.1, 50.0, 0.1, 1.0),
        (0.0, 0.0, 0.05, 0.5),  # at rest, from above
        (0.3, 0.0, 0.2, 0.5),  # and from below
    ],
)
def test_a_voltage_is_met_from_the_side_of_the_drive(value: float, drive: float, at: float, progress: float) -> None:
    wanted = Termination("voltage", value, CellState(5.0, -300.0, 10e-6, 0.1), drive)
    assert wanted.progress(CellState(6.0, 0.0, 0.0, at)) == pytest.approx(progress)
    assert wanted.remaining_time(BEGIN) is None


def test_a_voltage_that_is_overshot_is_met_by_a_shorter_step() -> None:
    wanted = Termination("voltage", 0.3, CellState(0.0, 0.0, 0.0, 0.1), 50.0)
    before, after = (CellState(time, 0.0, 0.0, voltage) for time, voltage in ((1.0, 0.2), (2.0, 0.4)))
    assert wanted.shorter_step(before, after, 1.0) == pytest.approx(0.5)
    assert not wanted.met(before)
    assert wanted.met(CellState(1.5, 0.0, 0.0, 0.3))


def test_a_kind_that_does_not_exist_is_a_defect() -> None:
    with pytest.raises(AttributeError, match="temper"):
        end("temper", 1.0).progress(BEGIN)


@given(rate=st.floats(0.1, 10.0), bend=st.floats(-0.5, 3.0), dt=st.floats(0.01, 10.0))
def test_shorter_steps_find_the_end_in_time(rate: float, bend: float, dt: float) -> None:
    """A charge that passes unevenly, q = rate t + bend rate t^2: met to the closeness, in few steps, and not passed."""
    wanted, charge = end("charge", 1.0), lambda t: -300.0 + rate * (t + max(bend, -0.2 * rate) * t * t)
    time, steps, size = 0.0, 0, dt
    while not wanted.met(after(time, charge(time), 0.0)):
        steps += 1
        assert steps < 5000
        shorter = wanted.shorter_step(*(after(t, charge(t), 0.0) for t in (time, time + size)), size)
        if shorter is None:
            time, size = time + size, dt
        else:
            assert 0.0 < shorter < size
            size = shorter
    assert abs(wanted.progress(after(time, charge(time), 0.0)) - 1.0) <= CLOSENESS * (1 + 1e-6)


def test_a_height_that_jumps_is_met_in_time() -> None:
    """From 3 to 7 um at t = 1.3 s, without anything between: no step ends at 5 um."""
    wanted, height = end("height", 15e-6), lambda t: 13e-6 if t < 1.3 else 17e-6
    time, tries, size = 1.0, 0, 0.5
    while not wanted.met(after(time, 0.0, height(time))):
        tries += 1
        assert tries < 500
        shorter = wanted.shorter_step(
            after(time, 0.0, height(time)), after(time + size, 0.0, height(time + size)), size
        )
        if shorter is None:
            time += size
        else:
            size = shorter
    assert time == pytest.approx(1.3, rel=2e-7)


def test_a_step_that_does_not_get_there_stands() -> None:
    wanted = end("charge", 50.0)
    assert wanted.shorter_step(BEGIN, CellState(6.0, -260.0, 0.0), 1.0) is None
    assert wanted.shorter_step(BEGIN, CellState(6.0, -250.0, 0.0), 1.0) is None
    assert math.isclose(wanted.shorter_step(BEGIN, CellState(6.0, -200.0, 0.0), 1.0) or 0.0, 0.5)


def test_a_step_that_falls_short_of_an_end_that_another_overshot() -> None:
    """The end lies between the two, on a straight line; without the other, or far from the end, there is none."""
    wanted = end("height", 12e-6)
    short, beyond = CellState(6.0, 0.0, 11.999e-6), CellState(6.1, 0.0, 12.003e-6)
    assert wanted.longer_step(short, 1.0, (1.1, beyond)) == pytest.approx(1.025)
    assert wanted.longer_step(short, 1.0, None) is None
    assert wanted.longer_step(CellState(6.0, 0.0, 11e-6), 1.0, (1.1, beyond)) is None
    assert wanted.longer_step(CellState(6.0, 0.0, 12e-6), 1.0, (1.1, beyond)) is None
