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
_UNIT = re.compile(r"[\w µμΩ°·%*/^().+²³-]+")


class UnitError(ValueError):
    """The text is no number with a unit, or its unit does not convert; the message says why in a few words."""


@cache
def _registry() -> pint.UnitRegistry:
    import pint

    # decimals, so that "10 um" becomes exactly the float 1e-05
    return pint.UnitRegistry(non_int_type=Decimal)


def split(text: str) -> tuple[str, str]:
    """Number and unit of a text such as "0.5 mA/cm^2", both as text; the unit is "" where there is none.

    Raises:
        UnitError: the text does not begin with a number.
    """
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
    if _UNIT.fullmatch(given) is None:
        raise UnitError(f"the unit '{given}' is not understood")
    import pint

    # the errors that pint raises for a text that is no unit have no common base class
    broken = (pint.PintError, TokenError, ValueError, TypeError, AttributeError, KeyError, SyntaxError, ArithmeticError)
    try:
        quantity = _registry().Quantity(Decimal(number), given)
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
        try:
            to_si(f"1 {given}", unit)
        except UnitError as error:
            if "not understood" in str(error):
                raise
            continue
        return unit
    return None
