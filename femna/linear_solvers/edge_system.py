"""Linear systems of one unknown per node whose matrix has the pattern of the mesh's edges.

The pattern (one diagonal entry per node, two entries per edge) never changes, so that an assembly only passes the
values to PETSc.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from femna.linear_solvers.krylov import Krylov
from femna.linear_solvers.nested_multigrid.preconditioner import NestedMultigrid
from femna.mesh import edges
from femna.mesh.grid import Grid
from femna.parallel import PETSc

Array = NDArray[np.float64]


class EdgeSystem:
    """A sparse matrix on the edges of a mesh, its Dirichlet nodes and a Krylov solver.

    The rows and columns of Dirichlet nodes are those of the identity: systems are posed for corrections, which vanish
    there.
    """

    def __init__(self, grid: Grid, options: Mapping[str, str], fixed: NDArray[np.bool_], rtol: float) -> None:
        """Allocate the matrix and set up the solver. Collective.

        Args:
            grid: the mesh.
            options: PETSc's options of the solver, without a prefix (`presets.preset`).
            fixed: (N,), the Dirichlet nodes, ghosts included.
            rtol: relative tolerance of each solve, in the norm that the options choose.
        """
        self.grid, self.fixed = grid, fixed
        index = grid.global_index
        first, second = index[grid.edges[:, 0]], index[grid.edges[:, 1]]
        self.matrix = matrix = PETSc.Mat().create(grid.comm)
        matrix.setSizes(((grid.owned, grid.total), (grid.owned, grid.total)))
        matrix.setType(PETSc.Mat.Type.AIJ)
        matrix.setPreallocationCOO(np.concatenate([index, first, second]), np.concatenate([index, second, first]))
        self._entries = np.empty(grid.size + 2 * len(grid.edges))
        self._right, self._left = matrix.createVecs()
        nested = options["pc_type"] == "python"
        multigrid = NestedMultigrid(grid, matrix, drift=options["ksp_type"] != "cg") if nested else None
        self.krylov, self.rtol = Krylov(matrix, options, preconditioner=multigrid), rtol

    @property
    def iterations(self) -> int:
        """Krylov iterations of all solves so far."""
        return self.krylov.iterations

    def assemble(self, local: Array, p: Array, q: Array) -> None:
        """Set the entries of the matrix. Collective.

        Args:
            local: (N,), this rank's share of the diagonal besides what p and q add to it.
            p: (E,), rates of the flux p u_i - q u_j from i to j along each edge (`edges.flux_divergence`), this rank's.
            q: (E,), as p. Matrix and right side have the units of the equation; only their quotient matters.
        """
        grid, entries = self.grid, self._entries
        largest = edges.matrix_entries(grid.edges, self.fixed, local, p, q, entries)
        # In SI units the entries on a 3D mesh are far below what factorisations take for a zero pivot.
        self._scale = 1.0 / float(grid.max(largest)[0])
        entries *= self._scale
        entries[: grid.size][self.fixed] = grid.is_owned[self.fixed]
        self.matrix.setValuesCOO(entries)

    def solve(self, right: Array, atol: float = 0.0) -> Array:
        """Solve for a right side. Collective.

        Args:
            right: (N,), summed over the ranks; only its values at owned nodes count, and none at Dirichlet nodes.
            atol: absolute tolerance in the solver's norm, for corrections that are close to zero.

        Returns:
            The solution (N,), ghosts included; 0 at Dirichlet nodes.

        Raises:
            SolveFailed: the solver stopped without converging.
        """
        owned = self.grid.owned
        self._right.array[:] = np.where(self.fixed[:owned], 0.0, self._scale * right[:owned])
        self.krylov.solve(self._right, self._left, self.rtol, atol=atol)
        solution = np.empty(self.grid.size)
        solution[:owned] = self._left.array
        return self.grid.update(solution)
