"""A row of the audit and its verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from femna.units import FARADAY

SCALES: dict[str, float] = {
    "": 1.0,
    "%": 1e-2,
    "µm": 1e-6,
    "mm": 1e-3,
    "s": 1.0,
    "h": 3600.0,
    "K": 1.0,
    "mV": 1e-3,
    "V": 1.0,
    "mV/µm": 1e3,
    "mA": 1e-3,
    "mAh": 3.6,
    "µA/cm²": 1e-2,
    "mA/cm²": 10.0,
    "mAh/cm²": 3.6e4,
    "mAh/g": 3.6e3,
    "S/cm": 100.0,
    "S K/cm": 100.0,
    "ohm cm²": 1e-4,
    "ohm cm²/µm": 100.0,
    "eV": FARADAY,
    "kJ/mol": 1e3,
    "GPa": 1e9,
    "J/m²": 1.0,
    "J/m³": 1.0,
    "J/m": 1.0,
    "1/s": 1.0,
    "mol/L": 1e3,
    "mol/m³": 1.0,
    "m²/s": 1.0,
    "g/mol": 1e-3,
}
"""SI value of the units that the rows are written in; an electronvolt is one per particle, hence J/mol."""

TOLERANCE = 0.1
"""Relative tolerance of a single predicted number; an interval carries its own."""

EQUAL = 0.01
"""Relative difference up to which two numbers of a paper count as the same; both are rounded."""

Kind = Literal["predict", "check", "fit", "input", "out of scope"]
Verdict = Literal[
    "met", "missed", "untested", "consistent", "inconsistent", "converted", "fitted", "input", "out of scope"
]


class Span(NamedTuple):
    """From low to high; a single number is both."""

    low: float
    high: float


Number = float | Span


@dataclass(frozen=True)
class Row:
    """One quantity, as the paper and as femna have it.

    Args:
        id: name of the row.
        paper: letter of the paper.
        quantity: what it is.
        where: where it stands in the paper.
        kind: class of the row.
        unit: unit of all its numbers.
        published: intervals of the paper.
        femna: intervals of femna.
        verdict: what the comparison says.
        how: the formula, or why there is none.
        gap: published over the nearest end of what was predicted, the worst of several, where it is missed.
        run: the same quantity from a finite-element run, where there is one.
    """

    id: str
    paper: str
    quantity: str
    where: str
    kind: Kind
    unit: str
    published: tuple[Span, ...]
    femna: tuple[Span, ...]
    verdict: Verdict
    how: str
    gap: float | None = None
    run: float | None = None


def given(
    kind: Literal["fit", "input", "out of scope"],
    id: str,
    quantity: str,
    where: str,
    unit: str,
    published: Iterable[Number],
    how: str,
    femna: Iterable[Number] = (),
) -> Row:
    """A number that no model gives.

    Args:
        kind: the class of the row.
        id: name of the row; its first letter is that of the paper.
        quantity: what the number is.
        where: where it stands in the paper.
        unit: unit of the table.
        published: numbers of the paper, SI.
        how: the formula, or why there is none.
        femna: numbers of femna, SI.

    Returns:
        The row.
    """
    verdict: Verdict = "fitted" if kind == "fit" else kind
    return Row(
        id,
        id[0],
        quantity,
        where,
        kind,
        unit,
        published=spans(published, unit),
        femna=spans(femna, unit),
        verdict=verdict,
        how=how,
    )


def predict(
    id: str,
    quantity: str,
    where: str,
    unit: str,
    femna: Iterable[Number],
    how: str,
    published: Iterable[Number] = (),
) -> Row:
    """A number that follows from independent inputs.

    Met: the predicted and the published intervals overlap; a single predicted number may be off by `TOLERANCE`.

    Args:
        id: name of the row; its first letter is that of the paper.
        quantity: what the number is.
        where: where it stands in the paper.
        unit: unit of the table.
        femna: numbers of femna, SI.
        how: the formula, or why there is none.
        published: numbers of the paper, SI.

    Returns:
        The row.
    """
    found, told = spans(femna, unit), spans(published, unit)
    if not told:
        return Row(
            id, id[0], quantity, where, "predict", unit, published=told, femna=found, verdict="untested", how=how
        )
    gaps = [_gap(there, here) for there, here in zip(told, found, strict=True)]
    worst = max((gap for gap in gaps if gap is not None), key=lambda gap: max(gap, 1.0 / gap), default=None)
    verdict: Verdict = "met" if worst is None else "missed"
    return Row(
        id, id[0], quantity, where, "predict", unit, published=told, femna=found, verdict=verdict, how=how, gap=worst
    )


def check(
    id: str,
    quantity: str,
    where: str,
    unit: str,
    published: Iterable[Number],
    femna: Iterable[Number],
    holds: bool,
    how: str,
) -> Row:
    """Numbers of a paper against each other.

    Args:
        id: name of the row; its first letter is that of the paper.
        quantity: what the number is.
        where: where it stands in the paper.
        unit: unit of the table.
        published: numbers of the paper, SI.
        femna: what they should be, SI.
        holds: whether they agree.
        how: the formula, or why there is none.

    Returns:
        The row.
    """
    verdict: Verdict = "consistent" if holds else "inconsistent"
    return Row(
        id,
        id[0],
        quantity,
        where,
        "check",
        unit,
        published=spans(published, unit),
        femna=spans(femna, unit),
        verdict=verdict,
        how=how,
    )


def convert(id: str, quantity: str, where: str, unit: str, femna: Iterable[Number], how: str) -> Row:
    """Numbers of a paper, or of the library, in another form: nothing stands against it.

    Args:
        id: name of the row; its first letter is that of the paper.
        quantity: what the number is.
        where: where it stands in the paper.
        unit: unit of the table.
        femna: numbers of femna, SI.
        how: the formula, or why there is none.

    Returns:
        The row.
    """
    return Row(
        id, id[0], quantity, where, "check", unit, published=(), femna=spans(femna, unit), verdict="converted", how=how
    )


def same(left: Iterable[float], right: Iterable[float], tolerance: float = EQUAL) -> bool:
    """Whether numbers agree in pairs.

    Args:
        left: the first numbers.
        right: as many others.
        tolerance: largest relative difference.

    Returns:
        The answer.
    """
    return all(abs(a - b) <= tolerance * max(abs(a), abs(b)) for a, b in zip(left, right, strict=True))


def over(function: Callable[[float], float], span: Span) -> Span:
    """The interval of a monotonous function over an interval.

    Args:
        function: the function.
        span: the interval.

    Returns:
        The interval of its values.
    """
    ends = sorted((function(span.low), function(span.high)))
    return Span(*ends)


def spans(values: Iterable[Number], unit: str) -> tuple[Span, ...]:
    """SI numbers in a unit, without the digits that only the division made.

    Args:
        values: numbers or intervals, SI.
        unit: the unit (see SCALES).

    Returns:
        The intervals in that unit.
    """
    scale = SCALES[unit]
    pairs = (value if isinstance(value, Span) else Span(value, value) for value in values)
    return tuple(Span(*(float(f"{end / scale:.12g}") for end in pair)) for pair in pairs)


def _gap(told: Span, found: Span) -> float | None:
    """Published over the nearest end of what was predicted; None where it is met."""
    margin = TOLERANCE if found.low == found.high else 0.0
    if told.low > found.high * (1.0 + margin):
        return told.low / found.high
    if told.high < found.low * (1.0 - margin):
        return told.high / found.low
    return None
