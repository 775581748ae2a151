"""The presets of `numerics.solver`: PETSc's options of the linear solver of each field, by name.

docs/guide/solvers.md says what each preset is for and has the measured times.
"""

from __future__ import annotations

from femna.errors import BadInput
from femna.mesh.grid import Grid
from femna.parallel import PETSc

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
NESTED_CG = {"ksp_type": "cg", "pc_type": "python", "ksp_norm_type": "preconditioned"}
# The cycle rounds to single precision. BiCGStab needs it on the right, and flexible: its residual is then that of the
# solution, and not one of which 1e-7 is rounding.
NESTED_BCGS = {"ksp_type": "fbcgs", "pc_type": "python"}
HYPRE_CG = {"ksp_type": "cg", "pc_type": "hypre", "ksp_norm_type": "preconditioned"}
MUMPS = {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"}
# The factors of one matrix solve for those of the next Newton iterations too, with some iterations.
MUMPS_GMRES = MUMPS | {"ksp_type": "fgmres", "ksp_gmres_restart": "100"}

MULTIGRID = {
    "ksp_type": "preonly",
    "pc_type": "gamg",
    "pc_gamg_threshold": "0.01",
    # Conductivities change by decades where metal grows: the aggregates of the first step do not suit the later ones.
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
    # The reaction to phi_l extrapolated to the interface makes rows unsymmetric. The entries of coarse rows keep their
    # signs with plain aggregation only.
    "fieldsplit_phi_l_pc_gamg_agg_nsmooths": "0",
}
SPLIT_HYPRE = {key: "hypre" if value == "gamg" else value for key, value in SPLIT_GMRES.items()}
NESTED_GMRES = {"ksp_type": "fgmres", "ksp_gmres_restart": "100", "pc_type": "python"}
ILU_GMRES = {
    "ksp_type": "gmres",
    "ksp_gmres_restart": "100",
    "ksp_pc_side": "right",
    "pc_type": "bjacobi",
    "sub_pc_type": "ilu",
}

PRESETS: dict[str, dict[str, dict[str, str]]] = {
    "gamg": {"xi": JACOBI_CG, "c": ILU_BCGS, "phi": GAMG_CG, "profile": ILU_BCGS, "coupled": SPLIT_GMRES},
    "jacobi": {"xi": JACOBI_CG, "c": SOR_BCGS, "phi": JACOBI_CG, "profile": SOR_BCGS, "coupled": ILU_GMRES},
    "nested": {"xi": JACOBI_CG, "c": NESTED_BCGS, "phi": NESTED_CG, "profile": NESTED_BCGS, "coupled": NESTED_GMRES},
    "hypre": {"xi": JACOBI_CG, "c": ILU_BCGS, "phi": HYPRE_CG, "profile": ILU_BCGS, "coupled": SPLIT_HYPRE},
    "direct": {"xi": JACOBI_CG, "c": ILU_BCGS, "phi": MUMPS, "profile": ILU_BCGS, "coupled": MUMPS_GMRES},
}
"""Name of a preset -> system -> PETSc's options. Systems: xi, c and phi of the single potential; of the two potentials
the reinitialisation of the profile ("profile") and c, phi_l and phi_s together ("coupled")."""

MAX_FACTORISED_UNKNOWNS = 300_000
"""Largest coupled system in 1D or 2D, in unknowns, for which a factorisation is faster than a Krylov method."""


def preset(name: str, grid: Grid, unknowns: int = 1) -> dict[str, dict[str, str]]:
    """The options of a preset.

    Args:
        name: a key of PRESETS, or "auto": "direct" for a small coupled system in 1D or 2D where PETSc has MUMPS, else
            "nested" on a nested mesh and "gamg" on others.
        grid: the mesh on which the systems are assembled.
        unknowns: unknowns of a node in the coupled system; 1 if there is none.

    Returns:
        PETSc's options by name, for each system.

    Raises:
        BadInput: the preset is "nested" and the mesh is not.
    """
    if name == "auto":
        small = unknowns > 1 and grid.dim < 3 and unknowns * grid.total <= MAX_FACTORISED_UNKNOWNS
        multigrid = "gamg" if grid.lattice is None else "nested"
        name = "direct" if small and PETSc.Sys.hasExternalPackage("mumps") else multigrid
    if name == "nested" and grid.lattice is None:
        others = ", ".join(other for other in PRESETS if other != name)
        raise BadInput(f"numerics.solver is 'nested', and this mesh is not; allowed: auto, {others}")
    return PRESETS[name]
