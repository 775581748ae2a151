"""One row of the history from a state: reductions over the ranks, in the units that interfaces promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.diagnostics.front import LateralGrid, height_statistics, rasterise
from femna.diagnostics.marching import front_measure, front_simplices
from femna.parallel import MPI
from femna.problem import SinglePotential
from femna.solve.single import State
from femna.units import FARADAY

if TYPE_CHECKING:
    from femna.case import Case

Array = NDArray[np.float64]
COULOMB_PER_MAH_CM2 = 3.6e4
"""C/m^2 in one mAh/cm^2."""


@dataclass
class Start:
    """What later rows are counted from: content of metal (m^d) and sodium (c0 m^d) of the initial state."""

    content: float
    inventory: float


class Observer:
    """Measures states of one problem."""

    def __init__(self, case: Case, problem: SinglePotential, start: Start | None = None) -> None:
        grid = problem.grid
        self.case, self.problem, self.grid = case, problem, grid
        lower = -grid.max(*(-grid.points.min(axis=0)))
        upper = grid.max(*grid.points.max(axis=0))
        self.columns = LateralGrid.cover(lower[:-1], upper[:-1], case.fine_cell)
        self.area = float(np.prod((upper - lower)[:-1]))
        self.charge_per_metre = FARADAY * case.site_density
        self.start = start

    def thickness(self, state: State) -> float:
        """Metal deposited since the start, m. Collective."""
        if self.start is None:
            self.start = Start(self.grid.integral(state.content), self.problem.inventory(state.c, state.content))
        return (self.grid.integral(state.content) - self.start.content) / self.area

    def heights(self, xi: Array) -> tuple[Array, float]:
        """Height map of the front, (columns,) in m, and its length or area over the flat one. Collective."""
        grid = self.grid
        simplices = front_simplices(grid.points, grid.cells, xi)
        heights = rasterise(simplices, self.columns)
        grid.comm.Allreduce(MPI.IN_PLACE, heights, op=MPI.MAX)
        return heights, float(grid.sum(front_measure(simplices))[0]) / self.area

    def row(self, state: State, dt: float, old_thickness: float, faradaic: float | None = None) -> dict[str, float]:
        """The physical columns of the history for a state reached by a step of size dt (s). Collective.

        faradaic: the Faradaic current density, A/m^2; by default that of the step, from the thicknesses at its ends.
        """
        case, grid = self.case, self.grid
        thickness = self.thickness(state)
        assert self.start is not None
        if faradaic is None:
            faradaic = self.charge_per_metre * (thickness - old_thickness) / dt
        collector, counter = state.collector_current / self.area, state.counter_current / self.area
        heights, ratio = self.heights(state.xi)
        shape = height_statistics(heights)
        owned_c, liquid = state.c[: grid.owned], state.xi[: grid.owned] < 0.5
        extremes = grid.max(
            -owned_c[liquid].min(initial=np.inf), -owned_c.min(initial=np.inf), owned_c.max(initial=-np.inf)
        )
        extremes = extremes * case.salt_concentration
        sodium = self.problem.inventory(state.c, state.content) - self.start.inventory - state.ions_in
        deposited = abs(thickness) * self.area * self.problem.transport.site_ratio
        largest = max(abs(faradaic), abs(collector), abs(counter))
        charge_error = max(abs(counter - collector), abs(counter - faradaic)) / largest if largest > 0.0 else 0.0
        charge = self.charge_per_metre * thickness
        return {
            "Time [s]": state.time,
            "Time step [s]": dt,
            "Cell voltage [V]": self.problem.voltage,
            "Current density [A.m-2]": faradaic,
            "Collector current [A.m-2]": collector,
            "Counter current [A.m-2]": counter,
            "Charge density [C.m-2]": charge,
            "Capacity [mAh.cm-2]": charge / COULOMB_PER_MAH_CM2,
            "Deposit thickness [m]": thickness,
            "Mean height [m]": shape["mean"],
            "Maximum height [m]": shape["maximum"],
            "Minimum height [m]": shape["minimum"],
            "Roughness Sq [m]": shape["sq"],
            "Front length ratio [-]": ratio,
            "Minimum concentration [mol.m-3]": -extremes[0],
            "Minimum concentration anywhere [mol.m-3]": -extremes[1],
            "Maximum concentration [mol.m-3]": extremes[2],
            "Sodium balance error [-]": abs(sodium) / deposited if deposited > 0.0 else 0.0,
            "Charge balance error [-]": charge_error,
            "Nodes [-]": float(grid.total),
        }
