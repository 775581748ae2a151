"""A run of a femna case against the clock, in a process of its own; prints one line of JSON, as the peers do.

    python -m benchmarks.femna_run edp-1 --set numerics.cell_size="0.25 um" --folder runs/bench/one

It uses of femna only what 0.1.0 has too, so that the same script times both. The clock is the process time of this
process and those it started (the mesher); it holds mesh, steps, rebuilding and output. A few steps of the same case on
a coarse mesh come before: they import and compile.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import resource
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np

import femna

MICRO = 1e6
RESULTS = ("deposit_thickness_m", "height_max_m", "height_mean_m", "roughness_sq_m", "charge_C_m2", "top_fraction")
"""Keys of the summary that runs of the same case are compared by."""


def process_time() -> float:
    """Seconds of this process and of its children that ended."""
    return sum(os.times()[:4])


def run(case: str, sets: list[str], folder: Path) -> Any:
    """The finished run; what it says on the standard output is dropped."""
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.redirect_stdout(io.StringIO()):
        return femna.run(femna.load_case(case, sets), folder)


def inventory(done: Any) -> float:
    """Integral of c at the end, um^d mol/L: of the linear interpolant on the stored simplices."""
    fields = done.fields(done.times[-1])
    simplices = np.concatenate(list(fields.cells_dict.values()))
    corners = np.asarray(fields.points)[simplices]
    dim = simplices.shape[1] - 1
    edges = corners[:, 1:, :] - corners[:, :1, :]
    # the volume of a simplex through its Gram matrix: points of a plane have a third coordinate, 0
    volume = np.sqrt(np.abs(np.linalg.det(edges @ edges.transpose(0, 2, 1)))) / np.prod(np.arange(1, dim + 1))
    amount = float((volume * np.asarray(fields["c"])[simplices].mean(axis=1)).sum())
    return amount * MICRO**dim / 1000.0


def main() -> None:
    """A run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case")
    parser.add_argument("--set", action="append", default=[], dest="sets", metavar="K=V")
    parser.add_argument(
        "--warm", action="append", default=[], metavar="K=V", help="more settings of the first, short run"
    )
    parser.add_argument("--folder", type=Path, required=True)
    choice = parser.parse_args()
    run(choice.case, [*choice.sets, *choice.warm, "numerics.max_steps=2"], choice.folder)
    started, wall = process_time(), time.perf_counter()
    done = run(choice.case, choice.sets, choice.folder)
    cpu, wall = process_time() - started, time.perf_counter() - wall
    summary, case = done.summary(), done.case
    area = (case.geometry.width * MICRO) ** (case.geometry.dim - 1)
    found = {
        "start_s": started,
        "cpu_s": cpu,
        "wall_s": wall,
        "steps": summary["steps"],
        "steps_taken": summary["steps"],
        "rejected": summary["rejected_steps"],
        "nodes": summary["nodes"],
        "peak_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
        "load": os.getloadavg()[0],
        "status": summary["status"],
        "growth": summary["deposit_thickness_m"] * MICRO * area,
        "inventory": inventory(done),
        "results": {key: summary[key] for key in RESULTS if summary.get(key) is not None},
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
