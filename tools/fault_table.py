"""Runs everything that breaks a run on purpose, and writes what came of it: docs/verification/faults.md.

    python tools/fault_table.py            # make test-faults: half an hour on two cores
    python tools/fault_table.py -k flipped # some of it; the page is written only of all

A test may say how many trials it holds, and their seed, by pytest's `record_property`; one that does not is one trial.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as Tree
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "verification" / "faults.md"
TESTS = (
    "tests/faults",
    *(f"tests/parallel/test_{name}.py" for name in ("kill", "signals", "resume", "unwritable", "failures")),
)
PATIENCE = 900
"""Seconds after which a test is taken to hang."""


@dataclass
class Score:
    """What came of the tests of one function: trials, those that failed, seconds, seeds."""

    trials: int = 0
    failed: int = 0
    seconds: float = 0.0
    seeds: set[str] = field(default_factory=set)


def scores(report: Path) -> dict[tuple[str, str], Score]:
    """The scores of pytest's report, by file and function."""
    found: dict[tuple[str, str], Score] = defaultdict(Score)
    for case in Tree.parse(report).getroot().iter("testcase"):
        if case.find("skipped") is not None:
            continue
        file = case.get("classname", "").replace(".", "/") + ".py"
        score = found[file, case.get("name", "").partition("[")[0]]
        properties = {p.get("name"): p.get("value", "") for p in case.iter("property")}
        score.trials += int(properties.get("trials", 1))
        score.failed += case.find("failure") is not None or case.find("error") is not None
        score.seconds += float(case.get("time", 0.0))
        if "seed" in properties:
            score.seeds.add(properties["seed"])
    return dict(found)


def page(found: dict[tuple[str, str], Score], seconds: float) -> str:
    """The page."""
    trials, failed = (sum(getattr(score, name) for score in found.values()) for name in ("trials", "failed"))
    rows = [
        f"| `{file}` | {name.removeprefix('test_').replace('_', ' ')} | {score.trials} | {score.failed} | "
        f"{', '.join(sorted(score.seeds)) or '-'} | {score.seconds:.0f} |"
        for (file, name), score in sorted(found.items())
    ]
    head = "| file | what is done | trials | tests that failed | seed | s |\n| --- | --- | --- | --- | --- | --- |"
    what = (
        "What breaks a run on purpose, and what came of it: `make test-faults` runs it all and writes this page. Every "
        "trial has to end in the right result, or in one clear line with the last good state intact. "
        f"{trials} trials, {failed} tests failed, {seconds / 60:.0f} minutes on two cores."
    )
    return "\n".join(["# Faults", "", what, "", head, *rows, ""])


def main(more: list[str]) -> int:
    """Run the tests and write the page."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        words = [
            *TESTS,
            "-m",
            "slow or not slow",
            f"--junitxml={report}",
            "-o",
            "junit_family=xunit1",
            "-o",
            f"faulthandler_timeout={PATIENCE}",
        ]
        code = subprocess.run([sys.executable, "-m", "pytest", *words, *more], cwd=ROOT, check=False).returncode
        if code not in (0, 1):
            return code
        found = scores(report)
    if not more:
        PAGE.write_text(page(found, time.monotonic() - begun), encoding="utf-8")
        print(PAGE.relative_to(ROOT))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
