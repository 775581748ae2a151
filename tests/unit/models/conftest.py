"""A case's flat 1D stack as the solver sees it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from femna.case import Case
from femna.mesh.grid import GlobalMesh, Grid
from femna.mesh.simplex_grid import SimplexGrid
from femna.mesh.stack import build_stack
from femna.models.two_potential import TwoPotential
from femna.parallel import MPI
from femna.validation.load import load_case

FLAT = ("geometry.dim=1", "surface.kind=flat")


@pytest.fixture
def on_a_grid() -> Callable[[Case], Grid]:
    """The mesh of a case over all ranks."""

    def grid(case: Case) -> Grid:
        mesh = build_stack(case) if MPI.COMM_WORLD.rank == 0 else None
        return SimplexGrid(
            MPI.COMM_WORLD, GlobalMesh(mesh.points, mesh.cells, mesh.layer) if mesh is not None else None
        )

    return grid


@pytest.fixture
def built(on_a_grid: Callable[[Case], Grid]) -> Callable[..., tuple[Case, Grid, TwoPotential]]:
    """A shipped case in 1D with settings: the case, its grid, its problem."""

    def problem(name: str, *sets: str) -> tuple[Case, Grid, TwoPotential]:
        case = load_case(name, [*FLAT, *sets])
        grid = on_a_grid(case)
        return case, grid, TwoPotential.build(case, grid, ())

    return problem
