"""What a file of heights holds, as every reader gives it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class UnreadableHeights(ValueError):
    """A file holds no heights that can be used.

    Args:
        text: what is wrong, in words that follow the name of the file.
        allowed: what is allowed.
    """

    def __init__(self, text: str, allowed: str) -> None:
        super().__init__(text)
        self.allowed = allowed


@dataclass(frozen=True)
class HeightField:
    """The heights of a file, and what the file says about them.

    Args:
        numbers: heights as numbers of the file: a profile (n,), or lines of pixels (lines, pixels in a line).
        unit: length of a height of 1, m; 0 where the file does not say it.
        pixel: distances between neighbours in a line and between lines, m; () where the file does not say it.
        lattice: the same distances, as numbers of the file, where it lists coordinates; else (). The lines then lie in
            the order of y and the pixels in that of x.
        needs_unit: whether a number means nothing without a unit, as a grey level does.
        remarks: what a user has to know about the reading, each for one line of its own.
    """

    numbers: Floats
    unit: float = 0.0
    pixel: tuple[float, ...] = ()
    lattice: tuple[float, ...] = ()
    needs_unit: bool = False
    remarks: tuple[str, ...] = ()


def finite(numbers: Floats) -> Floats:
    """The numbers, all of which are heights.

    Args:
        numbers: (n,) or (lines, pixels in a line); masked pixels and NaN are missing ones.

    Raises:
        UnreadableHeights: some are missing; the message says how many, and where the first is.
    """
    plain = np.ma.filled(np.ma.asarray(numbers, dtype=np.float64), np.nan)
    if plain.size == 0:
        raise UnreadableHeights("holds no heights", "a number in every pixel")
    missing = np.argwhere(~np.isfinite(plain))
    if len(missing):
        place = ", ".join(
            f"{axis} {index + 1}" for axis, index in zip(("line", "pixel")[-plain.ndim :], missing[0], strict=True)
        )
        text = f"has no height in {len(missing)} of {plain.size} pixels (the first: {place})"
        raise UnreadableHeights(text, "a height in every pixel, for example after interpolating the missing ones")
    return np.asarray(plain)
