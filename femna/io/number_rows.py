"""Rows of numbers in text, read at the speed of the disk: what a history of a million rows needs.

A decimal of up to 19 digits is a whole number times a power of ten. The product is taken in pairs of floats of 106 bits
(Dekker, Numer. Math. 18 (1971) 224) and rounded once, which gives the float that is nearest to the decimal: the text of
a float, which has no more than 17 digits, comes back as that float.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
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
BLOCK = 2**20
"""Bytes that are read at once: few enough to stay in a processor's cache, and no row is as long."""

ONE, TWO = np.uint64(1), np.uint64(2)
"""Steps of an unsigned place in the text: numba tests a signed one for being counted from the end at each byte."""


def read_rows(file: io.RawIOBase | io.BufferedIOBase, size: int, width: int) -> Floats | None:
    """The numbers of lines with commas between them. What follows the last whole line is left out.

    Args:
        file: text, opened in binary; read from where it stands, once and in order.
        size: how many bytes of it are read at the most.
        width: number of columns.

    Returns:
        (width, rows); None where the text holds anything but plain decimals, nan and inf, or a line of another width.
    """
    values = np.empty((width, 0))
    high, low = powers()
    row = done = 0
    for text, lines in _whole_lines(file, size):
        done += text.size
        needed = row + lines
        if needed > values.shape[1]:
            values = _larger(values, row, min(size // (2 * width), int(1.02 * size * needed / done)) + lines)
        row = _parse(text, values[:, :needed], row, high, low)
        if row != needed:
            return None
    return values[:, :row]


def _larger(values: Floats, rows: int, room: int) -> Floats:
    """The same rows with room for more, (width, room)."""
    larger = np.empty((len(values), room))
    larger[:, :rows] = values[:, :rows]
    return larger


def _whole_lines(file: io.RawIOBase | io.BufferedIOBase, left: int) -> Iterator[tuple[Bytes, int]]:
    """The text of a file in pieces that end with a line each, and how many; a piece is overwritten by the next one."""
    buffer = bytearray(BLOCK)
    filled = 0
    while got := file.readinto(memoryview(buffer)[filled : filled + left]):
        filled, left = filled + got, left - got
        # a buffer that is full and holds no line is handed over as it is, and refused
        whole = buffer.rfind(b"\n", 0, filled) + 1 or filled // BLOCK * BLOCK
        if whole:
            yield np.frombuffer(buffer, np.uint8, whole), buffer.count(b"\n", 0, whole)
            buffer[: filled - whole] = buffer[whole:filled]
            filled -= whole


@cache
def powers() -> tuple[Floats, Floats]:
    """The powers of ten from -LARGEST_POWER to LARGEST_POWER, each as the sum of two floats."""
    exact = [Fraction(10) ** e for e in range(-LARGEST_POWER, LARGEST_POWER + 1)]
    high = [float(power) for power in exact]
    return np.array(high), np.array([float(power - Fraction(near)) for power, near in zip(exact, high, strict=True)])


@kernel
def _parse(text: Bytes, values: Floats, row: int, high: Floats, low: Floats) -> int:
    """Fill `values`, (width, rows), from a row on; the row after the last one, -1 where not all is plain numbers."""
    place, size, column = np.uint64(0), np.uint64(text.size), 0
    width, rows = values.shape
    split = 134217729.0  # 2^27 + 1
    limit = (high.size - 1) // 2
    if text.size == 0 or text[-1] != 10:
        return -1
    # the text ends with a line, so that no run of digits ends beyond it
    while place < size:
        negative = text[place] == 45
        if negative or text[place] == 43:
            place += ONE
        first, power, whole = place, np.int64(0), np.uint64(0)
        while text[place] == 48:
            place += ONE
        start = place
        while np.uint8(text[place] - 48) < 10:
            whole = whole * np.uint64(10) + np.uint64(text[place] - 48)
            place += ONE
        digits, seen = np.int64(place - start), place > first
        if text[place] == 46:
            place += ONE
            point = place
            if digits == 0:
                while text[place] == 48:
                    place += ONE
            start = place
            while np.uint8(text[place] - 48) < 10:
                whole = whole * np.uint64(10) + np.uint64(text[place] - 48)
                place += ONE
            digits += np.int64(place - start)
            power = -np.int64(place - point)
            seen = seen or place > point
        if digits > 19:
            return -1
        value = 0.0
        if seen:
            if text[place] == 101 or text[place] == 69:
                place += ONE
                down = text[place] == 45
                if text[place] == 45 or text[place] == 43:
                    place += ONE
                exponent, start = 0, place
                while 48 <= text[place] <= 57 and exponent < 10000:
                    exponent = exponent * 10 + (text[place] - 48)
                    place += ONE
                if place == start:
                    return -1
                power += -exponent if down else exponent
            if whole > np.uint64(0):
                if power < -limit or power > limit:
                    return -1
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
        elif place + TWO < size and text[place] == 110 and text[place + ONE] == 97 and text[place + TWO] == 110:
            value = np.nan
            place += TWO + ONE
        elif place + TWO < size and text[place] == 105 and text[place + ONE] == 110 and text[place + TWO] == 102:
            value = np.inf
            place += TWO + ONE
        else:
            return -1
        if row >= rows:
            return -1
        values[column, row] = -value if negative else value
        column += 1
        if text[place] == 44 and column < width:
            place += ONE
        elif text[place] == 10 and column == width:
            place += ONE
            column = 0
            row += 1
        else:
            return -1
    return row if column == 0 else -1
