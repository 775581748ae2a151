"""A mode of the protocol is two classes, what a case may say and what the circuit does: here a voltage ramp."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

import pytest

import femna
from femna.case.modes import ProtocolMode, register
from femna.case.modes.protocol_mode import MODES
from femna.case.sections import Kinetics
from femna.circuit import control_laws
from femna.circuit.control_law import StepControlLaw
from femna.circuit.control_laws import register_control_law
from femna.contract.control import Control
from femna.quantities import Quantity
from femna.runtime.run import resume

pytestmark = pytest.mark.serial

CASE = Path(__file__).parents[2] / "small.toml"
RATE = 20.0


class Ramp(ProtocolMode):
    """The voltage rises from what it was by `value` V/s."""

    name: ClassVar[str] = "ramp"
    quantity: ClassVar[Quantity | None] = Quantity("V/s")
    models: ClassVar[tuple[str, ...]] = ("single_potential", "two_potential")
    fixes: ClassVar[Literal["voltage", "current"]] = "voltage"
    is_constant: ClassVar[bool] = False

    def kinetic_current(self, value: float, kinetics: Kinetics, thermal_voltage: float) -> float:
        return kinetics.exchange_current_density


class RampControl(StepControlLaw):
    """V = V(begin) + rate t."""

    mode = "ramp"
    is_constant = False

    def control(self, elapsed: float) -> Control:
        return Control("voltage", self.begin.voltage + self.step.value * elapsed)


@pytest.fixture
def ramp(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(control_laws, "_registered", {})
    register_control_law(RampControl)
    register(Ramp)
    yield
    del MODES["ramp"]


@pytest.mark.usefixtures("ramp")
def test_a_run_with_it(tmp_path: Path) -> None:
    """After a constant 0.2 V it begins there, and each row has the voltage of its own time, after a resume too."""
    steps = f"{{mode='voltage', value='0.2 V', until='2 ms'}}, {{mode='ramp', value='{RATE} V/s', until='15 ms'}}"
    sets = ["geometry.dim=1", "interface.barrier_ratio=0.3", f"protocol=[{steps}]"]
    half = femna.run(femna.load_case(CASE, [*sets, "numerics.max_steps=40"]), tmp_path / "run")
    assert half.history["Time [s]"][-1] > 2e-3
    run = femna.open_run(resume(half.directory, ["numerics.max_steps=100000"]))
    assert run.status == "finished"
    time, voltage = run.history["Time [s]"], run.history["Cell voltage [V]"]
    rises = time > 2e-3 * (1.0 + 1e-9)
    assert voltage[rises] == pytest.approx(0.2 + RATE * (time[rises] - 2e-3), rel=1e-9)
    assert voltage[~rises] == pytest.approx(0.2)
    assert voltage[-1] == pytest.approx(0.5)
