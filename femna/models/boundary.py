"""What both models say of the boundary: where the electrodes are, and the functions that give values there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
FieldFunction = Callable[[Array, float], Array]
"""Nodal values (N,) from points (N, d) in m and a time in s."""


def electrode_nodes(grid: Grid, height: float) -> tuple[Mask, Mask]:
    """Nodes on the collector plane (0) and on the counter plane (height)."""
    z = grid.points[:, -1]
    return np.abs(z) < 1e-9 * height, np.abs(z - height) < 1e-9 * height
