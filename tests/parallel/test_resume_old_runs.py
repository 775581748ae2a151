"""Interrupted runs of femna 0.1.0 go on, to the numbers that 0.1.0 itself came to without the interruption."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from femna import open_run, resume
from femna.io.manifest import run_declarations

from .launch import launch, unbroken

pytestmark = pytest.mark.serial

OLD = Path(__file__).parents[1] / "data" / "runs-0.1.0"
OWN = ("wall_s", "peak_memory_MB", "sodium_balance_error", "charge_balance_error", "cycles", "ranks")
"""Numbers that tell of the machine, or only of rounding."""
OF_THE_STEPS = {
    "steps": 0.2,
    "height_mean_m": 1.5e-4,
    "height_max_m": 1.5e-4,
    "top_fraction": 2e-3,
    "cell_voltage_V": 4e-3,
}
"""What has been put right since in a run with two potentials, and by how much it changes at the most: the salt's order
in time (29 for 25 steps, 1.1e-5, 1.2e-3, 2.8e-4), and the resistance of the reaction under a layer, which was up to
12 % too much (9.4e-5 of the heights, 2.5e-3 of 6.7 mV)."""


def unpacked(name: str, into: Path) -> Path:
    with tarfile.open(OLD / f"{name}.tar.xz") as archive:
        archive.extractall(into, filter="data")
    return into / name


@pytest.mark.parametrize(("name", "ranks"), [("run-one", 1), ("run-two", 1), ("run-two", 2)])
def test_an_old_run_goes_on_to_its_end(name: str, ranks: int, tmp_path: Path) -> None:
    folder = unpacked(name, tmp_path)
    old = open_run(folder)
    if ranks == 1:
        resume(folder, ["numerics.max_steps=1000"])
    else:
        done = launch("resume", folder, "--set", "numerics.max_steps=1000", ranks=ranks)
        assert done.returncode == 0, done.stderr
    run = open_run(folder)
    found, expected = run.summary(), json.loads((OLD / f"{name}.json").read_text())
    assert run.status == "finished"
    changed = OF_THE_STEPS if run.case.model == "two_potential" else {}
    assert {key: found[key] for key in expected if key not in OWN} == {
        key: pytest.approx(value, rel=changed.get(key, 1e-6), abs=1e-15)
        if isinstance(value, float) or key in changed
        else value
        for key, value in expected.items()
        if key not in OWN
    }
    assert unbroken(run)
    steps = len(old.history["Step [-]"])
    for column, values in old.history.items():
        np.testing.assert_array_equal(run.history[column][:steps], values)
    # from now on it declares what it holds
    assert run.manifest["formats"]["manifest"] == 2
    fields, columns = run_declarations(folder, run.manifest)
    assert {column.name for column in columns} == set(run.history)
    assert {field.key for field in fields} == {*old.field_table, "material"}
