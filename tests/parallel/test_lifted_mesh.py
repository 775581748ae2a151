"""A stack that metal lifts: the same run on any number of ranks, interrupted or not, the mesh lifted meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

import femna
from femna.analysis.runs import Run

from .launch import differences, launch, sets

pytestmark = pytest.mark.serial

STEPS, HALF = 24, 20
"""The mesh is lifted between the two, and before."""

SETTINGS = (
    "layer.interphase.moves=true",
    "interface.width=0.2 um",
    "geometry.width=1 um",
    "output.interval=60 s",
)


def lifted(folder: Path, ranks: int, steps: int) -> Run:
    words = sets(*SETTINGS, f"numerics.max_steps={steps}")
    done = launch("run", "ici-bottom", "-o", folder, *words, ranks=ranks)
    assert done.returncode == 0, done.stderr
    return femna.open_run(folder)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = lifted(tmp_path_factory.mktemp("lifted") / "run", 1, STEPS)
    assert (run.directory / "log.txt").read_text().count("mesh lifted") > 1
    return run


def same(run: Run, whole: Run) -> None:
    found = differences(whole, run)
    assert not {name: far for name, far in found.items() if not far < 1e-6 and not name.startswith("Top fraction")}
    assert run.fields()["lift"] == pytest.approx(whole.fields()["lift"], rel=1e-6)


@pytest.mark.parametrize("ranks", [2, 3])
def test_on_several_ranks(ranks: int, alone: Run, tmp_path: Path) -> None:
    same(lifted(tmp_path / "run", ranks, STEPS), alone)


@pytest.mark.parametrize(("ranks", "then"), [(1, 2), (2, 1)])
def test_resumed_on_another_number_of_ranks(ranks: int, then: int, alone: Run, tmp_path: Path) -> None:
    """On the mesh as it was lifted last, which lags behind the state."""
    half = lifted(tmp_path / "run", ranks, HALF)
    done = launch("resume", half.directory, *sets(f"numerics.max_steps={STEPS}"), ranks=then)
    assert done.returncode == 0, done.stderr
    same(femna.open_run(half.directory), alone)
