"""The bricks that the trees of a stack grow from, and the lattice of the finest leaves.

A brick is cut into halves along every axis, `levels` times where the front is. The faces of the layers are planes of
bricks, so that no leaf lies in two layers. Lateral bricks are equal; upwards every row has a height of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Int32s = NDArray[np.int32]

DIGITS = 12
"""Digits to which rows of bricks count as equally high."""

AXES = 3
"""Lattice coordinates of a node; in two dimensions the third is 0."""


@dataclass(frozen=True)
class Roots:
    """Bricks over a stack.

    Attributes:
        planes: of each axis, the coordinates of the bricks' faces in m, ascending; the growth direction is the last.
        levels: how often a brick may be cut, L.
        phase: (rows,), index of the phase of each row of bricks along the growth direction.
        least_level: (rows,), level that the leaves of each row have at least.
        zone: height up to which leaves may be finest, m.
    """

    planes: tuple[Array, ...]
    levels: int
    phase: Int32s
    least_level: Ints
    zone: float = np.inf

    @property
    def dim(self) -> int:
        """Number of dimensions d."""
        return len(self.planes)

    @cached_property
    def counts(self) -> tuple[int, int, int]:
        """Number of bricks along each axis; 1 along the missing one of two dimensions."""
        counts = [len(planes) - 1 for planes in self.planes]
        return (counts[0], counts[1], counts[2] if self.dim == AXES else 1)

    @cached_property
    def extent(self) -> Int32s:
        """Number of finest leaves along each axis, (3,); 0 along the missing one of two dimensions."""
        cells = [count << self.levels for count in self.counts[: self.dim]]
        return np.array(cells + [0] * (AXES - self.dim), dtype=np.int32)

    @cached_property
    def row_shape(self) -> Array:
        """Size of the bricks of each row, (rows, d) in m."""
        heights = np.diff(self.planes[-1])
        sides = [np.full(len(heights), planes[1] - planes[0]) for planes in self.planes[:-1]]
        return np.stack([*sides, heights], axis=1)

    @cached_property
    def kinds_of_rows(self) -> tuple[Array, Ints]:
        """Sizes of the bricks that differ, (K, d) in m, and the kind of each row, (rows,)."""
        rounded = np.round(self.row_shape / self.row_shape.max(), DIGITS)
        _, first, kind = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
        return self.row_shape[first], kind.ravel()

    def coordinates(self, position: Int32s) -> Array:
        """Coordinates of lattice nodes.

        Args:
            position: (N, 3), in finest leaves.

        Returns:
            (N, d), in m; exactly those of `planes` on the bricks' faces.
        """
        size = 1 << self.levels
        columns = []
        for axis, planes in enumerate(self.planes):
            brick, rest = np.divmod(position[:, axis], size)
            below = planes[brick]
            above = planes[np.minimum(brick + 1, len(planes) - 1)]
            columns.append(below + (above - below) * (rest / size))
        return np.ascontiguousarray(np.stack(columns, axis=1))

    def brick_of(self, position: Int32s) -> Ints:
        """The brick that holds what lies just beyond each node along every axis, (N, 3); the last one at far ends.

        Args:
            position: (N, 3), in finest leaves.
        """
        return np.asarray(np.minimum(position.astype(np.int64) >> self.levels, np.array(self.counts) - 1))

    @cached_property
    def along_curve(self) -> Int32s:
        """Every brick by its numbers, (B, 3), in the order of a Morton curve."""
        numbers = np.stack(np.meshgrid(*(np.arange(count) for count in self.counts), indexing="ij"), axis=-1)
        numbers = numbers.reshape(-1, AXES)
        key = np.zeros(len(numbers), dtype=np.int64)
        for bit in range(20):
            for axis in range(AXES):
                key |= ((numbers[:, axis] >> bit) & 1) << (AXES * bit + axis)
        return np.ascontiguousarray(numbers[np.argsort(key, kind="stable")].astype(np.int32))
