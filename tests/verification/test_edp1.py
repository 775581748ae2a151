"""EDP-1, 2D-S: the shipped benchmark case against its converged growth and ion inventory.

The problem of Hong & Viswanathan 2018 with one bump. Converged values at t = 0.1 s, from refinements of three
discretisations to h = 0.0625 um (docs/verification/discretisation.md): 9.699 um^2, 509.02 um^2 c0, the same to 0.002 %.
The values that other codes found (consistent P1 elements, finite differences) are 9.69 and 509.1.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import femna
from femna.analysis.runs import Run

GROWTH, INVENTORY = 9.699, 509.02
TOLERANCE = 0.003


@pytest.fixture(scope="module", params=["false", "true"], ids=["uniform", "following"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    from femna.parallel import MPI

    folder = Path(MPI.COMM_WORLD.bcast(str(tmp_path_factory.mktemp("edp-1"))))
    return femna.run(femna.load_case("edp-1", [f"numerics.adaptive_mesh={request.param}"]), folder / "run")


def test_growth_and_inventory(run: Run) -> None:
    history = run.history
    assert history["Time [s]"][-1] == pytest.approx(0.1, rel=1e-9)
    deposition_rate = history["Deposit thickness [m]"][-1] * 25e-6 * 1e12
    assert deposition_rate == pytest.approx(GROWTH, rel=TOLERANCE)
    mesh = run.fields(0.1)
    corners = mesh.cells_dict[5]
    x, y = mesh.points[corners, 0], mesh.points[corners, 1]
    area = 0.5 * np.abs((x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0]))
    inventory = float((area * mesh.point_data["c"][corners].mean(axis=1)).sum()) / 1e3 * 1e12
    assert inventory == pytest.approx(INVENTORY, rel=TOLERANCE)


def test_balance_and_bounds(run: Run) -> None:
    history = run.history
    assert history["Sodium balance error [-]"][-1] < 1e-8
    assert history["Minimum concentration [mol.m-3]"].min() > -1.0
    xi = run.fields(0.1).point_data["xi"]
    assert xi.min() > -1e-3
    assert xi.max() < 1.0 + 1e-3
