"""Units: text in, SI floats out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from femna.units import COMMON, FARADAY, UnitError, split, to_si, which_unit


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("10 um", "m", 1e-5),
        ("1.5 µm", "m", 1.5e-6),
        ("0.5 mA/cm^2", "A/m^2", 5.0),
        ("0.3 A m^-2", "A/m^2", 0.3),
        ("25 degC", "K", 298.15),
        ("-10 °C", "K", 263.15),
        ("1 mAh/cm^2", "C/m^2", 36000.0),
        ("75 ohm*cm^2", "ohm*m^2", 7.5e-3),
        ("1 mol/L", "mol/m^3", 1000.0),
        ("90 deg", "rad", math.pi / 2),
        ("5 %", "", 0.05),
        ("0.4", "", 0.4),
        ("-3e-2V", "V", -0.03),
        ("1 h", "s", 3600.0),
        ("31.18 kJ/mol", "J/mol", 31180.0),
    ],
)
def test_quantities_become_exactly_the_si_float(text: str, unit: str, value: float) -> None:
    assert to_si(text, unit) == value


def test_an_energy_per_particle_serves_as_a_molar_one() -> None:
    assert to_si("1 eV", "J/mol") == pytest.approx(FARADAY, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("3 kg", "m", "'kg' does not convert to m"),
        ("3", "m", "has no unit"),
        ("3 furlongz", "m", "'furlongz' is not understood"),
        ("um", "m", "no number"),
        ("", "m", "no number"),
        ("3 m +", "m", "not understood"),
        ("3 __import__('os')", "m", "not understood"),
        ("3 m", "", "does not convert to a plain number"),
        ("20 degC", "m", "does not convert"),
        ("1 2 m", "m", "not understood"),
    ],
)
def test_what_is_no_such_quantity_is_refused_with_the_reason(text: str, unit: str, why: str) -> None:
    with pytest.raises(UnitError, match=why):
        to_si(text, unit)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["m", "A/m^2", "m^3/(J*s)", "K"]))
def test_a_written_si_value_reads_back_bit_for_bit(value: float, unit: str) -> None:
    assert to_si(f"{value!r} {unit}", unit) == value


@given(st.floats(1e-6, 1e6), st.sampled_from([("um", "m", 1e-6), ("mA/cm^2", "A/m^2", 10.0), ("min", "s", 60.0)]))
def test_units_only_scale(value: float, units: tuple[str, str, float]) -> None:
    given_unit, si, factor = units
    assert to_si(f"{value!r} {given_unit}", si) == pytest.approx(value * factor, rel=1e-14)


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        to_si(text, "m")
    except UnitError:
        return
    number, _ = split(text)
    float(number)


def test_non_finite_values_are_passed_on_for_the_caller_to_refuse() -> None:
    assert math.isnan(to_si("nan m", "m"))
    assert math.isinf(to_si("1e999 um", "m"))


def test_which_unit_finds_the_dimension() -> None:
    units = ["s", "C/m^2", "V", "m"]
    assert [which_unit(text, units) for text in ("1 h", "1 mAh/cm^2", "3 mV", "2 um")] == units
    assert which_unit("3 kg", units) is None
    with pytest.raises(UnitError, match="no unit"):
        which_unit("3", units)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        *((f"0.5 {unit}", "A/m^2", 5.0) for unit in ("mA·cm⁻²", "mA cm-2", "mA cm⁻²", "mA/cm2", "mA/cm²", "mA cm−2")),
        *((f"0.5 {unit}", "A/m^2", 5.0) for unit in ("mA⋅cm^-2", "mA × cm**-2", "mA cm^−2", "mA*cm-2")),
        ("2 A/m2", "A/m^2", 2.0),
        *((f"75 {unit}", "ohm*m^2", 7.5e-3) for unit in ("Ohm cm2", "Ω·cm²", "Ohm*cm^2", "OHM cm²", "ohms cm2")),
        ("75 \u2126 cm²", "ohm*m^2", 7.5e-3),  # the ohm sign, not the letter
        ("0.075 kOhm cm2", "ohm*m^2", 7.5e-3),
        ("5 mS cm-1", "S/m", 0.5),
        ("2e-6 cm²s⁻¹", "m^2/s", 2e-10),
        ("1 mol dm-3", "mol/m^3", 1000.0),
        ("1 mAh cm-2", "C/m^2", 36000.0),
        ("1 mA h/cm2", "C/m^2", 36000.0),
        ("23.75 cm3/mol", "m^3/mol", 23.75e-6),
        ("1 /um^2", "1/m^2", 1e12),
        ("1 1/um2", "1/m^2", 1e12),
        ("6.25e-6 m3/(J s)", "m^3/(J*s)", 6.25e-6),
        *((f"25 {unit}", "K", 298.15) for unit in ("C", "°C", "℃", "degC")),
        ("77 F", "K", 298.15),
        ("1 C/m2", "C/m^2", 1.0),
        ("1 h 30 min", "s", 5400.0),
        ("1h30min", "s", 5400.0),
        ("1:30:00", "s", 5400.0),
        ("100:00:00.5", "s", 360000.5),
        ("1 day, 2 hours and 3 s", "s", 93603.0),
        ("1.5 h 0.1 s", "s", 5400.1),
    ],
)
def test_units_as_figures_print_them(text: str, unit: str, value: float) -> None:
    assert to_si(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("0,5 mA/cm^2", "A/m^2", "a decimal comma; write '0.5 mA/cm.2'"),
        ("0,5", "", "a decimal comma; write '0.5'"),
        (",5 V", "V", "a decimal comma; write '.5 V'"),
        ("1,5e-3 V", "V", "a decimal comma; write '1.5e-3 V'"),
        ("1,000.5 um", "m", "commas in a number; write '1000.5 um'"),
        ("1.000,5 um", "m", "a decimal comma; write '1000.5 um'"),
        ("1:30", "s", "hours or minutes. write '1:30:00', or '1 min 30 s'"),
        ("3 m 2", "m", "'m 2' is not understood"),
        ("3 2 m", "m", "'2 m' is not understood"),
        ("1 h 30", "s", "'h 30' is not understood"),
        ("1 h 30 min", "m", "'s' does not convert to m"),
        ("25 C", "V", "'C' does not convert to V"),
    ],
)
def test_what_may_be_meant_otherwise_is_refused(text: str, unit: str, why: str) -> None:
    with pytest.raises(UnitError, match=why):
        to_si(text, unit)


def test_a_duration_of_several_parts_says_its_kind() -> None:
    found = [which_unit(text, ["s", "C/m^2", "V", "m"]) for text in ("1 h 30 min", "1:30:00", "1 mAh cm-2", "20 um")]
    assert found == ["s", "s", "C/m^2", "m"]


@pytest.mark.parametrize(("given", "unit"), COMMON)
def test_units_that_need_no_pint_have_its_values(given: str, unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit, whatever the digits; and the first unit that fits is the same."""
    numbers = ("1", "0.1", "-3.7", "+.3", "5.", "1e-3", "6.02214076E23", "23.7812345678901234567", "1e-320", "7e310")
    units = ("s", "C/m^2", "V", "m", "A/m^2", "K", unit)
    shortcut = [to_si(f"{number} {given}", unit) for number in numbers], which_unit(f"1 {given}", units)
    monkeypatch.setattr("femna.units.COMMON", {})
    assert shortcut == ([to_si(f"{number} {given}", unit) for number in numbers], which_unit(f"1 {given}", units))
