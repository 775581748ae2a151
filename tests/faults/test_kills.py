"""kill -9 of all ranks, or of one, and SIGTERM, at random moments: meshing, stepping, storing, at start and end."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import femna
from femna.analysis.runs import Run
from femna.errors import FemnaError
from femna.io.checkpoint import load_newest

from ..parallel.launch import (
    ENVIRONMENT,
    STEPS,
    command,
    differences,
    ranks_of,
    run_words,
    small,
    unbroken,
    wait_until_left,
)

pytestmark = [pytest.mark.serial, pytest.mark.slow]

SEED = 20_261_202
TRIALS, BLOCK = 50, 5
ENDS = 20
"""Moments of SIGTERM."""
LASTS = 9.0
"""Wall time (s) from the start of a launcher within which a kill falls: the run itself takes some 5 s."""
PATIENCE = 60.0
SETS = (f"numerics.max_steps={STEPS}", "output.checkpoint_interval=0", "output.interval=2e-4")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run that nothing has disturbed."""
    return femna.run(small(2, *SETS), tmp_path_factory.mktemp("whole") / "run")


def kill(folder: Path, only_one: bool, dice: random.Random) -> None:
    processes = ranks_of(folder)
    if only_one and processes:
        processes = [dice.choice(processes)]
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def gone_on_with(folder: Path) -> Run:
    """What a user does: resume, or run it anew where there is nothing to resume from."""
    try:
        return femna.resume(folder)
    except FemnaError:
        return femna.run(small(2, *SETS), folder, force=True)


def as_if_nothing_had_happened(folder: Path, whole: Run) -> None:
    """None of the run's processes is left, and what goes on from it comes out as the undisturbed run."""
    wait_until_left(folder)
    run = gone_on_with(folder)
    assert unbroken(run)
    assert max(differences(whole, run).values()) < 1e-6
    assert np.abs(run.fields()["xi"] - whole.fields()["xi"]).max() < 1e-6
    shutil.rmtree(folder)


def started(folder: Path) -> subprocess.Popen[str]:
    """The run on two ranks, in a group of its own."""
    return subprocess.Popen(
        command(*run_words(folder, 2, *SETS), ranks=2),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        start_new_session=True,
    )


@pytest.mark.parametrize("first", range(0, TRIALS, BLOCK))
@pytest.mark.parametrize("only_one", [False, True], ids=["all", "one"])
def test_killed(
    only_one: bool, first: int, whole: Run, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("trials", BLOCK)
    record_property("seed", SEED)
    for trial in range(first, first + BLOCK):
        dice = random.Random(f"{SEED} {only_one} {trial}")
        folder = tmp_path / f"run-{trial}"
        process = started(folder)
        try:
            time.sleep(dice.uniform(0.0, LASTS))
            kill(folder, only_one, dice)
            process.communicate(timeout=PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        as_if_nothing_had_happened(folder, whole)


@pytest.mark.parametrize("first", range(0, ENDS, BLOCK))
def test_told_to_end(first: int, whole: Run, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """SIGTERM to the launcher: said once, and where a checkpoint is promised it is that of the last row."""
    record_property("trials", BLOCK)
    record_property("seed", SEED)
    for trial in range(first, first + BLOCK):
        dice = random.Random(f"{SEED} SIGTERM {trial}")
        folder = tmp_path / f"run-{trial}"
        process = started(folder)
        try:
            time.sleep(dice.uniform(0.0, LASTS))
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(timeout=PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        # a process that does not yet listen ends by the signal itself, which the launcher gives by its number
        assert process.returncode in (0, 128 + signal.SIGTERM, signal.SIGTERM), told
        assert told.count("SIGTERM received") <= 1
        assert "Traceback" not in told
        if "a checkpoint is written" in told:
            run = femna.open_run(folder)
            assert run.status == "interrupted"
            assert load_newest(folder).step == run.history["Step [-]"][-1]
        as_if_nothing_had_happened(folder, whole)
