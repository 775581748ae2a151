"""What solves the linear systems best: the presets of `numerics.solver` on EDP-1, in two and three dimensions.

python -m benchmarks.presets          runs everything on one rank and on two, and writes the page
mpirun -n N python -m benchmarks.presets --worker --dim D --cells N --preset P     one of these runs
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.edp1 import EdgeScheme, uniform_mesh, uniform_tree
from benchmarks.problem import Edp1, graded_steps
from femna.linear_solvers.krylov import SolveFailed
from femna.linear_solvers.presets import PRESETS
from femna.mesh.grid import Grid
from femna.mesh.simplex_grid import SimplexGrid
from femna.parallel import MPI, PETSc

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "presets.csv"
PAGE = ROOT / "docs" / "verification" / "presets.md"
SIZES = ((2, 100), (2, 200), (3, 24), (3, 40))
PROBLEM = {2: Edp1(), 3: Edp1(side=10.0, voltage=0.3)}
"""A cube of 25 um would be too much for a quick look, and the smaller one runs away at 0.45 V."""
DT, WARM, STEPS, PATIENCE = 2e-3, 7, 8, 30.0
"""Step size (s), steps on the way to it, steps that count, CPU time (s) after which a run is cut short."""
INTRO = """\
# Solver presets

EDP-1 on uniform grids of right simplices, for `nested` on the leaves of trees with the same nodes: the square of 25 um
at 0.45 V, and in 3D a cube of 10 um at 0.3 V; steps of 2 ms after a graded start; linear systems solved to 1e-9 of the
change in a step. Iterations are Krylov iterations a step, those of xi over all its Newton steps. Time is the median
process time of a step on the slowest rank, which counts waiting for another rank; ratios are to `gamg` on as many
ranks. The machine has two cores and was shared: take ratios below 1.2 for equal, and two ranks for a check that it
works, not for speed. `hypre` is left out where PETSc has none. A run is cut after 30 s: `direct` on one rank at 40^3
shows the one step it had by then, one of the small first ones.
`python -m benchmarks.presets` makes this page."""
COLUMNS = ["preset", "dim", "cells", "nodes", "ranks", "status", "steps", "per_step", "wall_per_step"]
COLUMNS += ["newton", "xi", "phi", "c", "least_c", "load"]


def worker(dim: int, cells: int, preset: str) -> dict[str, Any] | None:
    """Median cost and mean iterations of a step, on the ranks this was started on; None on all but the first."""
    comm = MPI.COMM_WORLD
    edp = PROBLEM[dim]
    if preset == "nested":
        grid: Grid = uniform_tree(comm, edp.side, cells, dim)
    else:
        grid = SimplexGrid(comm, uniform_mesh(edp.side, cells, dim) if comm.rank == 0 else None)
    scheme = EdgeScheme(edp, grid, preset)
    begun, status = time.process_time(), "ok"
    times: list[tuple[float, float]] = []
    counts = np.zeros(4)
    try:
        scheme.start()
        for number, dt in enumerate(graded_steps(DT, edp.end)[: WARM + STEPS]):
            before, cpu, wall = work(scheme), time.process_time(), time.perf_counter()
            scheme.advance(dt)
            if number >= WARM or over(comm, begun):
                times.append((time.process_time() - cpu, time.perf_counter() - wall))
                counts += work(scheme) - before
            if over(comm, begun):
                break
    except SolveFailed as error:
        status = str(error)
    cost = np.median(np.array(times or [(np.nan, np.nan)]), axis=0)
    # wall and process time of the slowest rank; one waits for another with the processor busy
    slowest = grid.max(*cost)
    least = scheme.measures()["least c"] if scheme.past else np.nan
    if comm.rank:
        return None
    newton, xi, phi, c = counts / max(len(times), 1)
    values = (preset, dim, cells, grid.total, comm.size, status, len(times), *slowest, newton, xi, phi, c, least)
    return dict(zip(COLUMNS, (*values, os.getloadavg()[0]), strict=True))


def work(scheme: EdgeScheme) -> np.ndarray[Any, Any]:
    """Newton steps and Krylov iterations of xi, phi and c so far."""
    return np.array([scheme.newton, *(scheme.iterations[key] for key in ("xi", "phi", "c"))], dtype=float)


def over(comm: MPI.Comm, begun: float) -> bool:
    """Whether the run has taken long enough; the same answer on every rank."""
    return bool(comm.allreduce(time.process_time() - begun, op=MPI.MAX) > PATIENCE)


def launch(dim: int, cells: int, preset: str, ranks: int) -> None:
    """One run in processes of its own."""
    start = [str(Path(sys.executable).parent / "mpirun"), "-n", str(ranks)] if ranks > 1 else []
    options = ["--dim", str(dim), "--cells", str(cells), "--preset", preset]
    command = [*start, sys.executable, "-m", "benchmarks.presets", "--worker", *options]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True)


def append(row: dict[str, Any]) -> None:
    """Add a row to the results and show it."""
    new = not RESULTS.exists()
    shown = {key: f"{value:.4g}" if isinstance(value, float) else value for key, value in row.items()}
    with RESULTS.open("a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if new:
            writer.writeheader()
        writer.writerow(shown)
    print(shown, flush=True)


def page(rows: list[dict[str, str]]) -> str:
    """The results as a page of tables."""
    text = [INTRO]
    for dim, cells in SIZES:
        group = [row for row in rows if int(row["dim"]) == dim and int(row["cells"]) == cells]
        if not group:
            continue
        text += ["", f"## {dim}D, {cells}^{dim} cells, {group[0]['nodes']} nodes", ""]
        text += [
            "| preset | ranks | xi | phi | c | ms per step | ratio |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]
        for row in group:
            base = next(r for r in group if r["preset"] == "gamg" and r["ranks"] == row["ranks"])
            if int(row["steps"]) == 0:
                status = row["status"].replace("linear solver stopped with PETSc reason -3", "no convergence in 500")
                text.append(f"| {row['preset']} | {row['ranks']} | {status} | | | | |")
                continue
            counts = " | ".join(f"{float(row[key]):.0f}" for key in ("xi", "phi", "c"))
            cost = float(row["per_step"])
            ratio = cost / float(base["per_step"])
            text.append(f"| {row['preset']} | {row['ranks']} | {counts} | {1e3 * cost:.0f} | {ratio:.2f} |")
    return "\n".join(text) + "\n"


def main() -> None:
    """A worker's run, or all runs and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", action="store_true")
    parser.add_argument("--page", action="store_true", help="only write the page from earlier results")
    parser.add_argument("--dim", type=int)
    parser.add_argument("--cells", type=int)
    parser.add_argument("--preset")
    choice = parser.parse_args()
    if choice.worker:
        row = worker(choice.dim, choice.cells, choice.preset)
        if row is not None:
            append(row)
        return
    if not choice.page:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.unlink(missing_ok=True)
        names = [name for name in PRESETS if name != "hypre" or PETSc.Sys.hasExternalPackage("hypre")]
        for dim, cells in SIZES:
            for ranks in (1, 2):
                for name in names:
                    launch(dim, cells, name, ranks)
    with RESULTS.open(newline="") as file:
        PAGE.write_text(page(list(csv.DictReader(file))))


if __name__ == "__main__":
    main()
