"""The V-cycle: two forward sweeps of Gauss-Seidel, the coarse correction, two backward sweeps.

Over the ranks the sweeps are hybrid: each rank sweeps its own rows with the values that its ghosts had before. The
cycle is symmetric for a symmetric matrix, as conjugate gradients need it.
"""

from __future__ import annotations

import numpy as np

from femna.linear_solvers.nested_multigrid.coarse_values import Entries, coarsen, row_sums, split
from femna.linear_solvers.nested_multigrid.hierarchy import Hierarchy, Level
from femna.linear_solvers.nested_multigrid.matrix_rows import Array, Rows, Singles
from femna.linear_solvers.nested_multigrid.opposite import opposite_entries
from femna.linear_solvers.nested_multigrid.padded_rows import (
    PaddedRows,
    fill,
    prolong,
    restrict,
    scaled,
    sweep_backward,
    sweep_forward,
)
from femna.parallel import dolfinx

SWEEPS = 2
"""Sweeps before and after the coarse correction. One takes twice the iterations, and they grow with the size."""

SINGULAR = 1e-12
"""Raises the diagonal of the coarsest matrix, relative to it, so that one that nothing grounds has an inverse."""


NO_ENTRIES: Singles = np.zeros(0, dtype=np.float32)


class LevelValues:
    """What a level holds of one matrix: its entries, and the vectors of a cycle.

    Attributes:
        level: the level.
        entries: of its matrix. Those of the finest level are the matrix's own, and not kept.
        parent: (n,), coarse node of each node; -1 for those that the coarse level does not correct.
        right, x: right side, (n,), and solution, ghosts included.
    """

    def __init__(self, level: Level, finest: bool, drift: bool) -> None:
        rows, (neighbour, overflow_start, overflow_neighbour) = level.rows, level.padded
        count, owned = len(rows.column), level.owned
        self.level = level
        self.entries = Entries(
            np.empty(0 if finest else count, dtype=np.float32),
            np.empty(count if drift else 0, dtype=np.float32),
            np.empty(owned, dtype=np.float32),
        )
        self.padded = PaddedRows(
            neighbour,
            overflow_start,
            overflow_neighbour,
            np.empty(neighbour.shape, dtype=np.float32),
            np.empty(len(overflow_neighbour), dtype=np.float32),
            np.empty(owned, dtype=np.float32),
        )
        self.parent = np.empty(owned, dtype=np.int32)
        self.right = np.zeros(owned, dtype=np.float32)
        self._vector = None if level.index_map is None else dolfinx.la.vector(level.index_map, 1, np.float32)
        self._has_ghosts = level.index_map is not None and level.index_map.comm.size > 1
        self._between_updates = [1] * SWEEPS if self._has_ghosts else [SWEEPS]
        self.x: Singles = np.zeros(owned, dtype=np.float32) if self._vector is None else self._vector.array

    def fill(self) -> None:
        """Take the entries of the matrix into the padded rows."""
        transfer = self.level.transfer
        parent = np.zeros(self.level.owned, dtype=np.int32) if transfer is None else transfer.parent
        fill(self.level.rows, self.entries, self.padded, parent, self.parent)

    def coarsen(self, coarse: LevelValues) -> None:
        """Set the entries of the next coarser level."""
        level = self.level
        assert level.transfer is not None
        transfer = level.transfer._replace(parent=self.parent)
        coarsen(level.rows, self.entries, transfer, coarse.level.rows, coarse.entries)

    def restrict(self, coarse: LevelValues) -> None:
        """Two forward sweeps from zero; what is left of the right side goes to the coarse level. Collective."""
        self.x[:] = 0.0
        for sweeps in self._between_updates:
            sweep_forward(self.padded, self.right, self.x, sweeps)
            self._update()
        restrict(self.padded, self.right, self.x, self.parent, coarse.right)

    def correct(self, coarse: LevelValues) -> None:
        """The coarse level's correction and two backward sweeps. Collective."""
        prolong(self.x, self.parent, coarse.x)
        for sweeps in self._between_updates:
            self._update()
            sweep_backward(self.padded, self.right, self.x, sweeps)

    def _update(self) -> None:
        """Copy x from the owners of ghosts. Collective where the level is shared."""
        if self._vector is not None and self._has_ghosts:
            self._vector.scatter_forward()


class Cycle:
    """One V-cycle as an approximate inverse of a matrix.

    Attributes:
        shared: the levels that the ranks share, the finest first.
        gathered: those that every rank holds.
    """

    def __init__(self, hierarchy: Hierarchy, drift: bool) -> None:
        """Allocate the levels. Collective.

        Args:
            hierarchy: the levels.
            drift: whether the matrix may be unsymmetric.
        """
        self.hierarchy, self.drift = hierarchy, drift
        self.shared = [LevelValues(level, k == 0, drift) for k, level in enumerate(hierarchy.shared)]
        self.gathered = [LevelValues(level, False, drift) for level in hierarchy.gathered]
        self._coarsest: Singles = np.zeros((0, 0), dtype=np.float32)
        self._opposite = opposite_entries(hierarchy.pattern) if drift else None

    def set_values(self, values: Array) -> None:
        """Take the entries of a matrix. Collective.

        Args:
            values: (nnz,), of this rank's rows (`MatrixRows.values`).
        """
        finest, rows = self.shared[0], self.hierarchy.pattern.rows
        finest.entries = finest.entries._replace(value=values)
        if self._opposite is None:
            row_sums(rows, values, finest.entries.mass)
        else:
            split(rows, values, self._opposite.place, self._opposite.exchange(values), finest.entries)
        for fine, coarse in zip(self.shared[:-1], self.shared[1:], strict=True):
            fine.fill()
            fine.coarsen(coarse)
        roots, hierarchy = self.shared[-1].entries, self.hierarchy
        self.gathered[0].entries = Entries(
            hierarchy.gather_singles(roots.value.astype(np.float32, copy=False), hierarchy.entries),
            hierarchy.gather_singles(roots.drift, hierarchy.entries) if self.drift else roots.drift,
            hierarchy.gather_singles(roots.mass, hierarchy.nodes),
        )
        for fine, coarse in zip(self.gathered[:-1], self.gathered[1:], strict=True):
            fine.fill()
            fine.coarsen(coarse)
        last = self.gathered[-1]
        self._coarsest = _inverse(last.level.rows, last.entries)
        finest.entries = finest.entries._replace(value=NO_ENTRIES)

    def apply(self, right: Array, left: Array) -> None:
        """One cycle from zero. Collective.

        Args:
            right: (n,), at the owned nodes.
            left: (n,), receives the approximate solution.
        """
        size = float(np.sqrt(self.hierarchy.comm.allreduce(float(np.dot(right, right)))))
        if not 0.0 < size < np.inf:
            left[:] = 0.0 if size == 0.0 else np.nan
            return
        finest = self.shared[0]
        scaled(right, 1.0 / size, finest.right)  # keeps to the range of single precision
        self._descend(0)
        scaled(finest.x, size, left)

    def _descend(self, k: int) -> None:
        """Solve approximately for the right side of a level that the ranks share. Collective."""
        here = self.shared[k]
        if here.level.transfer is None:
            first, before = self.gathered[0], self.hierarchy.before
            first.right[:] = self.hierarchy.gather_singles(here.right, self.hierarchy.nodes)
            self._descend_gathered(0)
            here.x[: here.level.owned] = first.x[before : before + here.level.owned]
            return
        coarse = self.shared[k + 1]
        here.restrict(coarse)
        self._descend(k + 1)
        here.correct(coarse)

    def _descend_gathered(self, k: int) -> None:
        """Solve approximately for the right side of a level that every rank holds."""
        here = self.gathered[k]
        if here.level.transfer is None:
            here.x[:] = self._coarsest @ here.right
            return
        coarse = self.gathered[k + 1]
        here.restrict(coarse)
        self._descend_gathered(k + 1)
        here.correct(coarse)


def _inverse(rows: Rows, entries: Entries) -> Singles:
    """Inverse of the matrix of the coarsest level.

    In double precision, with the diagonal from the fluxes: in single precision a region of high conductance would seem
    to be grounded.
    """
    size = len(entries.mass)
    matrix = np.zeros((size, size))
    row = np.repeat(np.arange(size), np.diff(rows.start))
    off = row != rows.column
    value = entries.value.astype(float)
    leaving = -value if len(entries.drift) == 0 else 2.0 * entries.drift - value
    matrix[row[off], rows.column[off]] = value[off]
    diagonal = entries.mass + np.bincount(row[off], leaving[off], size)
    diagonal[diagonal == 0.0] = 1.0
    scale = 1.0 / np.sqrt(np.abs(diagonal))
    matrix[np.arange(size), np.arange(size)] = diagonal * (1.0 + SINGULAR)
    inverse = np.linalg.inv(scale[:, None] * matrix * scale)
    return np.asarray(scale[:, None] * inverse * scale, dtype=np.float32)
