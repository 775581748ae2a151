"""The whole table, and the numbers of finite-element runs in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from femna.analysis.history_columns import column, last_value
from femna.analysis.runs import Run, open_run
from femna.audit import anode_cells, ceramic, ceramic_cells, default_set, mixed_conductor
from femna.audit.papers import Known
from femna.audit.row import SCALES, Row
from femna.errors import BadInput


def area_resistance(run: Run) -> float:
    """Cell voltage over current density after the last step.

    Args:
        run: the run.

    Returns:
        Area resistance, ohm m^2.

    Raises:
        BadInput: the run has no such number.
    """
    voltage = last_value(run.history, "Cell voltage [V]")
    current = last_value(run.history, "Current density [A.m-2]")
    if not current or voltage is None:
        raise BadInput(f"{run.directory}: ends without current, so that it has no area resistance")
    return voltage / current


def top_share(run: Run) -> float:
    """Share of the charge that plated above the interphase, when most of it had.

    Args:
        run: the run.

    Returns:
        The share, 0 to 1.

    Raises:
        BadInput: the run has no such number.
    """
    history = run.history
    thickness = column(history, "Deposit thickness [m]")
    share = float(column(history, "Top fraction [-]")[thickness.argmax()]) if thickness.size else math.nan
    if math.isnan(share):
        raise BadInput(f"{run.directory}: has no top fraction; only a two_potential run with an interphase has one")
    return share


RUNS: dict[str, tuple[str, Callable[[Run], float]]] = {
    "A1g": ("mci-top", top_share),
    "B4a": ("nzsp-nsf", area_resistance),
    "B6a": ("nzsp", area_resistance),
}
"""Row -> the shipped case that gives its quantity, and how to read it."""


PARTS = (ceramic.rows, ceramic_cells.rows, mixed_conductor.rows, anode_cells.rows, default_set.rows)
"""What the table is made of, in its order."""


def table(runs: str | Path | None = None, known: Known | None = None) -> list[Row]:
    """Every row: paper B, paper A, the default set.

    Args:
        runs: a folder of run folders, of which those named as in `RUNS` and finished are read; None for none.
        known: the numbers of the papers and the library; the present ones by default.

    Returns:
        The rows.

    Raises:
        BadInput: `runs` is no folder, has none of the runs, or one of them cannot be read.
    """
    known = known or Known()
    rows = [row for part in PARTS for row in part(known)]
    if runs is None:
        return rows
    found = _read(Path(runs))
    return [replace(row, run=found[row.id] / SCALES[row.unit]) if row.id in found else row for row in rows]


def _read(folder: Path) -> dict[str, float]:
    if not folder.is_dir():
        raise BadInput(f"--runs {folder}: is not a folder; allowed: one that holds run folders")
    opened = {id: open_run(folder / case) for id, (case, _) in RUNS.items() if (folder / case).is_dir()}
    found = {id: RUNS[id][1](run) for id, run in opened.items() if run.status == "finished"}
    if not found:
        cases = ", ".join(sorted(case for case, _ in RUNS.values()))
        raise BadInput(f"--runs {folder}: holds no finished run of {cases}")
    return found
