"""Table and figure of a benchmark from its results, and the measured column of the goal table in docs/performance.md.

    python -m benchmarks.bench_page quick

writes benchmarks/results/bench-SELECTION.md, docs/figures/bench-SELECTION.png (error against time, a line a code) and,
for full and quick, what stands between the marks in docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import goals
from benchmarks.cases import NOW, OLD, PEERS, SELECTIONS, BenchCase
from benchmarks.equal_error import Needed, Point, Run, at_error, keep_accuracy, points
from benchmarks.reference import references
from femna.render import theme

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "performance.md"
MARK = "<!-- {} of the {} benchmark: made by benchmarks.bench_page -->"


class Book:
    """The results of a selection, evaluated."""

    def __init__(self, path: Path, selection: str) -> None:
        self.data: dict[str, Any] = json.loads(path.read_text())
        self.runs: list[Run] = self.data["runs"]
        names = {run["case"] for run in self.runs}
        self.cases: dict[str, BenchCase] = {k: v for k, v in SELECTIONS[selection].items() if k in names}
        self._references = references()

    def points(self, case: str, code: str) -> list[Point]:
        """By size."""
        return points(self.runs, case, code, self._references.get(case))

    def needed(self, case: str, code: str) -> Needed | None:
        """Time at the target of the case, or of the whole run where it has none."""
        found, target = self.points(case, code), self.cases[case].target
        if target is None:
            return Needed(found[0].seconds, False) if found else None
        return at_error(found, target)

    def ratio(self, case: str, code: str, base: str = NOW) -> float | None:
        """Time of a code over that of femna, both at the target; None where either is not known."""
        if case not in self.cases:
            return None
        theirs, ours = self.needed(case, code), self.needed(case, base)
        return theirs.seconds / ours.seconds if theirs and ours else None

    def difference(self, case: str) -> float | None:
        """Largest relative difference of the results of femna and femna 0.1.0, both as shipped."""
        results = {run["code"]: run["results"] for run in self.runs if run["case"] == case and "results" in run}
        if not {NOW, OLD} <= results.keys():
            return None
        ours, theirs = results[NOW], results[OLD]
        return max(abs(ours[k] / theirs[k] - 1.0) for k in ours.keys() & theirs.keys() if theirs[k])


def time_text(needed: Needed | None) -> str:
    """Seconds, with a mark when extrapolated."""
    return "" if needed is None else f"{needed.seconds:.3g} s" + (" *" if needed.extrapolated else "")


def case_table(book: Book, name: str) -> list[str]:
    """One table a case: a line a code and size."""
    case = book.cases[name]
    head = (
        "| code | cells | steps | error | process time | rounds | before, not counted | peak memory | at equal error |"
    )
    lines = [head + " over femna |", "| --- " * 10 + "|"]
    for code in case.cells:
        found = book.points(name, code)
        for number, point in enumerate(found):
            last = number == len(found) - 1
            ratio = book.ratio(name, code) if last else None
            cells = [
                code,
                str(point.cells or "as shipped"),
                str(point.steps),
                "" if np.isnan(point.error) else f"{100.0 * point.error:.3g} %",
                f"{point.seconds:.3g} s" + (", scaled" if point.scaled else ""),
                "{:.3g} to {:.3g}".format(*point.spread),
                f"{point.start_s:.2g} s",
                f"{point.peak_MB:.0f} MB",
                time_text(book.needed(name, code)) if last else "",
                f"{ratio:.2f}" if ratio is not None else "",
            ]
            lines.append("| " + " | ".join(cells) + " |")
        for run in book.runs:
            if run["case"] == name and run["code"] == code and "failed" in run:
                lines.append(f"| {code} | {run['cells'] or 'as shipped'} | failed: {run['failed']} |" + " |" * 7)
    return lines


def report(book: Book) -> str:
    """The tables of all cases, without a heading."""
    loads = [run["load"] for run in book.runs if "load" in run]
    rounds = 1 + max(run["round"] for run in book.runs)
    machine = book.data["machine"]
    lines = [
        f"Commit {book.data['commit']}, {book.data['date']}; {machine['cores']} cores, {machine['memory_GB']} GB; "
        f"{rounds} round{'s' * (rounds > 1)}, load {min(loads):.1f} to {max(loads):.1f}."
        + (f" Left out: {', '.join(book.data['left out'])}." if book.data["left out"] else "")
    ]
    for name, case in book.cases.items():
        aim = f"compared at {100.0 * case.target:g} %" if case.target else "whole runs"
        lines += ["", f"**{name}** ({aim})", "", *case_table(book, name)]
        difference = book.difference(name)
        if difference is not None and case.target is None:
            lines += ["", f"Results of femna and femna 0.1.0 differ by {100.0 * difference:.2g} % at most."]
    return "\n".join(lines)


def figure(book: Book, path: Path) -> bool:
    """Error against time, a panel a case, a line a code; False where no error is known."""
    shown = []
    for name, case in book.cases.items():
        curves = {code: [p for p in book.points(name, code) if np.isfinite(p.error)] for code in case.cells}
        if case.target and any(curves.values()):
            shown.append((name, case.target, curves))
    if not shown:
        return False
    with theme.style():
        fig = theme.figure(theme.WIDTH, 3.2)
        panels = list(np.atleast_1d(fig.subplots(1, len(shown))))
        if len(panels) > 1:
            theme.letters(panels)
        for axes, (name, target, curves) in zip(panels, shown, strict=True):
            for (code, curve), marker in zip(curves.items(), "osD^v*P", strict=False):
                seconds, errors = [p.seconds for p in curve], [100.0 * p.error for p in curve]
                axes.loglog(seconds, errors, marker=marker, markersize=4, label=code)
            axes.axhline(100.0 * target, color=theme.QUIET, linewidth=0.7, linestyle=":")
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter("{x:g}")
                axis.set_minor_formatter("")
            axes.set_title(name)
            axes.set_xlabel("Process time (s)")
        panels[0].set_ylabel("Error (%)")
        panels[0].legend()
        theme.save(fig, path)
    return True


def between(text: str, what: str, selection: str, new: str) -> str:
    """The text with `new` between the two marks of `what`."""
    start, end = MARK.format(f"{what} begins", selection), MARK.format(f"{what} ends", selection)
    before, rest = text.split(start)
    return f"{before}{start}\n{new}\n{end}{rest.split(end)[1]}"


def main() -> None:
    """Write table, figure and page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("selection", choices=SELECTIONS)
    parser.add_argument("--results", type=Path, help="results file (benchmarks/results/bench-SELECTION.json)")
    parser.add_argument("--output", type=Path, help="folder of table and figure; docs stays as it is then")
    choice = parser.parse_args()
    selection = choice.selection
    book = Book(choice.results or RESULTS / f"bench-{selection}.json", selection)
    table = report(book)
    if choice.output is not None:
        (choice.output / f"bench-{selection}.md").write_text(table + "\n")
        figure(book, choice.output / f"bench-{selection}.png")
        return
    keep_accuracy(book.runs, tuple(PEERS))
    (RESULTS / f"bench-{selection}.md").write_text(table + "\n")
    drawn = figure(book, ROOT / "docs" / "figures" / f"bench-{selection}.png")
    if selection in goals.SHOWN:
        picture = f"\n![error against time](figures/bench-{selection}.png)\n" if drawn else ""
        text = between(PAGE.read_text(), "results", selection, f"\n{table}\n{picture}")
        if selection == "full":
            text = between(text, "goals", selection, "\n" + goals.table(book.ratio) + "\n")
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
