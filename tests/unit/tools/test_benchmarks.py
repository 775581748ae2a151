"""What stands beside the package still runs with it: a few steps of each benchmark, a cell of each table."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.serial
ROOT = Path(__file__).parents[3]

DISCRETISATIONS = """
from benchmarks.discretisation import measure, schemes
from benchmarks.problem import Edp1
for name, make in schemes(Edp1(), 24).items():
    found = measure(make, [1e-4, 2e-4, 4e-4])
    print(name, found["growth"], found["inventory"])
    assert 0.0 < found["growth"] < 0.5, found
    assert abs(found["inventory"] - 515.0) < 10.0, found
"""
PRESET = """
from benchmarks.presets import STEPS, worker
assert worker(2, 12, "gamg")["steps"] == worker(2, 12, "nested")["steps"] == STEPS
"""
TOP_FRACTION = """
import sys
sys.path.insert(0, "tools")
from top_fraction import shares
found = shares(1e-6, 2.2e-4, 1e-5)
assert abs(found["top fraction"] - found["top fraction, divider"]) < 0.002, found
"""
SENSITIVITY = """
import sys
sys.path.insert(0, "tools")
import femna
from sensitivity import BASE, PROTOCOL, variants
for _, _, settings in variants():
    femna.load_case("p-na", overrides={**BASE, "protocol": PROTOCOL, **settings})
"""


@pytest.mark.parametrize(
    "program",
    [DISCRETISATIONS, PRESET, TOP_FRACTION, SENSITIVITY],
    ids=["discretisations", "presets", "top fraction", "sensitivity"],
)
def test_it_runs(program: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
