"""What ends a cell before its protocol, from made-up states, on any number of ranks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.case import Case
from femna.circuit.cell_ends import CellEndMonitor
from femna.contract.cell_state import CellState
from femna.contract.diagnostic import CumulativeTotals
from femna.contract.state import State
from femna.diagnostics.observer import Observer
from femna.mesh.grid import GlobalMesh
from femna.mesh.simplex_grid import SimplexGrid
from femna.mesh.stack import build_stack
from femna.models.two_potential import TwoPotential
from femna.parallel import MPI
from femna.timestepping.lagged_front import LaggedFrontStepper
from femna.validation.load import load_case

Array = NDArray[np.float64]
UM = 1e-6
SETS = [
    "model='two_potential'",
    "geometry.dim=2",
    "geometry.width=4 um",
    "geometry.front_zone=6 um",
    "layer.anode.thickness=2 um",
    "layer.electrolyte.thickness=4 um",
    "numerics.cell_size=0.25 um",
    "interface.width=0.25 um",
    "interface.curvature=physical",
    "transport.collector=natural",
    "transport.kind=single_ion",
    "counter={kind='metal', thickness='1 um'}",
]


@dataclass
class Made:
    case: Case
    problem: TwoPotential
    ends: CellEndMonitor

    def state(self, metal: Callable[[Array, Array], Any], counter_charge: float = 0.0, **more: float) -> State:
        """xi = 1 where metal(x, z) of the nodes' places in um."""
        x, z = self.problem.grid.points.T / UM
        zero = np.zeros_like(x)
        xi = np.where(metal(x, z), 1.0, 0.0)
        fields = {"xi": xi, "c": zero + 1.0, "salt": 1.0 - xi, "phi_l": zero, "phi_s": zero, "deposition_rate": zero}
        return State(1.0, fields, scalars={"ions_in": 0.0, "counter_charge": counter_charge}, **more)


@pytest.fixture(scope="module")
def made() -> Made:
    case = load_case("planar", SETS)
    serial = None
    if MPI.COMM_WORLD.rank == 0:
        mesh = build_stack(case)
        serial = GlobalMesh(mesh.points, mesh.cells, mesh.layer)
    problem = TwoPotential.build(case, SimplexGrid(MPI.COMM_WORLD, serial), ())
    return Made(case, problem, CellEndMonitor(case, problem))


MARK = CellState(time=7.0, charge=-36000.0, height=6.0 * UM)


def anode(x: Array, z: Array) -> Any:
    return z < 2.1


def test_a_path_of_metal_is_a_short_circuit(made: Made) -> None:
    ending = made.ends.met(made.state(lambda x, z: anode(x, z) | (x < 0.6)), MARK, 1.0)
    assert ending is not None
    assert ending.reason == "short circuit at t = 7 s, 1 mAh/cm^2: the metal touches the counter side"
    assert ending.numbers == {"short_circuit_time_s": 7.0, "short_circuit_charge_C_m2": -36000.0}


def test_an_island_at_the_counter_is_none(made: Made) -> None:
    island = made.state(lambda x, z: anode(x, z) | ((x < 0.6) & (z > 4.0)))
    assert made.ends.met(island, MARK, 1.0) is None


def test_metal_that_ends_below_the_counter_is_none(made: Made) -> None:
    state = made.state(lambda x, z: anode(x, z) | ((x < 0.6) & (z < 5.0)))
    assert made.ends.met(state, CellState(7.0, 36.0, 5.0 * UM), 1.0) is None


def test_a_counter_that_has_given_all_it_had(made: Made) -> None:
    """1 um over 4 um, 96485.33 C/mol over 23.75e-6 m^3/mol."""
    all_of_it = 4.0 * UM * UM / made.problem.deposition.volume_per_charge
    nearly = made.state(anode, counter_charge=0.999 * all_of_it)
    assert made.ends.met(nearly, CellState(7.0, 0.0, 2.1 * UM), 1.0) is None
    ending = made.ends.met(made.state(anode, counter_charge=1.001 * all_of_it), CellState(7.0, 0.0, 2.1 * UM), 1.0)
    assert ending is not None
    assert set(ending.numbers) == {"counter_exhausted_time_s", "counter_exhausted_charge_C_m2"}


def test_an_emptied_counter_may_be_filled_again(made: Made) -> None:
    all_of_it = 4.0 * UM * UM / made.problem.deposition.volume_per_charge
    state = made.state(anode, counter_charge=all_of_it, counter_current=-1.0)
    assert made.ends.met(state, CellState(7.0, 0.0, 2.1 * UM), -1.0) is None


@pytest.mark.parametrize(("current", "covered", "over"), [(-1.0, 0.0, True), (-1.0, 2.0, False), (1.0, 0.0, False)])
def test_an_anode_that_is_stripped_bare(made: Made, current: float, covered: float, over: bool) -> None:
    """Nothing on the collector ends a cell that strips, not one that is about to plate."""
    state = made.state(lambda x, z: (z < 1.0) & (x < covered), counter_current=current)
    ending = made.ends.met(state, CellState(7.0, 0.0, 1.0 * UM), current)
    assert (ending is not None) == over
    assert ending is None or "anode_exhausted_time_s" in ending.numbers


def test_how_much_of_a_node_a_step_takes(made: Made) -> None:
    """Half of what the metal has, a third of its room; what has next to none of either does not count."""
    stepper, zero = LaggedFrontStepper(made.problem), np.zeros(made.problem.grid.size)
    assert stepper._loss(zero + 0.2, zero - 0.1) == pytest.approx(0.5)
    assert stepper._loss(zero + 0.4, zero + 0.2) == pytest.approx(1.0 / 3.0)
    assert stepper._loss(zero + 5e-4, zero - 5e-4) == 0.0


def test_a_tenth_too_much_at_the_counter_is_seen_at_any_voltage(made: Made) -> None:
    """The balance is relative to what flows, not to what the kinetics could carry at the voltage that is held."""
    step = {"mode": "voltage", "value": "1.5 V", "until": "1 s"}
    case = load_case("planar", [*SETS, f"protocol=[{{{', '.join(f'{k}={v!r}' for k, v in step.items())}}}]"])
    observer = Observer(case, made.problem)
    old = observer.amounts(made.state(anode))
    new = made.state(anode, collector_current=1e-6, counter_current=1.1e-6)
    amounts = observer.amounts(new)
    totals, faradaic = CumulativeTotals().after(old, amounts), 1e-6 / made.problem.area
    row = observer.row(observer.observe(new, 1.0, old, totals, faradaic=faradaic))
    assert row["Charge balance error [-]"] == pytest.approx(0.1 / 1.1)


def test_a_rest_is_balanced_against_the_largest_current(made: Made) -> None:
    """What a rest leaves of tolerance is 3e-4 of itself, and nothing of the current before or after it."""
    steps = "protocol=[{mode='rest', until='1 s'}, {mode='current', value=5, until='1 s'}]"
    observer = Observer(load_case("planar", [*SETS, steps]), made.problem)
    old = observer.amounts(made.state(anode))
    new = made.state(anode, collector_current=0.0, counter_current=1e-9)
    totals = CumulativeTotals().after(old, observer.amounts(new))
    row = observer.row(observer.observe(new, 1.0, old, totals, faradaic=0.0))
    assert row["Charge balance error [-]"] == pytest.approx(1e-9 / made.problem.area / 5.0)
    passed = CumulativeTotals(largest=20.0)
    row = observer.row(observer.observe(new, 1.0, old, passed, faradaic=0.0))
    assert row["Charge balance error [-]"] == pytest.approx(1e-9 / made.problem.area / 20.0)
