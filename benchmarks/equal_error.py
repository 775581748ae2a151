"""From runs at several sizes to the time that a code needs for a given error.

The error of a run is the larger of those of growth and ion inventory, relative to the reference. The time at the target
follows from the two sizes about it by interpolation of log(time) over log(error); where all sizes are on one side of
it, from the two nearest by extrapolation, which is said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reference import MEASURES

ACCURACY = Path(__file__).parent / "results" / "accuracy.json"
"""What peers gave in complete runs, by "case|code|cells": runs that were cut and scaled take their error from it."""
Run = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """A code at one size: medians over the rounds.

    Attributes:
        cells: along an edge; 0 as shipped.
        error: relative; nan where it is not known.
        seconds: process time.
        spread: smallest and largest of the rounds.
        scaled: the runs were cut, and their times scaled by the number of steps.
    """

    cells: int
    error: float
    seconds: float
    spread: tuple[float, float]
    steps: int
    peak_MB: float
    start_s: float
    scaled: bool


@dataclass(frozen=True)
class Needed:
    """Time at the target error, and whether it lies outside the sizes that were run."""

    seconds: float
    extrapolated: bool


def error(found: dict[str, float], reference: dict[str, float]) -> float:
    """The larger relative error of growth and inventory."""
    return max(abs(found[name] / reference[name] - 1.0) for name in MEASURES)


def points(runs: list[Run], case: str, code: str, reference: dict[str, float] | None) -> list[Point]:
    """By size, those of one case and code whose runs did not fail."""
    accuracy = json.loads(ACCURACY.read_text()) if ACCURACY.exists() else {}
    own = [run for run in runs if run["case"] == case and run["code"] == code and "failed" not in run]
    made = []
    for cells in sorted({run["cells"] for run in own}):
        same = [run for run in own if run["cells"] == cells]
        found = next((run for run in same if "growth" in run), accuracy.get(f"{case}|{code}|{cells}"))
        times = [run["cpu_s"] for run in same]
        made.append(
            Point(
                cells=cells,
                error=error(found, reference) if found and reference else np.nan,
                seconds=float(np.median(times)),
                spread=(min(times), max(times)),
                steps=same[0]["steps"],
                peak_MB=float(np.median([run["peak_MB"] for run in same])),
                start_s=float(np.median([run["start_s"] for run in same])),
                scaled=any(run["steps_taken"] < run["steps"] for run in same),
            )
        )
    return made


def at_error(found: list[Point], target: float) -> Needed | None:
    """Time at an error; None where fewer than two sizes have one, or the error does not fall with the time."""
    known = sorted((point for point in found if np.isfinite(point.error)), key=lambda point: -point.error)
    if len(known) < 2:
        return None
    errors, times = np.array([[point.error, point.seconds] for point in known]).T
    if not (np.diff(times) > 0.0).all():
        return None
    upper = int(np.clip(np.searchsorted(-errors, -target), 1, len(known) - 1))
    (e1, e2), (t1, t2) = np.log(errors[upper - 1 : upper + 1]), np.log(times[upper - 1 : upper + 1])
    seconds = float(np.exp(t1 + (np.log(target) - e1) * (t2 - t1) / (e2 - e1)))
    return Needed(seconds, not errors[-1] <= target <= errors[0])


def keep_accuracy(runs: list[Run], codes: tuple[str, ...]) -> None:
    """Add what complete runs of peers gave to the file."""
    known = json.loads(ACCURACY.read_text()) if ACCURACY.exists() else {}
    for run in runs:
        if run["code"] in codes and "growth" in run:
            known[f"{run['case']}|{run['code']}|{run['cells']}"] = {name: run[name] for name in MEASURES}
    ACCURACY.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
