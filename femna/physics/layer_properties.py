"""Properties of the layers' materials as coefficients of the cells of a mesh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid


def of_layers(case: Case, grid: Grid, key: str) -> NDArray[np.float64]:
    """A property of the material of each cell's layer, (M,), SI.

    Where metal recedes below the top of the first layer, the second layer's material fills the room.

    Args:
        case: the case.
        grid: its mesh, without grain boundaries.
        key: name of the property.

    Raises:
        BadInput: a material lacks it.
    """
    others = case.layer_names[1:]
    values = np.array([case.property(others[0], key)] + [case.property(name, key) for name in others])
    return np.asarray(values[grid.layer])
