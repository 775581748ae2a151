"""The nested multigrid on one, two and three ranks: the same solutions, in about as many iterations."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .launch import ENVIRONMENT, LAUNCHER, PATIENCE

pytestmark = pytest.mark.serial

PROBLEMS = Path(__file__).parents[1] / "unit" / "linear_solvers" / "boxes.py"


def measures(ranks: int) -> dict[str, tuple[float, int]]:
    line = [str(LAUNCHER), "-n", str(ranks), sys.executable, str(PROBLEMS)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    found: dict[str, tuple[float, int]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def alone() -> dict[str, tuple[float, int]]:
    return measures(1)


@pytest.mark.parametrize("ranks", [2, 3])
def test_same_solutions_on_any_number_of_ranks(ranks: int, alone: dict[str, tuple[float, int]]) -> None:
    several = measures(ranks)
    for field, (integral, iterations) in alone.items():
        assert several[field][0] == pytest.approx(integral, rel=1e-9), field
        assert abs(several[field][1] - iterations) <= 2, field
