"""A volume in memory: values of voxels, how large they are and where they lie."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Three = tuple[float, float, float]
"""Numbers along x, y and z, the growth axis."""


@dataclass(frozen=True)
class VolumeHeader:
    """All of a volume but its values.

    Args:
        shape: numbers of voxels (z, y, x); z is the growth axis, upwards, and x runs fastest.
        dtype: type of the values.
        voxel_size: along x, y and z, m.
        origin: position of the corner of the first voxel, x, y and z, m.
        unit: unit of the values; "1" for labels and shares.
        quantity: what the values are, in words.
        labels: value -> name of what it marks; empty where the values are no labels.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    voxel_size: Three
    origin: Three = (0.0, 0.0, 0.0)
    unit: str = "1"
    quantity: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Bytes of the values in memory."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def voxel_volume(self) -> float:
        """Volume of a voxel, m^3."""
        return math.prod(self.voxel_size)


@dataclass(frozen=True)
class Volume:
    """A volume of voxels, each of which holds the mean over its box.

    Args:
        values: (z, y, x).
        voxel_size, origin, unit, quantity, labels: as for VolumeHeader.
        mask: (z, y, x), true where a voxel has been measured; None where all have.
    """

    values: Array
    voxel_size: Three
    origin: Three = (0.0, 0.0, 0.0)
    unit: str = "1"
    quantity: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)
    mask: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 3 or self.values.size == 0:
            raise ValueError(f"a volume has three axes with voxels on each, and not the shape {self.values.shape}")
        if self.mask is not None and self.mask.shape != self.values.shape:
            raise ValueError(f"the mask has shape {self.mask.shape}, the values {self.values.shape}")

    @property
    def header(self) -> VolumeHeader:
        """The volume without its values."""
        size, place, shape = self.voxel_size, self.origin, self.values.shape
        lengths, dtype = (shape[0], shape[1], shape[2]), self.values.dtype
        return VolumeHeader(lengths, dtype, size, place, self.unit, quantity=self.quantity, labels=self.labels)

    @property
    def voxel_volume(self) -> float:
        """Volume of a voxel, m^3."""
        return math.prod(self.voxel_size)
