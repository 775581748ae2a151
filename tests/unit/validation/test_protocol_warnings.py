"""What a protocol asks of a cell: a number for each, a warning where it is too much, a refusal where it is absurd."""

from __future__ import annotations

import math

import pytest

from femna.derived.parameters import derive
from femna.derived.protocol_numbers import STEP_ADVANCE, known_charges, largest_current, least_steps, ohmic_drops
from femna.errors import BadInput
from femna.timestepping.lagged_front import LARGEST_ADVANCE
from femna.units import FARADAY
from femna.validation.load import load_case
from femna.validation.protocol_warnings import protocol_warnings

CELL = (
    *("model=two_potential", "interface={width='1 um'}", "transport={kind='binary'}"),
    *("layer.anode.thickness=20 um", "layer.electrolyte.thickness=50 um", "output={interval='5 min'}"),
)


def current(*steps: str) -> str:
    return f"protocol=[{', '.join(f'{{mode="current", {step}}}' for step in steps)}]"


HOUR = current("value=5, until='1 h'")


def told(*sets: str) -> list[str]:
    return list(protocol_warnings(load_case("planar", [*CELL, HOUR, *sets])))


def test_an_ordinary_hour_is_told_nothing() -> None:
    assert told() == []


def test_more_metal_than_room() -> None:
    """100 mAh/cm^2 are 3.6e6 C/m^2 * 23.75e-6 m^3/mol / F = 886 um; 50 um take 5.64 mAh/cm^2."""
    (line,) = told(current("value=5, until='100 mAh/cm^2'"), "output.interval=1 h")
    assert "deposits 886 um of metal, and 50 um lie between the front and the counter" in line
    assert "short circuit at 5.64 mAh/cm^2" in line


def test_more_metal_than_the_fine_mesh_has_room_for() -> None:
    (line,) = told(current("value=5, until='4 mAh/cm^2'"))
    assert "35.4 um of metal, and the mesh is fine only for 25 um above the front" in line
    assert told(current("value=5, until='4 mAh/cm^2'"), "geometry.front_zone=60 um") == []
    strips_between = current(
        "value=5, until='2 mAh/cm^2'", "value=-5, until='2 mAh/cm^2'", "value=5, until='2 mAh/cm^2'"
    )
    assert told(strips_between) == []


def test_stripping_more_than_there_is() -> None:
    (line,) = told(current("value=-5, until='3 mAh/cm^2'"))
    assert "strips 3 mAh/cm^2 (26.6 um of metal), and the anode holds 2.26 mAh/cm^2 (20 um)" in line
    back = current("value=5, until='1 mAh/cm^2'", "value=-5, until='3 mAh/cm^2'")
    assert told(back) == []
    (line,) = told("counter={kind='metal', thickness='2 um'}")
    assert "takes 0.5 mAh/cm^2 (4.43 um of metal), and the counter electrode holds 0.226 mAh/cm^2 (2 um)" in line


@pytest.mark.parametrize(("kelvin", "is_told"), [(370.9, False), (370.944, True), (400, True)])
def test_molten_sodium(kelvin: float, is_told: bool) -> None:
    assert any("sodium's melting point, 370.944 K" in line for line in told(f"temperature={kelvin}")) is is_told


def test_what_is_stored() -> None:
    (line,) = told("output.interval=2 h")
    assert "longer than the protocol (3600 s)" in line
    (line,) = told("output.interval=1 s")
    assert "about 3.6e+03 stored states, and a time step for each; 18 s would give 200" in line
    with pytest.raises(BadInput, match=r"interval is 1e-06 s: 3.6e\+09 stored states.*allowed: at least 0.0036 s"):
        told("output.interval=1 us")


SOLID = ("transport.kind=single_ion", "materials.gpe.ionic_conductivity=")


def test_an_ohmic_drop_that_is_large() -> None:
    """5 A/m^2 * 50 um / 1e-4 S/m = 2.5 V."""
    (line,) = told(SOLID[0], SOLID[1] + "1e-4")
    assert line == "layer 'electrolyte' loses 2.5 V at 5 A/m^2, by its resistance alone"
    (line,) = told("contacts.anode-electrolyte.resistance=0.5 ohm*m^2")
    assert line == "contact anode-electrolyte loses 2.5 V at 5 A/m^2, by its resistance alone"


def test_an_ohmic_drop_that_no_cell_has() -> None:
    """5 A/m^2 * 50 um / 2.5e-5 S/m = 10 V."""
    line = (
        r"value is 5 A/m\^2, at which layer 'electrolyte' loses 10 V .*; allowed: below 5 A/m\^2, which is 10 V of ohm"
    )
    with pytest.raises(BadInput, match=line):
        told(SOLID[0], SOLID[1] + "2.5e-5")
    told(SOLID[0], SOLID[1] + "2.6e-5")
    # metres in place of micrometres
    with pytest.raises(BadInput, match=r"layer 'electrolyte' loses 222 V"):
        told("layer.electrolyte.thickness=50")


def test_the_drops_of_a_stack() -> None:
    """What conducts both ions and electrons lets both carry the current; a salt conducts by its diffusivities."""
    drops = ohmic_drops(load_case("mci-top"))
    assert drops["layer 'interphase'"] == pytest.approx(5.0 * 1e-6 / (1e-5 + 2.2e-4))
    assert drops["layer 'electrolyte'"] == pytest.approx(5.0 * 12e-6 / 1.1266, rel=1e-4)
    walls = "layer.ceramic.grains={size='50 um', boundary_width='1 um', boundary_conductivity_factor=0.01}"
    plain, grained = (ohmic_drops(load_case("nzsp", sets))["layer 'ceramic'"] for sets in ([], [walls]))
    assert grained / plain == pytest.approx(1.0 + 1.0 / 50.0 * 99.0)
    assert derive(load_case("planar")).ohmic_drop_V == {}


def test_what_electrons_lead_the_current_past() -> None:
    """Metal grows on a layer that conducts electrons, and in boundaries that leak, whatever the anode's contact."""
    assert "contact anode-interlayer" not in ohmic_drops(load_case("nzsp"))
    blocked = "contacts.anode-ceramic.resistance=1000"
    leaks = "layer.ceramic.grains.boundary_electronic_conductivity=1e-2"
    assert ohmic_drops(load_case("nzsp-grains", [blocked, leaks])) == {}
    with pytest.raises(BadInput, match="contact anode-ceramic loses 500 V"):
        load_case("nzsp-grains", [blocked, "layer.ceramic.grains.boundary_electronic_conductivity=0"])


def test_charges_and_steps_that_are_known_beforehand() -> None:
    steps = current("value=5, until='1 h'", "value=-5, until='2 C/m^2'", "value=0, until='1 h'", "value=5, until='1 V'")
    case = load_case("planar", [*CELL, steps])
    assert known_charges(case) == [18000.0, 17998.0, 17998.0]
    assert largest_current(case) == 5.0
    assert math.isinf(derive(case).outputs)
    fine = load_case("planar", [*CELL, HOUR, "interface.width=0.1 um", "output.interval=1 h"])
    assert derive(fine).outputs == 3.0
    assert least_steps(fine) == pytest.approx(18000.0 * 23.75e-6 / FARADAY / (0.36 * 0.1e-6), rel=1e-3)
    assert STEP_ADVANCE == LARGEST_ADVANCE


def test_check_shows_the_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    from femna.cli.main import main

    assert main(["check", "nzsp"]) == 0
    shown = capsys.readouterr().out
    for row in ("U layer 'ceramic'", "U contact ceramic-counter", "outputs", "steps"):
        assert row in shown


def test_a_shipped_case_is_told_nothing_but_that_it_uses_its_anode_up() -> None:
    from femna.case import shipped_cases

    for info in shipped_cases():
        lines = list(protocol_warnings(load_case(info.name)))
        assert [line for line in lines if "strips" not in line] == []
        assert bool(lines) == (info.name == "nzsp-strip")
