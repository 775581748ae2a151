"""Reading `history.csv`: its header and the numbers below it, also while the file is being written."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput
from femna.io.history_seal import Seal, SealedReader, check_seal, stated_seal
from femna.io.number_rows import LEAST_SIZE, read_rows
from femna.io.unreadable import why_unusable

STEP = "Step [-]"
TIME = "Time [s]"
REQUIRED = (STEP, TIME)
"""Columns of every history; the first one begins its header."""
HEADER_BYTES = 2**16
"""The longest header that is read at once; the file may be none of ours, without any end of a line."""
TAIL_BYTES = 2**20
"""How much of the end of a file is looked at first when a run resumes."""
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

    def rows(self, keep: NDArray[np.bool_]) -> HistoryTable:
        """Some of the rows.

        Args:
            keep: which, (rows,).
        """
        lines = [line for line, kept in zip(self.lines, keep, strict=True) if kept]
        return HistoryTable(self.columns, lines, self.values[keep])

    def content(self, columns: Sequence[str] | None = None) -> bytes:
        """The text of a file that holds the rows.

        Args:
            columns: names of its columns; those of this table by default. A column that the table does not have holds
                nan.

        Returns:
            The header and the rows.
        """
        wanted, rows = self.columns if columns is None else tuple(columns), self.lines
        if wanted != self.columns:
            place = {name: k for k, name in enumerate(self.columns)}
            cells = [line.split(b",") for line in rows]
            rows = [b",".join(row[place[name]] if name in place else ABSENT for name in wanted) for row in cells]
        return b"".join(line + b"\n" for line in (",".join(wanted).encode(), *rows))


@dataclass(frozen=True)
class HistoryTail:
    """The end of a history.

    Args:
        end: bytes of the file up to the end of the last row that is kept.
        later: the rows after it.
    """

    end: int
    later: HistoryTable


def read_history(path: Path | str, manifest: Mapping[str, object] | None = None) -> dict[str, NDArray[np.float64]]:
    """The columns of a history, also of one that is being written.

    Args:
        path: the file.
        manifest: of its run, which knows the checksum of what was written.

    Returns:
        Column name -> values (rows,), in the order of the file; a last row that was torn by a crash is left out. The
        required columns without values for a file that is missing or has no whole header yet.

    Raises:
        BadInput: the file is no history, or a row in the middle is damaged.
    """
    path = Path(path)
    stated = stated_seal(path, manifest or {})
    try:
        if path.exists() and path.stat().st_size >= LEAST_SIZE:
            found = _read_fast(path, stated)
            if found is not None:
                return found
        check_seal(path, stated)
    except OSError as error:
        raise _unreadable(path, error) from error
    table = read_table(path) if path.exists() else None
    if table is None:
        return {name: np.empty(0) for name in REQUIRED}
    return {name: table.values[:, k].copy() for k, name in enumerate(table.columns)}


def _read_fast(path: Path, stated: Seal | None) -> dict[str, NDArray[np.float64]] | None:
    """What `read_history` gives, read once and through a compiled reader; None where that one does not understand it.

    Raises BadInput, OSError.
    """
    with open(path, "rb", buffering=0) as file:
        left = path.stat().st_size
        sealed = SealedReader(file, stated.size if stated else 0)
        first = sealed.readline(HEADER_BYTES)
        if not first.endswith(b"\n"):
            return None
        names = first.rstrip(b"\r\n").split(b",")
        values = read_rows(sealed, left - len(first), len(names))
    if values is None:
        return None
    check_seal(path, stated, sealed.seal)
    return dict(zip(_columns(first.rstrip(b"\r\n"), path), values, strict=True))


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
        return _table(path.read_bytes(), path)
    except OSError as error:
        raise _unreadable(path, error) from error


def read_tail(path: Path, step: int) -> HistoryTail | None:
    """The end of a history, from the last row that a run keeps when it resumes.

    Args:
        path: the file.
        step: the last step that is kept.

    Returns:
        Where the kept rows end, and the rows after them; None where the end of the file is not whole rows of rising
        steps, so that the whole of it has to be looked at.

    Raises:
        BadInput: the file cannot be read, or is no history.
    """
    try:
        with open(path, "rb") as file:
            header = file.readline()
            if not header.endswith(b"\n"):
                return None
            columns = _columns(header.rstrip(b"\r\n"), path)
            size, block = path.stat().st_size, TAIL_BYTES
            while True:
                start = max(len(header), size - block)
                file.seek(start)
                data = file.read(size - start)
                if start > len(header):
                    first = data.find(b"\n") + 1
                    start, data = start + first, data[first:]
                lines = data[: data.rfind(b"\n") + 1].splitlines()
                if lines and _numbers(lines[-1:], len(columns)) is None:
                    lines.pop()  # torn by a power cut
                values = _numbers(lines, len(columns))
                if values is None or (np.diff(values[:, 0]) <= 0).any():
                    return None
                if start == len(header) or (len(values) and values[0, 0] <= step):
                    break
                block *= 8
    except OSError as error:
        raise _unreadable(path, error) from error
    kept = int((values[:, 0] <= step).sum())
    end = start + sum(len(line) + 1 for line in lines[:kept])
    return HistoryTail(end, HistoryTable(columns, lines[kept:], values[kept:]))


def _unreadable(path: Path, error: OSError) -> BadInput:
    return BadInput(f"{path}: the history cannot be read ({error.strerror})")


def _columns(header: bytes, path: Path) -> tuple[str, ...]:
    """The names in the header. Raises BadInput."""
    columns = tuple(header.decode(errors="replace").split(","))
    if columns[0] != STEP:
        raise BadInput(f"{path}: line 1 is not the header of a history, which begins with {STEP}")
    if TIME not in columns or len(set(columns)) < len(columns):
        wrong = "lacks the column " + TIME if TIME not in columns else "names a column twice"
        raise BadInput(f"{path}: line 1, the header, {wrong}")
    return columns


def _table(content: bytes, path: Path) -> HistoryTable | None:
    lines = content[: content.rfind(b"\n") + 1].splitlines()
    if not lines:
        return None
    columns = _columns(lines.pop(0), path)
    if lines and _numbers(lines[-1:], len(columns)) is None:
        lines.pop()  # a power cut may leave a last line that is whole in length but not in content
    values = _numbers(lines, len(columns))
    if values is None:
        number = next(k for k, line in enumerate(lines, start=2) if _numbers([line], len(columns)) is None)
        damaged = f"line {number} is damaged; it should hold {len(columns)} numbers"
        raise BadInput(f"{path}: {why_unusable(path, damaged=damaged)}")
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
