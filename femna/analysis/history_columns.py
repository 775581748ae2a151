"""Columns of a history that a run may not have: every femna writes its own."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def column(history: Mapping[str, Floats], name: str) -> Floats:
    """A column, whether the history has it or not.

    Args:
        history: column name -> values (rows,).
        name: name of the column.

    Returns:
        Its values (rows,); nan where there is no such column.
    """
    values = history.get(name)
    return np.full(len(next(iter(history.values()), ())), np.nan) if values is None else values


def last_value(history: Mapping[str, Floats], name: str) -> float | None:
    """The last value of a column.

    Args:
        history: column name -> values (rows,).
        name: name of the column.

    Returns:
        The value; None where there is no such column, no row, or no finite number.
    """
    values = history.get(name)
    return None if values is None or values.size == 0 else finite(values[-1])


def finite(value: float) -> float | None:
    """A number as JSON can hold it.

    Args:
        value: any number.

    Returns:
        The number; None where it is not finite.
    """
    return float(value) if math.isfinite(value) else None
