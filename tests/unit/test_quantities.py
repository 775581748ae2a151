"""Ranges and kinds of values."""

import math

import numpy as np
import pytest

from femna.quantities import Quantity, WholeNumber, shown


@pytest.mark.parametrize(
    "given", ["nan m", "inf m", math.nan, -math.inf, 10**400, True, None, [1.0], {"a": 1}, "x", 0, -1]
)
def test_what_is_no_positive_length_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match=r"^is .*; allowed: a quantity in m greater than 0, such as '1.5 um'$"):
        Quantity("m", above=0).read(given)


def test_numbers_are_si_and_numpy_scalars_are_numbers() -> None:
    assert Quantity("m").read(2) == 2.0
    assert Quantity("m").read(np.float32(0.5)) == 0.5
    assert WholeNumber(0).read(np.int64(3)) == 3


def test_negative_zero_becomes_zero() -> None:
    assert math.copysign(1.0, Quantity("V").read("-0 V")) == 1.0


@pytest.mark.parametrize(
    ("quantity", "inside", "outside"),
    [
        (Quantity("", above=0, below=1), 0.5, 1.0),
        (Quantity("", at_least=0), 0.0, -1e-300),
        (Quantity("", at_most=1), 1.0, 1.0000001),
    ],
)
def test_bounds(quantity: Quantity, inside: float, outside: float) -> None:
    assert quantity.read(inside) == inside
    with pytest.raises(ValueError, match="allowed: a number"):
        quantity.read(outside)


@pytest.mark.parametrize("given", [0, 4, 2.0, "2", True, None])
def test_whole_numbers_are_neither_texts_nor_floats_nor_truths(given: object) -> None:
    with pytest.raises(ValueError, match="allowed: 1, 2 or 3"):
        WholeNumber(1, 3).read(given)


def test_what_was_given_is_shown_short_and_on_one_line() -> None:
    assert shown("a\n b") == "'a b'"
    assert len(shown("x" * 500)) < 70
    assert shown({"a": 1}) == "a table"
    assert shown(True) == "true"
