"""Writing `history.csv`: one row per accepted step, in a file that can be read while it grows."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from femna.columns import Column
from femna.errors import BadInput
from femna.io.atomic_files import append_whole, disk_errors, write_whole
from femna.io.history_seal import Seal
from femna.io.history_table import REQUIRED, STEP, HistoryTable, read_table, read_tail
from femna.io.run_folder import SUPERSEDED_FILE


class History:
    """Appends rows to a history. Each row is on its way to the disk when `append` returns, so that `tail -f` shows it.

    A history that is gone on with keeps its columns in their places: columns that are new follow them and hold nan in
    the older rows; columns that no longer exist hold nan in the new rows.

    Args:
        path: the file.
        columns: declarations of the columns; "Step [-]" comes first and "Time [s]" is among them. Row 0 is the initial
            state.
        keep_until_step: None starts a new file. Otherwise the step of the checkpoint that the run resumes from: a row
            that a crash has torn is dropped, rows of later steps move to `history-superseded.csv`.

    Raises:
        ValueError: a required column is not declared, or one is declared twice.
        BadInput: a new history would overwrite one, or the one to go on with is missing or damaged.
        CannotGoOn: the disk is full; the file then ends with its last whole row.
    """

    def __init__(self, path: Path | str, columns: Sequence[Column], keep_until_step: int | None = None) -> None:
        self.path = Path(path)
        self._declared = {column.name: column for column in columns}
        if len(self._declared) < len(columns) or columns[0].name != STEP or not set(REQUIRED) <= set(self._declared):
            names = ", ".join(column.name for column in columns)
            raise ValueError(f"the columns of a history are each there once, {STEP} the first of them, not: {names}")
        self.columns = tuple(self._declared)
        self._has_header = False
        if keep_until_step is None:
            if self.path.exists() and self.path.stat().st_size > 0:
                raise BadInput(f"{self.path}: holds the history of an earlier run already")
        else:
            self._rewind(keep_until_step)
        with disk_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: a row that did not fit on the disk must not linger in a buffer and be written later.
            self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115
            self._seal = Seal.of_file(self.path)

    @property
    def seal(self) -> Seal:
        """Size and checksum of what is in the file, by which a later reader knows it undamaged."""
        return self._seal

    def append(self, row: Mapping[str, float]) -> None:
        """Write one row.

        Args:
            row: column name -> value, of every declared column and no other.

        Raises:
            ValueError: a column is missing or is not declared.
            CannotGoOn: the disk is full; nothing of the row is then left in the file.
        """
        _check(set(self._declared) - set(row), "misses")
        _check(set(row) - set(self._declared), "has the unknown")
        if not self._has_header:
            self._write(",".join(self.columns))
            self._has_header = True
        self._write(",".join(_text(self._declared.get(name), row.get(name, math.nan)) for name in self.columns))

    def sync(self) -> None:
        """Wait until every row is on the disk; to be called before a checkpoint that relies on them.

        Raises:
            CannotGoOn: the disk is full.
        """
        with disk_errors(self.path):
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, line: str) -> None:
        content = line.encode() + b"\n"
        with disk_errors(self.path):
            append_whole(self._file, content)
        self._seal = self._seal.extended(content)

    def _rewind(self, step: int) -> None:
        """Take the rows after a step out of the file, and give it the columns of the rows to come."""
        tail = read_tail(self.path, step) if self.path.exists() else None
        if tail is not None and _union(tail.later.columns, self._declared) == tail.later.columns:
            self.columns, self._has_header = tail.later.columns, True
            if tail.later.lines:
                self._supersede(tail.later)
            with disk_errors(self.path), open(self.path, "r+b") as file:
                file.truncate(tail.end)
                os.fsync(file.fileno())
            return
        table = read_table(self.path)
        if table is None:
            write_whole(self.path, b"")
            return
        self.columns = _union(table.columns, self._declared)
        self._has_header = True
        later = table.values[:, 0] > step
        if later.any():
            self._supersede(table.rows(later))
        write_whole(self.path, table.rows(~later).content(self.columns))

    def _supersede(self, later: HistoryTable) -> None:
        path = self.path.with_name(SUPERSEDED_FILE)
        earlier = read_table(path) if path.exists() else None
        columns = _union(earlier.columns, later.columns) if earlier is not None else later.columns
        before = earlier.content(columns) if earlier is not None else b""
        rows = later.content(columns)
        write_whole(path, before + (rows.partition(b"\n")[2] if before else rows))


def _union(first: Sequence[str], then: Mapping[str, object] | Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *then)))


def _text(column: Column | None, value: float) -> str:
    whole = column is not None and column.is_count and math.isfinite(value)
    return str(int(value)) if whole else repr(float(value))


def _check(names: set[str], what: str) -> None:
    if names:
        raise ValueError(f"the row of the history {what} column {', '.join(sorted(names))}")
