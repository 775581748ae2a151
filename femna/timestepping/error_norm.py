"""The norm by which both steppers measure the local error of a field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]

SHARE_OF_THE_LARGEST = 0.2
"""Of the largest error at a node, which counts where it exceeds the mean."""


def error_norm(grid: Grid, error: Array, weight: Array, at_a_node: Array) -> float:
    """Root mean square of an error, or a fifth of its largest value, whichever is more. Collective.

    Args:
        grid: the mesh.
        error: (N,).
        weight: of the nodes in the mean, (N,); what it says of ghosts does not count.
        at_a_node: the error as it counts at single nodes, of any length.
    """
    weight = grid.is_owned * weight
    squares, whole = grid.sum((weight * error**2).sum(), weight.sum())
    largest = float(grid.max(at_a_node.max(initial=0.0))[0])
    return max(float(np.sqrt(squares / max(whole, 1e-300))), SHARE_OF_THE_LARGEST * largest)
