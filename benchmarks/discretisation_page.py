"""Edge-averaged against Galerkin discretisation on EDP-1: figure and page from the results of the runs.

python -m benchmarks.discretisation_page
"""

from __future__ import annotations

import csv
import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.discretisation import EDGE, RESULTS
from benchmarks.problem import richardson
from femna.render import theme

Array = NDArray[np.float64]

DOCS = Path(__file__).parents[1] / "docs"
MEASURES = {"growth": "growth of the deposit", "inventory": "ion inventory"}
DT = 2e-3
"""Step size of the comparison, s."""
TARGET = 3e-3
INTRO = """\
# Edge-averaged or Galerkin: time to solution at equal error

Problem: EDP-1 (`benchmarks/problem.py`), a square of 25 um to t = 0.1 s, uniform right triangles. Judged are the
growth of the deposit (integral of xi minus its start) and the ion inventory (integral of c), each against the limit of
the same scheme's own refinements.

- `edge`: femna's stepper as it is, lumped mass and edge-averaged coefficients, xi in the middle of an edge from the
  tanh through its two ends. (With the mean of the two ends instead, the same accuracy took 1.9 times as long.)
- `Galerkin P1`, `Galerkin Q1`: `benchmarks/galerkin.py`, consistent-mass forms in UFL on the same triangles and on the
  squares; the same time scheme and preconditioners, quadrature degree 2, forms compiled with `-O3 -march=native
  -ffast-math`, assembled into dolfinx's own matrix whose values PETSc shares. Its linear systems are solved to 1e-8 of
  the solution, femna's to 1e-9 of the change in a step. femna keeps a multigrid hierarchy over several solves, the
  Galerkin runs set theirs up for each: against them, that counts for a tenth or so of a run.

All take the same steps: graded from {first:g} ms, then {dt:g} ms. Time is process time on one core from the initial
state to the end; meshes, compiled forms and matrix patterns are made before. Rounds are interleaved (3 for the three
coarsest sizes, one for the others); times are medians relative to `edge` at h = {h} um. The machine is shared: its load
was {low:.1f} to {high:.1f} on two cores during the runs. Every run is in `benchmarks/results/discretisation.csv`.

![error against cost](../figures/discretisation.png)
"""


@dataclass
class Curve:
    """One scheme at the step size DT: arrays by increasing number of cells; cpu: (sizes, rounds), NaN where not run."""

    name: str
    h: Array
    values: dict[str, Array]
    cpu: Array
    limits: dict[str, tuple[float, float]]

    def error(self, measure: str) -> Array:
        """Relative error against the scheme's own limit, with sign."""
        limit = self.limits[measure][0]
        return (self.values[measure] - limit) / limit

    def size_at(self, target: float) -> float:
        """h at which the worse of the two errors is `target`, by interpolation in logarithms."""
        worst = np.max([np.abs(self.error(measure)) for measure in MEASURES], axis=0)
        return float(np.exp(np.interp(np.log(target), np.log(worst[::-1]), np.log(self.h[::-1]))))

    def cost_at(self, h: float, cpu: Array) -> float:
        """Process time at this h, by interpolation in logarithms between sizes with times `cpu`."""
        there = np.isfinite(cpu)
        return float(np.exp(np.interp(np.log(h), np.log(self.h[there][::-1]), np.log(cpu[there][::-1]))))


def read() -> list[dict[str, str]]:
    """All rows of the results."""
    with RESULTS.open(newline="") as file:
        return list(csv.DictReader(file))


def curves(rows: list[dict[str, str]]) -> list[Curve]:
    """The schemes in the order of the results."""
    rows = [row for row in rows if float(row["dt"]) == DT]
    rounds = 1 + max(int(row["round"]) for row in rows)
    result = []
    for name in dict.fromkeys(row["scheme"] for row in rows):
        own = [row for row in rows if row["scheme"] == name]
        sizes = sorted({int(row["cells"]) for row in own})
        first = {cells: next(row for row in own if int(row["cells"]) == cells) for cells in sizes}
        keys = [*MEASURES, "least c", "least xi", "largest xi"]
        values = {key: np.array([float(first[cells][key]) for cells in sizes]) for key in keys}
        cpu = np.full((len(sizes), rounds), np.nan)
        for row in own:
            cpu[sizes.index(int(row["cells"])), int(row["round"])] = float(row["cpu"])
        h = np.array([float(first[cells]["h"]) for cells in sizes])
        limits = {measure: richardson(h, values[measure]) for measure in MEASURES}
        result.append(Curve(name, h, values, cpu, limits))
    return result


def figure(all_curves: list[Curve], unit: float) -> None:
    """Error over cost, one panel a measure. unit: the process time that counts as 1."""
    with theme.style():
        fig = theme.figure(theme.WIDTH, 3.0)
        both = list(fig.subplots(1, 2))
        theme.letters(both)
        for axes, (measure, title) in zip(both, MEASURES.items(), strict=True):
            for curve, marker in zip(all_curves, "osD^", strict=False):
                cost = np.nanmedian(curve.cpu, axis=1) / unit
                axes.loglog(cost, 100.0 * np.abs(curve.error(measure)), marker=marker, markersize=4, label=curve.name)
            axes.axhline(100.0 * TARGET, color=theme.QUIET, linewidth=0.7, linestyle=":")
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter("{x:g}")
                axis.set_minor_formatter("")
            axes.set_xlabel(f"Process time ({EDGE} at h = {all_curves[0].h[0]:.3g} µm: 1)")
            axes.set_ylabel(f"Error of the {title} (%)")
        axes.legend()
        fig.suptitle("EDP-1, 25 µm square, 0.1 s: error against cost, h = 0.25 to 0.0625 µm", fontsize=9)
        theme.save(fig, DOCS / "figures" / "discretisation.png")


def limits_table(all_curves: list[Curve]) -> list[str]:
    """What each scheme converges to."""
    lines = ["| scheme | growth, um^2 | observed order | inventory, um^2 c0 | observed order |", "| --- " * 5 + "|"]
    for curve in all_curves:
        cells = " | ".join("{:.4f} | {:.2f}".format(*curve.limits[measure]) for measure in MEASURES)
        lines.append(f"| {curve.name} | {cells} |")
    spread = []
    for measure in MEASURES:
        ends = [curve.limits[measure][0] for curve in all_curves]
        spread.append((max(ends) - min(ends)) / np.mean(ends))
    text = "The limits lie within {:.4%} (growth) and {:.4%} (inventory) of each other.".format(*spread)
    return [*lines, "", text]


def runs_table(all_curves: list[Curve], unit: float) -> list[str]:
    """Every size of every scheme."""
    head = "| scheme | h, um | growth | error | inventory | error | process time | least c, xi < 1/2 | least xi |"
    lines = [head, "| --- " * 9 + "|"]
    for curve in all_curves:
        cost = np.nanmedian(curve.cpu, axis=1) / unit
        for i, h in enumerate(curve.h):
            cells = [curve.name, f"{h:.4f}"]
            for measure in MEASURES:
                cells += [f"{curve.values[measure][i]:.4f}", f"{100.0 * curve.error(measure)[i]:+.3f} %"]
            least, lower = curve.values["least c"][i], curve.values["least xi"][i]
            cells += [f"{cost[i]:.2f}", f"{least:.3f}", f"{lower:.1e}"]
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def equal_error_table(all_curves: list[Curve]) -> list[str]:
    """Cost where the worse of both errors is TARGET: ratios of the rounds, and their median."""
    said = []
    lines = ["| scheme | h needed, um | time over `edge`: median | rounds |", "| --- " * 4 + "|"]
    base = next(curve for curve in all_curves if curve.name == EDGE)
    base_h = base.size_at(TARGET)
    for curve in all_curves:
        h = curve.size_at(TARGET)
        ratios = []
        for number in range(curve.cpu.shape[1]):
            # sizes that ran once enter through that one time
            ours, theirs = (np.where(np.isfinite(c.cpu[:, number]), c.cpu[:, number], np.nan) for c in (curve, base))
            ratios.append(curve.cost_at(h, ours) / base.cost_at(base_h, theirs))
        ratio = float(np.median(ratios))
        lines.append(f"| {curve.name} | {h:.3f} | {ratio:.2f} | {min(ratios):.2f} to {max(ratios):.2f} |")
        if curve is not base:
            said.append(f"`{curve.name}` needs {ratio:.2f} of the time of `{EDGE}`")
    text = f"At {TARGET:.1%} in both measures " + ", ".join(said) + "."
    return [*lines, "", *textwrap.wrap(text, 120)]


def time_table(rows: list[dict[str, str]]) -> list[str]:
    """What the step size adds to the error at the coarsest size."""
    cells = min(int(row["cells"]) for row in rows)
    rows = [row for row in rows if int(row["cells"]) == cells]
    sizes = sorted({float(row["dt"]) for row in rows}, reverse=True)
    lines = ["| scheme | measure | " + " | ".join(f"{1e3 * dt:g} ms" for dt in sizes) + " |"]
    lines.append("| --- " * (2 + len(sizes)) + "|")
    for name in dict.fromkeys(row["scheme"] for row in rows):
        for measure, title in MEASURES.items():
            values = np.array(
                [next(float(r[measure]) for r in rows if r["scheme"] == name and float(r["dt"]) == dt) for dt in sizes]
            )
            end = values[-1] + (values[-1] - values[-2]) / ((sizes[-2] / sizes[-1]) ** 2 - 1.0)
            errors = " | ".join(f"{100.0 * (value - end) / end:+.4f} %" for value in values)
            lines.append(f"| {name} | {title} | {errors} |")
    return lines


def page(rows: list[dict[str, str]], all_curves: list[Curve], unit: float) -> str:
    """The whole page."""
    loads = [float(row["load"]) for row in rows]
    h = f"{all_curves[0].h[0]:g}"
    intro = INTRO.format(first=1e3 * DT / 16, dt=1e3 * DT, h=h, low=min(loads), high=max(loads))
    highest = max(float(row["largest xi"]) for row in rows)
    parts = {
        f"Time to {TARGET:.1%} in both measures": equal_error_table(all_curves),
        "Limits": ["Richardson extrapolation through the three finest sizes.", "", *limits_table(all_curves)],
        "All sizes": [*runs_table(all_curves, unit), "", f"xi nowhere exceeds {highest:.6f}."],
        "Error of the step size": [f"At h = {h} um, against extrapolation in dt^2.", "", *time_table(rows)],
    }
    return intro + "".join(f"\n## {title}\n\n" + "\n".join(lines) + "\n" for title, lines in parts.items())


def main() -> None:
    """Write figure and page."""
    rows = read()
    all_curves = curves(rows)
    unit = float(np.nanmedian(all_curves[0].cpu[0]))
    figure(all_curves, unit)
    path = DOCS / "verification" / "discretisation.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(rows, all_curves, unit))


if __name__ == "__main__":
    main()
