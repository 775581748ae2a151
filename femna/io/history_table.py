"""Reading `history.csv`: its header and the numbers below it, also while the file is being written."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput

STEP = "Step [-]"
TIME = "Time [s]"
REQUIRED = (STEP, TIME)
"""Columns of every history; the first one begins its header."""
ABSENT = b"nan"
"""What stands in a row for a column that did not exist when the row was written."""


@dataclass(frozen=True)
class HistoryTable:
    """The whole lines of a history.

    Args:
        columns: names of the columns in the order of the file.
        lines: the rows as text, without the ends of the lines.
        values: the same as numbers, (rows, columns).
    """

    columns: tuple[str, ...]
    lines: list[bytes]
    values: NDArray[np.float64]

    def content(self, keep: NDArray[np.bool_] | None = None, columns: Sequence[str] | None = None) -> bytes:
        """The text of a file that holds some of the rows.

        Args:
            keep: which rows, (rows,); all by default.
            columns: names of its columns; those of this table by default. A column that the table does not have holds
                nan.

        Returns:
            The header and the rows.
        """
        wanted = self.columns if columns is None else tuple(columns)
        rows = self.lines if keep is None else [line for line, kept in zip(self.lines, keep, strict=True) if kept]
        if wanted != self.columns:
            place = {name: k for k, name in enumerate(self.columns)}
            cells = [line.split(b",") for line in rows]
            rows = [b",".join(row[place[name]] if name in place else ABSENT for name in wanted) for row in cells]
        return b"".join(line + b"\n" for line in (",".join(wanted).encode(), *rows))


def read_history(path: Path | str) -> dict[str, NDArray[np.float64]]:
    """The columns of a history, also of one that is being written.

    Args:
        path: the file.

    Returns:
        Column name -> values (rows,), in the order of the file; a last row that was torn by a crash is left out. The
        required columns without values for a file that is missing or has no whole header yet.

    Raises:
        BadInput: the file is no history, or a row in the middle is damaged.
    """
    path = Path(path)
    table = read_table(path) if path.exists() else None
    if table is None:
        return {name: np.empty(0) for name in REQUIRED}
    return {name: table.values[:, k].copy() for k, name in enumerate(table.columns)}


def read_table(path: Path) -> HistoryTable | None:
    """The whole lines of a history.

    Args:
        path: the file.

    Returns:
        The table; None when the file has no whole header yet.

    Raises:
        BadInput: the file cannot be read, is no history, or a row in the middle is damaged.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: the history cannot be read ({error.strerror})") from error
    lines = content[: content.rfind(b"\n") + 1].splitlines()
    if not lines:
        return None
    columns = tuple(lines.pop(0).decode(errors="replace").split(","))
    if columns[0] != STEP:
        raise BadInput(f"{path}: line 1 is not the header of a history, which begins with {STEP}")
    if TIME not in columns or len(set(columns)) < len(columns):
        wrong = "lacks the column " + TIME if TIME not in columns else "names a column twice"
        raise BadInput(f"{path}: line 1, the header, {wrong}")
    if lines and _numbers(lines[-1:], len(columns)) is None:
        lines.pop()  # a power cut may leave a last line that is whole in length but not in content
    values = _numbers(lines, len(columns))
    if values is None:
        number = next(k for k, line in enumerate(lines, start=2) if _numbers([line], len(columns)) is None)
        raise BadInput(f"{path}: line {number} is damaged; it should hold {len(columns)} numbers")
    return HistoryTable(columns, lines, values)


def _numbers(lines: list[bytes], width: int) -> NDArray[np.float64] | None:
    """The numbers of lines, (rows, width); None where they are not that."""
    if not lines:
        return np.empty((0, width))
    try:
        table = np.loadtxt(io.BytesIO(b"\n".join(lines)), delimiter=",", ndmin=2, comments=None)
    except ValueError:
        return None
    return table if table.shape == (len(lines), width) else None
