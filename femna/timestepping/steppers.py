"""The stepper of each model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from femna.contract.step import Stepper
from femna.models.registry import build_added_processes
from femna.models.single_potential import SinglePotential
from femna.models.two_potential import TwoPotential
from femna.parallel import PETSc
from femna.timestepping.added_processes import ExtendedStepper
from femna.timestepping.lagged_front import LaggedFrontStepper
from femna.timestepping.staggered import StaggeredStepper

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid


def build_stepper(case: Case, grid: Grid) -> Stepper:
    """The stepper of a case's model on a grid, with the processes that the case adds. Collective. Raises BadInput.

    What an earlier stepper left behind is given back: on several ranks PETSc keeps matrices that Python has let go,
    with their memory and communicators (of which MPI has some two thousand), until all ranks ask for it.
    """
    PETSc.garbage_cleanup(grid.comm)
    added, numerics = build_added_processes(case, grid), case.numerics
    core: Stepper
    if case.model == TwoPotential.name:
        core = LaggedFrontStepper(TwoPotential.build(case, grid, added), numerics.solver, numerics.tolerance)
    else:
        core = StaggeredStepper(SinglePotential.build(case, grid, added), numerics.solver, numerics.tolerance)
    return ExtendedStepper(core, [(process, process.declare(case)) for process in added]) if added else core
