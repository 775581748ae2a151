"""How far does the order P > F > SFC follow from the interphase's assumed numbers? Runs, a table and a figure.

    python tools/sensitivity.py runs/sensitivity          # 28 runs of a small box, a quarter of an hour on one core
    python tools/sensitivity.py runs/sensitivity --report docs/verification
    python tools/sensitivity.py docs/verification --redraw

Every run is p-na in a 12 um box but for what its row says. A run that is there already is not run again. Runs are
compared when 3 um of metal have been deposited (equal charge) and at 1.6 s (equal time).
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.ticker import FuncFormatter

import femna
from femna.analysis.runs import Run
from femna.errors import CannotGoOn
from femna.materials import load_library, nernst_einstein
from femna.render.theme import COLOURS, WIDTH, figure, letters, note, save, style
from femna.units import to_si

MEASURE = "tip above mean at equal charge [um]"
SHIPPED_SEED = "2026"
EQUAL_THICKNESS = 3e-6
EQUAL_TIME = 1.6
BASE = {"geometry.width": "12 um", "numerics.resolution": 4, "numerics.tolerance": 1e-2, "output.interval": "0.4 s"}
PROTOCOL = [{"mode": "voltage", "value": "0.5 V", "until": "2 s"}]
NATIVE = to_si(load_library()["native-sei"]["diffusivity"]["value"], "m^2/s")


def variants() -> Iterator[tuple[str, str, dict[str, object]]]:
    """(series, label, settings) of each run."""
    for factor in (0.1, 0.3, 1.0, 3.0, 10.0, 100.0):
        both = {
            "materials.native-sei.diffusivity": factor * NATIVE,
            "materials.native-sei.ionic_conductivity": nernst_einstein(factor * NATIVE, 1000.0, 298.15),
        }
        yield "diffusivity with conductivity", f"{factor:g}", both
    for factor in (0.1, 1.0, 10.0, 100.0):
        yield "diffusivity alone", f"{factor:g}", {"materials.native-sei.diffusivity": factor * NATIVE}
    for thickness in (1.0, 3.0, 5.0):
        for material in ("native-sei", "naf", "mci"):
            layer = {"layer.interphase.thickness": thickness * 1e-6, "layer.interphase.material": material}
            yield f"thickness, {material}", f"{thickness:g}", layer
    for seed in (2026, 1, 2):
        for material in ("native-sei", "naf", "mci"):
            yield f"seed, {material}", f"{seed}", {"random_seed": seed, "layer.interphase.material": material}


def run_all(folder: Path) -> None:
    """Run what is not there yet; a run that leaves its fine zone keeps what it has."""
    for series, label, settings in variants():
        target = folder / f"{series}-{label}".replace(" ", "-").replace(",", "")
        if (target / "manifest.json").exists() and femna.open_run(target).status in ("finished", "failed"):
            continue
        case = femna.load_case("p-na", overrides={**BASE, "protocol": PROTOCOL, **settings})
        try:
            femna.run(case, target, force=True)
        except CannotGoOn as end:
            print(f"{target.name}: {end}", flush=True)


def at(run: Run, column: str, value: float) -> dict[str, float]:
    """The measures of a run where a column of its history first reaches a value; nan where it never does."""
    history = run.history
    wanted = {
        "largest height": "Maximum height [m]",
        "mean height": "Mean height [m]",
        "roughness": "Roughness Sq [m]",
        "time": "Time [s]",
        "thickness": "Deposit thickness [m]",
    }
    reached = history[column][-1] >= value * (1 - 1e-9)
    return {
        name: float(np.interp(value, history[column], history[key])) if reached else float("nan")
        for name, key in wanted.items()
    }


def report(folder: Path, out: Path) -> None:
    """sensitivity.csv and sensitivity.png of the runs in `folder`."""
    rows = []
    for series, label, _ in variants():
        run = femna.open_run(folder / f"{series}-{label}".replace(" ", "-").replace(",", ""))
        charge = at(run, "Deposit thickness [m]", EQUAL_THICKNESS)
        time = at(run, "Time [s]", EQUAL_TIME)
        rows.append(
            {
                "series": series,
                "value": label,
                MEASURE: 1e6 * (charge["largest height"] - charge["mean height"]),
                "roughness Sq at equal charge [um]": 1e6 * charge["roughness"],
                "time to equal charge [s]": charge["time"],
                "largest height at equal time [um]": 1e6 * time["largest height"],
                "tip above mean at equal time [um]": 1e6 * (time["largest height"] - time["mean height"]),
                "deposit at equal time [um]": 1e6 * time["thickness"],
                "smallest c, xi < 1/2 [mol/m3]": float(run.history["Minimum concentration [mol.m-3]"].min()),
            }
        )
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "sensitivity.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([{k: v if isinstance(v, str) else f"{v:.4g}" for k, v in row.items()} for row in rows])
    draw(rows, out / "sensitivity.png")


@style()
def draw(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    """Tip above mean against diffusivity and thickness, and for each seed; the values are those of sensitivity.csv.

    A seed is a name: the shipped one first, the others in their order, all beside one another and no line between.
    """
    picture = figure(WIDTH, 2.7)
    axes = picture.subplots(1, 3, sharey=True)
    letters(list(axes))
    names = {"native-sei": "P", "naf": "F", "mci": "SFC"}
    marks = dict(zip((*names, "diffusivity with conductivity", "diffusivity alone"), "os^Dv", strict=True))
    hues = dict(zip(marks, COLOURS, strict=False))
    seeds = list(dict.fromkeys(str(row["value"]) for row in rows if str(row["series"]).startswith("seed")))
    for axis, prefix, label in zip(
        axes,
        ("diffusivity", "thickness", "seed"),
        ("Interphase diffusivity / that of p-na", "Interphase thickness (µm)", "Seed of the roughness"),
        strict=True,
    ):
        for series in dict.fromkeys(str(row["series"]) for row in rows if str(row["series"]).startswith(prefix)):
            own = [row for row in rows if row["series"] == series]
            across = [seeds.index(str(row["value"])) if prefix == "seed" else float(str(row["value"])) for row in own]
            called = series.partition(", ")[2] or series
            style = {"color": hues[called], "marker": marks[called], "markersize": 4.5, "clip_on": False}
            style["linestyle"] = "none" if prefix == "seed" else "-"
            axis.plot(across, [float(str(row[MEASURE])) for row in own], label=names.get(called, called), **style)
        axis.set_xlabel(label)
    axes[0].set_xscale("log")
    axes[0].xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes[1].set_xticks([1, 3, 5])
    axes[2].set_xticks(range(len(seeds)), [f"{seed}\n(shipped)" if seed == SHIPPED_SEED else seed for seed in seeds])
    axes[2].set_xlim(-0.5, len(seeds) - 0.5)
    axes[0].set_ylabel("Highest tip above the mean\nat 3 µm of metal (µm)")
    axes[0].set_ylim(bottom=0)
    axes[0].legend(loc="upper right", borderaxespad=0.0)
    axes[1].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, borderaxespad=0.1)
    missing = [f"{row['series']} {row['value']}" for row in rows if not math.isfinite(float(str(row[MEASURE])))]
    if missing:
        note(picture, f"3 µm were not reached by: {'; '.join(missing)}.")
    save(picture, path)


def main() -> None:
    """Run, or report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, help="folder of the runs; with --redraw that of sensitivity.csv")
    parser.add_argument("--report", type=Path, help="folder for table and figure; nothing is run")
    parser.add_argument("--redraw", action="store_true", help="the figure of a table that is there")
    arguments = parser.parse_args()
    if arguments.redraw:
        with open(arguments.runs / "sensitivity.csv", newline="", encoding="utf-8") as file:
            draw(list(csv.DictReader(file)), arguments.runs / "sensitivity.png")
    elif arguments.report:
        report(arguments.runs, arguments.report)
    else:
        run_all(arguments.runs)


if __name__ == "__main__":
    main()
