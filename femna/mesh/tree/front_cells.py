"""Which leaves are to be finest: those that the front crosses, and a margin into which it may move.

A rebuild makes the leaves finest within REACH of the front and BUFFER beyond. It is due when the front has come to
within REACH of larger leaves. How far the front moves in between does not depend on the size of the steps.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.mesh.tree.leaf_counts import BUFFER, REACH
from femna.mesh.tree.refinement import Refinement, cells_at, dilated, refinement
from femna.mesh.tree.roots import Int32s, Roots
from femna.mesh.tree.tree_grid import TreeGrid
from femna.parallel import MPI

Array = NDArray[np.float64]
Flags = NDArray[np.uint8]
Mask = NDArray[np.bool_]

LEAST_SLOPE = 1.0 / (2.0 * np.cosh(REACH)) ** 2
"""xi (1 - xi) at the distance REACH."""


class FrontCells:
    """The cells of level L - 1 that are to be cut into finest leaves.

    Args:
        roots: the bricks.
        width: of the front, l in m.
        always: heights (low, high) in m between which leaves are always finest.
    """

    def __init__(self, roots: Roots, width: float, always: list[tuple[float, float]]) -> None:
        self.roots, self.shape = roots, cells_at(roots, roots.levels - 1)
        finest = roots.row_shape.min(axis=0) / 2.0 ** (roots.levels - 1)
        cells = [int(np.ceil(BUFFER * width / size)) for size in finest]
        self._buffer = cells + [0] * (3 - roots.dim)
        middle = self.heights()
        steps = np.diff(roots.planes[-1]).repeat(1 << (roots.levels - 1)) / 2.0**roots.levels
        fixed = np.zeros(len(middle), dtype=bool)
        for low, high in always:
            fixed |= (middle + steps > low) & (middle - steps < high)
        self._always = self._along_growth(fixed)
        self._may = self._along_growth(middle - steps < roots.zone)

    def heights(self) -> Array:
        """Heights of the middles of the rows of cells, m."""
        planes, parts = self.roots.planes[-1], 1 << (self.roots.levels - 1)
        share = (np.arange(parts) + 0.5) / parts
        return np.asarray((planes[:-1, None] + np.diff(planes)[:, None] * share).ravel())

    def _along_growth(self, rows: Mask) -> Flags:
        shape = [1, 1, 1]
        shape[self.roots.dim - 1] = len(rows)
        return rows.reshape(shape).astype(np.uint8)

    def refinement(self, crossed: Flags) -> Refinement:
        """The refinement about the cells that the front crosses, an array over them, the same on every rank."""
        wanted = dilated(crossed, self._buffer) & self._may | self._always
        return refinement(self.roots, np.broadcast_to(wanted, self.shape))

    def at_start(self, comm: MPI.Comm, metal: Callable[[Array], Array], low: float, high: float) -> Flags:
        """Cells that a front given by its order parameter crosses. Collective.

        Args:
            comm: the ranks.
            metal: xi at points (n, d), (n,).
            low, high: heights between which the front lies, m.
        """
        roots, dim = self.roots, self.roots.dim
        crossed = np.zeros(self.shape, dtype=np.uint8)
        heights = self.heights()
        rows = np.flatnonzero((heights >= low) & (heights <= high))
        lateral = [
            np.linspace(planes[0], planes[-1], 2 * count + 1)[1::2]
            for planes, count in zip(roots.planes[:-1], self.shape, strict=False)
        ]
        mine = rows[comm.rank :: comm.size]
        for row in mine:
            mesh = np.meshgrid(*lateral, [heights[row]], indexing="ij")
            xi = metal(np.stack([part.ravel() for part in mesh], axis=1))
            near = (xi * (1.0 - xi) > LEAST_SLOPE).reshape([len(side) for side in lateral])
            index: tuple[int | slice, ...] = (slice(None), row, 0) if dim == 2 else (slice(None), slice(None), row)
            crossed[index] = near
        comm.Allreduce(MPI.IN_PLACE, crossed, op=MPI.MAX)
        return crossed

    def crossed(self, grid: TreeGrid, xi: Array) -> Flags:
        """Cells that the front crosses now. Collective.

        Args:
            grid: the present leaves.
            xi: (N,).
        """
        flags = np.zeros(self.shape, dtype=np.uint8)
        _mark(flags, grid.leaves.origin, grid.leaves.level, grid.leaves.corners, xi, grid.roots.levels)
        grid.comm.Allreduce(MPI.IN_PLACE, flags, op=MPI.MAX)
        return flags

    def beside_finest(self, grid: TreeGrid) -> Mask:
        """Nodes of leaves that are not finest and may become so, (N,): the front is not to come there."""
        leaves, roots = grid.leaves, self.roots
        bottom = roots.coordinates(leaves.origin)[:, -1]
        chosen = (leaves.level < roots.levels) & (bottom < roots.zone)
        result = np.zeros(grid.size, dtype=bool)
        result[leaves.corners[chosen].ravel()] = True
        return result


@kernel
def _mark(flags: Flags, origin: Int32s, level: NDArray[np.int8], corners: Int32s, xi: Array, levels: int) -> None:
    """Sets the flags of the cells of level L - 1 in, or about, leaves that the front crosses."""
    for leaf in range(level.size):
        low, high = 1.0, 0.0
        for c in range(corners.shape[1]):
            value = xi[corners[leaf, c]]
            low, high = min(low, value), max(high, value)
        crossed = high * (1.0 - high) > LEAST_SLOPE or low * (1.0 - low) > LEAST_SLOPE
        if not (crossed or (low < 0.5 and high > 0.5)):
            continue
        cells = max(1, (1 << (levels - level[leaf])) >> 1)
        i0, j0, k0 = origin[leaf, 0] >> 1, origin[leaf, 1] >> 1, origin[leaf, 2] >> 1
        for i in range(i0, i0 + cells):
            for j in range(j0, j0 + cells):
                for k in range(k0, k0 + (cells if corners.shape[1] == 8 else 1)):
                    flags[i, j, k] = 1
