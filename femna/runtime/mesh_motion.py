"""What changes a mesh in the course of a run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from femna.contract.models import Model
from femna.contract.state import State
from femna.mesh.grid import Grid


class MeshMotion(ABC):
    """Gives a new grid when the old one no longer serves. Every method is collective."""

    grid: Grid
    """The present one."""

    @abstractmethod
    def restore(self, arrays: Mapping[str, Any] | None) -> Grid:
        """The grid of a checkpoint, whose arrays are on rank 0. Raises CannotGoOn."""

    @abstractmethod
    def stored(self) -> dict[str, Any]:
        """The arrays that a checkpoint keeps of the grid."""

    @abstractmethod
    def after_step(self, state: State) -> Grid | None:
        """A new grid for the state that a step has reached, where the old one no longer serves."""

    def at_its_end(self, state: State) -> str | None:
        """Why the mesh cannot go on with a state, and what to try, for people; None while it can."""
        return None

    @abstractmethod
    def carried_over(self, old: Model, new: Model, past: Sequence[State]) -> list[State]:
        """States on the present grid.

        Args:
            old: the model on its old grid.
            new: on the present one.
            past: states on the old grid, newest first.
        """

    @abstractmethod
    def told(self, old: Grid) -> str:
        """What the log says of the change from an old grid."""
