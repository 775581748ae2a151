"""Runs that several tests look at, made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import femna
from femna.analysis.runs import Run

from .launch import STEPS, small


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """The small run of a dimension, on one rank and without a break: `alone(dim)`, or `alone(dim, steps)`."""
    folder = tmp_path_factory.mktemp("alone")

    @cache
    def make(dim: int, steps: int = STEPS) -> Run:
        case = small(dim, f"numerics.max_steps={steps}")
        return femna.run(case, folder / f"{dim}-{steps}")

    return make


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Run], Path]:
    """A copy of a run's folder, to do things to."""
    import shutil

    def copy(run: Run) -> Path:
        return Path(shutil.copytree(run.directory, tmp_path / run.directory.name))

    return copy
