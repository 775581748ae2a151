"""What holds of every two-potential run, whatever its case: sodium and charge are kept, fields stay in bounds.

The shipped cases in a small box and for some dozens of steps; as they are shipped, to their end, with `-m slow`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import femna
from femna.analysis.runs import Run
from femna.io.version_1 import COLUMNS, TWO_POTENTIAL_COLUMNS
from femna.units import FARADAY
from femna.validation.load import load_case

from .conftest import TWO_POTENTIAL

pytestmark = pytest.mark.serial


def check(run: Run) -> None:
    history, summary, case = run.history, run.summary(), run.case
    assert {column.name for column in COLUMNS + TWO_POTENTIAL_COLUMNS} <= set(history)
    # no share of the deposit lies on top as long as there is none
    assert all(np.isfinite(values).all() for name, values in history.items() if name != "Top fraction [-]")
    assert summary["steps"] == run.manifest["steps"] == len(history["Step [-]"]) - 1 > 10
    assert summary["sodium_balance_error"] <= 1e-8
    # charge: what the counter gives, what the collector takes and what deposits are one current, in every row
    assert history["Charge balance error [-]"].max() <= 1e-8
    per_metre = FARADAY * case.site_density
    assert np.allclose(history["Charge density [C.m-2]"], per_metre * history["Deposit thickness [m]"], rtol=1e-12)
    passed = np.concatenate([[0.0], np.cumsum((history["Counter current [A.m-2]"] * history["Time step [s]"])[1:])])
    went = history["Charge density [C.m-2]"] + history.get("Uptake charge [C.m-2]", 0.0)
    assert np.allclose(passed, went, rtol=0.0, atol=1e-8 * np.abs(passed).max())
    assert len(run.times) >= 2
    for time in run.times:
        fields = run.fields(time)
        xi, c = np.asarray(fields["xi"]), np.asarray(fields["c"])
        assert -1e-6 <= xi.min() <= xi.max() <= 1.0 + 1e-6
        assert c.min() > 0.0
        assert np.isfinite(fields["phi_l"]).all()
        assert np.isfinite(fields["phi_s"]).all()


@pytest.mark.parametrize("name", TWO_POTENTIAL)
def test_in_a_small_box(name: str, small: Callable[[str], Run]) -> None:
    check(small(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", TWO_POTENTIAL)
def test_as_shipped(name: str, tmp_path: Path) -> None:
    # in two dimensions mci-top takes longer than a test may: its balances are in docs/verification/slow.md
    run = femna.run(load_case(name, ["geometry.dim=1"] if name == "mci-top" else []), tmp_path / name)
    assert run.status == "finished"
    check(run)
