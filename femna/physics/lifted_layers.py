"""Layers that metal lifts: what lies above the place where metal forms moves up by what has formed, column by column.

The mesh is carried along by the layers. Metal that forms below them (at a rate q, per volume) raises each column of the
stack by its thickness

    w(x, t) = (V_m/zF) int int q dz dt,   z = Z + w(x, t),

with Z the height in the mesh: a shear, which keeps every volume. In the mesh the front below the layers stands still:
that layers, contacts, grains and what they hold stay what they were; metal that leaves the mesh downwards counts as
metal. Stripping lowers the stack in the same way.

The bending of the stack (slopes of w) is not in the gradients: the mesh's own distances count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.process import Process
from femna.contract.state import State
from femna.contract.variables import Conserved, Scalar, Variable
from femna.fields import Field
from femna.mesh.lateral_hats import LateralHats
from femna.physics.cell_stack import below_first_layer

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

CELLS_A_COLUMN = 2.0
"""Width of the columns over the finest cells: several nodes of the front lie in each."""

LIFT = Field("lift", "Lift of the stack", r"$w$", unit="m", shown_unit="um", shown_scale=1e6, colour_map="cividis")


@dataclass(frozen=True)
class LiftedLayers(Process):
    """The stack above the anode, lifted by the metal that forms below it.

    Args:
        grid: the mesh.
        lifts: nodes where metal that forms lifts what lies above, (N,).
        hats: the columns.
        site_ratio: c_s/c0.
    """

    grid: Grid
    lifts: Mask
    hats: LateralHats
    site_ratio: float

    name = "lifted layers"

    @classmethod
    def is_active(cls, case: Case) -> bool:
        """Where the layer on the anode moves."""
        return case.is_lifted

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        """How far each column has been lifted."""
        return (Variable(LIFT),)

    @classmethod
    def keys_read(cls, case: Case) -> tuple[str, ...]:
        """Whether the layers move."""
        return tuple(f"layer.{name}.moves" for name in case.layer_names[1:])

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        """The columns of a case. Collective."""
        return cls(
            grid=grid,
            lifts=below_first_layer(case, grid),
            hats=LateralHats.over(grid, CELLS_A_COLUMN * case.fine_cell),
            site_ratio=case.site_density / case.salt_concentration,
        )

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """The metal below the mesh."""
        return (Scalar("lifted_metal", "m^d", "metal that has lifted the stack"),)

    def conserved(self) -> tuple[Conserved, ...]:
        """The metal below the mesh, in c0 m^d."""
        amount = "sodium", "c0 m"
        return (Conserved(*amount, lambda state: self.site_ratio * state.scalars["lifted_metal"], lambda state: 0.0),)

    def kept(self, growth: Array) -> Array:
        """d xi/dt in the mesh, (N,) in 1/s, of all the metal that forms, (N,) in 1/s."""
        return np.where(self.lifts, 0.0, growth)

    def after(self, state: State, growth: Array, dt: float) -> tuple[Array, float]:
        """Lift, (N,) in m, and metal below the mesh, m^d, when metal has formed for dt. Collective.

        Args:
            state: at the beginning.
            growth: metal that forms, (N,) in 1/s.
            dt: s.
        """
        lifting = np.where(self.lifts, growth, 0.0)
        raised = self.hats.interpolated(self.hats.heights(self.grid, dt * lifting * self.grid.owned_volume))
        return state["lift"] + raised, state.scalars["lifted_metal"] + dt * self.grid.integral(lifting)
