"""Does a commit give the results of another one? Runs a fixed list of cases with both and compares them row by row.

    python tools/compare_commits.py BEFORE [AFTER]       # AFTER is HEAD unless given; 5 minutes each
    python tools/compare_commits.py main --work /tmp/compare --cases demo-1d mci-top-2d

Each commit gets a clone of this repository (uncommitted changes are not in it) and an environment of its own, unless
--before-python and --after-python name a Python that has femna's packages. Runs are serial, on one core, one after the
other, before and after in turns. With --work the clones, their environments and the runs are kept; a run that ended
well is not run again while commit, settings and Python are the same.

Compared is every column that both histories have and every array on the points in the last stored fields: largest
difference over the largest magnitude in the run. Balance errors, relative already, are compared as they are. Iterations
are told apart and do not count; wall times hold start and, in a fresh clone, compilation. Code that only moves gives 0;
another last bit of Faraday's constant gives 7e-8 in demo-2d and 2e-7 in the balance of planar-1d. The exit code is 1
when a difference exceeds --rtol, rows or status differ, or a run has no results.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
Columns = dict[str, NDArray[np.float64]]

SHIPPED = (
    *("demo", "edp-1", "f-na", "ici-bottom", "mci-nuclei", "mci-top", "nzsp-bare", "nzsp-grains", "nzsp-mixed"),
    *("nzsp-nsf-bare", "nzsp-nsf-mixed", "nzsp-nsf", "nzsp-strip", "nzsp-uptake", "nzsp", "p-na", "planar", "sfc-na"),
    *("staircase-gpe", "staircase-nzsp"),
)
ONE_D = {"edp-1": ("surface.kind=flat",)}
"""What a case needs in one dimension besides geometry.dim: its surface, where it has no overlay for that."""

HALF_CYCLE = (
    'protocol=[{mode="current", value="0.5 mA/cm^2", until="0.1 mAh/cm^2"}, '
    '{mode="current", value="-0.5 mA/cm^2", until="0.11 mAh/cm^2"}]'
)
SMALL = ("numerics.max_steps=12", "geometry.dim=3")
CASES: dict[str, tuple[str, ...]] = {
    **{f"{case}-1d": (case, "geometry.dim=1", *ONE_D.get(case, ())) for case in SHIPPED},
    "demo-2d": ("demo",),
    "edp-1-2d": ("edp-1",),
    "mci-nuclei-2d": ("mci-nuclei", "numerics.max_steps=30"),
    "mci-top-2d": ("mci-top", HALF_CYCLE),
    "nzsp-2d": ("nzsp",),
    "nzsp-grains-2d": ("nzsp-grains", "numerics.max_steps=40"),
    "demo-3d": ("demo", *SMALL, "geometry.width=2 um", "geometry.depth=2 um", "numerics.resolution=2.5"),
    "mci-top-3d": ("mci-top", *SMALL, "geometry.width=0.6 um", "geometry.depth=0.6 um", "numerics.resolution=2"),
}
"""Name -> shipped case and settings. mci-top deposits half of what it does as shipped: 100 s, the longest of all."""

WALL = "Wall time [s]"
ITERATIONS = ("Nonlinear iterations [-]", "Linear iterations [-]")
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Side:
    """One of the two commits: its clone, the Python and the variables that run it, the folder of its runs."""

    commit: str
    clone: Path
    python: Path
    environment: dict[str, str]
    runs: Path


@dataclass(frozen=True)
class Outcome:
    """A run as compared: how it ended, its history, its last fields, the seconds from start to end of its process."""

    status: str
    history: Columns
    fields: Columns
    seconds: float


def git(folder: Path, *words: str) -> str:
    """What a git command prints. Raises CalledProcessError."""
    return subprocess.run(["git", "-C", str(folder), *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def prepare(name: str, revision: str, work: Path, python: Path | None) -> Side:
    """Check a revision out into work/name and make its environment. Raises ImportError for another femna."""
    commit = git(ROOT, "rev-parse", "--verify", f"{revision}^{{commit}}").strip()
    clone = work / name
    if not clone.exists():
        # shares the objects of the local repository: what is committed there later needs no fetch
        git(ROOT, "clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(clone))
    if git(clone, "rev-parse", "HEAD").strip() != commit:
        # numba takes a compiled function from its cache although one that it calls has changed in another file
        git(clone, "clean", "-dfxq", "--exclude=/.venv", "--exclude=*.egg-info")
    git(clone, "checkout", "--quiet", "--force", "--detach", commit)
    if python is None:
        subprocess.run(["make", ".venv"], cwd=clone, check=True, stdout=sys.stderr)
        python = clone / ".venv" / "bin" / "python"
    # made absolute without following links: through them a virtual environment would become the Python that made it
    python = Path(os.path.abspath(python))
    side = Side(commit, clone, python, os.environ | ONE_CORE | {"PYTHONPATH": str(clone)}, work / "runs" / name)
    ask = [str(side.python), "-c", "import femna; print(femna.__file__)"]
    found = subprocess.run(ask, cwd=clone, env=side.environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    if not Path(found.strip()).resolve().is_relative_to(clone.resolve()):
        raise ImportError(f"{side.python} imports {found.strip()}, which is not in {clone}")
    side.runs.mkdir(parents=True, exist_ok=True)
    return side


def run(side: Side, name: str) -> Outcome:
    """The run of a case of CASES: the kept one, or a new one."""
    case, *sets = CASES[name]
    folder, record = side.runs / name, side.runs / f"{name}.json"
    made: dict[str, Any] = {"commit": side.commit, "python": str(side.python), "case": case, "sets": sets}
    if record.exists():
        kept = json.loads(record.read_text())
        if made.items() <= kept.items() and status_of(folder) in ("finished", "interrupted"):
            return read(folder, float(kept["seconds"]))
    record.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    command = [str(side.python), "-m", "femna", "run", case, "-o", str(folder)]
    command += [word for item in sets for word in ("--set", item)]
    start = time.perf_counter()
    with open(side.runs / f"{name}.log", "wb") as log:
        done = subprocess.run(command, cwd=side.clone, env=side.environment, stdout=log, stderr=subprocess.STDOUT)
    seconds = time.perf_counter() - start
    if done.returncode == 0:
        record.write_text(json.dumps(made | {"seconds": seconds}, indent=1))
    elif done.returncode != 3:  # 3: the solver gave up, and what it has is kept
        return Outcome(f"exit code {done.returncode}", {}, {}, seconds)
    return read(folder, seconds)


def status_of(folder: Path) -> str:
    """How a run ended, of its manifest."""
    path = folder / "manifest.json"
    return str(json.loads(path.read_text())["status"]) if path.exists() else "no manifest"


def read(folder: Path, seconds: float) -> Outcome:
    """A run of its folder. This and `status_of` read the files as such, since femna's own readers may have moved."""
    history: Columns = {}
    path = folder / "history.csv"
    if path.exists():
        with open(path, encoding="utf-8") as file:
            names = file.readline().rstrip("\n").split(",")
            table = np.loadtxt(file, delimiter=",", ndmin=2)
        history = {name: table[:, number] for number, name in enumerate(names)}
    fields: Columns = {}
    stored = [path for path in (folder / "fields").glob("*.vtkhdf") if path.stem.isdecimal()]
    if stored:
        with h5py.File(max(stored, key=lambda path: int(path.stem)), "r", locking=False) as file:
            root = file["VTKHDF"]
            fields = {f"field {name}": np.asarray(array, float) for name, array in root["PointData"].items()}
            fields["field time"] = np.asarray(root["FieldData/TimeValue"], float)
            fields["field points"] = np.asarray(root["Points"], float)
    return Outcome(status_of(folder), history, fields, seconds)


def difference(name: str, before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """Largest difference over the largest magnitude; infinite where shapes, or places without a number, differ."""
    if before.shape != after.shape:
        return np.inf
    same = (before == after) | (np.isnan(before) & np.isnan(after))
    if same.all():
        return 0.0
    gap = np.abs(before[~same] - after[~same])
    if not np.isfinite(gap).all():
        return np.inf
    both = np.abs(np.concatenate([before, after]))
    scale = max(both[np.isfinite(both)].max(), 1.0 if name.endswith("balance error [-]") else 0.0)
    return float(gap.max() / scale)


def compare(before: Outcome, after: Outcome, rtol: float) -> tuple[bool, str]:
    """Whether two runs agree, and what to tell: rows, largest difference, iterations, columns of one only, seconds."""
    differences: dict[str, float] = {}
    only: list[str] = []
    rows = [len(next(iter(outcome.history.values()), ())) for outcome in (before, after)]
    for ours, theirs in ((before.history, after.history), (before.fields, after.fields)):
        only += [f"-{name}" for name in ours if name not in theirs]
        only += [f"+{name}" for name in theirs if name not in ours]
        for name in ours:
            if name in theirs and name not in (WALL, *ITERATIONS):
                # where one run has more rows, those that both have: their difference tells where they part
                count = min(rows) if ours is before.history else None
                differences[name] = difference(name, ours[name][:count], theirs[name][:count])
    column = max(differences, key=lambda name: differences[name], default="")
    largest = differences.get(column, np.inf)
    good = before.status == after.status and rows[0] == rows[1] and largest <= rtol
    counts = [[outcome.history.get(name, np.zeros(0)) for name in ITERATIONS] for outcome in (before, after)]
    totals = ["+".join(f"{values.sum():.0f}" for values in side) for side in counts]
    told = (
        before.status if before.status == after.status else f"{before.status} -> {after.status}",
        f"{rows[0]} rows" if rows[0] == rows[1] else f"{rows[0]} -> {rows[1]} rows",
        f"{largest:.1e} {column}" if largest else "0",
        "iterations same" if all(map(np.array_equal, *counts)) else f"iterations {totals[0]} -> {totals[1]}",
        f"{before.seconds:.1f} -> {after.seconds:.1f} s",
        *([f"only in one: {', '.join(only)}"] if only and all(rows) else []),
    )
    return good, "; ".join(told)


def compare_all(arguments: argparse.Namespace, work: Path) -> int:
    """Run and compare the cases that were asked for; the exit code."""
    work = work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    before = prepare("before", arguments.before, work, arguments.before_python)
    after = prepare("after", arguments.after, work, arguments.after_python)
    print(f"before {before.commit[:10]}, after {after.commit[:10]}, rtol {arguments.rtol:g}", flush=True)
    bad = []
    for name in arguments.cases:
        good, told = compare(run(before, name), run(after, name), arguments.rtol)
        print(f"{'same' if good else 'DIFFERS':8}{name:20}{told}", flush=True)
        bad += [] if good else [name]
    print(f"{len(arguments.cases) - len(bad)} of {len(arguments.cases)} cases agree")
    return 1 if bad else 0


def main() -> int:
    """Read the arguments; work in a temporary folder unless one is given. Exit code 2: there is nothing to compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", metavar="BEFORE", help="commit, branch or tag")
    parser.add_argument("after", metavar="AFTER", nargs="?", default="HEAD", help="the same (HEAD)")
    parser.add_argument("--cases", nargs="+", metavar="NAME", choices=CASES, default=[*CASES], help=", ".join(CASES))
    parser.add_argument("--work", type=Path, metavar="DIR", help="folder to keep (a temporary one)")
    parser.add_argument("--rtol", type=float, default=1e-9, help="largest difference that is none (1e-9)")
    parser.add_argument("--before-python", type=Path, metavar="PATH", help="the Python to run BEFORE with")
    parser.add_argument("--after-python", type=Path, metavar="PATH", help="the Python to run AFTER with")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            return compare_all(arguments, arguments.work or Path(folder))
        except (subprocess.CalledProcessError, ImportError) as error:
            parser.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
