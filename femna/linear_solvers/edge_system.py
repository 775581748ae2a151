"""Sparse systems on the edges of the grid, solved by PETSc with named presets.

The pattern (one diagonal entry a node, two entries an edge) never changes, so each assembly only hands PETSc the
values. Every solve is checked: a Krylov method that stops without converging raises `SolveFailed`, and the step that
asked for it is tried again with a smaller size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femna.linear_solvers.krylov import Krylov
from femna.mesh.grid import Grid
from femna.parallel import PETSc

Array = NDArray[np.float64]

JACOBI_CG = {"ksp_type": "cg", "pc_type": "jacobi", "ksp_norm_type": "preconditioned", "ksp_max_it": "5000"}
ILU_BCGS = {"ksp_type": "bcgs", "pc_type": "bjacobi", "sub_pc_type": "ilu", "ksp_norm_type": "preconditioned"}
SOR_BCGS = {"ksp_type": "bcgs", "pc_type": "sor", "ksp_norm_type": "preconditioned"}
SMOOTHER = {"mg_levels_ksp_type": "richardson", "mg_levels_ksp_max_it": "1", "mg_levels_pc_type": "sor"}
GAMG_CG = {
    "ksp_type": "cg",
    "pc_type": "gamg",
    "ksp_norm_type": "preconditioned",
    "pc_gamg_reuse_interpolation": "true",
    **SMOOTHER,
}
HYPRE_CG = {"ksp_type": "cg", "pc_type": "hypre", "ksp_norm_type": "preconditioned"}
MUMPS = {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"}

MULTIGRID = {
    "ksp_type": "preonly",
    "pc_type": "gamg",
    "pc_gamg_threshold": "0.01",
    # conductivities change by decades where metal comes: aggregates of the first step do not serve the later ones
    "pc_gamg_reuse_interpolation": "false",
    **SMOOTHER,
    "mg_levels_pc_type": "bjacobi",
}
SPLIT_GMRES = {
    "ksp_type": "fgmres",
    "ksp_gmres_restart": "100",
    "pc_type": "fieldsplit",
    "pc_fieldsplit_type": "multiplicative",
    **{f"fieldsplit_{f}_{k}": v for f in ("c", "phi_l", "phi_s") for k, v in MULTIGRID.items()},
    # a front that reacts to phi_l at its own place makes rows unsymmetric: coarse ones keep their signs by plain
    # aggregation alone
    "fieldsplit_phi_l_pc_gamg_agg_nsmooths": "0",
}
SPLIT_HYPRE = {key: "hypre" if value == "gamg" else value for key, value in SPLIT_GMRES.items()}
ILU_GMRES = {
    "ksp_type": "gmres",
    "ksp_gmres_restart": "100",
    "ksp_pc_side": "right",
    "pc_type": "bjacobi",
    "sub_pc_type": "ilu",
}

PRESETS: dict[str, dict[str, dict[str, str]]] = {
    "gamg": {"xi": JACOBI_CG, "c": ILU_BCGS, "phi": GAMG_CG, "relaxation": ILU_BCGS, "coupled": SPLIT_GMRES},
    "jacobi": {"xi": JACOBI_CG, "c": SOR_BCGS, "phi": JACOBI_CG, "relaxation": SOR_BCGS, "coupled": ILU_GMRES},
    "hypre": {"xi": JACOBI_CG, "c": ILU_BCGS, "phi": HYPRE_CG, "relaxation": ILU_BCGS, "coupled": SPLIT_HYPRE},
    "direct": {"xi": JACOBI_CG, "c": ILU_BCGS, "phi": MUMPS, "relaxation": ILU_BCGS, "coupled": MUMPS},
}
"""numerics.solver: what solves which field; docs/guide/solvers.md has the measured table."""

FEW_UNKNOWNS = 300_000
"""Up to so many in the coupled system of a 1D or 2D grid a factorisation is faster than Krylov's method."""


def preset(name: str, grid: Grid, unknowns: int = 1) -> dict[str, dict[str, str]]:
    """The options of a preset. `auto` is gamg, but direct for few coupled unknowns (per node) in 1D or 2D."""
    if name == "auto":
        small = unknowns > 1 and grid.dim < 3 and unknowns * grid.total <= FEW_UNKNOWNS
        name = "direct" if small and PETSc.Sys.hasExternalPackage("mumps") else "gamg"
    return PRESETS[name]


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
        self.krylov, self.rtol = Krylov(matrix, options), rtol

    @property
    def iterations(self) -> int:
        """Krylov iterations so far."""
        return self.krylov.iterations

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
        self.krylov.solve(self._right, self._left, self.rtol, atol=atol)
        solution = np.empty(self.grid.size)
        solution[:owned] = self._left.array
        return self.grid.update(solution)
