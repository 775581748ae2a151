"""kill -9 at any moment: the run goes on from its newest checkpoint and comes out as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import femna
from femna import resume
from femna.analysis.runs import Run
from femna.errors import BadInput
from femna.io.checkpoint import load_newest
from femna.io.manifest import is_alive, read_manifest

from .launch import STEPS, differences, run_words, small, started, unbroken, wait_for_step, wait_until_left

pytestmark = pytest.mark.serial

ALWAYS = "output.checkpoint_interval=0"
"""A checkpoint after every step: most kills fall into the writing of one."""
NEVER = "output.checkpoint_interval=1e9"
MANY = ["numerics.max_steps=400", "numerics.dt_max=0.5 ms"]
"""More steps than are taken between a dozen kills."""
OFTEN = "output.interval=2e-4"


def kill(folder: Path) -> None:
    """What the kernel does when the memory is used up: rank 0 is gone at once; a launcher ends the others."""
    with suppress(ProcessLookupError):
        os.kill(read_manifest(folder)["process"]["id"], signal.SIGKILL)


def after_the_kill(folder: Path) -> None:
    """What a killed run leaves is legible: an interrupted run, whole rows, whole outputs."""
    run = femna.open_run(folder)
    assert run.status == "interrupted"
    steps = run.history["Step [-]"]
    assert np.array_equal(steps, np.arange(len(steps)))
    assert all(run.fields(time).n_points == run.summary()["nodes"] for time in run.times)


def same(run: Run, whole: Run) -> None:
    assert unbroken(run)
    assert max(differences(whole, run).values()) < 1e-6
    assert np.abs(run.fields()["xi"] - whole.fields()["xi"]).max() < 1e-6


def killed_again_and_again(folder: Path, moments: list[tuple[int, float]], ranks: int = 1, *more: str) -> None:
    """Start the run, kill it the given seconds after it has reached a step, resume it, and so on."""
    words = run_words(folder, 2, f"numerics.max_steps={STEPS}", *more)
    for step, delay in moments:
        with started(*words, ranks=ranks) as process:
            wait_for_step(process, folder, step)
            time.sleep(delay)
            kill(folder)
            process.communicate(timeout=60)
        wait_until_left(folder)
        after_the_kill(folder)
        words = ["resume", str(folder)]


def test_killed_in_the_midst_of_checkpoints(tmp_path: Path, alone: Callable[..., Run]) -> None:
    folder = tmp_path / "run"
    # in the time of a step: at its start, amid its solves, amid its writing
    killed_again_and_again(folder, [(2, 0.0), (7, 0.004), (12, 0.009)], 1, ALWAYS)
    run = resume(folder)
    same(run, alone(2))
    assert len(list((folder / "checkpoint").iterdir())) == 3  # the mesh and the last two


def test_killed_long_after_the_only_checkpoint(tmp_path: Path) -> None:
    """Back to the start; the rows that were lost are kept aside, outputs that were stored are stored again."""
    folder = tmp_path / "run"
    killed_again_and_again(folder, [(9, 0.0)], 1, NEVER, OFTEN)
    stored = len(femna.open_run(folder).times)
    assert stored > 1
    run = resume(folder)
    case = small(2, OFTEN, f"numerics.max_steps={STEPS}")
    same(run, femna.run(case, tmp_path / "whole"))
    lines = (folder / "history-superseded.csv").read_text().splitlines()
    assert lines[1].startswith("1,")
    assert len(list((folder / "fields").glob("*-superseded-1.vtkhdf"))) == stored - 1


def test_killed_on_two_ranks(tmp_path: Path, alone: Callable[..., Run]) -> None:
    folder = tmp_path / "run"
    killed_again_and_again(folder, [(5, 0.003)], 2, ALWAYS)
    same(resume(folder), alone(2))


def test_killed_before_there_is_a_checkpoint(tmp_path: Path) -> None:
    """What is left says so, and gives way to a new run."""
    folder = tmp_path / "run"
    with started("run", "planar", "-o", folder) as process:
        while not (folder / "manifest.json").exists():
            assert process.poll() is None
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    if not list((folder / "checkpoint").glob("0*.h5")):
        with pytest.raises(BadInput):
            resume(folder)
    run = femna.run(femna.load_case("planar", ["numerics.max_steps=2"]), folder, force=True)
    assert unbroken(run)


@pytest.mark.slow
@pytest.mark.parametrize("ranks", [1, 2])
def test_killed_many_times(ranks: int, tmp_path: Path) -> None:
    """At random moments: while a checkpoint is read, in the midst of steps, of rows, of outputs, of checkpoints."""
    folder, draw, kills = tmp_path / "run", random.Random(ranks), 0
    words = run_words(folder, 2, *MANY, ALWAYS)
    while kills < 12:
        with started(*words, ranks=ranks) as process:
            while not (list(folder.glob("checkpoint/0*.h5")) and is_alive(read_manifest(folder))):
                assert process.poll() is None
                time.sleep(0.001)
            if draw.random() < 0.5:
                time.sleep(draw.uniform(0.0, 1.0))
            else:
                wait_for_step(process, folder, load_newest(folder).step + draw.randrange(2, 10))
                time.sleep(draw.uniform(0.0, 0.03))
            assert process.poll() is None
            kill(folder)
            process.communicate(timeout=60)
        wait_until_left(folder)
        kills += 1
        after_the_kill(folder)
        words = ["resume", str(folder)]
    run = resume(folder)
    assert len(run.manifest["sessions"]) >= kills
    assert len({session.get("steps") for session in run.manifest["sessions"]}) > 3
    same(run, femna.run(small(2, *MANY), tmp_path / "whole"))
