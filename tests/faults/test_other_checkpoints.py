"""Checkpoints and meshes that are another case's, or the same case's on another mesh: named, and never gone on from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import femna
from femna import resume
from femna.analysis.runs import Run
from femna.errors import FemnaError

from ..parallel.launch import differences, launch, run_words, small, unbroken

pytestmark = pytest.mark.serial

HALF, STEPS = 5, 9
NEWEST, OLDER = f"checkpoint/{HALF:06d}.h5", "checkpoint/000000.h5"
OTHERS = {
    "another mesh": "numerics.resolution=6",
    "another case on the same mesh": "kinetics.exchange_current_density=3 A/m^2",
    "the same case again": "numerics.resolution=5",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """The run, the same without a break, and others."""
    folder, half = tmp_path_factory.mktemp("runs"), f"numerics.max_steps={HALF}"
    made = {"half": femna.run(small(1, half), folder / "half")}
    made["whole"] = femna.run(small(1, f"numerics.max_steps={STEPS}"), folder / "whole")
    return made | {name: femna.run(small(1, half, text), folder / name) for name, text in OTHERS.items()}


@pytest.mark.parametrize("files", [(NEWEST,), (NEWEST, OLDER), ("checkpoint/mesh.h5",), ("checkpoint",)])
@pytest.mark.parametrize("other", OTHERS)
def test_files_of_another_run(other: str, files: tuple[str, ...], runs: dict[str, Run], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(runs["half"].directory, folder)
    for name in files:
        here, there = folder / name, runs[other].directory / name
        if there.is_dir():
            shutil.rmtree(here)
            shutil.copytree(there, here)
        else:
            shutil.copyfile(there, here)
    rows = (folder / "history.csv").read_bytes()
    told = ""
    try:
        run = resume(folder, [f"numerics.max_steps={STEPS}"])
    except FemnaError as error:
        told = str(error)
    if told:
        first, *rest = told.splitlines()
        assert any(word in first for word in ("another run", "another mesh", "mesh of another"))
        assert "damaged" not in first
        assert len(rest) <= 1
        assert (folder / "history.csv").read_bytes() == rows
        for name in files:
            if (folder / name).is_dir():
                shutil.rmtree(folder / name)
                shutil.copytree(runs["half"].directory / name, folder / name)
            else:
                shutil.copyfile(runs["half"].directory / name, folder / name)
        run = resume(folder, [f"numerics.max_steps={STEPS}"])
    assert unbroken(run)
    assert max(differences(runs["whole"], run).values()) < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("then", [1, 2, 3])
@pytest.mark.parametrize("first", [1, 2, 3])
def test_resumed_on_another_number_of_ranks(first: int, then: int, tmp_path: Path) -> None:
    """From one, two and three ranks to each of them: the run that had no break."""
    whole = femna.run(small(2, f"numerics.max_steps={STEPS}"), tmp_path / "whole")
    folder = tmp_path / "run"
    done = launch(*run_words(folder, 2, f"numerics.max_steps={HALF}"), ranks=first)
    assert done.returncode == 0, done.stderr
    done = launch("resume", folder, "--set", f"numerics.max_steps={STEPS}", ranks=then)
    assert done.returncode == 0, done.stderr
    run = femna.open_run(folder)
    assert unbroken(run)
    assert run.summary()["ranks"] == then
    assert max(differences(whole, run).values()) < 1e-6
