"""Edge-averaged against Galerkin discretisation on EDP-1: the runs. `benchmarks.discretisation_page` reads the results.

Both take the same time steps with the same time scheme; what differs is the discretisation in space and who assembles
it. Rounds are interleaved, one core, process time; mesh, forms and matrix patterns are made before the clock starts.

    OMP_NUM_THREADS=1 python -m benchmarks.discretisation [--rounds 5] [--cells 100 141 ...] [--dt 2e-3] [--fresh]
"""

from __future__ import annotations

import argparse
import csv
import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.edp1 import EdgeScheme, uniform_mesh
from benchmarks.galerkin import Galerkin, uniform_square
from benchmarks.problem import Edp1, graded_steps
from femna.mesh.simplex_grid import SimplexGrid
from femna.parallel import MPI

RESULTS = Path(__file__).parent / "results" / "discretisation.csv"
EDGE, GALERKIN, BILINEAR = "edge", "Galerkin P1", "Galerkin Q1"


def schemes(edp: Edp1, cells: int) -> dict[str, Callable[[], Any]]:
    """By name, what makes a stepper on a square of cells x cells; the meshes are shared by all of one size."""
    grid = SimplexGrid(MPI.COMM_SELF, uniform_mesh(edp.side, cells))
    triangles, squares = uniform_square(edp, cells), uniform_square(edp, cells, "quadrilateral")
    return {
        EDGE: lambda: EdgeScheme(edp, grid),
        GALERKIN: lambda: Galerkin(edp, triangles),
        BILINEAR: lambda: Galerkin(edp, squares),
    }


def measure(make: Callable[[], Any], steps: list[float]) -> dict[str, float]:
    """One run: its cost and its answer."""
    gc.collect()
    scheme = make()
    wall, cpu = time.perf_counter(), time.process_time()
    scheme.run(steps)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    work = {f"krylov {key}": count for key, count in scheme.iterations.items()}
    return {"cpu": cpu, "wall": wall, "steps": len(steps), "newton": scheme.newton} | work | scheme.measures()


def main() -> None:
    """Run and append to the results, one row a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--cells", type=int, nargs="+", default=[100, 141, 200])
    parser.add_argument("--dt", type=float, nargs="+", default=[2e-3])
    parser.add_argument("--fresh", action="store_true", help="forget earlier results")
    choice = parser.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != "1":
        parser.error("set OMP_NUM_THREADS=1: one core is measured")
    RESULTS.parent.mkdir(exist_ok=True)
    if choice.fresh:
        RESULTS.unlink(missing_ok=True)
    edp = Edp1()
    for make in schemes(edp, 20).values():
        make().run([1e-4])  # compiles what is compiled at first use
    made = {cells: schemes(edp, cells) for cells in choice.cells}
    for _ in range(choice.rounds):
        for cells in choice.cells:
            for dt in choice.dt:
                number = rounds_so_far(cells, dt)
                for name, make in made[cells].items():
                    head = {"round": number, "scheme": name, "cells": cells, "h": edp.side / cells, "dt": dt}
                    row = head | measure(make, graded_steps(dt, edp.end)) | {"load": os.getloadavg()[0]}
                    append(row)


def rounds_so_far(cells: int, dt: float) -> int:
    """How often this size and step size are in the results."""
    if not RESULTS.exists():
        return 0
    with RESULTS.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if int(row["cells"]) == cells and float(row["dt"]) == dt]
    return 1 + max((int(row["round"]) for row in rows), default=-1)


def append(row: dict[str, Any]) -> None:
    """Add a row to the results and show it."""
    new = not RESULTS.exists()
    shown = {key: float(f"{value:.12g}") if isinstance(value, float) else value for key, value in row.items()}
    with RESULTS.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        if new:
            writer.writeheader()
        writer.writerow(shown)
    print(
        f"{row['scheme']:22s} {row['cells']:4d} dt {row['dt']:g} cpu {row['cpu']:.2f} s growth {row['growth']:.5f} "
        f"inventory {row['inventory']:.3f} least c {row['least c']:.3f} load {row['load']:.1f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
