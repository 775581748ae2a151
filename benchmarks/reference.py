"""What EDP-1 converges to, case by case: Richardson extrapolation of femna's scheme on uniform grids, and, as a check,
of the finite differences.

    OMP_NUM_THREADS=1 python -m benchmarks.reference "EDP-1 2D-S" --cells 141 200 283

writes benchmarks/results/references.json: the limits, the order seen, and how far the limit of the finite differences
lies from them where these were run at three sizes (`--check`). The steps are so small (2 ms, second order) that their
error is below 1e-4.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any

from benchmarks.cases import CASES
from benchmarks.discretisation import EDGE, RESULTS
from benchmarks.edp1 import EdgeScheme, uniform_mesh
from benchmarks.peers.finite_differences import FiniteDifferences
from benchmarks.problem import Edp1, graded_steps, richardson
from femna.mesh.simplex_grid import SimplexGrid
from femna.parallel import MPI

REFERENCES = Path(__file__).parent / "results" / "references.json"
MEASURES = ("growth", "inventory")
DT = 2e-3


def references() -> dict[str, Any]:
    """By case: `growth` and `inventory`, um^d, and how they were found."""
    return json.loads(REFERENCES.read_text()) if REFERENCES.exists() else {}


def by_edges(edp: Edp1, dim: int, cells: int) -> dict[str, float]:
    """What femna's scheme gives on a uniform grid of right simplices: of benchmarks.discretisation, or of a new run."""
    if edp == Edp1() and dim == 2:
        with RESULTS.open(newline="") as file:
            for row in csv.DictReader(file):
                if (row["scheme"], int(row["cells"]), float(row["dt"])) == (EDGE, cells, DT):
                    return {name: float(row[name]) for name in MEASURES}
    scheme = EdgeScheme(edp, SimplexGrid(MPI.COMM_SELF, uniform_mesh(edp.side, cells, dim)))
    scheme.run(graded_steps(min(DT, edp.end / 10.0), edp.end))
    return scheme.measures()


def by_differences(edp: Edp1, dim: int, cells: int) -> dict[str, float]:
    """What the finite differences give."""
    peer = FiniteDifferences(edp, dim, cells, multigrid=True)
    for _ in range(peer.steps):
        peer.advance()
    return peer.measures()


def limits(edp: Edp1, sizes: list[int], runs: list[dict[str, float]]) -> dict[str, list[float]]:
    """Limit and observed order of each measure; an order outside 1.5 to 3 is an error: the grids are too coarse."""
    found = {name: richardson([edp.side / n for n in sizes], [run[name] for run in runs]) for name in MEASURES}
    for name, (_, order) in found.items():
        if not 1.5 < order < 3.0:
            raise ValueError(f"{name} converges with order {order:.2f} over {sizes}: take finer grids")
    return {name: list(values) for name, values in found.items()}


def main() -> None:
    """Find and store the reference of one case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=[name for name, case in CASES.items() if case.target])
    parser.add_argument("--cells", type=int, nargs=3, required=True, help="a geometric sequence")
    parser.add_argument("--check", type=int, nargs=3, default=[], help="the same for the finite differences")
    choice = parser.parse_args()
    case = CASES[choice.case]
    edp = Edp1(side=case.side, end=case.end)
    runs = [by_edges(edp, case.dim, cells) for cells in choice.cells]
    print(*runs, sep="\n", flush=True)
    found = limits(edp, choice.cells, runs)
    entry: dict[str, Any] = {name: found[name][0] for name in MEASURES}
    entry |= {"orders": {name: found[name][1] for name in MEASURES}, "cells": choice.cells}
    if choice.check:
        runs = [by_differences(edp, case.dim, cells) for cells in choice.check]
        print(*runs, sep="\n", flush=True)
        other = limits(edp, choice.check, runs)
        entry["finite differences"] = {name: other[name][0] / entry[name] - 1.0 for name in MEASURES}
    REFERENCES.write_text(json.dumps(references() | {choice.case: entry}, indent=1, sort_keys=True) + "\n")
    print(choice.case, json.dumps(entry))


if __name__ == "__main__":
    main()
