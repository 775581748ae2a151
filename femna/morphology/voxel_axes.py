"""Voxel sizes and what every metric asks of its volume."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from femna.errors import BadInput

type BoolArray = NDArray[np.bool_]
type FloatArray = NDArray[np.floating[Any]]


def array_spacing(voxel_size: ArrayLike) -> tuple[float, float, float]:
    """Voxel size in the order of the axes of an array (z, y, x).

    Args:
        voxel_size: (3,), m, along x, y, z.

    Returns:
        The sizes along z, y, x, m.

    Raises:
        BadInput: they are not three positive, finite lengths.
    """
    sizes = np.asarray(voxel_size, dtype=float)
    if sizes.shape != (3,) or not (np.isfinite(sizes) & (sizes > 0)).all():
        raise BadInput(f"a voxel size is three positive lengths along x, y, z, not {sizes.tolist()}")
    x, y, z = (float(size) for size in sizes)
    return z, y, x


def need_three_axes(volume: NDArray[np.generic]) -> None:
    """Check that a volume has three axes and a voxel.

    Args:
        volume: the array.

    Raises:
        BadInput: it has not.
    """
    if volume.ndim != 3 or 0 in volume.shape:
        raise BadInput(f"a volume has three axes z, y, x, not the shape {shown_shape(volume.shape)}")


def need_both(metal: BoolArray, called: str) -> None:
    """Check that a segmentation left something on both sides.

    Args:
        metal: the segmented volume.
        called: what to call it in the message.

    Raises:
        BadInput: everything or nothing is metal.
    """
    if not metal.any():
        raise BadInput(f"{called}: no voxel is metal at this threshold")
    if metal.all():
        raise BadInput(f"{called}: every voxel is metal at this threshold")


def shown_shape(shape: Sequence[int]) -> str:
    """A shape in words, "64 x 48 x 48".

    Args:
        shape: lengths of the axes.

    Returns:
        The text.
    """
    return " x ".join(str(length) for length in shape)
