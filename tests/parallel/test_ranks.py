"""The same case on one, two and three ranks: the same history, to 1e-6 of each quantity's scale."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import femna
from femna.analysis.runs import Run

from .launch import ENVIRONMENT, LAUNCHER, PATIENCE, STEPS, differences, run_words

pytestmark = pytest.mark.serial

IN_TURN = """
import sys
from femna.cli import main
for line in {lines!r}:
    code = main(line)
    if code:
        sys.exit(code)
"""


@pytest.fixture(scope="module", params=[2, 3])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Run]:
    """The small runs of all dimensions on several ranks, one after the other as `femna run` does each."""
    folder = tmp_path_factory.mktemp(f"ranks{request.param}")
    lines = [run_words(folder / str(dim), dim, f"numerics.max_steps={STEPS}") for dim in (1, 2, 3)]
    line = [str(LAUNCHER), "-n", str(request.param), sys.executable, "-c", IN_TURN.format(lines=lines)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    runs = {dim: femna.open_run(folder / str(dim)) for dim in (1, 2, 3)}
    assert all(len(run.manifest["peak_memory_MB"]) == run.summary()["ranks"] == request.param for run in runs.values())
    return runs


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_same_history_on_any_number_of_ranks(dim: int, shared: dict[int, Run], alone: Callable[..., Run]) -> None:
    one, several = alone(dim), shared[dim]
    assert one.history["Deposit thickness [m]"][-1] > 1e-10
    apart = {name: value for name, value in differences(one, several).items() if not value < 1e-6}
    assert not apart
    assert one.summary()["rejected_steps"] == several.summary()["rejected_steps"]
    # stored in the numbering of the mesh, whatever rank a node was on; the metal keeps too little c to compare
    here, there = one.fields(), several.fields()
    assert np.array_equal(here.points, there.points)
    assert np.abs(here["xi"] - there["xi"]).max() < 1e-6
    assert np.abs(here["c"] - there["c"]).max() < 1e-6 * np.abs(here["c"]).max()
    assert np.abs(here["phi"] - there["phi"]).max() < 1e-6
