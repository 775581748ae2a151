"""A mesh whose columns are lifted by metal that forms below its layers (femna/physics/lifted_layers.py).

A node at the height Z of the mesh as it was made lies at

    z = Z + s(Z) w(x)                                an ideal counter, which keeps its place
    z = Z + w_mean + s(Z) (w(x) - w_mean)            a metal counter, which recedes by what it gives

with s = 1 up to where metal may grow (`Case.front_zone_top`) and from there down to 0 at the counter. Up to there a
column is sheared and keeps its volume; beyond there is salt alone. What an ideal counter takes of the room above, it
takes with its salt, at the concentration that is there; before a metal one the salt stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from femna.contract.models import Model
from femna.contract.state import State
from femna.mesh.grid import Grid
from femna.mesh.simplex_grid import SimplexGrid
from femna.runtime.mesh_motion import MeshMotion

if TYPE_CHECKING:
    from femna.case.model import Case

Array = NDArray[np.float64]

LARGEST_SLOPE = 0.01
"""Change of the slope of the lift along an edge, since the mesh was last moved, from which on it is moved again."""

LARGEST_STRAIN = 0.005
"""Change of the thickness above the fine zone, relative to itself, from which on the mesh is moved again."""

LEAST_ROOM = 0.2
"""Share of its first thickness that the room above the fine zone must keep."""

LIFT = "lift_of_mesh"
"""Name of the array of a checkpoint that says how far the mesh is lifted at its nodes, m."""


class LiftedMesh(MeshMotion):
    """The mesh as it was made, and how far it is lifted.

    Args:
        case: the case.
        grid: the mesh as it was made.
    """

    def __init__(self, case: Case, grid: SimplexGrid) -> None:
        self.case, self.made, self.grid = case, grid, grid
        self.lift = np.zeros(grid.size)
        self.recedes = case.counter.kind == "metal"
        self._room = case.height - case.front_zone_top
        height = grid.points[:, -1]
        along = grid.points[grid.edges[:, 1], :-1] - grid.points[grid.edges[:, 0], :-1]
        across = np.sqrt((along**2).sum(axis=1))
        level = across > 1e-9 * float(grid.upper[-1])
        self._edges, self._across = grid.edges[level], across[level]
        self._sheared = (height[grid.cells] <= case.front_zone_top + 1e-9 * case.height).all(axis=1)
        self._share = np.clip((case.height - height) / self._room, 0.0, 1.0) if self._room > 0.0 else np.ones(grid.size)

    def restore(self, arrays: Mapping[str, Any] | None) -> SimplexGrid:
        """The grid as it was lifted."""
        lift = self.made.comm.bcast(None if arrays is None else arrays.get(LIFT))
        return self.made if lift is None else self._become(self.made.scatter(lift))

    def stored(self) -> dict[str, Any]:
        """The lift of the grid."""
        return {LIFT: self.made.gather(self.lift)}

    def after_step(self, state: State) -> SimplexGrid | None:
        """The grid lifted as the state says, where the slopes or the room above have changed by enough."""
        lift, first, second = state["lift"], self._edges[:, 0], self._edges[:, 1]
        change = lift - self.lift
        slope = np.abs(change[second] - change[first]) / self._across
        largest = slope.max(initial=0.0), self._taken(lift).max(), np.abs(self._taken(change)).max()
        most, taken, new = self.made.max(*largest)
        if most < LARGEST_SLOPE and new < LARGEST_STRAIN * (self._room - taken):
            return None
        return self._become(lift.copy())

    def at_its_end(self, state: State) -> str | None:
        """Where too little room is left above."""
        taken = float(self.made.max(self._taken(state["lift"]).max())[0])
        if taken <= (1.0 - LEAST_ROOM) * self._room:
            return None
        return (
            f"the stack is lifted by {1e6 * taken:.4g} of the {1e6 * self._room:.4g} um between the fine mesh and the "
            "counter; results up to here are kept\ntry: a thicker last layer"
        )

    def _taken(self, lift: Array) -> Array:
        """What a lift takes of the room above the fine zone, (N,) in m. Collective."""
        return lift - self._mean(lift) if self.recedes else lift

    def _mean(self, lift: Array) -> float:
        """Mean of a lift over the stack. Collective."""
        return self.made.integral(lift) / self.made.integral(np.ones(self.made.size))

    def _become(self, lift: Array) -> SimplexGrid:
        self.lift = lift
        taken = self._taken(lift)
        raised = lift - taken + self._share * taken
        points = self.made.points
        places = np.column_stack([points[:, :-1], points[:, -1] + raised])
        self.grid = self.made.placed(places, self._sheared)
        return self.grid

    def carried_over(self, old: Model, new: Model, past: Sequence[State]) -> list[State]:
        """The states as they are; the salt before a metal counter is kept, what an ideal one takes has left."""
        if self.recedes:
            return [replace(state, fields=new.fitted(state.fields, old.holdings(state))) for state in past]
        states = []
        for state in past:
            left = new.holdings(state)["salt"] - old.holdings(state)["salt"]
            counted = {name: state.scalars[name] + left for name in ("salt_in", "ions_in")}
            states.append(replace(state, scalars=state.scalars | counted))
        return states

    def told(self, old: Grid) -> str:
        """How far the stack is lifted."""
        return f"mesh lifted by {1e6 * self._mean(self.lift):.4g} um on average"
