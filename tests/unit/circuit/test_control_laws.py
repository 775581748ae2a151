"""What the outer circuit holds in each mode of a protocol step, and in one from outside femna."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from femna.case.modes import mode_named, mode_names
from femna.case.protocol import ProtocolStep
from femna.circuit import control_laws
from femna.circuit.control_law import StepControlLaw
from femna.circuit.control_laws import control_law, register_control_law
from femna.contract.cell_state import CellState
from femna.contract.control import Control

BEGIN = CellState(time=5.0, charge=-300.0, height=10e-6, voltage=0.1)


@pytest.mark.parametrize(
    ("keys", "control"),
    [
        ({"mode": "voltage", "value": "300 mV"}, Control("voltage", 0.3)),
        ({"mode": "voltage", "value": "-0.2 V"}, Control("voltage", -0.2)),
        ({"mode": "current", "value": "0.5 mA/cm^2"}, Control("current", 5.0)),
        ({"mode": "current", "value": "-0.5 mA/cm^2"}, Control("current", -5.0)),
        ({"mode": "rest"}, Control("current", 0.0)),
    ],
)
def test_a_mode_holds_the_same_all_the_time(keys: dict[str, str], control: Control) -> None:
    law = control_law(ProtocolStep(**keys, until="1 h"), BEGIN)
    assert law.mode == keys["mode"]
    assert law.is_constant
    assert [law.control(elapsed) for elapsed in (0.0, 1e-9, 3600.0)] == [control] * 3


def test_every_mode_of_a_case_has_its_law() -> None:
    for mode in mode_names():
        value = {"value": 1.0} if mode_named(mode).quantity is not None else {}
        assert control_law(ProtocolStep(mode=mode, until="1 s", **value), BEGIN).mode == mode


class Ramp(StepControlLaw):
    """From the voltage at which the step began, by `value` V/s."""

    mode = "ramp"
    is_constant = False

    def control(self, elapsed: float) -> Control:
        return Control("voltage", self.begin.voltage + self.step.value * elapsed)


def test_a_law_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    step: Any = SimpleNamespace(mode="ramp", value=0.02)
    monkeypatch.setattr(control_laws, "_registered", {})
    with pytest.raises(LookupError, match="ramp"):  # a subclass that nobody has registered is none of femna's
        control_law(step, BEGIN)
    register_control_law(Ramp)
    law = control_law(step, BEGIN)
    assert not law.is_constant
    assert law.control(0.0) == Control("voltage", 0.1)
    assert law.control(10.0).value == pytest.approx(0.3)
    # those of femna are still there
    assert control_law(ProtocolStep(mode="rest", until="1 h"), BEGIN).control(0.0) == Control("current", 0.0)
