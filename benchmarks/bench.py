"""Codes against one another: interleaved rounds of runs, each in a process of its own on one core.

    python -m benchmarks.bench quick          # 5 minutes on an idle machine with two cores: make bench-quick
    python -m benchmarks.bench full           # hours: make bench
    python -m benchmarks.bench quick --cases "EDP-1 2D-S" --codes femna "finite differences" --rounds 1

Every run is kept in benchmarks/results/bench-SELECTION.json, from which `benchmarks.bench_page` makes table and figure.
A run is added to the file when it ends, so that what was measured stays when the benchmark is interrupted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.cases import CODES, FEMNA, PEERS, SELECTIONS, BenchCase
from benchmarks.environments import ROOT, WORK, Environment, Missing, environment
from femna.io.host import host_facts

RESULTS = Path(__file__).parent / "results"
ROUNDS = {"full": 3, "quick": 1, "smoke": 1}
PATIENCE = 4 * 3600.0
"""Seconds after which a run is given up."""


def command(case: BenchCase, code: str, cells: int, python: Path) -> list[str]:
    """That of one run."""
    if code in FEMNA:
        # as a file and not as a module: femna 0.1.0 has a package `benchmarks` of its own
        words = [str(python), "-P", str(ROOT / "benchmarks" / "femna_run.py"), case.case]
        words += ["--folder", str(WORK / "runs" / code.replace(" ", "-").replace(",", ""))]
        words += [word for item in case.femna_sets(code, cells) for word in ("--set", item)]
        return [*words, *(word for item in case.warm for word in ("--warm", item))]
    module, options = PEERS[code]
    words = [str(python), "-m", f"benchmarks.peers.{module}", *options, "--dim", str(case.dim)]
    words += ["--side", str(case.side), "--end", str(case.end), "--cells", str(cells)]
    return [*words, *(["--limit", str(case.limit[code])] if code in case.limit else [])]


def measured(case: BenchCase, code: str, cells: int, where: Environment) -> dict[str, Any]:
    """One run: what it printed, or `failed` with the last line of its complaint."""
    words = command(case, code, cells, where.python)
    try:
        done = subprocess.run(
            words, cwd=ROOT, env=where.variables, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {PATIENCE:g} s"}
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return {"failed": lines[-1] if lines else f"exit code {done.returncode}"}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def commit() -> str:
    """Of this repository, with a mark when files differ from it; empty without one."""
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def show(row: dict[str, Any]) -> None:
    """One line a run."""
    head = f"{row['round']} {row['case']:28s} {row['code']:30s} {row['cells']:4d} "
    if "failed" in row:
        print(head, row["failed"], flush=True)
        return
    cut = "" if row["steps_taken"] == row["steps"] else f" (scaled from {row['steps_taken']})"
    found = f"growth {row['growth']:.5g} inventory {row['inventory']:.6g} " if "growth" in row else ""
    cost = f"{row['cpu_s']:.2f} s, {row['steps']} steps{cut}, {row['peak_MB']:.0f} MB, load {row['load']:.1f}"
    print(head, found, cost, flush=True)


def main() -> None:
    """Run and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("selection", choices=SELECTIONS)
    parser.add_argument("--rounds", type=int, help="3 in full, 1 in quick")
    parser.add_argument("--cases", nargs="+", help="names of cases (all)")
    parser.add_argument("--codes", nargs="+", choices=CODES, default=CODES)
    parser.add_argument(
        "--old-python", type=Path, help="a Python with the packages of femna 0.1.0, not one made for it"
    )
    parser.add_argument("--output", type=Path, help="results file (benchmarks/results/bench-SELECTION.json)")
    choice = parser.parse_args()
    output = choice.output or RESULTS / f"bench-{choice.selection}.json"
    cases = {k: v for k, v in SELECTIONS[choice.selection].items() if choice.cases is None or k in choice.cases}
    if not cases:
        parser.error(f"no such case; there are: {', '.join(SELECTIONS[choice.selection])}")
    (WORK / "runs").mkdir(parents=True, exist_ok=True)
    needed = {code for case in cases.values() for code in case.cells if code in choice.codes}
    where: dict[str, Environment] = {}
    for code in sorted(needed):
        try:
            where[code] = environment(code, choice.old_python)
        except Missing as reason:
            print(f"left out: {reason}", file=sys.stderr, flush=True)
    book: dict[str, Any] = {
        "selection": choice.selection,
        "commit": commit(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": {key: value for key, value in host_facts().items() if key != "name"},
        "left out": sorted(needed - set(where)),
        "runs": [],
    }
    for number in range(choice.rounds or ROUNDS[choice.selection]):
        for name, case in cases.items():
            codes = [code for code in case.cells if code in where]
            shift = number % max(len(codes), 1)  # another code begins each round
            for code in codes[shift:] + codes[:shift]:
                for cells in case.cells[code]:
                    found = measured(case, code, cells, where[code])
                    row = {"round": number, "case": name, "code": code, "cells": cells, **found}
                    book["runs"].append(row)
                    output.write_text(json.dumps(book, indent=1) + "\n")
                    show(row)


if __name__ == "__main__":
    main()
