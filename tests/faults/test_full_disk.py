"""A disk that is full in each file of a run, from its first byte or amid the steps, on one rank and on two."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import femna
from femna import resume
from femna.analysis.runs import Run
from femna.errors import CannotGoOn, FemnaError

from ..parallel.launch import (
    ENVIRONMENT,
    LAUNCHER,
    PATIENCE,
    differences,
    run_words,
    small,
    unbroken,
    wait_until_left,
)
from . import full_disk

pytestmark = pytest.mark.serial

STEPS = 6
OFTEN = ("output.interval=1e-7", "output.checkpoint_interval=0")
SETS = (f"numerics.max_steps={STEPS}", *OFTEN)
ONCE = ("case.toml", "checkpoint/mesh.h5", "fields/mesh.vtkhdf")
AGAIN = {
    "manifest.json": "manifest.json",
    "log.txt": "log.txt",
    "history.csv": "history.csv",
    "checkpoint/NNNNNN.h5": ".h5",
    "fields/NNNN.vtkhdf": ".vtkhdf",
    "fields/checksums.json": "checksums.json",
    "fields/fields.vtkhdf.series": ".series",
}
"""Files, and how their names end."""
CASES = [(name, "first") for name in ONCE] + [(name, moment) for name in AGAIN for moment in ("first", "later")]
LATER = 3
"""The step whose checkpoint is written before the disk is full."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run that nothing has disturbed."""
    return femna.run(small(1, *SETS), tmp_path_factory.mktemp("whole") / "run")


def goes_on(folder: Path, moment: str, whole: Run, name: str) -> None:
    """With space again: from the last good state, or anew where there was none yet."""
    assert not list(folder.rglob("*.part"))
    if moment == "later":
        run = femna.open_run(folder)
        assert np.array_equal(run.history["Step [-]"], np.arange(len(run.history["Step [-]"])))
        assert run.fields(0.0).n_points == whole.summary()["nodes"]
        run = resume(folder)
    else:
        try:
            run = resume(folder)
        except FemnaError as error:
            why = str(error)
            run = femna.run(small(1, *SETS), folder, force=True)
            assert "damaged" not in why
    assert unbroken(run)
    assert run.manifest["status"] == "interrupted"
    assert max(differences(whole, run).values()) < 1e-6


def one_line(text: str, name: str) -> None:
    first, second = text.splitlines()
    ending = AGAIN.get(name, name)
    assert f"{ending}: the disk is full (No space left on device)" in first
    assert second == "try: free some space there, then go on (a run: femna resume)"


@pytest.mark.parametrize(("name", "moment"), CASES)
def test_a_run(name: str, moment: str, whole: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "run"
    with monkeypatch.context() as patch:
        full_disk.fill(
            AGAIN.get(name, name),
            lambda: moment == "first" or full_disk.has_step(folder, LATER),
            lambda module, attribute, value: patch.setattr(module, attribute, value, raising=False),
        )
        with pytest.raises(CannotGoOn) as caught:
            femna.run(small(1, *SETS), folder)
    one_line(str(caught.value), name)
    goes_on(folder, moment, whole, name)


@pytest.mark.parametrize("name", ["history-superseded.csv", "history.csv", "manifest.json", "log.txt", ".lock"])
def test_a_resume(name: str, whole: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the older of two checkpoints, so that rows are set aside: they stay where they are until they are safe."""
    folder = tmp_path / "run"
    femna.run(small(1, "numerics.max_steps=4", *OFTEN), folder)
    (folder / "checkpoint" / "000004.h5").unlink()
    rows = (folder / "history.csv").read_bytes()
    with monkeypatch.context() as patch:
        full_disk.fill(
            name,
            lambda: True,
            lambda module, attribute, value: patch.setattr(module, attribute, value, raising=False),
        )
        if name == ".lock":  # nothing is written to it: that it cannot be made is another fault
            resume(folder)
        else:
            with pytest.raises(CannotGoOn) as caught:
                resume(folder)
            one_line(str(caught.value), name)
            if name in ("history-superseded.csv", "manifest.json"):
                assert (folder / "history.csv").read_bytes() == rows
    run = resume(folder, [f"numerics.max_steps={STEPS}"])
    assert unbroken(run)
    assert max(differences(whole, run).values()) < 1e-6
    assert (folder / "history-superseded.csv").exists()


SCRIPT = """
import sys
from tests.faults import full_disk
name, folder, step = sys.argv[1:4]
full_disk.fill(name, lambda: step == "0" or full_disk.has_step(folder, int(step)))
from femna.cli import main
sys.exit(main(sys.argv[4:]))
"""


@pytest.mark.parametrize(
    ("name", "moment"),
    [pytest.param(*case, marks=[] if case == ("history.csv", "later") else pytest.mark.slow) for case in CASES],
)
def test_a_run_on_two_ranks(name: str, moment: str, whole: Run, tmp_path: Path) -> None:
    """Both ranks end, with one message of the one that writes."""
    folder = tmp_path / "run"
    step = str(LATER if moment == "later" else 0)
    words = [AGAIN.get(name, name), str(folder), step, *run_words(folder, 1, *SETS)]
    line = [str(LAUNCHER), "-n", "2", sys.executable, "-c", SCRIPT, *words]
    done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT)
    assert done.returncode == 3, done.stderr
    one_line("\n".join(line for line in done.stderr.splitlines() if line.startswith(("femna: ", "try: "))), name)
    assert "Traceback" not in done.stderr
    wait_until_left(folder)
    goes_on(folder, moment, whole, name)
