"""Which bricks and leaves are cut: one array of flags for each level, the same on every rank.

Neighbouring leaves, also those across an edge or a corner, differ by one level at most (2:1), and a level is several
leaves wide before the next one begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from femna.kernels import kernel
from femna.mesh.tree.leaf_counts import GRADE
from femna.mesh.tree.roots import Roots

Array = NDArray[np.float64]
Int32s = NDArray[np.int32]
Flags = NDArray[np.uint8]
CutCells = tuple[Flags, NDArray[np.int64], NDArray[np.int64]]
"""`flags`, `starts` and `counts` of a refinement, for kernels."""


@dataclass(frozen=True)
class Refinement:
    """The cells of each level that are cut.

    Attributes:
        flags: 1 for each cell that is cut, 0 for the others: the levels 0 to L - 1 one after the other, each in the
            order of its cells' numbers (the last axis fastest).
        starts: (L + 1,), where each level begins in `flags`.
        counts: (3,), number of bricks along each axis.
        dim: number of dimensions d.
    """

    flags: Flags
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    dim: int

    @property
    def levels(self) -> int:
        """L."""
        return len(self.starts) - 1

    @property
    def cut(self) -> CutCells:
        """For kernels."""
        return self.flags, self.starts, self.counts

    def level(self, number: int) -> Flags:
        """The flags of a level as an array over the cells of that level."""
        return self.flags[self.starts[number] : self.starts[number + 1]].reshape(_shape(self.counts, self.dim, number))

    def packed(self) -> Flags:
        """The flags as bits, to be stored."""
        return np.packbits(self.flags)

    def leaves_in_bricks(self) -> NDArray[np.int64]:
        """Number of leaves of each brick, an array over the bricks."""
        result = np.ones(tuple(self.counts), dtype=np.int64)
        more = (1 << self.dim) - 1
        for number in range(self.levels):
            cells, flags = 1 << number, self.level(number)
            parts = [(count, cells) if axis < self.dim else (count, 1) for axis, count in enumerate(self.counts)]
            split = flags.reshape([size for part in parts for size in part])
            result += more * split.sum(axis=(1, 3, 5), dtype=np.int64)
        return result


def cells_at(roots: Roots, number: int) -> tuple[int, int, int]:
    """Number of cells of a level of some bricks along each axis."""
    return _shape(roots.counts, roots.dim, number)


def _shape(counts: Sequence[int] | NDArray[np.int64], dim: int, level: int) -> tuple[int, int, int]:
    a, b, c = (int(count) << (level if axis < dim else 0) for axis, count in enumerate(counts))
    return a, b, c


def unpacked(roots: Roots, bits: Flags) -> Refinement:
    """The refinement whose `packed` bits these are."""
    starts = _starts(roots)
    flags = np.unpackbits(bits, count=int(starts[-1]))
    return Refinement(flags, starts, np.array(roots.counts, dtype=np.int64), roots.dim)


def _starts(roots: Roots) -> NDArray[np.int64]:
    sizes = [int(np.prod(_shape(roots.counts, roots.dim, level))) for level in range(roots.levels)]
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def dilated(flags: Flags, reach: int | Sequence[int]) -> Flags:
    """Flags set within so many cells of a set one, along every axis and across.

    Args:
        flags: an array over cells.
        reach: number of cells, for all axes or for each.
    """
    reaches = [reach] * flags.ndim if isinstance(reach, int) else list(reach)
    result = flags
    for axis, cells in enumerate(reaches):
        if cells > 0 and flags.shape[axis] > 1:
            result = ndimage.maximum_filter1d(result, 2 * cells + 1, axis=axis, mode="constant", cval=0)
    return result


def refinement(roots: Roots, wanted: Flags) -> Refinement:
    """The balanced refinement with which the wanted cells consist of finest leaves.

    Args:
        roots: the bricks.
        wanted: of the cells of level L - 1, an array over them: those to be cut into finest leaves. Rows of bricks that
            need a level at least get it everywhere.
    """
    dim, levels, counts = roots.dim, roots.levels, np.array(roots.counts, dtype=np.int64)
    starts = _starts(roots)
    flags = np.zeros(int(starts[-1]), dtype=np.uint8)
    finer: Flags | None = None
    for level in range(levels - 1, -1, -1):
        shape = _shape(counts, dim, level)
        here = wanted.astype(np.uint8, copy=True) if finer is None else _parents(dilated(finer, GRADE), dim)
        rows = np.repeat(roots.least_level > level, 1 << level)
        along = [1, 1, 1]
        along[dim - 1] = len(rows)
        here |= rows.reshape(along).astype(np.uint8)
        flags[starts[level] : starts[level + 1]] = np.broadcast_to(here, shape).ravel()
        finer = here
    return Refinement(flags, starts, counts, dim)


def _parents(flags: Flags, dim: int) -> Flags:
    """1 for each cell with a set one among its halves."""
    for axis in range(dim):
        halves = np.moveaxis(flags, axis, 0)
        flags = np.moveaxis(np.maximum(halves[::2], halves[1::2]), 0, axis)
    return flags


@kernel
def is_cut(cut: CutCells, dim: int, level: int, i: int, j: int, k: int) -> bool:
    """Whether the cell (i, j, k) of a level is cut; false outside the box, and for finest cells."""
    flags, starts, counts = cut
    if level >= starts.size - 1 or i < 0 or j < 0 or k < 0:
        return False
    n1 = counts[1] << level
    n2 = counts[2] << level if dim == 3 else counts[2]
    if i >= counts[0] << level or j >= n1 or k >= n2:
        return False
    return bool(flags[starts[level] + (i * n1 + j) * n2 + k])
