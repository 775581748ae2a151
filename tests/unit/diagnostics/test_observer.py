"""Rows of the history from made-up states, on any number of ranks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.case import Case
from femna.contract.diagnostic import Amounts, CumulativeTotals, FrontShape, Observation
from femna.contract.state import State
from femna.diagnostics.contact import TopFraction
from femna.diagnostics.observer import Observer
from femna.mesh.grid import GlobalMesh
from femna.mesh.simplex_grid import SimplexGrid
from femna.mesh.stack import build_stack
from femna.models.single_potential import SinglePotential
from femna.parallel import MPI
from femna.units import FARADAY
from femna.validation.load import load_case

Array = NDArray[np.float64]
UM = 1e-6
BOX = [
    "layer.anode.thickness=2 um",
    "layer.electrolyte.thickness=4 um",
    "geometry.width=3 um",
    "numerics.cell_size=0.3 um",
]
COLUMNS = {
    *("Time [s]", "Time step [s]", "Cell voltage [V]", "Current density [A.m-2]", "Collector current [A.m-2]"),
    *("Counter current [A.m-2]", "Charge density [C.m-2]", "Capacity [mAh.cm-2]", "Deposit thickness [m]"),
    *("Mean height [m]", "Maximum height [m]", "Minimum height [m]", "Roughness Sq [m]", "Front length ratio [-]"),
    *("Minimum concentration [mol.m-3]", "Minimum concentration anywhere [mol.m-3]"),
    *("Maximum concentration [mol.m-3]", "Sodium balance error [-]", "Charge balance error [-]", "Nodes [-]"),
}
"""Of the history of a run with one potential, as promised to users; the loop adds counts and the wall time."""


@dataclass
class Made:
    case: Case
    problem: SinglePotential

    def state(self, height: float | Array, time: float = 0.0, **more: float) -> State:
        """A front at `height` (m, or one for each node), c0 beside the metal."""
        z = self.problem.grid.points[:, -1]
        xi = 0.5 * (1.0 - np.tanh((z - height) / self.case.interface.width))
        fields = {"xi": xi, "c": 1.0 - xi, "phi": np.zeros_like(z), "content": xi.copy()}
        return State(time, fields, scalars={"ions_in": 0.0}, **more)

    def observer(self) -> Observer:
        return Observer(self.case, self.problem)


@pytest.fixture(scope="module", params=[1, 2, 3])
def made(request: pytest.FixtureRequest) -> Made:
    case = load_case("planar", [f"geometry.dim={request.param}", "geometry.front_zone=6 um", *BOX])
    serial = None
    if MPI.COMM_WORLD.rank == 0:
        mesh = build_stack(case)
        serial = GlobalMesh(mesh.points, mesh.cells, mesh.layer)
    return Made(case, SinglePotential.build(case, SimplexGrid(MPI.COMM_WORLD, serial), ()))


def test_a_front_that_has_moved(made: Made) -> None:
    """By 0.5 um in 2 s: thickness, charge, current and heights follow from that alone."""
    observer = made.observer()
    old = observer.amounts(made.state(2.0 * UM))
    assert old == Amounts(0.0, conserved={"sodium": 0.0})
    state = made.state(2.5 * UM, 2.0, collector_current=3.0, counter_current=2.0)
    new = observer.amounts(state)
    row = observer.row(observer.observe(state, 2.0, old, CumulativeTotals().after(old, new)))
    assert set(row) == {column.name for column in observer.columns()} == COLUMNS
    charge = FARADAY * made.case.site_density * 0.5 * UM
    assert row["Deposit thickness [m]"] == pytest.approx(0.5 * UM, rel=3e-3)
    assert row["Charge density [C.m-2]"] == pytest.approx(charge, rel=3e-3)
    assert row["Capacity [mAh.cm-2]"] * 3.6e4 == pytest.approx(row["Charge density [C.m-2]"])
    assert row["Current density [A.m-2]"] == pytest.approx(row["Charge density [C.m-2]"] / 2.0)
    area = (3.0 * UM) ** (made.case.geometry.dim - 1)
    assert row["Collector current [A.m-2]"] == pytest.approx(3.0 / area)
    assert row["Counter current [A.m-2]"] == pytest.approx(2.0 / area)
    for name in ("Mean", "Maximum", "Minimum"):
        assert row[f"{name} height [m]"] == pytest.approx(2.5 * UM, abs=0.05 * UM)
    assert row["Roughness Sq [m]"] < 0.03 * UM
    assert row["Front length ratio [-]"] == pytest.approx(1.0, abs=1e-2)
    assert observer.cell_state(made.state(2.5 * UM, 2.0), 0.0).height == row["Maximum height [m]"]


def test_concentrations_are_in_mol_and_the_least_is_the_electrolyte_s(made: Made) -> None:
    state = made.state(3.0 * UM)
    z = made.problem.grid.points[:, -1]
    state.fields["c"] = np.where(z < 3.0 * UM, -0.25, np.where(z > 5.9 * UM, 2.0, 0.5))
    observer = made.observer()
    now = observer.amounts(state)
    row = observer.row(observer.observe(state, 1.0, now, CumulativeTotals()))
    salt = made.case.salt_concentration
    assert row["Minimum concentration [mol.m-3]"] == pytest.approx(0.5 * salt)
    assert row["Minimum concentration anywhere [mol.m-3]"] == pytest.approx(-0.25 * salt)
    assert row["Maximum concentration [mol.m-3]"] == pytest.approx(2.0 * salt)


def test_the_sodium_balance_counts_what_went_to_and_fro(made: Made) -> None:
    """Ions that nobody let in, over what was plated and stripped, however little of it is left."""
    observer, grid = made.observer(), made.problem.grid
    state = made.state(2.0 * UM)
    old = observer.amounts(state)
    state.scalars["ions_in"] = 1e-3 * grid.integral(np.ones(grid.size))
    row = observer.row(observer.observe(state, 1.0, old, CumulativeTotals(moved=0.1 * UM)))
    area = (3.0 * UM) ** (made.case.geometry.dim - 1)
    moved = 0.1 * UM * area * made.case.site_density / made.case.salt_concentration
    assert row["Sodium balance error [-]"] == pytest.approx(state.scalars["ions_in"] / moved)


@pytest.mark.parametrize(("height", "seen"), [(-9.0, 0.0), (15.0, 6.0)])
def test_columns_without_a_front(height: float, seen: float, made: Made) -> None:
    """No metal at all is height 0; metal up to the counter plane is the cell's height."""
    front = made.observer().front.shape(made.state(height * UM))
    assert [front.mean, front.maximum, front.minimum] == pytest.approx([seen * UM] * 3)
    assert front.ratio == 0.0


def test_one_finger_that_has_reached_the_top(made: Made) -> None:
    if made.case.geometry.dim == 1:
        assert made.observer().front.columns.size == 1
        return
    x = made.problem.grid.points[:, 0]
    front = made.observer().front.shape(made.state(np.where(x < 1.0 * UM, 15.0 * UM, 2.0 * UM)))
    assert front.maximum == pytest.approx(6.0 * UM)
    assert front.minimum == pytest.approx(2.0 * UM, abs=0.1 * UM)
    assert 3.0 * UM < front.mean < 3.7 * UM


def test_a_film_up_to_the_counter_is_as_high_as_the_cell(made: Made) -> None:
    """Its underside is the only crossing."""
    z = made.problem.grid.points[:, -1]
    state = made.state(0.0)
    state.fields["xi"] = np.where(z < 1.0 * UM, 1.0, 0.0) + np.where(z > 4.0 * UM, 1.0, 0.0)
    front = made.observer().front.shape(state)
    assert [front.mean, front.maximum, front.minimum] == pytest.approx([6.0 * UM] * 3)


def test_the_top_fraction_counts_what_was_plated() -> None:
    """3 above and 1 below, then 2 off the top and 0.5 off the bottom, then 1 more above: 4 of 5."""
    states = [(0.0, 0.0), (4.0, 3.0), (1.5, 1.0), (2.5, 2.0)]
    totals = CumulativeTotals()
    for old, new in pairwise(Amounts(*state) for state in states):
        totals = totals.after(old, new)
    assert (totals.above, totals.below, totals.moved) == (4.0, 1.0, 7.5)
    observation = Observation(
        state=State(0.0, {}),
        dt=1.0,
        faradaic=0.0,
        storing=0.0,
        amounts=Amounts(2.5, 2.0),
        totals=totals,
        front=FrontShape(0.0, 0.0, 0.0, 0.0, 1.0),
    )
    assert TopFraction(1.0).row(observation) == {"Top fraction [-]": 0.8}
    assert np.isnan(TopFraction(6.0).row(observation)["Top fraction [-]"])
