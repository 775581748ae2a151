"""A mode of the protocol is one class: what is registered from outside works in cases like those of femna."""

from collections.abc import Callable, Iterator
from typing import ClassVar, Literal

import pytest

from femna.case import Case
from femna.case.modes import ProtocolMode, mode_names, register
from femna.case.modes.protocol_mode import MODES
from femna.case.read import read_case_text
from femna.case.sections import Kinetics
from femna.case.until import UntilKind
from femna.derived.parameters import derive
from femna.quantities import Quantity
from femna.units import FARADAY


class MolarFlux(ProtocolMode):
    """Sodium a time and area, mol/(m^2 s)."""

    name: ClassVar[str] = "flux"
    quantity: ClassVar[Quantity | None] = Quantity("mol/m^2/s", above=0)
    fixes: ClassVar[Literal["voltage", "current"]] = "current"
    ends: ClassVar[tuple[UntilKind, ...]] = ("time", "height")

    def kinetic_current(self, value: float, kinetics: Kinetics, thermal_voltage: float) -> float:
        return FARADAY * value


@pytest.fixture
def flux() -> Iterator[None]:
    register(MolarFlux)
    yield
    del MODES["flux"]


def step(value: str = "1 umol/m^2/s", until: str = "1 h") -> str:
    return f"protocol=[{{mode='flux', value='{value}', until='{until}'}}]"


@pytest.mark.usefixtures("flux")
def test_a_protocol_has_a_mode_from_outside(loaded: Callable[..., Case]) -> None:
    case = loaded("model=two_potential", step())
    (only,) = case.steps()
    assert (only.mode, only.value, only.until.kind) == ("flux", pytest.approx(1e-6), "time")
    assert derive(case).kinetic_current == pytest.approx(FARADAY * 1e-6)
    assert read_case_text(case.to_toml(), "copy") == case


@pytest.mark.usefixtures("flux")
def test_its_value_its_ends_and_its_models_are_asked(refused: Callable[..., str]) -> None:
    assert "value is '1 A/m^2' ('A/m^2' does not convert to mol/m^2/s)" in refused(step("1 A/m^2"))
    line = refused("model=two_potential", step(until="1 V"))
    assert line.endswith("until is a voltage, which does not end a flux; allowed: a duration, a height")
    assert refused(step()).endswith(
        "mode is 'flux', which needs model = 'two_potential'; allowed: 'voltage' with single_potential"
    )
    nothing = refused("model=two_potential", "kinetics.exchange_current_density=0", step())
    assert "nothing else carries" in nothing


def test_where_it_is_not_registered_nobody_knows_it(refused: Callable[..., str]) -> None:
    assert "mode is 'flux'; allowed: 'voltage', 'current' or 'rest'; closest:" in refused(step())


def test_the_modes_and_the_models_that_take_them() -> None:
    assert mode_names() == mode_names("two_potential") == ("voltage", "current", "rest")
    assert mode_names("single_potential") == ("voltage",)
    with pytest.raises(ValueError, match="there is a mode 'rest' already"):
        register(type(MODES["rest"]))
