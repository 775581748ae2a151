"""The cycle as a preconditioner of PETSc."""

from __future__ import annotations

from femna.linear_solvers.nested_multigrid.cycle import Cycle
from femna.linear_solvers.nested_multigrid.hierarchy import hierarchy_of
from femna.mesh.grid import Grid
from femna.parallel import PETSc


class NestedMultigrid:
    """One V-cycle on the levels of a nested mesh: the context of a `PC` of type python.

    PETSc calls `setUp` before the first solve with new entries of the matrix, and `apply`.
    """

    def __init__(self, grid: Grid, drift: bool) -> None:
        """Remember the mesh.

        Args:
            grid: a nested mesh.
            drift: whether the matrix may be unsymmetric.
        """
        self._grid, self._drift = grid, drift
        self._cycle: Cycle | None = None

    def setUp(self, pc: PETSc.PC) -> None:
        """Take the entries of the matrix. Collective."""
        _, matrix = pc.getOperators()
        hierarchy = hierarchy_of(self._grid, matrix)
        if self._cycle is None:
            self._cycle = Cycle(hierarchy, self._drift)
        self._cycle.set_values(hierarchy.matrix_rows.values(matrix))

    def apply(self, pc: PETSc.PC, right: PETSc.Vec, left: PETSc.Vec) -> None:
        """One cycle. Collective."""
        assert self._cycle is not None
        self._cycle.apply(right.array_r, left.array_w)
