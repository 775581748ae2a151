"""The cycle as a preconditioner of PETSc, for one unknown a node and for several."""

from __future__ import annotations

import numpy as np

from femna.linear_solvers.nested_multigrid.block_rows import BlockRows, subtract
from femna.linear_solvers.nested_multigrid.cycle import Cycle
from femna.linear_solvers.nested_multigrid.hierarchy import hierarchy_of
from femna.linear_solvers.nested_multigrid.matrix_rows import MatrixRows
from femna.mesh.grid import Grid
from femna.parallel import PETSc, dolfinx


class NestedMultigrid:
    """One V-cycle on the levels of a nested mesh: the context of a `PC` of type python.

    PETSc calls `setUp` before the first solve with new entries of the matrix, and `apply`.
    """

    def __init__(self, grid: Grid, matrix: PETSc.Mat, drift: bool) -> None:
        """Find the levels, or those that another matrix on the grid has found. Collective.

        Args:
            grid: a nested mesh.
            matrix: a matrix on its edges, one unknown a node.
            drift: whether it may be unsymmetric.
        """
        rows = MatrixRows(matrix)
        hierarchy = hierarchy_of(grid, rows)
        # one copy of the pattern for all systems on the grid
        self._rows = hierarchy.pattern if isinstance(hierarchy.pattern, MatrixRows) else rows
        self._cycle = Cycle(hierarchy, drift)

    def setUp(self, pc: PETSc.PC) -> None:
        """Take the entries of the matrix. Collective."""
        self._cycle.set_values(self._rows.values(pc.getOperators()[1]))

    def apply(self, pc: PETSc.PC, right: PETSc.Vec, left: PETSc.Vec) -> None:
        """One cycle. Collective."""
        self._cycle.apply(right.array_r, left.array_w)


class NestedFieldSplit:
    """A V-cycle for each field in turn, with what the fields before it leave of its right side."""

    def __init__(self, grid: Grid, matrix: PETSc.Mat, size: int) -> None:
        """Find the levels, or those that another matrix on the grid has found. Collective.

        Args:
            grid: a nested mesh.
            matrix: a matrix on its edges with `size` unknowns a node.
            size: number of fields.
        """
        self._rows = rows = BlockRows(matrix, size)
        hierarchy = hierarchy_of(grid, rows)
        self._cycles = [Cycle(hierarchy, drift=True) for _ in range(size)]
        self._x = dolfinx.la.vector(rows.block.index_map)
        self._values = np.zeros(0)

    def setUp(self, pc: PETSc.PC) -> None:
        """Take the entries of the matrix. Collective."""
        self._values = self._rows.block.values(pc.getOperators()[1])
        for cycle, place in zip(self._cycles, self._rows.place, strict=True):
            cycle.set_values(self._values[place])

    def apply(self, pc: PETSc.PC, right: PETSc.Vec, left: PETSc.Vec) -> None:
        """One cycle of each field. Collective."""
        size, given, x = len(self._cycles), right.array_r, self._x.array
        solved = np.empty(self._rows.owned)
        for k, cycle in enumerate(self._cycles):
            part = given[k::size].copy()
            if k > 0:
                self._x.scatter_forward()
                subtract(self._rows.couplings[k], self._values, x, part)
            cycle.apply(part, solved)
            x[k : len(given) : size] = solved
        left.array_w[:] = x[: len(given)]
