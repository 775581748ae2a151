"""Sparse systems on the edges of the grid, solved by PETSc with named presets.

The pattern (one diagonal entry a node, two entries an edge) never changes, so each assembly only hands PETSc the
values. Every solve is checked: a Krylov method that stops without converging raises `SolveFailed`, and the step that
asked for it is tried again with a smaller size.
"""

from __future__ import annotations

from itertools import count

import numpy as np
from numpy.typing import NDArray

from femna.grid import Grid
from femna.parallel import PETSc

Array = NDArray[np.float64]

JACOBI_CG = {"ksp_type": "cg", "pc_type": "jacobi", "ksp_norm_type": "preconditioned", "ksp_max_it": "5000"}
ILU_BCGS = {"ksp_type": "bcgs", "pc_type": "bjacobi", "sub_pc_type": "ilu", "ksp_norm_type": "preconditioned"}
SOR_BCGS = {"ksp_type": "bcgs", "pc_type": "sor", "ksp_norm_type": "preconditioned"}
GAMG_CG = {
    "ksp_type": "cg",
    "pc_type": "gamg",
    "ksp_norm_type": "preconditioned",
    "pc_gamg_reuse_interpolation": "true",
    "mg_levels_ksp_type": "richardson",
    "mg_levels_ksp_max_it": "1",
    "mg_levels_pc_type": "sor",
}
HYPRE_CG = {"ksp_type": "cg", "pc_type": "hypre", "ksp_norm_type": "preconditioned"}
MUMPS = {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"}

PRESETS: dict[str, dict[str, dict[str, str]]] = {
    "gamg": {"xi": JACOBI_CG, "c": ILU_BCGS, "phi": GAMG_CG},
    "jacobi": {"xi": JACOBI_CG, "c": SOR_BCGS, "phi": JACOBI_CG},
    "hypre": {"xi": JACOBI_CG, "c": ILU_BCGS, "phi": HYPRE_CG},
    "direct": {"xi": JACOBI_CG, "c": ILU_BCGS, "phi": MUMPS},
}
"""numerics.solver: what solves which field. `gamg` is the default; docs/guide/solvers.md has the measured table."""


REUSE = 10
"""A multigrid hierarchy serves so many solves, or until the iterations grow by half."""

_COUNTER = count()


class SolveFailed(Exception):
    """A linear or nonlinear solve did not converge; the step has to be tried with a smaller size."""


class EdgeSystem:
    """A matrix with the pattern of the grid's edges, its Dirichlet nodes and a Krylov solver.

    fixed: (N,) bool, the Dirichlet nodes (ghosts included). Their rows and columns are the identity's: systems are
    posed for corrections, which vanish there.
    """

    def __init__(self, grid: Grid, options: dict[str, str], fixed: NDArray[np.bool_], rtol: float) -> None:
        self.grid, self.fixed = grid, fixed
        index = grid.global_index
        first, second = index[grid.edges[:, 0]], index[grid.edges[:, 1]]
        self.matrix = matrix = PETSc.Mat().create(grid.comm)
        matrix.setSizes(((grid.owned, grid.total), (grid.owned, grid.total)))
        matrix.setType(PETSc.Mat.Type.AIJ)
        matrix.setPreallocationCOO(np.concatenate([index, first, second]), np.concatenate([index, second, first]))
        self._free_edge = ~(fixed[grid.edges[:, 0]] | fixed[grid.edges[:, 1]])
        self._right, self._left = matrix.createVecs()
        self.solver = PETSc.KSP().create(grid.comm)
        self.solver.setOperators(matrix)
        prefix, options = f"femna_{next(_COUNTER)}_", {"ksp_max_it": "500"} | options
        self.solver.setOptionsPrefix(prefix)
        self._database, self._given = PETSc.Options(), [prefix + key for key in options]
        for name, value in zip(self._given, options.values(), strict=True):
            self._database[name] = value
        self.solver.setFromOptions()
        self.solver.setTolerances(rtol=rtol, atol=0.0)
        self.iterations = 0
        self._reuses = options.get("pc_type") in ("gamg", "hypre")
        self._age, self._first = 0, 0

    def assemble(self, diagonal: Array, p: Array, q: Array) -> None:
        """Set the matrix from its diagonal (this rank's share, (N,)) and the edge rates p, q of `edges.outflow`."""
        size = self.grid.size
        values = np.empty(size + 2 * len(p))
        values[:size] = diagonal
        values[size : size + len(p)] = -q * self._free_edge
        values[size + len(p) :] = -p * self._free_edge
        # in metres the entries of a 3D mesh are far below what factorisations take for a zero pivot
        self._scale = 1.0 / float(self.grid.max(diagonal.max(initial=0.0))[0])
        values *= self._scale
        values[:size][self.fixed] = self.grid.is_owned[self.fixed]
        self.matrix.setValuesCOO(values)

    def solve(self, right: Array, atol: float = 0.0) -> Array:
        """Solution with ghosts, (N,), for the whole right side at the owned nodes. Raises SolveFailed. Collective.

        atol: absolute tolerance in the preconditioned norm, for right sides that are corrections near zero.
        """
        owned = self.grid.owned
        self._right.array[:] = np.where(self.fixed[:owned], 0.0, self._scale * right[:owned])
        self.solver.setTolerances(atol=atol)
        reason = self._krylov(reuse=self._reuses and 0 < self._age < REUSE)
        if reason <= 0 and self._age > 1:
            reason = self._krylov(reuse=False)
        if reason <= 0:
            self._age = 0
            raise SolveFailed(f"linear solver stopped with PETSc reason {reason}")
        solution = np.empty(self.grid.size)
        solution[:owned] = self._left.array
        return self.grid.update(solution)

    def _krylov(self, reuse: bool) -> int:
        """One run of the Krylov method from zero, with the last preconditioner or a new one; PETSc's reason to end."""
        self.solver.getPC().setReusePreconditioner(reuse)
        self._left.set(0.0)
        self.solver.solve(self._right, self._left)
        taken = self.solver.getIterationNumber()
        self.iterations += taken
        if not reuse:
            self._age, self._first = 0, taken
        self._age = REUSE if 2 * taken > 3 * self._first + 4 else self._age + 1
        while self._given:  # the levels of a multigrid have read theirs by now
            del self._database[self._given.pop()]
        return int(self.solver.getConvergedReason())
