"""Thresholds: how grey values become metal, and the same threshold in a volume of other grey values."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from femna.errors import BadInput
from femna.morphology.voxel_axes import FloatArray

RANGE = 0.1
"""Half the range of thresholds around one that is given or found, as a share of the difference of the two greys."""
BINS = 256
ROUNDS = 3
"""How often the classes of a volume are divided anew by the threshold that their greys give."""


@dataclass(frozen=True)
class Thresholds:
    """Grey values at which a volume is divided.

    Args:
        nominal: the one for the figures that are compared.
        low: lower end of the range over which they are reported.
        high: upper end.
        background: grey value of what is no metal: the median below the nominal threshold.
        metal: that of metal.
    """

    nominal: float
    low: float
    high: float
    background: float
    metal: float

    def all(self) -> tuple[float, float, float]:
        """Nominal, low, high."""
        return self.nominal, self.low, self.high

    def in_greys(self, background: float, metal: float) -> Thresholds:
        """The same thresholds between two other grey values.

        Args:
            background: grey value of what is no metal in the other volume.
            metal: that of metal there.

        Returns:
            The thresholds at the same shares of the way from one to the other.
        """
        scale = (metal - background) / (self.metal - self.background)
        nominal, low, high = (background + (value - self.background) * scale for value in self.all())
        return Thresholds(nominal, low, high, background, metal=metal)


def thresholds(values: FloatArray, given: str, called: str) -> Thresholds:
    """The thresholds that a text asks for.

    Args:
        values: (z, y, x), larger in metal.
        given: "otsu", a number, or "LOW:HIGH", whose middle is the nominal one.
        called: what to call the volume in messages.

    Returns:
        The thresholds.

    Raises:
        BadInput: the text says none of these, or one side of a threshold is empty.
    """
    ends = None
    if given == "otsu":
        nominal = otsu(values, called)
    elif ":" in given:
        ends = [_number(part, given) for part in given.split(":", 1)]
        if not ends[0] < ends[1]:
            raise BadInput(f"--threshold {given}: the range is empty; allowed: LOW:HIGH with LOW < HIGH")
        nominal = (ends[0] + ends[1]) / 2
    else:
        nominal = _number(given, given)
    low, high = ends or (nominal, nominal)
    for level in (low, nominal, high):
        inside = values > level
        if not inside.any() or inside.all():
            raise BadInput(
                f"{called}: {'every' if inside.any() else 'no'} voxel is metal above {level:.6g}; "
                f"values are {values.min():.6g} to {values.max():.6g}"
            )
    inside = values > nominal
    background, metal = float(np.median(values[~inside])), float(np.median(values[inside]))
    if ends is None:
        low, high = nominal - RANGE * (metal - background), nominal + RANGE * (metal - background)
    return Thresholds(nominal, low, high, background, metal=metal)


def matching(values: FloatArray, wanted: Thresholds, called: str) -> Thresholds:
    """The thresholds of a volume that stand where others stand in theirs.

    The greys of the volume are the medians of its two classes, first by Otsu's threshold, then by the nominal threshold
    that follows from these, so that of equal volumes the thresholds are equal.

    Args:
        values: (z, y, x), larger in metal.
        wanted: of the other volume.
        called: what to call the volume in messages.

    Returns:
        The thresholds.

    Raises:
        BadInput: all values are one.
    """
    level = otsu(values, called)
    for _ in range(ROUNDS):
        inside = values > level
        if not inside.any() or inside.all():
            break
        found = wanted.in_greys(float(np.median(values[~inside])), float(np.median(values[inside])))
        level = found.nominal
    return found


def otsu(values: FloatArray, called: str) -> float:
    """The threshold that makes the variance between the two classes largest (Otsu, IEEE Trans. SMC 9 (1979) 62).

    Args:
        values: grey values.
        called: what to call the volume in the message.

    Returns:
        The threshold: the middle of the thresholds between bins that are equally good.

    Raises:
        BadInput: all values are one.
    """
    low, high = float(values.min()), float(values.max())
    if not low < high:
        raise BadInput(f"{called}: every value is {low:.6g}: there is nothing to segment")
    counts, edges = np.histogram(values, bins=BINS, range=(low, high))
    centres = (edges[:-1] + edges[1:]) / 2
    below, above = np.cumsum(counts)[:-1], np.cumsum(counts[::-1])[::-1][1:]
    sums = np.cumsum(counts * centres)
    mean_below, mean_above = sums[:-1] / below, (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    between = below * above.astype(float) * (mean_below - mean_above) ** 2
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    return float((edges[best[0] + 1] + edges[best[-1] + 1]) / 2)


def _number(text: str, given: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadInput(f"--threshold {given}: is no threshold; allowed: otsu, a number, LOW:HIGH")
    return value
