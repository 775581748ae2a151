"""Runs everything that breaks a run on purpose, and writes what came of it: docs/verification/faults.md.

    python tools/fault_table.py                        # make test-faults: about two hours on two cores
    python tools/fault_table.py -k flipped             # some of it; the page is written only of all
    python tools/fault_table.py --parts DIR -k flipped # some of it; the page is written of all parts that are in DIR

A test may say how many trials it holds, and their seed, by pytest's `record_property`; one that does not is one trial.
A test that stands in several parts counts as it came out last. The page says how many tests no part has.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as Tree
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "verification" / "faults.md"
TESTS = (
    "tests/faults",
    *(f"tests/parallel/test_{name}.py" for name in ("kill", "signals", "resume", "unwritable", "failures")),
)
ALL = ("-m", "slow or not slow")
PATIENCE = 900
"""Seconds after which a test is taken to hang."""


@dataclass
class Score:
    """What came of the tests of one function: trials, those that failed, seconds, seeds."""

    trials: int = 0
    failed: int = 0
    seconds: float = 0.0
    seeds: set[str] = field(default_factory=set)


def function(test: str) -> tuple[str, str]:
    """File and function of a test, by its name for pytest."""
    file, _, name = test.partition("::")
    return file, name.partition("[")[0]


def outcomes(reports: Iterable[Path]) -> dict[str, Tree.Element]:
    """What pytest's reports, oldest first, say last of each test that was run."""
    found = {}
    for report in reports:
        for case in Tree.parse(report).getroot().iter("testcase"):
            if case.find("skipped") is None:
                found[f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name', '')}"] = case
    return found


def scores(cases: dict[str, Tree.Element]) -> dict[tuple[str, str], Score]:
    """The scores by file and function."""
    found: dict[tuple[str, str], Score] = defaultdict(Score)
    for test, case in cases.items():
        score = found[function(test)]
        properties = {p.get("name"): p.get("value", "") for p in case.iter("property")}
        score.trials += int(properties.get("trials", 1))
        score.failed += case.find("failure") is not None or case.find("error") is not None
        score.seconds += float(case.get("time", 0.0))
        if "seed" in properties:
            score.seeds.add(properties["seed"])
    return dict(found)


def in_words(name: str) -> str:
    """What a function does."""
    return name.removeprefix("test_").replace("_", " ")


def page(found: dict[tuple[str, str], Score], left_out: Iterable[str] = ()) -> str:
    """The page of the scores, and of the tests that were not run."""
    trials, failed = (sum(getattr(score, name) for score in found.values()) for name in ("trials", "failed"))
    seconds = sum(score.seconds for score in found.values())
    rows = [
        f"| `{file}` | {in_words(name)} | {score.trials} | {score.failed} | "
        f"{', '.join(sorted(score.seeds)) or '-'} | {score.seconds:.0f} |"
        for (file, name), score in sorted(found.items())
    ]
    head = "| file | what is done | trials | tests that failed | seed | s |\n| --- | --- | --- | --- | --- | --- |"
    what = (
        "What breaks a run on purpose, and what came of it: `make test-faults` runs it all and writes this page. Every "
        "trial has to end in the right result, or in one clear line with the last good state intact. "
        f"{trials} trials, {failed} tests failed, {seconds / 60:.0f} minutes on two cores."
    )
    counts = Counter(function(test) for test in left_out)
    if counts:
        names = (f"{count} of `{file}`, {in_words(name)}" for (file, name), count in sorted(counts.items()))
        what += f" Tests that were left out: {'; '.join(names)}."
    return "\n".join(["# Faults", "", what, "", head, *rows, ""])


def collected() -> list[str]:
    """All tests of the suite, by their names for pytest."""
    words = [sys.executable, "-m", "pytest", "--collect-only", "-q", *TESTS, *ALL]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [line for line in told.splitlines() if "::" in line]


def run(report: Path, more: list[str]) -> int:
    """Run the tests, and let pytest write its report; its exit code."""
    settings = [f"--junitxml={report}", "-o", "junit_family=xunit1", "-o", f"faulthandler_timeout={PATIENCE}"]
    words = [sys.executable, "-m", "pytest", *TESTS, *ALL, *settings, *more]
    return subprocess.run(words, cwd=ROOT, check=False).returncode


def main(words: list[str]) -> int:
    """Run the tests and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", metavar="DIR", type=Path, help="keep the report there, and count those of before")
    arguments, more = parser.parse_known_args(words)
    with tempfile.TemporaryDirectory() as folder:
        place: Path = arguments.parts or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        code = run(place / f"{time.time_ns()}.xml", more)
        if code not in (0, 1):
            return code
        if not more or arguments.parts:
            cases = outcomes(sorted(place.glob("*.xml")))
            left_out = set(collected()) - set(cases) if more else ()
            PAGE.write_text(page(scores(cases), left_out), encoding="utf-8")
            print(PAGE.relative_to(ROOT))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
