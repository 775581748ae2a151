"""One row of the history from a state: reductions over the ranks, in the units that interfaces promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.circuit.termination import CellState
from femna.diagnostics.height_map import LateralGrid, height_statistics, rasterise
from femna.diagnostics.marching import front_measure, front_simplices
from femna.models.cell import plane_area
from femna.models.single_potential import SinglePotential
from femna.models.two_potential import TwoPotential
from femna.parallel import MPI
from femna.physics.phase_field_constants import kinetic_current
from femna.timestepping import lagged_front as two
from femna.timestepping import staggered as single
from femna.units import COULOMB_PER_MAH_CM2, FARADAY

if TYPE_CHECKING:
    from femna.case import Case

Array = NDArray[np.float64]
State = single.State | two.State


@dataclass(frozen=True)
class Start:
    """What later rows are counted from: content of metal (m^d; above: over the interphase), sodium (c0 m^d) and charge
    that layers have taken up (C m^(d-3)) of the initial state."""

    content: float
    inventory: float
    above: float = 0.0
    taken_up: float = 0.0


@dataclass(frozen=True)
class Amounts:
    """Of a state: metal deposited since the start and the part of it over the interphase's upper face, m; the larger of
    the electrodes' current densities, A/m^2."""

    thickness: float
    above: float = 0.0
    current: float = 0.0


@dataclass(frozen=True)
class CumulativeTotals:
    """What has happened until a state. moved: metal deposited and stripped, each counted as positive, m; above, below:
    what was plated over and under the interphase's upper face, m; largest: current density, A/m^2."""

    moved: float = 0.0
    above: float = 0.0
    below: float = 0.0
    largest: float = 0.0

    def after(self, old: Amounts, new: Amounts) -> CumulativeTotals:
        """The tally at the end of a step."""
        above = new.above - old.above
        below = new.thickness - old.thickness - above
        return CumulativeTotals(
            self.moved + abs(new.thickness - old.thickness),
            self.above + max(above, 0.0),
            self.below + max(below, 0.0),
            max(self.largest, new.current),
        )

    def top_fraction(self, least: float) -> float:
        """Share of the plated metal that lies above; 0 while less than `least` (m) has been plated."""
        plated = self.above + self.below
        return self.above / plated if plated > least else 0.0


@dataclass(frozen=True)
class Front:
    """mean, maximum, minimum, sq: heights above the collector plane and their rms roughness, m; ratio: measure of
    xi = 1/2 over the flat front's."""

    mean: float
    maximum: float
    minimum: float
    sq: float
    ratio: float


class Observer:
    """Measures states of one problem."""

    def __init__(self, case: Case, problem: SinglePotential | TwoPotential, start: Start | None = None) -> None:
        grid = problem.grid
        self.case, self.problem, self.grid = case, problem, grid
        self.columns = LateralGrid.cover(grid.lower[:-1], grid.upper[:-1], case.fine_cell)
        self.area = float(np.prod((grid.upper - grid.lower)[:-1]))
        self.charge_per_metre = FARADAY * case.site_density
        self.start = start
        self._has_top = case.model == "two_potential"
        self._negligible = 1e-6 * _asked(case) if self._has_top else 1e-6 * kinetic_current(case)
        self._layered = len(case.layer_names) > 2
        self._collector = plane_area(grid, 0.0, 0) if self._has_top else np.zeros(grid.size)
        self._over = (grid.points[:, -1] > case.interphase_top - 1e-9 * case.height).astype(float)

    def _sodium(self, state: State) -> float:
        return self.problem.sodium(state)  # type: ignore[arg-type]  # a problem meets its own states only

    def _above(self, state: State) -> float:
        """Metal over the interphase, what stands on its upper face included, m^d. Collective."""
        return self.grid.integral(self._over * state.content) if self._has_top else 0.0

    def contact(self, state: State) -> float:
        """Share of the collector plane that metal covers: the mean of p over it. Collective.

        It is the front's reaction area over the projected one, for |dp/dz| summed up a column is p at its foot. So it
        depends on neither cells nor columns, and under a resistance R per area the electrode has R over it.
        """
        return self._covered(self._collector, state)

    def bearing(self, state: two.State) -> float:
        """The same, or that of a face where metal has electrons through a layer, whichever is larger. Collective."""
        assert isinstance(self.problem, TwoPotential)
        return max(self._covered(area, state) for area in (self._collector, *(s.area for s in self.problem.faces)))

    def _covered(self, plane: Array, state: State) -> float:
        p = self.problem.interpolation.h(state.xi)  # type: ignore[union-attr]  # two_potential's own
        return float(self.grid.sum((self.grid.is_owned * plane * p).sum())[0]) / self.area

    def _taken_up(self, state: State) -> float:
        """Charge that layers hold, C m^(d-3). Collective."""
        if isinstance(state, two.State) and isinstance(self.problem, TwoPotential):
            return self.problem.taken_up(state.uptake)
        return 0.0

    def thickness(self, state: State) -> float:
        """Metal deposited since the start, m; the first state asked about is the start. Collective."""
        content = self.grid.integral(state.content)
        if self.start is None:
            self.start = Start(content, self._sodium(state), self._above(state), self._taken_up(state))
        return (content - self.start.content) / self.area

    def amounts(self, state: State) -> Amounts:
        """What has become of the metal, and the current. Collective."""
        thickness = self.thickness(state)
        assert self.start is not None
        # without a layer between them whatever is plated on the anode lies under the electrolyte
        above = (self._above(state) - self.start.above) / self.area if self._layered else thickness
        return Amounts(thickness, above, max(abs(state.collector_current), abs(state.counter_current)) / self.area)

    def front(self, xi: Array) -> Front:
        """Shape of the front. Collective."""
        grid = self.grid
        simplices = front_simplices(grid.points, grid.cells, xi)
        heights = rasterise(simplices, self.columns)
        grid.comm.Allreduce(MPI.IN_PLACE, heights, op=MPI.MAX)
        ratio = float(grid.sum(front_measure(simplices))[0]) / self.area
        return Front(**height_statistics(np.where(self._full(xi), self.case.height, heights)), ratio=ratio)

    def mark(self, state: State) -> CellState:
        """Where the run stands with this state. Collective."""
        charge = self.charge_per_metre * self.thickness(state)
        assert self.start is not None
        charge += (self._taken_up(state) - self.start.taken_up) / self.area
        return CellState(state.time, charge, self.front(state.xi).maximum, state.voltage)

    def row(
        self,
        state: State,
        dt: float,
        old: Amounts,
        new: Amounts,
        tally: CumulativeTotals,
        faradaic: float | None = None,
    ) -> dict[str, float]:
        """The physical columns of the history for a state reached by a step of size dt (s). Collective.

        old, new: amounts before and after the step; tally: after it; faradaic: the Faradaic current density, A/m^2, by
        default that of the step, from the thicknesses at its ends.
        """
        case, grid, thickness = self.case, self.grid, new.thickness
        assert self.start is not None
        if faradaic is None:
            faradaic = self.charge_per_metre * (thickness - old.thickness) / dt
        collector, counter = state.collector_current / self.area, state.counter_current / self.area
        front = self.front(state.xi)
        owned_c, liquid = state.c[: grid.owned], state.xi[: grid.owned] < 0.5
        extremes = grid.max(
            -owned_c[liquid].min(initial=np.inf), -owned_c.min(initial=np.inf), owned_c.max(initial=-np.inf)
        )
        extremes = extremes * case.salt_concentration
        sodium = self._sodium(state) - self.start.inventory - state.ions_in
        # what a run of plating and stripping has moved, not what happens to be left of it
        moved = tally.moved * self.area * self.problem.site_ratio
        extra, uptake = {}, 0.0
        if self._has_top:
            extra["Top fraction [-]"] = tally.top_fraction(1e-3 * case.interface.width)
            extra["Contact fraction [-]"] = self.contact(state)
        if isinstance(self.problem, TwoPotential) and isinstance(state, two.State) and self.problem.uptake is not None:
            uptake = state.uptake_current / self.area
            taken_up = self._taken_up(state) - self.start.taken_up
            moved += abs(taken_up) / self.problem.ions.charge
            extra |= {"Uptake current [A.m-2]": uptake, "Uptake charge [C.m-2]": taken_up / self.area}
        # at rest there is nothing but rounding, which says nothing relative to itself
        negligible = max(self._negligible, 1e-6 * tally.largest if self._has_top else 0.0)
        largest = max(abs(faradaic), abs(uptake), abs(collector), abs(counter), negligible)
        missing = max(abs(counter - collector), abs(counter - faradaic - uptake))
        charge_error = missing / largest if largest > 0.0 else 0.0
        charge = self.charge_per_metre * thickness
        return extra | {
            "Time [s]": state.time,
            "Time step [s]": dt,
            "Cell voltage [V]": state.voltage,
            "Current density [A.m-2]": faradaic,
            "Collector current [A.m-2]": collector,
            "Counter current [A.m-2]": counter,
            "Charge density [C.m-2]": charge,
            "Capacity [mAh.cm-2]": charge / COULOMB_PER_MAH_CM2,
            "Deposit thickness [m]": thickness,
            "Mean height [m]": front.mean,
            "Maximum height [m]": front.maximum,
            "Minimum height [m]": front.minimum,
            "Roughness Sq [m]": front.sq,
            "Front length ratio [-]": front.ratio,
            "Minimum concentration [mol.m-3]": -extremes[0],
            "Minimum concentration anywhere [mol.m-3]": -extremes[1],
            "Maximum concentration [mol.m-3]": extremes[2],
            "Sodium balance error [-]": abs(sodium) / moved if moved > 0.0 else 0.0,
            "Charge balance error [-]": charge_error,
            "Nodes [-]": float(grid.total),
        }

    def _full(self, xi: Array) -> Array | bool:
        """Columns that are metal up to the counter, whatever they cross below: a film has an underside. Collective."""
        grid, at_top = self.grid, self.problem.counter[: self.grid.owned]
        if grid.max(xi[: grid.owned][at_top].max(initial=0.0))[0] < 0.5:
            return False
        from scipy.spatial import cKDTree  # rarely wanted, and slow to load

        parts = grid.comm.allgather((grid.points[: grid.owned][at_top, :-1], xi[: grid.owned][at_top]))
        places, top = (np.concatenate(part) for part in zip(*parts, strict=True))
        nearest = cKDTree(places).query(self.columns.columns)[1] if grid.dim > 1 else np.zeros(1, dtype=int)
        return np.asarray(top[nearest] >= 0.5)


def _asked(case: Case) -> float:
    """Current density (A/m^2) beside which rounding is nothing: the largest of the protocol, or far below i0."""
    currents = [abs(step.value) for step in case.steps() if step.mode == "current"]
    return max([*currents, 1e-3 * case.kinetics.exchange_current_density])
