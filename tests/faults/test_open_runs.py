"""An open `Run` while its folder or the working directory changes: the run that was opened, or said to be gone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import femna
from femna import resume
from femna.analysis.runs import Run
from femna.errors import BadInput

from ..parallel.launch import small

pytestmark = pytest.mark.serial

HALF, STEPS = 4, 8

LOOKS: dict[str, Callable[[Run], Any]] = {
    "history": lambda run: run.history["Time [s]"].tolist(),
    "case": lambda run: run.case.to_toml(),
    "times": lambda run: run.times.tolist(),
    "fields": lambda run: np.asarray(run.fields().point_data["xi"]).tolist(),
    "summary": lambda run: run.summary(),
    "columns": lambda run: [column.name for column in run.columns],
}


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that has taken some of its steps, with outputs after its oldest checkpoint."""
    sets = (f"numerics.max_steps={HALF}", "output.interval=1e-6", "output.checkpoint_interval=1e9")
    return femna.run(small(1, *sets), tmp_path_factory.mktemp("half") / "run")


@pytest.fixture
def folder(half: Run, tmp_path: Path) -> Path:
    return Path(shutil.copytree(half.directory, tmp_path / "runs" / "one"))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("goes", ["elsewhere", "nowhere", "where another run has that name"])
def test_another_working_directory(
    goes: str, look: str, half: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = femna.open_run("runs/one")
    assert str(run.directory) == "runs/one"
    other = tmp_path / "other"
    other.mkdir()
    if goes.startswith("where"):
        femna.run(small(1, "numerics.max_steps=1"), other / "runs" / "one")
    os.chdir(other)
    if goes == "nowhere":
        other.rmdir()
    try:
        found = LOOKS[look](run)
    finally:
        os.chdir(tmp_path)
    assert found == LOOKS[look](half)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("what", ["removed", "moved", "replaced"])
def test_a_folder_that_is_gone(what: str, look: str, folder: Path) -> None:
    run = femna.open_run(folder)
    if what == "removed":
        shutil.rmtree(folder)
    elif what == "moved":
        folder.rename(folder.with_name("two"))
    else:
        femna.run(small(1, "numerics.max_steps=1"), folder, force=True)
    told = (
        "holds another run than when it was opened; open it again" if what == "replaced" else "there is no such folder"
    )
    with pytest.raises(BadInput) as caught:
        LOOKS[look](run)
    assert str(caught.value) == f"{folder}: {told}"


@pytest.mark.parametrize("look", LOOKS)
def test_a_run_that_has_gone_on(look: str, half: Run, folder: Path) -> None:
    """Rows and outputs were added: what is read is the run's own, of then or of now."""
    run = femna.open_run(folder)
    resume(folder, [f"numerics.max_steps={STEPS}"])
    found, now = LOOKS[look](run), LOOKS[look](femna.open_run(folder))
    assert found in (now, LOOKS[look](half)) or look == "summary"


def test_rows_and_outputs_that_were_superseded_are_not_said_to_be_damaged(folder: Path) -> None:
    for path in (folder / "checkpoint").glob(f"{HALF:06d}.h5"):
        path.unlink()
    run, known = femna.open_run(folder), femna.open_run(folder)
    last = known.times[-1]
    step = f'protocol=[{{mode="voltage", value="0.2 V", until="{last / 2} s"}}]'
    resume(folder, [step, "numerics.max_steps=1000"])
    with pytest.raises(BadInput, match=r"history\.csv: has gone on since the run was opened; open it again"):
        run.history  # noqa: B018
    with pytest.raises(BadInput, match="was superseded since the run was opened; open it again"):
        known.fields(last)


def test_a_history_that_is_gone_is_not_an_empty_one(folder: Path) -> None:
    (folder / "history.csv").unlink()
    with pytest.raises(BadInput, match=r"history\.csv: is missing"):
        femna.open_run(folder).history  # noqa: B018
