"""Rows of numbers in text, read at the speed of the disk: what a history of a million rows needs.

A decimal of up to 19 digits is a whole number times a power of ten. The product is taken in pairs of floats of 106 bits
(Dekker, Numer. Math. 18 (1971) 224) and rounded once, which gives the float that is nearest to the decimal: the text of
a float, which has no more than 17 digits, comes back as that float.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

LARGEST_POWER = 250
"""Powers of ten beyond which, either way, numbers are left to the slow reader: pairs would lose digits there."""
LEAST_SIZE = 4_000_000
"""Bytes from which the compiled reader pays for the time that loading it takes."""


def parse_rows(content: bytes, start: int, end: int, width: int) -> Floats | None:
    """The numbers of lines with commas between them.

    Args:
        content: text.
        start: where the first line begins in it.
        end: where the last one ends, its "\\n" included.
        width: number of columns.

    Returns:
        (width, rows); None where the text holds anything but plain decimals, nan and inf, or a line of another width.
    """
    values = np.empty((width, content.count(b"\n", start, end)))
    high, low = powers()
    text = np.frombuffer(content, np.uint8, end - start, start)
    return values if _parse(text, values, high, low) else None


@cache
def powers() -> tuple[Floats, Floats]:
    """The powers of ten from -LARGEST_POWER to LARGEST_POWER, each as the sum of two floats."""
    exact = [Fraction(10) ** e for e in range(-LARGEST_POWER, LARGEST_POWER + 1)]
    high = [float(power) for power in exact]
    return np.array(high), np.array([float(power - Fraction(near)) for power, near in zip(exact, high, strict=True)])


@kernel
def _parse(text: Bytes, values: Floats, high: Floats, low: Floats) -> bool:
    """Fill `values`, (width, rows), line by line; whether the text was that many lines of plain numbers."""
    place, column, row = 0, 0, 0
    width, rows = values.shape
    split = 134217729.0  # 2^27 + 1
    limit = (high.size - 1) // 2
    while place < text.size:
        negative = text[place] == 45
        if negative or text[place] == 43:
            place += 1
        digits, power, whole, seen = 0, 0, np.uint64(0), False
        after_point = False
        while place < text.size:
            c = text[place]
            if 48 <= c <= 57:
                seen = True
                if digits < 19:
                    whole = whole * np.uint64(10) + np.uint64(c - 48)
                    digits += 1 if whole > 0 else 0
                    power -= 1 if after_point else 0
                else:
                    return False
            elif c == 46 and not after_point:
                after_point = True
            else:
                break
            place += 1
        value = 0.0
        if seen:
            if place < text.size and (text[place] == 101 or text[place] == 69):
                place += 1
                down = place < text.size and text[place] == 45
                if place < text.size and (text[place] == 45 or text[place] == 43):
                    place += 1
                exponent, start = 0, place
                while place < text.size and 48 <= text[place] <= 57 and exponent < 10000:
                    exponent = exponent * 10 + (text[place] - 48)
                    place += 1
                if place == start:
                    return False
                power += -exponent if down else exponent
            if whole > np.uint64(0):
                if power < -limit or power > limit:
                    return False
                top = float(whole >> np.uint64(32)) * 4294967296.0
                bottom = float(whole & np.uint64(4294967295))
                m_high = top + bottom
                m_low = bottom - (m_high - top)
                p_high, p_low = high[power + limit], low[power + limit]
                a = m_high * split
                a_high = a - (a - m_high)
                a_low = m_high - a_high
                b = p_high * split
                b_high = b - (b - p_high)
                b_low = p_high - b_high
                product = m_high * p_high
                error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
                value = product + (error + (m_high * p_low + m_low * p_high))
        elif place + 2 < text.size and text[place] == 110 and text[place + 1] == 97 and text[place + 2] == 110:
            value = np.nan
            place += 3
        elif place + 2 < text.size and text[place] == 105 and text[place + 1] == 110 and text[place + 2] == 102:
            value = np.inf
            place += 3
        else:
            return False
        if place >= text.size or row >= rows:
            return False
        values[column, row] = -value if negative else value
        column += 1
        if text[place] == 44 and column < width:
            place += 1
        elif text[place] == 10 and column == width:
            place += 1
            column = 0
            row += 1
        else:
            return False
    return row == rows and column == 0
