"""Units of what comes in: a text with a unit becomes an SI float. Inside femna every number is in SI.

Constants are those of CODATA 2018. pint is imported only when a text has a unit other than the SI one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from tokenize import TokenError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pint

FARADAY = 96485.33212
"""Faraday constant, C/mol."""
GAS_CONSTANT = 8.314462618
"""Molar gas constant, J/(mol K)."""
COULOMB_PER_MAH_CM2 = 3.6e4
"""C/m^2 in one mAh/cm^2."""
AVOGADRO = 6.02214076e23
"""Avogadro constant, 1/mol."""

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf)\b)\s*(.*?)\s*", re.DOTALL)
_FINITE = re.compile(r"[+-]?[\d.]+(?:[eE][+-]?\d{1,3})?")
_UNIT = re.compile(r"[\w µμΩ°%*/^().+-]+")
_COMMAS = r"\d{1,3}(?:,\d{3})+\.\d*|\d{1,3}(?:\.\d{3})+,\d+|\d*,\d+"
_COMMA = re.compile(rf"\s*([+-]?(?:{_COMMAS})(?:[eE][+-]?\d+)?)(.*)", re.DOTALL)

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SIGNS = str.maketrans({"·": "*", "⋅": "*", "∙": "*", "×": "*", "−": "-", "–": "-", "℃": "degC", "\u2126": "ohm"})
_SUPERSCRIPT = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
_EXPONENT = re.compile(r"(?<=[^\W\d_])([+-]?\d+)")
_OHM = re.compile(r"ohms?(?![a-z])", re.IGNORECASE)
_LEFT_OUT = re.compile(r"(\^|\*\*)\s*[+-]?\d+|(?<![\d.])1\s*/")
_TEMPERATURES = {"C": "degC", "F": "degF"}
"""Units that mean a temperature where one is wanted; elsewhere they are coulomb and farad."""

SECONDS = {"d": 86400, "h": 3600, "min": 60, "s": 1}
_DURATIONS = {
    "d": "d days day",
    "h": "h hours hour hrs hr",
    "min": "min minutes minute mins",
    "s": "s seconds second sec",
}
_SECONDS = {word: SECONDS[unit] for unit, words in _DURATIONS.items() for word in words.split()}
_PART = r"(\d+(?:\.\d*)?|\.\d+)\s*(" + "|".join(sorted(_SECONDS, key=len, reverse=True)) + ")"
_PARTS = re.compile(rf"\s*{_PART}(?:\s*(?:,|and)?\s*{_PART})+\s*")
_CLOCK = re.compile(r"\s*(\d+):([0-5]\d):([0-5]\d(?:\.\d*)?)\s*")
_SHORT_CLOCK = re.compile(r"\s*(\d+):(\d+(?:\.\d*)?)\s*")

COMMON: dict[tuple[str, str], str] = {
    (given, unit): factor
    for unit, factors in {
        "m": "nm 1e-9 um 1e-6 µm 1e-6 mm 1e-3 cm 1e-2",
        "s": "ms 1e-3 min 60 h 3600",
        "V": "mV 1e-3",
        "A/m^2": "mA/cm^2 10 A/cm^2 1e4",
        "C/m^2": "mAh/cm^2 3.6e4",
        "S/m": "mS/cm 0.1 S/cm 100",
        "m^2/s": "cm^2/s 1e-4",
        "mol/m^3": "mol/L 1e3",
        "m^3/mol": "cm^3/mol 1e-6",
        "ohm*m^2": "ohm*cm^2 1e-4",
        "Pa": "MPa 1e6 GPa 1e9",
        "kg/m^3": "g/cm^3 1e3",
        "kg/mol": "g/mol 1e-3",
        "J/mol": "kJ/mol 1e3",
        "K": "degC 1",
    }.items()
    for given, factor in zip(factors.split()[::2], factors.split()[1::2], strict=True)
}
"""Factors of the units that cases use most, as pint has them: loading pint takes as long as all else in a check."""
ZERO_CELSIUS = Decimal("273.15")
"""0 degC in K."""


class UnitError(ValueError):
    """The text is no number with a unit, or its unit does not convert; the message says why in a few words."""


@cache
def _registry() -> pint.UnitRegistry:
    import pint

    # decimals, so that "10 um" becomes exactly the float 1e-05
    return pint.UnitRegistry(non_int_type=Decimal)


def _in_seconds(text: str) -> str:
    """A duration of several parts ("1 h 30 min", "1:30:00") as a text in seconds; any other text as it is.

    Raises:
        UnitError: two numbers with a colon, of which nobody knows whether the first are hours.
    """
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (Decimal(part) for part in clock.groups())
        return f"{3600 * hours + 60 * minutes + seconds} s"
    if short := _SHORT_CLOCK.fullmatch(text):
        first, second = short.groups()
        raise UnitError(f"hours or minutes? write '{first}:{second}:00', or '{first} min {second} s'")
    if _PARTS.fullmatch(text):
        return f"{sum(Decimal(number) * _SECONDS[word] for number, word in re.findall(_PART, text))} s"
    return text


def _for_pint(given: str, unit: str) -> str:
    """A unit as figures and papers print it, in the form that pint reads: "mA·cm⁻²" and "mA cm-2" as "mA*cm^-2".

    Args:
        given: the unit.
        unit: the SI unit that is wanted: "C" is a temperature where that is K.

    Raises:
        UnitError: there are numbers in it that are no exponents.
    """
    if unit == "K" and given in _TEMPERATURES:
        return _TEMPERATURES[given]
    plain = _SUPERSCRIPT.sub(lambda found: f"^{found[0].translate(_SUPERSCRIPTS)} ", given).translate(_SIGNS).strip()
    plain = _OHM.sub("ohm", _EXPONENT.sub(r"^\1", plain))
    plain = f"1{plain}" if plain.startswith("/") else plain
    if _UNIT.fullmatch(plain) is None or re.search(r"\d", _LEFT_OUT.sub("", plain)):
        raise UnitError(f"the unit '{given}' is not understood")
    return plain


def split(text: str) -> tuple[str, str]:
    """Number and unit of a text such as "0.5 mA/cm^2", both as text; the unit is "" where there is none.

    A duration of several parts is one in seconds.

    Raises:
        UnitError: the text does not begin with a number, or it has a decimal comma.
    """
    if comma := _COMMA.fullmatch(text):
        number, rest = comma.groups()
        if number.rfind(".") > number.rfind(","):
            raise UnitError(f"commas in a number; write '{number.replace(',', '')}{rest}'")
        raise UnitError(f"a decimal comma; write '{number.replace('.', '').replace(',', '.')}{rest}'")
    text = _in_seconds(text)
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise UnitError("no number with a unit")
    return match[1], match[2]


def to_si(text: str, unit: str) -> float:
    """The SI value of a text with a unit, such as "0.5 mA/cm^2" or "25 degC".

    Args:
        text: a number and a unit.
        unit: the SI unit that is wanted, "" for a plain number. An energy per particle ("0.33 eV") also serves where
            J/mol is wanted.

    Returns:
        The value, which is infinite or NaN where the text says so.

    Raises:
        UnitError: the text is no number with a unit, or its unit does not convert to the one that is wanted.
    """
    number, given = split(text)
    if given == unit:
        return float(number)
    if not given:
        raise UnitError("has no unit")
    if (given, unit) in COMMON and _FINITE.fullmatch(number):
        return float(Decimal(number) * Decimal(COMMON[given, unit]) + (ZERO_CELSIUS if given == "degC" else 0))
    readable = _for_pint(given, unit)
    import pint

    # the errors that pint raises for a text that is no unit have no common base class
    broken = (pint.PintError, TokenError, ValueError, TypeError, AttributeError, KeyError, SyntaxError, ArithmeticError)
    try:
        quantity = _registry().Quantity(Decimal(number), readable)
        if unit == "J/mol" and quantity.check("[energy]"):
            quantity = quantity * _registry().Quantity(Decimal(str(AVOGADRO)), "1/mol")
        return float(quantity.to(unit).magnitude)
    except pint.DimensionalityError:
        raise UnitError(f"'{given}' does not convert to {unit or 'a plain number'}") from None
    except broken:
        raise UnitError(f"the unit '{given}' is not understood") from None


def which_unit(text: str, units: Iterable[str]) -> str | None:
    """The first of some SI units to which a text with a unit converts, or None where none fits.

    Raises:
        UnitError: the text has no unit, or one that nobody knows.
    """
    _, given = split(text)
    if not given:
        raise UnitError("has no unit")
    for unit in units:
        if (given, unit) in COMMON:
            return unit
    for unit in units:
        try:
            to_si(f"1 {given}", unit)
        except UnitError as error:
            if "not understood" in str(error):
                raise
            continue
        return unit
    return None
