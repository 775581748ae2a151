"""What goes wrong on one rank of two, at a chosen step: a nan in a field, a solve that fails, a wait without an end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import femna
from femna import resume
from femna.analysis.runs import Run
from femna.io import checkpoint
from femna.validation.load import load_case

from ..parallel.launch import CASE, ENVIRONMENT, LAUNCHER, PATIENCE, sets, unbroken, wait_until_left

pytestmark = pytest.mark.serial

SINGLE, TWO = "StaggeredStepper", "LaggedFrontStepper"
CASES = {
    SINGLE: (str(CASE), ["geometry.dim=2", 'protocol=[{mode="voltage", value="0.5 V", until="4 ms"}]']),
    TWO: (
        "mci-top",
        [
            *(
                "geometry.dim=2",
                "geometry.width=1 um",
                "layer.anode.thickness=0.6 um",
                "layer.interphase.thickness=0.6 um",
            ),
            *("layer.electrolyte.thickness=2 um", "geometry.front_zone=1.8 um", "surface.correlation_length=0.4 um"),
            *("surface.amplitude=0.03 um", "numerics.resolution=3", "numerics.solver=direct"),
            'protocol=[{mode="current", value="0.5 mA/cm^2", until="20 s"}]',
        ],
    ),
}
"""Of each stepper a cell of some hundred nodes, and a protocol of some steps."""

STEP = 4
"""The attempted step in which it happens."""
AGREEMENT = 4.0
"""Wall time (s) of femna.runtime.agreement.PATIENCE here."""

SPOILT = """
import sys
import numpy as np
from femna.linear_solvers.krylov import Krylov, SolveFailed
from femna.linear_solvers.block_system import BlockSystem
from femna.linear_solvers.edge_system import EdgeSystem
from femna.parallel import MPI
from femna.timestepping.lagged_front import LaggedFrontStepper
from femna.timestepping.staggered import StaggeredStepper
what, stepper, rank, first, times, agreement = sys.argv[1:7]
first, left, tried, broken = int(first), int(times), 0, False
if float(agreement):
    from femna.runtime import agreement as module
    module.PATIENCE = float(agreement)

def advance(self, past, dt, whole=globals()[stepper].advance):
    global tried, left, broken
    tried += 1
    broken = MPI.COMM_WORLD.rank == int(rank) and tried >= first and left > 0
    left -= broken
    step = whole(self, past, dt)
    if broken and what == "after the solves":
        raise SolveFailed("for the test")
    if broken and what in step.state.fields:
        step.state.fields[what][-1] = np.nan
    if broken and what == "voltage":
        step.state.voltage = np.nan
    broken = False
    return step

def solve(self, *words, whole=Krylov.solve, **more):
    global broken
    if broken and what == "in a solve":
        broken = False
        raise SolveFailed("for the test")
    whole(self, *words, **more)
    if broken and what == "solution":
        words[1].array[0] = np.nan
        broken = False

globals()[stepper].advance, Krylov.solve = advance, solve
from femna.cli import main
sys.exit(main(sys.argv[7:]))
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """The run of a stepper that nothing happens to, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("undisturbed")

    @cache
    def run(stepper: str) -> Run:
        name, settings = CASES[stepper]
        return femna.run(load_case(name, settings), folder / stepper)

    return run


def spoilt(
    folder: Path, what: str, stepper: str, rank: int, times: int, agreement: float = 0.0
) -> subprocess.CompletedProcess[str]:
    """A run on two ranks in which something goes wrong on one of them; none of its processes is left."""
    name, settings = CASES[stepper]
    words = [what, stepper, rank, STEP, times, agreement, "run", name, "-o", folder, *sets(*settings)]
    line = [str(LAUNCHER), "-n", "2", sys.executable, "-c", SPOILT, *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT)
    wait_until_left(folder)
    return done


def same_end(run: Run, whole: Run) -> None:
    """At the same time the same metal, as far as the steps' tolerance (1e-3) goes, and nothing lost."""
    assert run.status == "finished"
    assert unbroken(run)
    assert all(np.isfinite(run.fields()[name]).all() for name in whole.fields().point_data)
    mine, other = run.summary(), whole.summary()
    assert mine["time_s"] == pytest.approx(other["time_s"], rel=1e-12)
    assert mine["deposit_thickness_m"] == pytest.approx(other["deposit_thickness_m"], rel=1e-3)
    assert mine["sodium_balance_error"] < 1e-6
    assert np.abs(run.fields()["xi"] - whole.fields()["xi"]).max() < 5e-3


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What a run says that could not go on: one line, and what to try."""
    assert done.returncode == 3, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith(("femna: ", "try: "))]
    assert [line[:5] for line in lines] == ["femna", "try: "], done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def last_good_state(folder: Path) -> None:
    """The manifest says that the run failed, and its newest checkpoint is that of its last row."""
    run = femna.open_run(folder)
    assert run.status == "failed"
    assert checkpoint.load_newest(folder).step == run.summary()["steps"] == run.history["Step [-]"][-1]
    assert all(np.isfinite(array).all() for array in checkpoint.load_newest(folder).arrays.values())


QUICK = [(SINGLE, "phi", 1), (SINGLE, "solution", 0), (SINGLE, "after the solves", 1)]
FIELDS = {SINGLE: ("xi", "c", "phi", "voltage"), TWO: ("xi", "c", "phi_l", "phi_s", "voltage")}
ALL = [
    pytest.param(stepper, what, rank, marks=[] if (stepper, what, rank) in QUICK else pytest.mark.slow)
    for stepper, fields in FIELDS.items()
    for what in (*fields, "solution", "after the solves")
    for rank in (0, 1)
]


@pytest.mark.parametrize(("stepper", "what", "rank"), ALL)
def test_once_on_one_rank_the_step_is_repeated_on_all(
    stepper: str, what: str, rank: int, undisturbed: Callable[[str], Run], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    done = spoilt(folder, what, stepper, rank, 1)
    assert done.returncode == 0, done.stderr
    run, whole = femna.open_run(folder), undisturbed(stepper)
    same_end(run, whole)
    assert run.summary()["rejected_steps"] > whole.summary()["rejected_steps"]
    told = {"after the solves": f"for the test, on rank {rank} only", "solution": ""}.get(what, f"{what} is no finite")
    assert f"failed: {told}" in (folder / "log.txt").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(("stepper", "what", "rank"), ALL)
def test_again_and_again_on_one_rank_it_ends_with_the_last_good_state(
    stepper: str, what: str, rank: int, undisturbed: Callable[[str], Run], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    told = one_line(spoilt(folder, what, stepper, rank, 10**6))
    assert "succeeds" in told
    last_good_state(folder)
    same_end(resume(folder), undisturbed(stepper))


@pytest.mark.parametrize("stepper", [SINGLE, pytest.param(TWO, marks=pytest.mark.slow)])
@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_leaves_a_solve_alone_ends_the_wait_of_the_others(
    stepper: str, rank: int, undisturbed: Callable[[str], Run], tmp_path: Path
) -> None:
    """The other rank waits in the solve: nothing but an end of all helps, within the limit, and resume goes on."""
    folder = tmp_path / "run"
    told = one_line(spoilt(folder, "in a solve", stepper, rank, 1, AGREEMENT))
    assert f"a solve failed on rank {rank} alone (for the test), and rank {1 - rank} did not come out of it" in told
    run = femna.open_run(folder)
    assert run.status == "failed"
    assert "alone" in run.manifest["reason"]
    same_end(resume(folder), undisturbed(stepper))


def test_a_solve_that_leaves_nan_in_an_initial_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run does not begin from numbers that are none."""
    from femna.errors import CannotGoOn
    from femna.timestepping.staggered import StaggeredStepper

    start: Callable[..., object] = StaggeredStepper.start

    def broken(self: StaggeredStepper, *words: object) -> object:
        state = start(self, *words)
        state["phi"][0] = np.nan  # type: ignore[index]
        return state

    monkeypatch.setattr(StaggeredStepper, "start", broken)
    name, settings = CASES[SINGLE]
    with pytest.raises(CannotGoOn, match=r"no potential can be found at 0.5 V \(phi is no finite number\)"):
        femna.run(load_case(name, settings), tmp_path / "run")
