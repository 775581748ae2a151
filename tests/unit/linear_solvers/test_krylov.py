"""The linear solvers solve, keep to their options where a multigrid makes its levels anew, and outlive a failure.

Problem: div(a grad u) = 0 on the unit square, u = 0 at y = 0, a unit flux into y = 1, none elsewhere. Exact for a = 1:
u = y, which linear elements hold.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.linear_solvers.block_system import BlockSystem
from femna.linear_solvers.edge_system import EdgeSystem
from femna.linear_solvers.krylov import SolveFailed
from femna.linear_solvers.presets import PRESETS
from femna.mesh.grid import GlobalMesh, Grid
from femna.mesh.simplex_grid import SimplexGrid
from femna.parallel import MPI, PETSc

Array = NDArray[np.float64]


def square(cells: int) -> Grid:
    """The unit square in triangles."""
    if MPI.COMM_WORLD.rank > 0:
        return SimplexGrid(MPI.COMM_WORLD, None)
    x, y = np.meshgrid(*[np.linspace(0.0, 1.0, cells + 1)] * 2)
    corner = (np.arange(cells)[:, None] * (cells + 1) + np.arange(cells)).ravel()
    halves = [[corner, corner + 1, corner + cells + 2], [corner, corner + cells + 1, corner + cells + 2]]
    triangles = np.concatenate([np.stack(half, axis=1) for half in halves])
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    return SimplexGrid(MPI.COMM_WORLD, GlobalMesh(points, triangles, np.zeros(len(triangles), dtype=np.int32)))


def inflow(grid: Grid, cells: int) -> Array:
    """A unit flux into y = 1, shared out to its nodes, (N,)."""
    x, y = grid.points.T
    return np.where(y > 1.0 - 1e-9, np.where(np.abs(x - 0.5) > 0.5 - 1e-9, 0.5, 1.0) / cells, 0.0)


def test_new_levels_are_those_of_a_new_solver() -> None:
    """A multigrid that is set up anew for another matrix takes the iterations of one made for it: 21 to 24.

    PETSc reads the smoothers' options when it makes the levels: had they been taken back, it would take its own, and 27
    to 29 iterations (on one to three ranks).
    """
    coupled = PRESETS["gamg"]["coupled"]
    prefix = "fieldsplit_phi_l_"
    options = {key.removeprefix(prefix): value for key, value in coupled.items() if key.startswith(prefix)}
    grid = square(40)

    def system() -> EdgeSystem:
        return EdgeSystem(grid, options | {"ksp_type": "cg"}, grid.points[:, 1] < 1e-9, 1e-9)

    kept, before = system(), 0
    for contrast in (1.0, 10.0, 100.0):
        fresh = system()
        conduction = np.where(grid.points[grid.edges, 0].mean(axis=1) < 0.5, 1.0, contrast) * grid.weight
        kept.krylov.renew()
        solutions = []
        for one in (kept, fresh):
            one.assemble(np.zeros(grid.size), conduction, conduction)
            solutions.append(one.solve(inflow(grid, 40)))
        assert solutions[0] == pytest.approx(solutions[1], rel=1e-9)
        if contrast == 1.0:
            assert solutions[0] == pytest.approx(grid.points[:, 1], abs=1e-7)
        assert kept.iterations - before == fresh.iterations < 26, contrast
        before = kept.iterations


def test_options_go_with_their_solver() -> None:
    before = len(PETSc.Options().getAll())
    grid = square(4)
    system = EdgeSystem(grid, PRESETS["gamg"]["phi"], grid.points[:, 1] < 1e-9, 1e-9)
    assert len(PETSc.Options().getAll()) > before
    del system
    assert len(PETSc.Options().getAll()) == before


@pytest.mark.parametrize("preset", ["direct", "gamg", "jacobi"])
def test_a_failure_leaves_no_trace(preset: str) -> None:
    """A factorisation that failed fails ever after in PETSc: a smaller step must find a sound solver."""
    grid = square(10)
    fixed = grid.points[:, 1] < 1e-9
    coupled = [("a", "a"), ("b", "b")]
    options = {key.replace("phi_l", "a").replace("phi_s", "b"): v for key, v in PRESETS[preset]["coupled"].items()}
    system = BlockSystem(grid, ("a", "b"), coupled, {"a": fixed, "b": fixed}, options)
    right = {"a": inflow(grid, 10), "b": 2.0 * inflow(grid, 10)}

    def solve(*factors: float) -> Array:
        conduction = [factor * grid.weight for factor in factors]
        system.assemble({}, {pair: (g, -g) for pair, g in zip(coupled, conduction, strict=True)})
        system.krylov.renew()
        return system.solve(right, 1e-10)["a"]

    for bad in (np.nan, 0.0):
        assert solve(1.0, 1.0) == pytest.approx(grid.points[:, 1], abs=1e-8)
        with pytest.raises(SolveFailed):
            solve(1.0, bad)
    assert solve(1.0, 1.0) == pytest.approx(grid.points[:, 1], abs=1e-8)
