"""Named terms: what every physics module offers, and their sum."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def total(terms: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Sum of the named terms of an equation, (N,)."""
    return np.sum(list(terms.values()), axis=0)
