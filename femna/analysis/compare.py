"""Runs side by side: one table at equal time and at equal charge, and the figures that go with it.

At equal time a slower run has also deposited less, so the table asks twice: after the same time, and after the same
charge per area, where only the shape differs.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from femna.analysis.runs import Run, open_run
from femna.analysis.snapshot import snapshot
from femna.errors import BadInput
from femna.units import COULOMB_PER_MAH_CM2

TABLE_FILE = "comparison.csv"
TIME, CHARGE = "Time [s]", "Charge density [C.m-2]"

FROM_HISTORY = (
    "Maximum height [m]",
    "Deposit thickness [m]",
    "Roughness Sq [m]",
    "Front length ratio [-]",
)
FROM_FIELDS = ("Peak field [V.m-1]", "Peak concentration [mol.m-3]", "Output time [s]", "Output charge density [C.m-2]")
COLUMNS = ("Run", "Basis", TIME, CHARGE, *FROM_HISTORY, *FROM_FIELDS, "Directory")

_PRINTED = (
    ("Height max (µm)", "Maximum height [m]", 1e6),
    ("Deposit (µm)", "Deposit thickness [m]", 1e6),
    ("Roughness Sq (µm)", "Roughness Sq [m]", 1e6),
    ("Front length ratio", "Front length ratio [-]", 1.0),
    ("Peak field (mV/µm)", "Peak field [V.m-1]", 1e-3),
    ("Peak c (mol/L)", "Peak concentration [mol.m-3]", 1e-3),
    ("Fields from (s)", "Output time [s]", 1.0),
)

Row = dict[str, Any]


def compare(directories: Sequence[str | Path], out: str | Path) -> Path:
    """Compare runs: write `comparison.csv` and the figures into `out`, print the table, return the table's path.

    BadInput for fewer than two runs, runs of different dimension, or a run with no history or fields yet.
    """
    return compare_runs([open_run(directory) for directory in directories], Path(out))


def compare_runs(runs: Sequence[Run], out: Path, console: Console | None = None) -> Path:
    """The same for runs that are open already; the console is the terminal unless given."""
    from femna.render.comparison import draw  # the numbers alone need no drawing library

    check(runs)
    names = labels(runs)
    rows = table(runs, names)
    path = write(rows, out / TABLE_FILE)
    draw(runs, names, common_time(runs), out)
    show(rows, console or Console())
    return path


def check(runs: Sequence[Run]) -> None:
    """BadInput unless these runs can be compared."""
    if len(runs) < 2:
        raise BadInput("compare needs at least two run folders")
    dims = {str(run.directory): run.case.geometry.dim for run in runs}
    if len(set(dims.values())) > 1:
        listed = ", ".join(f"{directory} is {dim}D" for directory, dim in dims.items())
        raise BadInput(f"runs of different dimension cannot be compared: {listed}")
    for run in runs:
        if not len(run.history[TIME]) or not len(run.times):
            raise BadInput(f"{run.directory}: nothing to compare yet, no step or no fields are stored")


def labels(runs: Sequence[Run]) -> list[str]:
    """What to call the runs: their cases' names, or their folders where two share a name."""
    for names in ([run.case.name for run in runs], [run.directory.name for run in runs]):
        if len(set(names)) == len(names):
            return names
    return [str(run.directory) for run in runs]


def common_time(runs: Sequence[Run]) -> float:
    """The latest time that every run has reached, s."""
    return min(float(run.history[TIME][-1]) for run in runs)


def common_charge(runs: Sequence[Run]) -> float:
    """The largest charge per area that every run has passed, C/m^2."""
    return min(float(run.history[CHARGE].max()) for run in runs)


def table(runs: Sequence[Run], names: Sequence[str]) -> list[Row]:
    """Two rows a run, SI: at the latest common time, then at the largest common charge.

    Values of the history are interpolated in time; at equal charge, at the time when the run first reaches the charge.
    Peaks (in the electrolyte, xi < 1/2) are those of the stored output nearest in time, or in charge; the columns
    "Output .." say which.
    """
    time, charge = common_time(runs), common_charge(runs)
    rows = [_row(run, name, "equal time", time, None) for run, name in zip(runs, names, strict=True)]
    for run, name in zip(runs, names, strict=True):
        rows.append(_row(run, name, "equal charge", first_reached(run.history, charge), charge))
    return rows


def first_reached(history: Mapping[str, np.ndarray[Any, Any]], charge: float) -> float:
    """The time (s) when the charge per area first reaches `charge`, which it does; linear between the steps."""
    passed = history[CHARGE] >= charge
    k = int(passed.argmax())
    if k == 0:
        return float(history[TIME][0])
    step = slice(k - 1, k + 1)
    return float(np.interp(charge, history[CHARGE][step], history[TIME][step]))


def _row(run: Run, name: str, basis: str, time: float, charge: float | None) -> Row:
    history = run.history
    charges = np.interp(run.times, history[TIME], history[CHARGE])
    if charge is None:
        charge = float(np.interp(time, history[TIME], history[CHARGE]))
        nearest = int(np.abs(run.times - time).argmin())
    else:
        nearest = int(np.abs(charges - charge).argmin())
    output = snapshot(run, float(run.times[nearest]))
    row: Row = {"Run": name, "Basis": basis, TIME: time, CHARGE: charge}
    row |= {column: float(np.interp(time, history[TIME], history[column])) for column in FROM_HISTORY}
    peaks = (output.peak_field, output.peak_concentration, output.time, float(charges[nearest]))
    return row | dict(zip(FROM_FIELDS, peaks, strict=True)) | {"Directory": str(run.directory)}


def write(rows: Sequence[Row], path: Path) -> Path:
    """The table as CSV, full precision."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the table in the units of a paper."""
    for basis, given in (("equal time", TIME), ("equal charge", CHARGE)):
        chosen = [row for row in rows if row["Basis"] == basis]
        value = chosen[0][given]
        at = f"{value:.4g} s" if given == TIME else f"{value / COULOMB_PER_MAH_CM2:.4g} mAh cm⁻²"
        other = ("Time (s)", TIME, 1.0) if given == CHARGE else ("Charge (mAh cm⁻²)", CHARGE, 1 / COULOMB_PER_MAH_CM2)
        printed = Table(title=f"At {basis}: {at}", title_justify="left")
        printed.add_column("")
        for row in chosen:
            printed.add_column(row["Run"], justify="right", overflow="fold")
        for title, column, scale in (other, *_PRINTED):
            printed.add_row(title, *(f"{row[column] * scale:.4g}" for row in chosen))
        console.print(printed)
