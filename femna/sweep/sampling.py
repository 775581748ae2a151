"""Ranges of values, and points drawn from them by a latin hypercube."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from femna.errors import BadInput
from femna.quantities import shown
from femna.units import UnitError, split, to_si

SCALES = ("linear", "log")
DIGITS = 9
"""Significant digits of a drawn value: more would only make the names of the points long."""


@dataclass(frozen=True)
class Range:
    """From where a value is drawn.

    Args:
        low: lower end, in `unit`.
        high: upper end, in `unit`.
        unit: unit of the ends as it was given, "" for a plain number.
        scale: in what the values are spread evenly: themselves or their logarithm.
        whole: whether only whole numbers are drawn, both ends included.
    """

    low: float
    high: float
    unit: str
    scale: Literal["linear", "log"]
    whole: bool

    def at(self, share: float) -> str | float | int:
        """The value at a share of the range, as a case file has it.

        Args:
            share: from 0 to 1.
        """
        if self.whole:
            return min(int(self.low) + math.floor(share * (self.high - self.low + 1)), int(self.high))
        if self.scale == "log":
            value = self.low * (self.high / self.low) ** share
        else:
            value = self.low + (self.high - self.low) * share
        text = f"{value:.{DIGITS}g}"
        return f"{text} {self.unit}" if self.unit else float(text)


def read_range(key: str, given: Any, where: str) -> Range:
    """The range of a key.

    Args:
        key: the dotted key.
        given: [low, high], or a table of `low`, `high` and `scale` ("linear" or "log").
        where: what errors call the table.

    Raises:
        BadInput: it is no range.
    """
    allowed = '["low", "high"] with units, or { low = "..", high = "..", scale = "log" }'
    bad = BadInput(f"{where}: {key} is {given!r}; allowed: {allowed}")
    table = dict(zip(("low", "high"), given, strict=True)) if isinstance(given, list) and len(given) == 2 else given
    if not isinstance(table, dict) or not {"low", "high"} <= table.keys() <= {"low", "high", "scale"}:
        raise bad
    scale = table.get("scale", "linear")
    if scale not in SCALES:
        raise BadInput(f"{where}: {key}: scale is {shown(scale)}; allowed: 'linear' or 'log'")
    low, high, unit = _ends(table["low"], table["high"], f"{where}: {key}", bad)
    whole = type(table["low"]) is int and type(table["high"]) is int
    if not low < high:
        raise BadInput(f"{where}: {key}: {low:g} to {high:g}; allowed: a lower end below the upper one")
    if scale == "log" and low <= 0.0:
        raise BadInput(f"{where}: {key}: a logarithmic range begins at {low:g}; allowed: greater than 0")
    return Range(low, high, unit, scale, whole and scale == "linear")


def _ends(low: Any, high: Any, where: str, bad: BadInput) -> tuple[float, float, str]:
    """Both ends in the unit of the upper one."""
    if isinstance(low, str) and isinstance(high, str):
        try:
            number, unit = split(high)
            return to_si(low, unit) if unit else float(split(low)[0]), float(number), unit
        except UnitError as error:
            raise BadInput(f"{where}: {error}; allowed: two quantities with units that convert") from None
    if any(type(end) not in (int, float) for end in (low, high)):
        raise bad
    return float(low), float(high), ""


def latin_hypercube(ranges: dict[str, Range], count: int, seed: int) -> list[dict[str, Any]]:
    """Points drawn so that each of `count` equal slices of every range holds one of them.

    McKay, Beckman, Conover, Technometrics 21 (1979) 239.

    Args:
        ranges: dotted key -> range.
        count: number of points.
        seed: of the random numbers.

    Returns:
        The points, dotted key -> value.
    """
    from scipy.stats import qmc

    shares = qmc.LatinHypercube(d=len(ranges), rng=seed).random(count)
    return [
        {key: span.at(float(share)) for (key, span), share in zip(ranges.items(), row, strict=True)} for row in shares
    ]
