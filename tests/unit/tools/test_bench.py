"""The benchmark's arithmetic, its peers against exact answers, and a tiny round of it. Nothing here asserts a time."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.serial


@pytest.fixture(autouse=True)
def _benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))


def runs(sizes: dict[int, tuple[float, float]]) -> list[dict[str, Any]]:
    """Runs of two rounds by cells: (error of the growth, time); the inventory is off by half as much."""
    made = []
    for cells, (error, seconds) in sizes.items():
        for number in (0, 1, 2):
            found = {"growth": 10.0 * (1.0 + error), "inventory": 500.0 * (1.0 - 0.5 * error)}
            time = {"cpu_s": seconds * (1.0, 5.0, 0.5)[number], "start_s": 1.0, "peak_MB": 100.0}
            head = {"round": number, "case": "problem", "code": "code", "cells": cells}
            made.append(head | found | time | {"steps": 10, "steps_taken": 10})
    return made


def test_time_at_an_error_is_exact_for_a_power_law() -> None:
    from benchmarks.equal_error import at_error, points

    # time 3 s (error/1e-2)^(-3/2), at errors of 16, 4 and 1 per mille; medians of 1, 5 and 1/2
    law = {error: 3.0 * (error / 1e-2) ** -1.5 for error in (1.6e-2, 4e-3, 1e-3, 2e-3, 1e-4)}
    sizes = {50: (1.6e-2, law[1.6e-2]), 100: (4e-3, law[4e-3]), 200: (1e-3, law[1e-3])}
    found = points(runs(sizes), "problem", "code", {"growth": 10.0, "inventory": 500.0})
    assert [point.error for point in found] == pytest.approx([1.6e-2, 4e-3, 1e-3], rel=1e-10)
    inside, outside = at_error(found, 2e-3), at_error(found, 1e-4)
    assert inside is not None
    assert outside is not None
    assert inside.seconds == pytest.approx(law[2e-3], rel=1e-10)
    assert outside.seconds == pytest.approx(law[1e-4], rel=1e-10)
    assert (inside.extrapolated, outside.extrapolated) == (False, True)
    assert at_error(found[:1], 2e-3) is None


def test_goals_show_what_was_measured_and_say_what_was_not() -> None:
    from benchmarks.goals import GOALS, table

    lines = table(lambda case, code: 7.25 if (case, code) == ("mci-top 2D", "femna 0.1.0") else None).splitlines()[2:]
    assert len(lines) == len(GOALS)
    measured = [line for line in lines if not line.endswith("| not measured yet |")]
    assert len(measured) == 1
    assert measured[0].startswith("| mci-top 2D")
    assert measured[0].endswith("| 7.25 |")


@pytest.mark.parametrize("multigrid", [False, True], ids=["jacobi", "multigrid"])
@pytest.mark.parametrize("lateral", [(17, 1), (17, 9)], ids=["2D", "3D"])
def test_the_peers_potential_is_that_of_resistances_in_series(multigrid: bool, lateral: tuple[int, int]) -> None:
    from benchmarks.peers.conductances import Potential

    nodes, low, high = 33, 1.19, 1e7
    # half metal, with a smooth edge; all faces between two planes conduct alike, so that they are in series
    share = np.broadcast_to(1.0 / (1.0 + np.exp(np.arange(nodes) - 11.3))[:, None, None], (nodes, *lateral)).copy()
    conductivity = low + (high - low) * share[:, 0, 0]
    resistances = 2.0 / (conductivity[1:] + conductivity[:-1])
    exact = np.concatenate([[0.0], np.cumsum(resistances)]) / resistances.sum()
    p = np.broadcast_to(np.linspace(0.0, 1.0, nodes)[:, None, None], share.shape).copy()
    solver = Potential(share.shape, (low, high), 1e-12, multigrid)
    solver.solve(share, p, np.zeros_like(p))
    assert np.abs(p - exact[:, None, None]).max() < 1e-9


def test_multigrid_keeps_the_peers_iterations_flat_under_refinement() -> None:
    from benchmarks.peers.finite_differences import FiniteDifferences
    from benchmarks.problem import Edp1

    # the first solve, from a straight line, around a bump whose conductivity is seven decades higher
    counts = {
        multigrid: [FiniteDifferences(Edp1(), 2, cells, multigrid).potential.iterations for cells in (32, 64, 128)]
        for multigrid in (False, True)
    }
    print(counts)
    assert counts[True][2] <= 1.5 * counts[True][0]
    assert counts[False][2] >= 2.5 * counts[False][0]


def test_a_coarser_level_of_a_uniform_grid_is_the_grid_of_twice_the_spacing() -> None:
    from benchmarks.peers.conductances import coarser, fill_conductances

    def level(cells: int, share: float = 0.0) -> tuple[Any, Any, Any]:
        n = cells + 1
        made = np.zeros((n - 1, n, n)), np.zeros((n, n - 1, n)), np.zeros((n, n, n - 1))
        planes = share * np.linspace(0.0, 1.0, n)
        fill_conductances(np.broadcast_to(planes[:, None, None], (n, n, n)).copy(), 3.0, 1e7, *made)
        return made

    coarse = coarser(level(16))
    assert coarse is not None
    # conductance is conductivity times area over length: in units of the fine spacing, twice as large in 3D. The end
    # planes, whose values are given, carry no flow along themselves
    for axis, (found, expected) in enumerate(zip(coarse, level(8), strict=True)):
        inner = slice(None) if axis == 0 else slice(1, -1)
        assert np.allclose(found[inner], 2.0 * expected[inner], rtol=1e-12)

    # where conductivity rises along the axis by decades, four lines in parallel keep a quarter of the resistance of one
    fine = level(16, 1e-3)
    coarse = coarser(fine)
    assert coarse is not None
    resistance = [(1.0 / g[0][:, 1:-1, 1:-1]).sum(axis=0) for g in (fine, coarse)]
    assert np.allclose(resistance[1], resistance[0][0, 0] / 4.0, rtol=1e-12)


def test_the_peer_converges_to_the_reference() -> None:
    from benchmarks.peers.finite_differences import FiniteDifferences
    from benchmarks.problem import Edp1
    from benchmarks.reference import MEASURES, references

    reference = references()["EDP-1 2D-S, 1 ms"]
    errors = []
    for cells in (64, 128):
        peer = FiniteDifferences(Edp1(end=1e-3), 2, cells, multigrid=True)
        for _ in range(peer.steps):
            peer.advance()
        assert peer.steps * peer.dt == pytest.approx(1e-3, rel=1e-12)
        errors.append([peer.measures()[name] / reference[name] - 1.0 for name in MEASURES])
    orders = [math.log2(abs(coarse / fine)) for coarse, fine in zip(*errors, strict=True)]
    print(errors, orders)
    assert all(1.5 < order < 3.0 for order in orders)


def test_a_tiny_round_and_its_table(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    results = tmp_path / "smoke.json"
    for words in (["bench", "smoke", "--output", str(results)],
                  ["bench_page", "smoke", "--results", str(results), "--output", str(tmp_path)]):  # fmt: skip
        command = [sys.executable, "-m", f"benchmarks.{words[0]}", *words[1:]]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
        assert done.returncode == 0, done.stderr[-2000:]
    book = json.loads(results.read_text())
    assert not [run for run in book["runs"] if "failed" in run]
    # both discretisations see the same problem: its deposit after a millisecond is 0.0876 um^2
    growth = {run["code"]: run["growth"] for run in book["runs"]}
    assert growth["femna"] == pytest.approx(0.0876, rel=0.25)
    assert growth["finite differences"] == pytest.approx(growth["finite differences, multigrid"], rel=1e-5)
    table = (tmp_path / "bench-smoke.md").read_text()
    assert all(f"| {run['code']} | {run['cells']} | {run['steps']} |" in table for run in book["runs"])
    assert (tmp_path / "bench-smoke.png").stat().st_size > 1000
