"""sweep.csv: one row a point, with its status, the values that vary, and the numbers of `femna summary`."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from femna.analysis.runs import open_run
from femna.analysis.summary import SummaryValue
from femna.errors import FemnaError
from femna.io.atomic_files import write_whole
from femna.sweep.folder import SweepFolder
from femna.sweep.points import Point

ID, STATUS, MESSAGE = "id", "status", "message"

Row = dict[str, Any]


@dataclass
class Table:
    """The results so far; rows of runs that go on no more are read once.

    Args:
        folder: of the sweep.
        points: all points, in order.
        keys: the dotted keys that vary.
    """

    folder: SweepFolder
    points: Sequence[Point]
    keys: Sequence[str]
    _read: dict[str, Row] = field(default_factory=dict)

    def forget(self, name: str) -> None:
        """Read the run of a point again.

        Args:
            name: of the point.
        """
        self._read.pop(name, None)

    def rows(self, messages: Mapping[str, str]) -> list[Row]:
        """One row a point: id, status, the varied keys, the keys of the summary, message.

        Args:
            messages: errors by the names of the points whose runs ended with one.
        """
        return [self._row(point, messages.get(point.id, "")) for point in self.points]

    def _row(self, point: Point, error: str) -> Row:
        if point.id not in self._read:
            self._read[point.id] = self._results(point)
        found = dict(self._read[point.id])
        if error:
            found |= {MESSAGE: error}
            if found[STATUS] in ("pending", "running"):
                found[STATUS] = "failed"
        return found

    def _results(self, point: Point) -> Row:
        row: Row = {ID: point.id, STATUS: "failed"} | {key: point.value(key)[0] for key in self.keys}
        if point.case is None:
            return row | {MESSAGE: point.problem}
        row[STATUS], row[MESSAGE] = self.folder.status(point.id)
        if row[STATUS] == "pending":
            return row
        try:
            return row | numbers(open_run(self.folder.run(point.id)).summary())
        except FemnaError as error:
            return row | {MESSAGE: str(error)}


def numbers(summary: Mapping[str, SummaryValue]) -> Row:
    """The numbers of a summary that fit into cells of a table.

    Args:
        summary: as `femna summary --json` has it.
    """
    return {
        key: value
        for key, value in summary.items()
        if key != STATUS and (value is None or isinstance(value, str | int | float))
    }


def write(rows: Sequence[Row], keys: Sequence[str], path: Path) -> None:
    """Write the table, with all digits; a value that a run does not have is an empty cell.

    Args:
        rows: the rows.
        keys: the dotted keys that vary.
        path: the file.

    Raises:
        CannotGoOn: the disk is full, or the file cannot be written.
    """
    first = (ID, STATUS, *keys)
    rest = dict.fromkeys(key for row in rows for key in row if key not in first and key != MESSAGE)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, (*first, *rest, MESSAGE), restval="")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    write_whole(path, text.getvalue().encode(errors="surrogateescape"))


def _cell(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    return value
