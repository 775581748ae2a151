"""The mesh that follows the front of a run: when it is made anew, and what the states become on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.case.model import Case
from femna.contract.models import Model
from femna.contract.state import State
from femna.errors import CannotGoOn
from femna.geometry.initial_surface import front_range, initial_metal
from femna.mesh.grading import FINE_ZONE_MARGIN
from femna.mesh.grid import Grid
from femna.mesh.tree.bricks import misfit, stack_roots
from femna.mesh.tree.front_cells import LEAST_SLOPE, FrontCells
from femna.mesh.tree.refinement import refinement, unpacked
from femna.mesh.tree.transfer import transferred
from femna.mesh.tree.tree_grid import TreeGrid
from femna.parallel import MPI
from femna.physics.cell_stack import bearing_heights
from femna.runtime.mesh_motion import MeshMotion

Array = NDArray[np.float64]

SETTLING = 3
"""Steps on a new mesh in which the errors at its new and its coarser nodes do not count: there the solution goes from
that of the old mesh to that of the new one, which is no error of the step. So many states a step looks back on."""

TREE = "tree"
"""Name of the array of a checkpoint that says which bricks and leaves are cut, as bits."""

SETTLED, STEPS = "settled", "steps_on_mesh"
"""Names of the arrays that say, on a new mesh, which nodes' errors count and how many steps were taken on it."""


def follows(case: Case) -> bool:
    """Whether the mesh of a case follows the front: it is asked to, and its stack fits bricks."""
    return case.numerics.adaptive_mesh and misfit(case) is None


class FollowingMesh(MeshMotion):
    """The bricks of a case and what is to be fine. Every method is collective.

    Args:
        comm: the ranks.
        case: the case, whose mesh `follows` the front.
    """

    def __init__(self, comm: MPI.Comm, case: Case) -> None:
        self.comm, self.case, self.roots = comm, case, stack_roots(case)
        reach = FINE_ZONE_MARGIN * case.interface.width
        faces = bearing_heights(case) if case.model == "two_potential" else []
        self.front = FrontCells(self.roots, case.interface.width, [(z - reach, z + reach) for z in faces])
        self.grid: TreeGrid = self.whole_bricks()

    def whole_bricks(self) -> TreeGrid:
        """The bricks, none of them cut but where the stack asks for it: the same in the whole run."""
        return TreeGrid(self.comm, self.roots, refinement(self.roots, np.zeros(self.front.shape, dtype=np.uint8)))

    def begin(self) -> TreeGrid:
        """The grid for the metal at the start."""
        low, high = front_range(self.case)
        reach = FINE_ZONE_MARGIN * self.case.interface.width
        metal = lambda points: initial_metal(self.case, points)  # noqa: E731  one line in an argument
        crossed = self.front.at_start(self.comm, metal, low - reach, high + reach)
        return self._become(TreeGrid(self.comm, self.roots, self.front.refinement(crossed)))

    def restore(self, arrays: Mapping[str, Any] | None) -> TreeGrid:
        """The grid of a checkpoint, whose arrays are on rank 0. Raises CannotGoOn."""
        bits = self.comm.bcast(None if arrays is None else arrays.get(TREE))
        if bits is None:
            raise CannotGoOn(f"{self.case.name}: the checkpoint says nothing of a mesh that follows the front")
        grid = self._become(TreeGrid(self.comm, self.roots, unpacked(self.roots, bits)))
        steps = self.comm.bcast(None if arrays is None else arrays.get(STEPS))
        if steps is not None:
            self._steps = int(steps[0])
            grid.settled = grid.scatter(None if arrays is None else arrays[SETTLED]) > 0.5
        return grid

    def stored(self) -> dict[str, Any]:
        """What a checkpoint keeps of the grid."""
        stored: dict[str, Any] = {TREE: self.grid.refinement.packed()}
        if self._steps < SETTLING:
            stored |= {STEPS: np.array([self._steps]), SETTLED: self.grid.gather(self.grid.settled.astype(float))}
        return stored

    def after_step(self, state: State) -> TreeGrid | None:
        """A new grid about the front of the state that a step has reached, where the old one no longer serves."""
        self._steps += 1
        if self._steps == SETTLING:
            self.grid.settled[:] = True
        if not self.due(state["xi"]):
            return None
        new = self.front.refinement(self.front.crossed(self.grid, state["xi"]))
        if np.array_equal(new.flags, self.grid.refinement.flags):
            return None
        return self._become(TreeGrid(self.comm, self.roots, new))

    def due(self, xi: Array) -> bool:
        """Whether the front has come close to leaves that are not finest, for xi (N,)."""
        beside = xi[self._beside]
        slope = float((beside * (1.0 - beside)).max(initial=0.0))
        return bool(self.grid.max(slope)[0] > LEAST_SLOPE)

    def _become(self, grid: TreeGrid) -> TreeGrid:
        self.grid, self._beside, self._steps = grid, self.front.beside_finest(grid), SETTLING
        return grid

    def carried_over(self, old: Model, new: Model, past: Sequence[State]) -> list[State]:
        """States on the present grid; see `carried_over`."""
        states, known = carried_over(old, new, past)
        self._steps = 0
        self.grid.settled = known & (self.grid.lattice.spacing == 0) & ~self._beside
        return states

    def told(self, old: Grid) -> str:
        """How many nodes it has."""
        return f"new mesh, {old.total} -> {self.grid.total} nodes"


def carried_over(old: Model, new: Model, past: Sequence[State]) -> tuple[list[State], NDArray[np.bool_]]:
    """States on the model's new grid, with the metal and the ions that they had; nodes that were there. Collective.

    Args:
        old: the model on its old grid, a TreeGrid.
        new: on the new one.
        past: states on the old grid.
    """
    assert isinstance(old.grid, TreeGrid)
    assert isinstance(new.grid, TreeGrid)
    names = [sorted(state.fields) for state in past]
    columns = np.stack([state[name] for state, own in zip(past, names, strict=True) for name in own], axis=1)
    moved, known = transferred(old.grid, new.grid, columns)
    states, column = [], 0
    for state, own in zip(past, names, strict=True):
        fields = {name: np.ascontiguousarray(moved[:, column + k]) for k, name in enumerate(own)}
        column += len(own)
        states.append(replace(state, fields=new.fitted(fields, old.holdings(state))))
    return states, known
