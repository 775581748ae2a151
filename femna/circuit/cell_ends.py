"""What ends a cell of two potentials before its protocol does: a short circuit, or an electrode that is used up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from femna.circuit.termination import CLOSENESS, CellState
from femna.diagnostics.connection import reached
from femna.diagnostics.observer import Observer
from femna.geometry.phases import conducting_layers
from femna.mesh.grid import GlobalMesh
from femna.models.two_potential import TwoPotential
from femna.timestepping.lagged_front import State
from femna.units import COULOMB_PER_MAH_CM2

if TYPE_CHECKING:
    from femna.case import Case

USED_UP = 0.03
"""Share of the collector, or of a face with metal, that is still covered when a stripped anode counts as used up."""


@dataclass(frozen=True)
class Ending:
    """Why a cell is over, for people, and its time (s) and charge (C/m^2), for the manifest."""

    reason: str
    numbers: dict[str, float]

    @classmethod
    def at(cls, mark: CellState, name: str, what: str, how: str) -> Ending:
        """The ending `name` of the manifest: "what at t = .., ..how"."""
        place = f"at t = {mark.time:.6g} s, {abs(mark.charge) / COULOMB_PER_MAH_CM2:.6g} mAh/cm^2"
        return cls(f"{what} {place}{how}", {f"{name}_time_s": mark.time, f"{name}_charge_C_m2": mark.charge})


class CellEnds:
    """Looks for the end of a cell after each step. `serial`: the whole mesh, on rank 0. Every method is collective."""

    def __init__(self, case: Case, problem: TwoPotential, observer: Observer, global_mesh: GlobalMesh | None) -> None:
        self.case, self.problem, self.observer, self.global_mesh = case, problem, observer, global_mesh

    def met(self, now: State, mark: CellState, held: float) -> Ending | None:
        """What ends the cell in this state, if anything. held: the current or voltage that the outer circuit holds."""
        if mark.height >= self.case.height - self.case.interface.width and self.shorted(now):
            return Ending.at(mark, "short_circuit", "short circuit", ": the metal touches the counter side")
        if held >= 0.0 and self._emptied(now) >= 1.0 - CLOSENESS:
            return Ending.at(mark, "counter_exhausted", "the counter electrode's sodium is used up", "")
        # metal that is to grow may begin from next to none
        drained = now.counter_current < 0.0 or (self.problem.uptake is not None and held <= 0.0)
        if drained and self.observer.bearing(now) < USED_UP:
            return Ending.at(mark, "anode_exhausted", "the anode's sodium is used up", ": no contact is left")
        return None

    def _emptied(self, state: State) -> float:
        """Share of its sodium that a counter electrode has given; 0 where it has no end."""
        counter = self.case.counter
        if counter.kind != "metal" or counter.thickness <= 0.0:
            return 0.0
        return state.counter_charge * self.problem.volume_per_charge / (self.observer.area * counter.thickness)

    def shorter_step(self, old: State, new: State, dt: float, other: float | None) -> float | None:
        """A step that uses the counter up, when the one of size dt used more, and `other` is not shorter; else `other`.

        What it gives is proportional to the time, as long as the current is.
        """
        before, after = self._emptied(old), self._emptied(new)
        if before >= 1.0 or after <= 1.0 + CLOSENESS:
            return other
        shorter = dt * (1.0 - before) / (after - before)
        return shorter if other is None else min(shorter, other)

    def shorted(self, state: State) -> bool:
        """Whether metal leads from the collector to within l of the counter; what formed ahead of it alone does not.

        A layer that conducts electrons leads on to the metal on it. A grain boundary that leaks does not: metal all the
        way is what shorts a ceramic.
        """
        grid = self.problem.grid
        xi = grid.gather(state.xi)
        found = False
        if self.global_mesh is not None and xi is not None:
            near = self.global_mesh.points[:, -1] >= self.case.height - self.case.interface.width - self.case.fine_cell
            layers = [k for k in conducting_layers(self.case) if 0 < k < len(self.case.layer_names)]
            carries = np.isin(self.global_mesh.layer, layers)
            found = bool(
                (reached(self.global_mesh.points, self.global_mesh.cells, xi > 0.5, carries) & (xi > 0.5))[near].any()
            )
        return grid.comm.bcast(found)
