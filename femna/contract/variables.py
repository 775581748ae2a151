"""What a process solves for or carries along: variables at the nodes, scalars of the whole cell, conserved amounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from femna.contract.state import State
from femna.fields import Field

if TYPE_CHECKING:
    from femna.mesh.grid import Grid


@dataclass(frozen=True)
class Variable:
    """A field that a process adds to the state.

    Args:
        field: key in state and files, label, symbol, unit, colours.
        is_vector: whether it has one component for each space dimension, (N, d), or is a scalar, (N,).
        is_output: whether it is stored with the outputs and shown in pictures (else in checkpoints only).
        is_steady: whether it follows the rest of the state at every instant: its equation has no time derivative, and
            is solved at the start too.
        layers: names of the layers it lives in; empty for all of them.
        bounds: least and largest value that an accepted step may hold, in the solver's unit, or None.
        slack: by how much an accepted step may leave the bounds, in the solver's unit.
        magnitude: typical size, in the solver's unit, to which local errors refer.
        initial: value everywhere at the start, unless the process computes one, and in a run whose checkpoint does not
            hold the variable yet.
        cell_values: k of what a process remembers of each cell of the mesh, (M, k), which is no output; 0 for a field
            at the nodes. Needs a mesh of simplices that stays.
    """

    field: Field
    is_vector: bool = False
    is_output: bool = True
    is_steady: bool = False
    layers: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None
    slack: float = 0.0
    magnitude: float = 1.0
    initial: float = 0.0
    cell_values: int = 0

    @property
    def name(self) -> str:
        """Its key in the state."""
        return self.field.key

    def shape(self, grid: Grid) -> tuple[int, ...]:
        """Of its values on a rank's share of a mesh."""
        if self.cell_values:
            return (len(grid.layer), self.cell_values)
        return (grid.size, grid.dim) if self.is_vector else (grid.size,)


@dataclass(frozen=True)
class Scalar:
    """A number that a process carries from step to step, such as what has crossed a boundary so far; starts at 0."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Conserved:
    """A process's part in an amount that is conserved.

    Args:
        quantity: what is conserved, such as "sodium"; the parts of all processes add up.
        unit: of the amount per projected area, such as "mol.m-2".
        amount: what a state holds of it, in all of the cell (the unit times m^(d-1)). Collective.
        entered: what has come in by boundaries and sources since the start, of a state; negative for what has left.
    """

    quantity: str
    unit: str
    amount: Callable[[State], float]
    entered: Callable[[State], float]
