"""What ends badly ends on every rank, with the promised exit code, one readable line and an intact checkpoint."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import femna
from femna import resume
from femna.analysis.runs import Run
from femna.errors import BadInput, CannotGoOn
from femna.io import checkpoint

from .launch import ENVIRONMENT, LAUNCHER, PATIENCE, STEPS, differences, launch, run_words, small, unbroken

pytestmark = pytest.mark.serial

GO_ON = f"numerics.max_steps={STEPS}"


def test_bad_input_on_two_ranks(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = launch(*run_words(folder, 2, "surface.correlation_length=1 m"), ranks=2)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "surface.correlation_length" in done.stderr
    assert not folder.exists()


def test_a_run_that_cannot_go_on_on_two_ranks(tmp_path: Path) -> None:
    """The front leaves the fine mesh: exit code 3, where, why and what to try, once; all up to there is kept."""
    folder = tmp_path / "run"
    done = launch(*run_words(folder, 1, "geometry.front_zone=1.51 um"), ranks=2)
    assert done.returncode == 3
    assert done.stderr.count("has left the fine mesh") == 1
    assert "try: a larger geometry.front_zone" in done.stderr
    run = femna.open_run(folder)
    assert run.status == "failed"
    assert "fine mesh" in run.manifest["reason"]
    assert unbroken(run)
    assert run.times[-1] == run.history["Time [s]"][-1]
    assert checkpoint.load_newest(folder).step == run.summary()["steps"]
    # resumed, it says the same and takes no step
    with pytest.raises(CannotGoOn, match="has left the fine mesh"):
        resume(folder)
    assert femna.open_run(folder).summary()["steps"] == run.summary()["steps"]


DEFECT = """
import sys
from femna.parallel import MPI
from femna.timestepping.staggered import StaggeredStepper
advance = StaggeredStepper.advance
def fail(self, past, dt):
    if MPI.COMM_WORLD.rank == 1 and len(past) == 3:
        raise ZeroDivisionError("a defect on rank 1")
    return advance(self, past, dt)
StaggeredStepper.advance = fail
from femna.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_defect_on_one_rank_ends_all(tmp_path: Path) -> None:
    """No rank waits for the one that is gone; the manifest says failed."""
    folder = tmp_path / "run"
    words = run_words(folder, 1)
    line = [str(LAUNCHER), "-n", "2", sys.executable, "-c", DEFECT, *words]
    done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT)
    assert done.returncode == 1
    assert "ZeroDivisionError: a defect on rank 1" in done.stderr
    run = femna.open_run(folder)
    assert run.status == "failed"
    assert "a defect on rank 1" in run.manifest["reason"]


FULL = """
import resource, sys
import femna.parallel  # MPI's own files come before the limit
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
from femna.cli import main
sys.exit(main(sys.argv[2:]))
"""


def test_a_full_disk(tmp_path: Path, alone: Callable[..., Run]) -> None:
    """Files may grow to what the first checkpoint needs, of one state; a later one, of three, does not fit."""
    folder = tmp_path / "run"
    limit = 9 * (alone(2).directory / "checkpoint" / f"{STEPS:06d}.h5").stat().st_size // 10
    words = run_words(folder, 2, "output.checkpoint_interval=0")
    line = [sys.executable, "-c", FULL, str(limit), *words]
    done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT)
    assert done.returncode == 3
    assert "the disk is full" in done.stderr
    assert "try: free some space" in done.stderr
    assert "Traceback" not in done.stderr
    run = femna.open_run(folder)
    assert run.status == "failed"
    resume_point = checkpoint.load_newest(folder)
    assert not resume_point.passed_over
    assert not list(folder.rglob("*.part"))
    run = resume(folder, [GO_ON])
    assert unbroken(run)
    assert max(differences(alone(2), run).values()) < 1e-6


@pytest.mark.parametrize("what", ["history.csv", "log.txt", "000000.vtkhdf"])
def test_a_disk_that_is_full_elsewhere(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever file does not fit: CannotGoOn, and the run can be resumed."""
    import errno
    import os

    from femna.io import atomic_files as atomic
    from femna.io import field_store as fields
    from femna.io import history
    from femna.runtime import record

    case = small(1, "output.interval=1e-5", "numerics.max_steps=9")

    def fails() -> None:
        if (tmp_path / "run" / "checkpoint" / "000000.h5").exists():
            with atomic.disk_errors(tmp_path / what):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    kind, name = {
        "history.csv": (history.History, "_write"),
        "log.txt": (record.Record, "_write_log"),
        "000000.vtkhdf": (fields.FieldStore, "write"),
    }[what]
    whole = getattr(kind, name)
    with monkeypatch.context() as patch:
        patch.setattr(kind, name, lambda *words: (fails(), whole(*words))[1])
        with pytest.raises(CannotGoOn, match="the disk is full"):
            femna.run(case, tmp_path / "run")
    assert femna.open_run(tmp_path / "run").status in ("failed", "interrupted")
    assert unbroken(resume(tmp_path / "run"))


def test_a_folder_that_is_not_empty(tmp_path: Path, alone: Callable[..., Run]) -> None:
    """Refused without a trace; with force the earlier run goes, and nothing else."""
    case = small(1, "numerics.max_steps=2")
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="not empty"):
        femna.run(case, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    for _ in range(2):
        run = femna.run(case, tmp_path, force=True)
        assert unbroken(run)
        assert len(run.history["Step [-]"]) == 3
        assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_preset_that_this_petsc_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from femna.parallel import PETSc

    monkeypatch.setattr(PETSc.Sys, "hasExternalPackage", lambda package: False)
    with pytest.raises(BadInput, match=r"numerics\.solver is 'hypre'.*allowed: gamg, jacobi"):
        femna.run(femna.load_case("planar", ["numerics.solver=hypre"]), tmp_path / "run")
    assert not (tmp_path / "run").exists()
