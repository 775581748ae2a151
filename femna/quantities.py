"""The kinds of values that a case's keys take: quantities with a unit and a range, whole numbers, words.

Each is an annotation of a pydantic field: `Annotated[float, Quantity("m", above=0)]`. Reading gives an SI float,
writing (JSON mode) the text "1.5e-06 m" that reads back to the same float.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from femna.errors import BadInput
from femna.units import UnitError, to_si

EXAMPLES = {
    "m": "1.5 um",
    "s": "10 min",
    "V": "0.5 V",
    "K": "25 degC",
    "A/m^2": "0.5 mA/cm^2",
    "J/m^2": "0.22 J/m^2",
    "m^2/s": "1e-6 cm^2/s",
    "S/m": "5 mS/cm",
    "mol/m^3": "1 mol/L",
    "m^3/mol": "23.75 cm^3/mol",
    "J/mol": "0.33 eV",
    "ohm*m^2": "75 ohm*cm^2",
    "m^3/(J*s)": "6.25e-6 m^3/(J*s)",
    "Pa": "10 GPa",
    "rad": "90 deg",
    "1/m^2": "1 1/um^2",
    "kg/m^3": "0.968 g/cm^3",
    "kg/mol": "22.99 g/mol",
}
"""How a value may be written, by SI unit; errors show it."""


HIGHEST_BARRIER = 5e5
"""Largest activation energy, J/mol (5.2 eV): above any barrier for an ion in a solid; bonds break first. It keeps every
factor of Arrhenius within the range of floats."""


def shown(given: Any) -> str:
    """What was given, as an error shows it: short, on one line."""
    if isinstance(given, dict):
        return "a table"
    if isinstance(given, list | tuple):
        return "a list"
    if isinstance(given, bool):
        return str(given).lower()
    text = " ".join(given.split()) if isinstance(given, str) else str(given)
    text = text if len(text) <= 60 else text[:57] + "..."
    return f"'{text}'" if isinstance(given, str) else text


def either(words: Sequence[str]) -> str:
    """The words as a choice: "'a', 'b' or 'c'"."""
    *most, last = (f"'{word}'" for word in words)
    return f"{', '.join(most)} or {last}" if most else last


def closest(word: str, words: Sequence[str], cutoff: float = 0.0) -> str | None:
    """The most similar of some words, whether their letters are large or small.

    Args:
        word: what was given.
        words: what there is.
        cutoff: least similarity from 0 to 1.

    Returns:
        The word, or None where none is similar enough.
    """
    folded = {known.casefold(): known for known in reversed(words)}
    found = difflib.get_close_matches(word.casefold(), list(folded), 1, cutoff)
    return folded[found[0]] if found else None


def value_error(given: Any, allowed: str, why: str = "") -> ValueError:
    """The error for a value.

    Args:
        given: the value.
        allowed: what is allowed instead.
        why: the reason, if it is not plain.
    """
    return ValueError(f"is {shown(given)}{f' ({why})' if why else ''}; allowed: {allowed}")


@dataclass(frozen=True)
class Quantity:
    """A physical value within bounds.

    Args:
        unit: SI unit, "" for a plain number.
        above: bound that a value must exceed, SI.
        below: bound that it must stay below, SI.
        at_least: bound that it may reach from above, SI.
        at_most: bound that it may reach from below, SI.
    """

    unit: str
    above: float | None = None
    below: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def allowed(self) -> str:
        """What an error says is allowed."""
        words = ("greater than", "less than", "at least", "at most")
        bounds = (self.above, self.below, self.at_least, self.at_most)
        limits = " and ".join(
            f"{word} {bound:g}" for word, bound in zip(words, bounds, strict=True) if bound is not None
        )
        kind = f"a quantity in {self.unit}" if self.unit else "a number"
        example = f", such as '{EXAMPLES[self.unit]}'" if self.unit in EXAMPLES else ""
        return kind + (f" {limits}" if limits else "") + example

    def read(self, given: Any) -> float:
        """The SI value of a number or of a text with a unit.

        Raises:
            ValueError: it is neither, or lies outside the bounds; the message says what is allowed.
        """
        if isinstance(given, str):
            try:
                value = to_si(given, self.unit)
            except UnitError as error:
                raise value_error(given, self.allowed, str(error)) from None
        elif isinstance(given, float | int | np.number) and type(given) is not bool:
            try:
                value = float(given)
            except OverflowError:
                value = math.inf
        else:
            raise value_error(given, self.allowed)
        if not math.isfinite(value):
            raise value_error(given, self.allowed, "not finite")
        inside = (
            (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
            and (self.at_least is None or value >= self.at_least)
            and (self.at_most is None or value <= self.at_most)
        )
        if not inside:
            raise value_error(given, self.allowed)
        return value + 0.0  # turns a negative zero into 0

    def write(self, value: float) -> float | str:
        """The text that reads back to the same value."""
        return f"{value!r} {self.unit}" if self.unit else value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(self.write, when_used="json")
        )


class WholeQuantity(Quantity):
    """A plain quantity that is a whole number from `first` to `last`; read as a float."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__("", at_least=first, at_most=last)

    @property
    def allowed(self) -> str:
        """What an error says is allowed."""
        return WholeNumber(int(self.at_least or 0), int(self.at_most or 0)).allowed

    def read(self, given: Any) -> float:
        """The number. Raises ValueError."""
        value = super().read(given)
        if value != round(value):
            raise value_error(given, self.allowed)
        return value


TEMPERATURE = Quantity("K", at_least=150.0, at_most=1000.0)
"""Temperatures at which laws of Arrhenius that were measured around room temperature may be asked for. Below, no gel or
ceramic conducts; above, sodium boils (1156 K) soon after all else has gone."""

Length = Annotated[float, Quantity("m", above=0)]
"""A length greater than 0, m."""


def seconds(given: Any, what: str) -> float:
    """A time that is not negative, s.

    Args:
        given: a number of seconds, also as a text ("1e2"), or a text with a unit.
        what: what errors call it.

    Raises:
        BadInput: it is no such time.
    """
    if isinstance(given, str) and re.fullmatch(r"[\d.+eE-]+", given.strip()):
        with suppress(ValueError):
            given = float(given)
    try:
        return Quantity("s", at_least=0).read(given)
    except ValueError as error:
        raise BadInput(f"{what} {error}") from None


@dataclass(frozen=True)
class WholeNumber:
    """A whole number from `first` to `last`, or without end where `last` is None."""

    first: int
    last: int | None = None

    @property
    def allowed(self) -> str:
        """What an error says is allowed."""
        if self.last is None:
            return f"a whole number from {self.first}"
        if self.last - self.first < 5:
            *most, end = (str(n) for n in range(self.first, self.last + 1))
            return f"{', '.join(most)} or {end}"
        return f"a whole number from {self.first} to {self.last}"

    def read(self, given: Any) -> int:
        """The number. Raises ValueError."""
        if not isinstance(given, int | np.integer) or type(given) is bool:
            raise value_error(given, self.allowed)
        value = int(given)
        if value < self.first or (self.last is not None and value > self.last):
            raise value_error(given, self.allowed)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)


@dataclass(frozen=True)
class Choice:
    """One of some words, which are asked for when a value is read."""

    words: Callable[[], Sequence[str]]

    @property
    def allowed(self) -> str:
        """What an error says is allowed."""
        return either(self.words())

    def read(self, given: Any) -> str:
        """The word. Raises ValueError."""
        words = self.words()
        if not isinstance(given, str) or given not in words:
            raise ValueError(f"is {shown(given)}; allowed: {either(words)}; closest: '{closest(str(given), words)}'")
        return given

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)
