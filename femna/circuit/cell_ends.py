"""What ends a charge-consistent cell before its protocol does: a short circuit, or an electrode that is used up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from femna.circuit.termination import CLOSENESS
from femna.contract.cell_state import CellState
from femna.contract.models import Model
from femna.contract.state import State
from femna.diagnostics.connection import reached
from femna.diagnostics.contact import covered_share
from femna.geometry.phases import conducting_layers
from femna.units import COULOMB_PER_MAH_CM2

if TYPE_CHECKING:
    from femna.case.model import Case

LEAST_CONTACT = 0.03
"""Share of the collector, or of a face with metal, that is still covered when a stripped anode counts as used up."""


@dataclass(frozen=True)
class CellEnd:
    """Why a cell is over.

    Args:
        reason: for people.
        numbers: time (s) and charge (C/m^2), for the manifest.
    """

    reason: str
    numbers: dict[str, float]

    @classmethod
    def at(cls, where: CellState, name: str, what: str, how: str) -> CellEnd:
        """The end `name` of the manifest: "what at t = .., ..how"."""
        place = f"at t = {where.time:.6g} s, {abs(where.charge) / COULOMB_PER_MAH_CM2:.6g} mAh/cm^2"
        return cls(f"{what} {place}{how}", {f"{name}_time_s": where.time, f"{name}_charge_C_m2": where.charge})


class CellEndMonitor:
    """Looks for the end of a cell after each step. Every method is collective.

    Args:
        case: the case.
        model: its model, which is charge-consistent.
    """

    def __init__(self, case: Case, model: Model) -> None:
        self.case, self.model = case, model
        self._planes = model.metal_planes()

    def met(self, now: State, where: CellState, held: float) -> CellEnd | None:
        """What ends the cell in a state, if anything.

        Args:
            now: the state.
            where: the cell stands with it.
            held: current density (A/m^2) or voltage (V) that the outer circuit holds.
        """
        if where.height_in_stack >= self.case.height - self.case.interface.width and self.shorted(now):
            return CellEnd.at(where, "short_circuit", "short circuit", ": the metal touches the counter side")
        metal = self.case.metal_names.name
        if held >= 0.0 and self._emptied(now) >= 1.0 - CLOSENESS:
            return CellEnd.at(where, "counter_exhausted", f"the counter electrode's {metal} is used up", "")
        # metal that is to grow may begin from next to none
        drained = now.counter_current < 0.0 or (bool(self.case.filling_layers) and held <= 0.0)
        if drained and max(covered_share(self.model, plane, now) for plane in self._planes) < LEAST_CONTACT:
            return CellEnd.at(where, "anode_exhausted", f"the anode's {metal} is used up", ": no contact is left")
        return None

    def _emptied(self, state: State) -> float:
        """Share of its metal that a counter electrode has given; 0 where it has no end."""
        counter = self.case.counter
        if counter.kind != "metal" or counter.thickness <= 0.0:
            return 0.0
        given = state.scalars["counter_charge"] / self.case.metal_charge
        return given / (self.model.area * counter.thickness)

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
        grid = self.model.grid
        xi, mesh = grid.gather(state["xi"]), grid.global_mesh()
        found = False
        if mesh is not None and xi is not None:
            points, cells = mesh.points, mesh.cells
            near = points[:, -1] >= self.case.height - self.case.interface.width - self.case.fine_cell
            layers = [k for k in conducting_layers(self.case) if 0 < k < len(self.case.layer_names)]
            carries = np.isin(mesh.layer, layers)
            found = bool((reached(points, cells, xi > 0.5, carries) & (xi > 0.5))[near].any())
        return bool(grid.comm.bcast(found))
