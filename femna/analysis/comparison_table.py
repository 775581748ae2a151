"""The table of runs side by side, at equal time and at equal charge.

At equal time a slower run has also deposited less, so the table asks twice: after the same time, and after the same
charge per area, where only the shape differs. A charge that comes and goes is reached more than once: of runs that
strip, the first plating is compared, or the first stripping where one of them never plates.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from femna.analysis.cycles import TOP_FRACTION, HalfCycle, charge_passed, first_pass, goes_back, top_fraction
from femna.analysis.history_columns import column
from femna.analysis.snapshot import snapshot
from femna.analysis.stored_run import SAME_DIGITS, StoredRun
from femna.errors import BadInput
from femna.io.atomic_files import write_whole
from femna.units import COULOMB_PER_MAH_CM2

TABLE_FILE = "comparison.csv"
TIME, CHARGE = "Time [s]", "Charge density [C.m-2]"
EQUAL_TIME, EQUAL_CHARGE = "equal time", "equal charge"

FROM_HISTORY = (
    "Maximum height [m]",
    "Deposit thickness [m]",
    "Roughness Sq [m]",
    "Front length ratio [-]",
    "Cell voltage [V]",
)
FROM_FIELDS = ("Peak field [V.m-1]", "Peak concentration [mol.m-3]", "Output time [s]", "Output charge density [C.m-2]")
COLUMNS = ("Run", "Basis", TIME, CHARGE, *FROM_HISTORY, TOP_FRACTION, *FROM_FIELDS, "Directory")

_GIVEN = (("Time (s)", TIME, 1.0), ("Charge (mAh cm⁻²)", CHARGE, 1 / COULOMB_PER_MAH_CM2))
_PRINTED = (
    ("Height max (µm)", "Maximum height [m]", 1e6),
    ("Deposit (µm)", "Deposit thickness [m]", 1e6),
    ("Roughness Sq (µm)", "Roughness Sq [m]", 1e6),
    ("Front length ratio", "Front length ratio [-]", 1.0),
    ("Cell voltage (V)", "Cell voltage [V]", 1.0),
    ("Share on top", TOP_FRACTION, 1.0),
    ("Peak field (mV/µm)", "Peak field [V.m-1]", 1e-3),
    ("Peak c (mol/L)", "Peak concentration [mol.m-3]", 1e-3),
    ("Fields from (s)", "Output time [s]", 1.0),
    ("Fields at (mAh cm⁻²)", "Output charge density [C.m-2]", 1 / COULOMB_PER_MAH_CM2),
)

Row = dict[str, Any]
Array = np.ndarray[Any, Any]


def check(runs: Sequence[StoredRun]) -> None:
    """Check that runs can be compared.

    Args:
        runs: the runs.

    Raises:
        BadInput: fewer than two runs, runs of different dimension, or a run with no history or fields yet.
    """
    if len(runs) < 2:
        raise BadInput("compare needs at least two run folders")
    dims = {str(run.directory): run.case.geometry.dim for run in runs}
    if len(set(dims.values())) > 1:
        listed = ", ".join(f"{directory} is {dim}D" for directory, dim in dims.items())
        raise BadInput(f"runs of different dimension cannot be compared: {listed}")
    for run in runs:
        if not len(run.history[TIME]) or not len(run.times):
            raise BadInput(f"{run.directory}: nothing to compare yet, no step or no fields are stored")


def labels(runs: Sequence[StoredRun]) -> list[str]:
    """What to call the runs.

    Args:
        runs: the runs.

    Returns:
        The names of their cases, or, where two share a name, the names of their folders, or their paths.
    """
    for names in ([run.case.name for run in runs], [run.directory.name for run in runs]):
        if len(set(names)) == len(names):
            return names
    return [str(run.directory) for run in runs]


def common_time(runs: Sequence[StoredRun]) -> float:
    """The latest time that every run has reached.

    Args:
        runs: the runs.

    Returns:
        Simulated time, s.
    """
    return min(float(run.history[TIME][-1]) for run in runs)


def passes(runs: Sequence[StoredRun]) -> list[HalfCycle] | None:
    """The half cycles in which the runs can be compared at equal charge.

    Args:
        runs: the runs.

    Returns:
        Of each run the first plating, or, when a run has none, the first stripping; None when the runs share neither.
    """
    for plating in (True, False):
        found = [half for run in runs if (half := first_pass(run.history, plating)) is not None]
        if len(found) == len(runs):
            return found
    return None


def basis(runs: Sequence[StoredRun], plating: bool) -> str:
    """The name of the rows at equal charge.

    Args:
        runs: the runs.
        plating: whether the runs are compared in a plating.

    Returns:
        The name; it says which half cycle is meant where a run has more than one.
    """
    if not plating:
        return f"{EQUAL_CHARGE}, first stripping"
    return f"{EQUAL_CHARGE}, first plating" if any(goes_back(run.history) for run in runs) else EQUAL_CHARGE


def pass_charge(history: Mapping[str, Array], half: HalfCycle) -> Array:
    """The charge that has passed in a half cycle.

    Args:
        history: column name -> values (rows,).
        half: the half cycle.

    Returns:
        Charge per projected area since its beginning, C/m^2, positive, at the row of its start and at its own rows.
    """
    charge = charge_passed(history)[half.first : half.last + 1]
    return np.asarray(charge - charge[0] if half.plating else charge[0] - charge)


def table(runs: Sequence[StoredRun], names: Sequence[str]) -> list[Row]:
    """Two rows a run: at the latest common time, then at the largest common charge, if there is one (`passes`).

    Values of the history are interpolated in time; at equal charge, at the time when the half cycle first reaches the
    charge, which counts from its start. Peaks (in the electrolyte, xi < 1/2) are those of the stored output nearest in
    time, or in charge among those of the half cycle; the columns "Output .." say which.

    Args:
        runs: the runs.
        names: what to call them.

    Returns:
        The rows, column name -> value in SI units; None where a run has no such value.

    Raises:
        BadInput: a run or an output cannot be read.
    """
    time = common_time(runs)
    rows = [_at_time(run, name, time) for run, name in zip(runs, names, strict=True)]
    halves = passes(runs)
    if halves is None:
        return rows
    charges = [pass_charge(run.history, half) for run, half in zip(runs, halves, strict=True)]
    common = min(float(charge.max()) for charge in charges)
    called = basis(runs, halves[0].plating)
    for run, name, half, charge in zip(runs, names, halves, charges, strict=True):
        rows.append(_at_charge(run, name, called, half, charge, common))
    return rows


def first_reached(times: Array, charges: Array, charge: float) -> float:
    """When a charge is first reached; linear between the steps.

    Args:
        times: simulated time, (rows,), s.
        charges: charge per area at these times, (rows,), C/m^2.
        charge: one of them or between two of them, C/m^2.

    Returns:
        Simulated time, s.
    """
    k = int((charges >= charge).argmax())
    if k == 0:
        return float(times[0])
    return float(np.interp(charge, charges[k - 1 : k + 1], times[k - 1 : k + 1]))


def _at_time(run: StoredRun, name: str, time: float) -> Row:
    history = run.history
    charges = np.interp(run.times, history[TIME], column(history, CHARGE))
    nearest = int(np.abs(run.times - time).argmin())
    charge = float(np.interp(time, history[TIME], column(history, CHARGE)))
    return _row(run, name, EQUAL_TIME, time, charge) | _peaks(run, float(run.times[nearest]), float(charges[nearest]))


def _at_charge(run: StoredRun, name: str, called: str, half: HalfCycle, charges: Array, charge: float) -> Row:
    times = run.history[TIME][half.first : half.last + 1]
    row = _row(run, name, called, first_reached(times, charges, charge), charge)
    close = SAME_DIGITS * times[-1]
    stored = run.times[(run.times >= times[0] - close) & (run.times <= times[-1] + close)]
    if not len(stored):  # none was stored in this pass
        return row | dict.fromkeys(FROM_FIELDS)
    reached = np.interp(stored, times, charges)
    nearest = int(np.abs(reached - charge).argmin())
    return row | _peaks(run, float(stored[nearest]), float(reached[nearest]))


def _row(run: StoredRun, name: str, called: str, time: float, charge: float) -> Row:
    history, top = run.history, top_fraction(run)
    row: Row = {"Run": name, "Basis": called, TIME: time, CHARGE: charge, "Directory": str(run.directory)}
    row |= {key: float(np.interp(time, history[TIME], column(history, key))) for key in FROM_HISTORY}
    known = np.isfinite(top) if top is not None else np.zeros(0, dtype=bool)
    share = float(np.interp(time, history[TIME][known], top[known])) if top is not None and known.any() else None
    return row | {TOP_FRACTION: share}


def _peaks(run: StoredRun, time: float, charge: float) -> Row:
    output = snapshot(run, time)
    return dict(zip(FROM_FIELDS, (output.peak_field, output.peak_concentration, output.time, charge), strict=True))


def write(rows: Sequence[Row], path: Path) -> Path:
    """Write the table as CSV with all digits.

    Args:
        rows: the rows of `table`.
        path: the file; its folder is made when there is none.

    Returns:
        The path.

    Raises:
        CannotGoOn: the disk is full, or the file cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode(errors="surrogateescape"))
    return path


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the table in the units of a publication.

    Args:
        rows: the rows of `table`.
        console: where to print.
    """
    for called in dict.fromkeys(row["Basis"] for row in rows):
        chosen = [row for row in rows if row["Basis"] == called]
        given, other = (TIME, CHARGE) if called == EQUAL_TIME else (CHARGE, TIME)
        value = chosen[0][given]
        at = f"{value:.4g} s" if given == TIME else f"{value / COULOMB_PER_MAH_CM2:.4g} mAh cm⁻²"
        console.print(f"At {called}: {at}", style="italic", highlight=False)  # a title would wrap at the table's width
        printed = Table()
        printed.add_column("")
        for row in chosen:
            printed.add_column(row["Run"], justify="right", overflow="fold")
        for title, name, scale in (*(line for line in _GIVEN if line[1] == other), *_PRINTED):
            values = [row[name] for row in chosen]
            if any(value is not None for value in values):
                printed.add_row(title, *("-" if v is None else f"{v * scale:.4g}" for v in values))
        console.print(printed)
    if all(row["Basis"] == EQUAL_TIME for row in rows):
        console.print("No table at equal charge: a run passed none, or one only plates and another only strips.")
