"""What a field of the solution is: declared once, where it is computed, and stored with every run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

type Domain = Literal["everywhere", "electrolyte", "electron conductors"]
"""Where a field has a meaning. Electron conductors are the metal and the layers that conduct electrons."""


@dataclass(frozen=True)
class Field:
    """One field of the solution. A vector is shown by its magnitude.

    Args:
        key: name in code and files.
        label: name in words, for axes.
        symbol: symbol in TeX, for axes; "" for none.
        unit: unit of the stored values, SI.
        shown_unit: unit in pictures; "" for none.
        shown_scale: factor from the stored values to the shown unit.
        colour_map: name of the colour map, of matplotlib and pyvista alike.
        limits: fixed range of the colour scale in the shown unit; None for the range of the data.
        domain: where the field has a meaning; pictures leave the rest out.
        least_range: smallest range of a colour scale or an axis in the shown unit, so that rounding does not fill it.
    """

    key: str
    label: str
    symbol: str
    unit: str
    shown_unit: str
    shown_scale: float
    colour_map: str
    limits: tuple[float, float] | None = None
    domain: Domain = "everywhere"
    least_range: float = 0.0
