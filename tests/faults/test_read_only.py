"""A folder that cannot be written, from the start or from amid the steps: one line, and what only reads works.

Root may write everywhere; what is started here has given up that right, so that permissions hold for it too.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import femna
from femna import resume
from femna.analysis.runs import Run
from femna.io import checkpoint

from ..parallel.launch import (
    ENVIRONMENT,
    PATIENCE,
    command,
    differences,
    run_words,
    small,
    unbroken,
    wait_for_step,
    wait_until_left,
)

pytestmark = pytest.mark.serial

HALF, STEPS = 4, 60
SLOW_STEPS = "numerics.dt_max=1e-6"
PR_CAPBSET_DROP = 24
RIGHTS = (1, 2, 3)
"""CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and CAP_FOWNER of linux/capability.h."""


def give_up_rights() -> None:
    """Of the process that is started; not root's own, it has none of them anyway."""
    libc = ctypes.CDLL(None)
    for right in RIGHTS:
        libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing in a folder can be made, changed or removed."""
    places = [folder, *(path for path in folder.rglob("*"))]
    modes = {path: path.stat().st_mode for path in places}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def start(*words: str | Path, ranks: int = 1) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(*words, ranks=ranks),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        preexec_fn=give_up_rights,
    )


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    try:
        out, told = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return process.returncode, out, told


def refused(process: subprocess.Popen[str], place: Path) -> None:
    code, _, told = end(process)
    assert code == 3, told
    lines = [line for line in told.splitlines() if line.startswith("femna: ")]
    assert len(lines) == 1
    assert lines[0].startswith(f"femna: {place}")
    assert "cannot be written (Permission denied)" in lines[0]
    assert "Traceback" not in told


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that has taken some of its steps."""
    return femna.run(small(1, f"numerics.max_steps={HALF}"), tmp_path_factory.mktemp("half") / "run")


@pytest.fixture
def folder(half: Run, tmp_path: Path) -> Path:
    return Path(shutil.copytree(half.directory, tmp_path / "run"))


def test_the_started_process_cannot_write_there(folder: Path) -> None:
    """Else the other tests would show nothing."""
    with read_only(folder):
        done = subprocess.run(["touch", str(folder / "new")], preexec_fn=give_up_rights, check=False)
    assert done.returncode != 0
    assert not (folder / "new").exists()


@pytest.mark.parametrize("ranks", [1, 2])
def test_what_writes_is_refused_and_changes_nothing(ranks: int, folder: Path) -> None:
    before = content(folder)
    with read_only(folder):
        refused(start("resume", folder, "--set", f"numerics.max_steps={STEPS}", ranks=ranks), folder)
        refused(start(*run_words(folder, 1), "--force", ranks=ranks), folder)
        refused(start(*run_words(folder / "new", 1), ranks=ranks), folder / "new")
        if ranks == 1:
            refused(start("render", folder), folder / "figures")
    assert content(folder) == before


def test_what_reads_works(folder: Path, half: Run, tmp_path: Path) -> None:
    with read_only(folder):
        code, out, told = end(start("summary", folder, "--json"))
        assert (code, told) == (0, "")
        assert json.loads(out) == json.loads(json.dumps(half.summary()))
        code, out, told = end(start("render", folder, "-o", tmp_path / "pictures"))
        assert code == 0, told
        assert list((tmp_path / "pictures").glob("*.png"))


def test_a_finished_run_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run = femna.run(small(1, 'protocol=[{mode="voltage", value="0.5 V", until="0.1 ms"}]'), folder)
    assert run.status == "finished"
    with read_only(folder):
        code, out, _ = end(start("resume", folder))
    assert code == 0
    assert "is finished; nothing to resume" in out


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_folder_that_becomes_read_only_amid_the_steps(ranks: int, tmp_path: Path) -> None:
    """The run ends in one line; with the right to write again it goes on from the checkpoint of before."""
    folder = tmp_path / "run"
    sets = (f"numerics.max_steps={STEPS}", SLOW_STEPS, "output.checkpoint_interval=0")
    process = start(*run_words(folder, 1, *sets), ranks=ranks)
    try:
        wait_for_step(process, folder, HALF)
        with read_only(folder):
            refused(process, folder)
            wait_until_left(folder)
            kept = checkpoint.load_newest(folder)
            assert kept.passed_over == ()
            assert kept.step >= HALF - 1
    finally:
        process.kill()
    assert not list(folder.rglob("*.part"))
    run = resume(folder)
    assert unbroken(run)
    whole = femna.run(small(1, *sets), tmp_path / "whole")
    assert max(differences(whole, run).values()) < 1e-6
    assert os.access(folder, os.W_OK)
