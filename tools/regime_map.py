"""Flat, fingered, branched, or metal ahead of the front? What became of the runs of a sweep, as a table and figures.

    femna sweep docs/verification/regime_map.toml -o runs/regime_map      # 36 runs, half an hour on one core
    python tools/regime_map.py runs/regime_map docs/verification/regime_map

writes docs/verification/regime_map.csv, .png (the map) and -fronts.png (the metal of every run). `femna sweep` goes on
with what is not finished; the table takes what is there. Without a second argument they go into the sweep's folder.
Works for any sweep of p-na or of another case with one potential, in 2D.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter
from scipy.optimize import brentq

import femna
from femna.analysis.metal import disconnected
from femna.analysis.runs import Run
from femna.analysis.snapshot import snapshot
from femna.derived.parameters import derive
from femna.errors import FemnaError
from femna.render.theme import COLOURS, FRONT, METAL, WIDTH, figure, letters, save, style
from femna.units import FARADAY

AHEAD, FINGERED = 0.01, 1.2
"""Metal ahead of the front: the collector does not reach so much of the deposit, in any stored output. Fingered: the
front is so much longer than a flat one, and has a tip that counts; with a branching among them it is branched."""
CLASSES = dict(zip(("flat", "fingered", "branched", "metal ahead"), "os^X", strict=True))
HUES = dict(zip(CLASSES, COLOURS, strict=False))
R, LENGTHS, DELTA, NOISE = "r", "depletion length over wavelength", "anisotropy", "noise"
OVER_L, RATIO, CLASS = "depletion length over l", "front length ratio", "class"
Row = dict[str, Any]


def fastest_wavelength(depletion: float, capillary: float) -> float:
    """The wave that grows fastest on a flat front that is fed by diffusion, m.

    With c = c_f + g y ahead of the front, a speed v c/c_f - v d0 K (K the curvature, d0 = l/(6 r) the artificial
    capillary length, see femna.derived) and fields that follow at once, a wave k grows at

        omega = v k (1 - d0 d k^2)/(1 + k d),   d = c_f/g = z F D c0/i

    (Mullins and Sekerka, J. Appl. Phys. 35 (1964) 444, with a surface reaction). Its maximum is at
    1 = 3 a x^2 + 2 a x^3, x = k d, a = d0/d.

    Args:
        depletion: d, m.
        capillary: d0, m.
    """
    share = capillary / depletion
    largest = 1.0 / math.sqrt(3.0 * share)
    return 2.0 * math.pi * depletion / brentq(lambda x: 3.0 * share * x**2 + 2.0 * share * x**3 - 1.0, 0.0, largest)


def measured(run: Run, varied: Row) -> Row:
    """What a run was given, and what became of it."""
    case, summary = run.case, run.summary()
    constants = derive(case)
    electrolyte = case.layer_names[-1]
    salt = FARADAY * case.property(electrolyte, "diffusivity") * case.property(electrolyte, "concentration")
    depletion = salt / constants.kinetic_current
    wave = fastest_wavelength(depletion, constants.curvature_cut_off)
    deposit = summary["deposit_thickness_m"]
    ahead = max((disconnected(run, time) or 0.0 for time in run.times), default=0.0) / deposit
    row: Row = {
        **varied,
        R: constants.barrier_ratio,
        "depletion length [um]": 1e6 * depletion,
        OVER_L: depletion / case.interface.width,
        "fastest wavelength [um]": 1e6 * wave,
        LENGTHS: depletion / wave,
        DELTA: case.interface.anisotropy.strength,
        NOISE: case.noise.amplitude,
        "ended": run.status,
        "time [s]": summary["time_s"],
        "deposit [um]": 1e6 * deposit,
        "largest height [um]": 1e6 * summary["height_max_m"],
        "mean height [um]": 1e6 * summary["height_mean_m"],
        "Sq [um]": 1e6 * summary["roughness_sq_m"],
        RATIO: summary["front_length_ratio"],
        "tips": summary["front_tips"],
        "branchings": summary["front_branchings"],
        "tip speed [um/s]": 1e6 * (summary["tip_speed_m_s"] or math.nan),
        "tip radius over l": summary["tip_radius_over_l"],
        "metal ahead over deposit": ahead,
        "smallest c, xi < 1/2 [mol/m3]": summary["concentration_min_mol_m3"],
        "largest c [mol/m3]": float(np.nanmax(run.history["Maximum concentration [mol.m-3]"])),
        "steps": summary["steps"],
        "rejected": summary["rejected_steps"],
        "wall [s]": summary["wall_s"],
    }
    return row | {CLASS: kind(row)}


def kind(row: Row) -> str:
    """One of CLASSES."""
    if row["metal ahead over deposit"] >= AHEAD:
        return "metal ahead"
    if row[RATIO] < FINGERED or not row["tips"]:
        return "flat"
    return "branched" if row["branchings"] else "fingered"


def collect(sweep: Path) -> tuple[list[Row], list[Run]]:
    """The rows of all runs of a sweep that have stored something, and those runs."""
    with open(sweep / "sweep.csv", newline="", encoding="utf-8") as file:
        listed = list(csv.DictReader(file))
    rows, runs = [], []
    keys = list(listed[0])[2 : list(listed[0]).index("case")] if "case" in listed[0] else []
    for point in listed:
        try:
            run = femna.open_run(sweep / "runs" / point["id"])
            rows.append(measured(run, {key: point[key] for key in keys}))
        except (FemnaError, TypeError) as problem:
            print(f"{point['id']} ({point['status']}): {problem}")
            continue
        runs.append(run)
    return rows, runs


@style()
def draw_map(rows: Sequence[Row], path: Path) -> None:
    """r over the depletion length in wavelengths, a panel for each anisotropy and noise; beside each mark the front's
    length ratio, in brackets where the run had not reached its end; hollow where the smallest c is below 0. A line
    joins the runs of one exchange current."""
    variants = sorted({(row[DELTA], row[NOISE]) for row in rows})
    picture = figure(WIDTH, 2.9)
    axes = np.atleast_1d(picture.subplots(1, len(variants), sharex=True, sharey=True))
    letters(list(axes))
    for axis, (delta, noise) in zip(axes, variants, strict=True):
        for row in (row for row in rows if (row[DELTA], row[NOISE]) == (delta, noise)):
            hue = HUES[row[CLASS]]
            out = row["smallest c, xi < 1/2 [mol/m3]"] < 0.0
            axis.plot(row[LENGTHS], row[R], CLASSES[row[CLASS]], color=hue, mfc="none" if out else hue, clip_on=False)
            at = (row[LENGTHS], row[R])
            said = f"{row[RATIO]:.2f}" if row["ended"] == "finished" else f"({row[RATIO]:.2f})"
            axis.annotate(said, at, (0, 5), textcoords="offset points", ha="center", fontsize=6)
        for times in sorted({round(row[OVER_L], 6) for row in rows}):
            same = sorted((row[R], row[LENGTHS]) for row in rows if round(row[OVER_L], 6) == times)
            axis.plot([at for _, at in same], [ratio for ratio, _ in same], color="0.8", linewidth=0.6, zorder=0)
        for which in (axis.xaxis, axis.yaxis):
            getattr(axis, f"set_{which.axis_name}scale")("log")
            which.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            which.set_minor_formatter(NullFormatter())
        axis.set_title(f"anisotropy {delta:g}, noise {noise:g}")
        axis.set_xlabel("Depletion length /\nfastest wavelength")
        axis.margins(0.12, 0.12)
    axes[0].set_ylabel("Drive / barrier r")
    for name in CLASSES:
        if any(row[CLASS] == name for row in rows):
            axes[-1].plot([], [], CLASSES[name], color=HUES[name], label=name)
    axes[-1].plot([], [], "o", color="0.4", mfc="none", label="c < 0 somewhere")
    picture.legend(loc="outside lower center", ncols=5)
    save(picture, path)


@style()
def draw_fronts(rows: Sequence[Row], runs: Sequence[Run], path: Path) -> None:
    """The metal of every run at its end, above it what was varied, in the colour of its class."""
    across = 6 if len(rows) > 8 else 4
    down = -(-len(rows) // across)
    highest = 1.15e6 * max(run.history["Maximum height [m]"][-1] for run in runs)
    lines = 2 + _others(rows[0]).count("\n") + 1
    each = 0.85 * WIDTH / across * highest / (1e6 * max(run.case.geometry.width for run in runs)) + 0.135 * lines + 0.1
    picture = figure(WIDTH, each * down + 0.3)
    axes = np.atleast_1d(picture.subplots(down, across, sharex=True, sharey=True)).ravel()
    for axis, row, run in zip(axes, rows, runs, strict=False):
        output = snapshot(run)
        x, z = 1e6 * output.points.T
        axis.tricontourf(x, z, output.cells, output.values["xi"], levels=[0.5, 2.0], colors=[METAL])
        axis.tricontour(x, z, output.cells, output.values["xi"], levels=[0.5], colors=[FRONT], linewidths=0.5)
        axis.set_aspect("equal")
        axis.set_ylim(0.0, highest)
        said = f"r {row[R]:g}, d/l {row[OVER_L]:.2g}\n{_others(row)}\n{row[CLASS]}, {row[RATIO]:.2f}"
        axis.set_title(said, fontsize=6, color=HUES[row[CLASS]])
        axis.tick_params(labelsize=5)
    for axis in axes[len(rows) :]:
        axis.set_visible(False)
    picture.supxlabel("x (µm)", fontsize=7)
    picture.supylabel("Height (µm)", fontsize=7)
    save(picture, path)


def _others(row: Row) -> str:
    """What varies besides r and the depletion length, in short."""
    said = []
    if "layer.interphase.material" in row:
        said.append(row["layer.interphase.material"])
    if "interface.width" in row:
        said.append(f"l {1e6 * float(row['interface.width']):g}, {float(row['numerics.resolution']):g} cells")
    if "random_seed" in row:
        said.append(f"seed {float(row['random_seed']):g}")
    if "noise.amplitude" in row or not said:
        said.append(f"anis. {row[DELTA]:g}, noise {row[NOISE]:g}")
    return "\n".join(said)


def main() -> None:
    """Read the sweep; write the table and the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", type=Path, help="folder of the sweep")
    parser.add_argument("target", type=Path, nargs="?", help="table and figures, without ending (SWEEP/regimes)")
    arguments = parser.parse_args()
    target = arguments.target or arguments.sweep / "regimes"
    rows, runs = collect(arguments.sweep)
    if not rows:
        raise SystemExit(f"{arguments.sweep}: no run has stored anything yet")
    with open(target.with_suffix(".csv"), "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()} for row in rows)
    draw_map(rows, target.with_suffix(".png"))
    draw_fronts(rows, runs, target.with_name(target.name + "-fronts.png"))
    print(", ".join(f"{sum(row[CLASS] == name for row in rows)} {name}" for name in CLASSES))


if __name__ == "__main__":
    main()
