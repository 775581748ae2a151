"""Two runs into one folder, at once: one of them is told off in one line, the other one is as it should be."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import femna
from femna import resume
from femna.analysis.runs import Run
from femna.errors import BadInput

from ..parallel.launch import ENVIRONMENT, PATIENCE, differences, run_words, small, started, unbroken, wait_for_step

pytestmark = pytest.mark.serial

STEPS, HALF = 10, 4

MEET = """
import os, sys, time
from pathlib import Path
import femna.mesh.stack
import femna.runtime.run
def meeting(action):
    def meet(*words, **more):
        result = action(*words, **more)
        place = Path(sys.argv[1])
        (place / str(os.getpid())).touch()
        end = time.monotonic() + 20.0
        while len(list(place.iterdir())) < 2 and time.monotonic() < end:
            time.sleep(0.001)
        return result
    return meet
if sys.argv[2] == "run":
    femna.mesh.stack.build_stack = meeting(femna.mesh.stack.build_stack)
else:
    femna.runtime.run._open_to_resume = meeting(femna.runtime.run._open_to_resume)
from femna.cli import main
sys.exit(main(sys.argv[2:]))
"""
"""Each waits for the other where it has seen that the folder is free, and not yet written into it."""


def both(place: Path, words: list[str]) -> tuple[subprocess.CompletedProcess[str], subprocess.CompletedProcess[str]]:
    """Two runs of femna that go side by side: the one that succeeded, and the other."""
    place.mkdir()
    line = [sys.executable, "-c", MEET, str(place), *words]
    processes = [
        subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
        for _ in range(2)
    ]
    try:
        told = [process.communicate(timeout=PATIENCE) for process in processes]
    finally:
        for process in processes:
            process.kill()
    done = [
        subprocess.CompletedProcess(line, process.returncode, *texts)
        for process, texts in zip(processes, told, strict=True)
    ]
    first, second = sorted(done, key=lambda each: each.returncode)
    return first, second


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run that nothing has disturbed."""
    return femna.run(small(1, f"numerics.max_steps={STEPS}"), tmp_path_factory.mktemp("whole") / "run")


def one_of_them(first: subprocess.CompletedProcess[str], second: subprocess.CompletedProcess[str], told: str) -> None:
    assert (first.returncode, second.returncode) == (0, 2), (first.stderr, second.stderr)
    assert second.stderr.count("\n") == 1
    assert told in second.stderr


@pytest.mark.parametrize("force", [False, True])
def test_two_new_runs(force: bool, whole: Run, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    if force:
        femna.run(small(1, "numerics.max_steps=2"), folder)
    words = [*run_words(folder, 1, f"numerics.max_steps={STEPS}"), *["--force"] * force]
    first, second = both(tmp_path / "meet", words)
    one_of_them(
        first, second, "the run in it is still going on" if force or "going on" in second.stderr else "not empty"
    )
    run = femna.open_run(folder)
    assert unbroken(run)
    assert max(differences(whole, run).values()) < 1e-6
    assert not (folder / ".lock").exists()


def test_two_resumes(whole: Run, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    femna.run(small(1, f"numerics.max_steps={HALF}"), folder)
    words = ["resume", str(folder), "--set", f"numerics.max_steps={STEPS}"]
    one_of_them(*both(tmp_path / "meet", words), "the run in it is still going on")
    run = femna.open_run(folder)
    assert unbroken(run)
    assert len(run.manifest["sessions"]) == 1
    assert max(differences(whole, run).values()) < 1e-6


def test_a_run_that_seems_to_be_another_machine_s(tmp_path: Path) -> None:
    """Whether a process of another machine is alive the manifest cannot tell; the lock can."""
    folder = tmp_path / "run"
    with started(*run_words(folder, 1, "numerics.dt_max=1e-7")) as process:
        wait_for_step(process, folder, 3)
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["process"]["machine"] = "elsewhere"
        del manifest["crc32"]
        (folder / "manifest.json").write_text(json.dumps(manifest))
        for action in (lambda: resume(folder), lambda: femna.run(small(1), folder, force=True)):
            with pytest.raises(BadInput, match="still going on"):
                action()
        assert process.poll() is None


@pytest.mark.parametrize("how", ["moved", "removed", "replaced"])
def test_a_folder_that_goes_from_under_its_run(how: str, tmp_path: Path) -> None:
    """The run ends in one line and makes no second folder; what was moved is whole and goes on."""
    folder, other = tmp_path / "run", tmp_path / "other"
    with started(*run_words(folder, 1, "numerics.dt_max=1e-7")) as process:
        wait_for_step(process, folder, 3)
        folder.rename(other)
        if how == "replaced":
            femna.run(small(1, "numerics.max_steps=3"), folder)
            before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        elif how == "removed":
            shutil.rmtree(other)
        begun = time.monotonic()
        _, told = process.communicate(timeout=30)
        assert time.monotonic() - begun < 15
    assert process.returncode == 3
    assert f"femna: {folder}: was moved, removed or replaced while a run was writing into it\n" == told
    if how == "replaced":
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    else:
        assert not folder.exists()
    if how != "removed":
        run = femna.open_run(other)
        assert np.all(np.diff(run.history["Step [-]"]) == 1.0)
        taken = int(run.history["Step [-]"][-1])
        run = resume(other, [f"numerics.max_steps={taken + 2}"])
        assert unbroken(run)
        assert run.summary()["steps"] == taken + 2
