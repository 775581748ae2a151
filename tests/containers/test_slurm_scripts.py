"""The batch scripts, with stand-ins for Slurm's commands: signal, checkpoint, queued again, resumed, finished."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import femna

ROOT = Path(__file__).resolve().parents[2]
SLURM = ROOT / "containers" / "slurm"
GO_ON = SLURM / "go_on.sh"
CASE = ROOT / "tests" / "small.toml"
PATIENCE = 120.0
"""Seconds."""

pytestmark = pytest.mark.serial

# As Slurm 22.05 was seen to behave: SIGTERM to srun kills its tasks at once; `scancel --signal=TERM` gives it to them.
SRUN = """#!/bin/bash
shift
mpirun -launcher fork -n 2 "$@" & child=$!
echo $child >"$SPOOL/step"
trap 'kill -KILL $child' TERM
while :; do wait $child; code=$?; kill -0 $child 2>/dev/null || exit $code; done
"""
SCANCEL = """#!/bin/bash
echo "$*" >>"$SPOOL/scancel"
kill -TERM "$(cat "$SPOOL/step")"
"""
SCONTROL = """#!/bin/bash
echo "$*" >>"$SPOOL/scontrol"
"""


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """A folder with the stand-ins in `bin`, and a femna that is this tree's."""
    commands = tmp_path / "bin"
    commands.mkdir()
    femna_here = f'#!/bin/sh\nexec "{sys.executable}" -m femna "$@"\n'
    for name, text in {"srun": SRUN, "scancel": SCANCEL, "scontrol": SCONTROL, "femna": femna_here}.items():
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    return tmp_path


def batch(spool: Path, *words: str | Path, **variables: str) -> subprocess.Popen[str]:
    """A batch script as Slurm starts it."""
    environment = os.environ | {
        "PATH": f"{spool / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(femna.__file__).parents[1]),
        "SPOOL": str(spool),
        "FEMNA_SLURM": str(SLURM),
        "SLURM_JOB_ID": "4711",
        "SLURM_NTASKS": "2",
        "OMP_NUM_THREADS": "1",
        **variables,
    }
    return subprocess.Popen(
        list(map(str, words)),
        env=environment,
        cwd=spool,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def rows(folder: Path) -> int:
    history = folder / "history.csv"
    return len(history.read_text().splitlines()) - 1 if history.exists() else 0


@pytest.mark.parametrize("script", ["one_node.sh", "many_nodes.sh"])
def test_a_run_goes_on_in_the_next_time_of_its_job(script: str, spool: Path) -> None:
    case = spool / "slow.toml"
    case.write_text(f'extends = "{CASE}"\nprotocol = [{{mode = "voltage", value = "0.5 V", until = "0.005 s"}}]\n')
    folder = spool / "run"
    words = (SLURM / script, case, folder)
    first = batch(spool, *words, FEMNA_RUN_OPTIONS="--set numerics.dt_max=1e-4 --quiet")
    limit = time.monotonic() + PATIENCE
    while rows(folder) < 5:
        assert first.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.02)
    first.send_signal(signal.SIGUSR1)
    said, _ = first.communicate(timeout=PATIENCE)
    assert first.returncode == 0, said
    assert (spool / "scontrol").read_text() == "requeue 4711\n"
    assert (spool / "scancel").exists() == (script == "many_nodes.sh")
    stopped = femna.open_run(folder)
    assert stopped.status == "interrupted"
    steps = stopped.summary()["steps"]
    assert (folder / "checkpoint" / f"{steps:06d}.h5").exists()

    second = batch(spool, *words)
    said, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, said
    assert f"resuming {folder} from {steps:06d}.h5" in said
    run = femna.open_run(folder)
    assert run.status == "finished"
    assert run.summary()["ranks"] == 2
    assert run.summary()["steps"] > steps
    assert not (folder / "history-superseded.csv").exists()
    assert (spool / "scontrol").read_text() == "requeue 4711\n"

    if script == "one_node.sh":  # a job that is queued once too often does no harm
        assert batch(spool, *words).wait(timeout=PATIENCE) == 0


def test_bad_input_is_not_queued_again(spool: Path) -> None:
    job = batch(spool, SLURM / "one_node.sh", "planr", spool / "run")
    said, _ = job.communicate(timeout=PATIENCE)
    assert job.returncode == 2
    assert "closest: planar" in said or "planar" in said
    assert "bad input; the job is not queued again" in said
    assert not (spool / "scontrol").exists()


STUB = """#!/bin/bash
# femna in short: ends with CODE, or answers SIGTERM, after a checkpoint if CHECKPOINT says so
trap '[ -z "$CHECKPOINT" ] || { mkdir -p run/checkpoint; touch run/checkpoint/000009.h5; }; exit 143' TERM
echo "$@" >words
touch ready
[ -z "$CODE" ] || exit "$CODE"
while :; do sleep 0.05; done
"""


@pytest.mark.parametrize(
    ("code", "sent", "checkpoint", "ends", "again"),
    [
        ("0", None, "", 0, False),
        ("2", None, "", 2, False),
        ("3", None, "", 3, False),
        ("137", None, "", 137, False),  # out of memory: it would be again
        ("", signal.SIGUSR1, "yes", 0, True),
        ("", signal.SIGUSR1, "", 3, False),  # no step in all this time: it would be so for ever
        ("", signal.SIGTERM, "yes", 143, False),  # somebody's scancel
    ],
)
def test_what_becomes_of_each_end(
    code: str, sent: int | None, checkpoint: str, ends: int, again: bool, spool: Path
) -> None:
    (spool / "stub").write_text(STUB)
    (spool / "stub").chmod(0o755)
    job = batch(spool, GO_ON, "case.toml", "run", "./stub", CODE=code, CHECKPOINT=checkpoint)
    limit = time.monotonic() + PATIENCE
    while not (spool / "ready").exists():
        assert time.monotonic() < limit
        time.sleep(0.02)
    if sent is not None:
        job.send_signal(sent)
    said, _ = job.communicate(timeout=PATIENCE)
    assert job.returncode == ends, said
    assert (spool / "scontrol").exists() == again
    assert (spool / "words").read_text().split() == ["run", "case.toml", "-o", "run"]


@pytest.mark.parametrize(("history", "forced"), [("head\n0\n", True), ("head\n0\n1\n", False)])
def test_only_a_run_without_a_step_is_begun_anew(history: str, forced: bool, spool: Path) -> None:
    (spool / "stub").write_text(STUB)
    (spool / "stub").chmod(0o755)
    (spool / "run").mkdir()
    (spool / "run" / "manifest.json").write_text("{}")
    (spool / "run" / "history.csv").write_text(history)
    assert batch(spool, GO_ON, "case.toml", "run", "./stub", CODE="0").wait(timeout=PATIENCE) == 0
    assert ("--force" in (spool / "words").read_text()) == forced


def test_batch_directives_are_what_the_scripts_rely_on() -> None:
    for script in ("one_node.sh", "many_nodes.sh"):
        text = (SLURM / script).read_text()
        for directive in ("--signal=B:USR1@120", "--requeue", "--open-mode=append"):
            assert f"\n#SBATCH {directive}\n" in text
