"""The history of a run: `history.csv`, one row per accepted step, that can be read while it grows."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput
from femna.io.atomic_files import disk_errors, write_whole
from femna.io.run_folder import SUPERSEDED_FILE

COLUMNS = [
    "Step [-]",
    "Time [s]",
    "Time step [s]",
    "Cell voltage [V]",
    "Current density [A.m-2]",
    "Collector current [A.m-2]",
    "Counter current [A.m-2]",
    "Charge density [C.m-2]",
    "Capacity [mAh.cm-2]",
    "Deposit thickness [m]",
    "Mean height [m]",
    "Maximum height [m]",
    "Minimum height [m]",
    "Roughness Sq [m]",
    "Front length ratio [-]",
    "Minimum concentration [mol.m-3]",
    "Minimum concentration anywhere [mol.m-3]",
    "Maximum concentration [mol.m-3]",
    "Sodium balance error [-]",
    "Charge balance error [-]",
    "Nodes [-]",
    "Nonlinear iterations [-]",
    "Linear iterations [-]",
    "Wall time [s]",
]
"""What every row holds. Row 0 is the initial state, with `Step [-]` = 0; `Wall time [s]` counts on through a resume."""

TWO_POTENTIAL_COLUMNS = ["Top fraction [-]", "Contact fraction [-]"]
"""What a row of a two_potential run holds besides."""

UPTAKE_COLUMNS = ["Uptake current [A.m-2]", "Uptake charge [C.m-2]"]
"""What it holds where a layer takes up sodium."""

COUNTS = frozenset({"Step [-]", "Nodes [-]", "Nonlinear iterations [-]", "Linear iterations [-]"})


class History:
    """Appends rows to `path`; each is on its way to the disk when `append` returns, so that `tail -f` shows it.

    `keep_until_step` None starts a new file. Given, it is the step of the checkpoint that the run resumes from: a row
    torn by the crash is dropped, rows of later steps move to `history-superseded.csv`, and the file goes on.

    Raises BadInput when a new history would overwrite one, or when the one to go on with is missing or damaged;
    CannotGoOn when the disk is full, and then the file ends with its last whole row.
    """

    def __init__(self, path: Path | str, keep_until_step: int | None = None) -> None:
        self.path = Path(path)
        self.columns: list[str] | None = None
        if keep_until_step is None:
            if self.path.exists() and self.path.stat().st_size > 0:
                raise BadInput(f"{self.path}: holds the history of an earlier run already")
        else:
            self._rewind(keep_until_step)
        with disk_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: a row that did not fit on the disk must not linger in a buffer and be written later.
            self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115

    def append(self, row: Mapping[str, float]) -> None:
        """Write one row. The first row of a file decides its columns: COLUMNS, then what else the row holds.

        Raises ValueError when a column is missing or unknown.
        """
        if self.columns is None:
            _check(set(COLUMNS) - set(row), "misses")
            self.columns = COLUMNS + [name for name in row if name not in COLUMNS]
            self._write(",".join(self.columns))
        _check(set(self.columns) - set(row), "misses")
        _check(set(row) - set(self.columns), "has the unknown")
        self._write(",".join(_number(name, row[name]) for name in self.columns))

    def sync(self) -> None:
        """Wait until every row is on the disk; to be called before a checkpoint that relies on them."""
        with disk_errors(self.path):
            os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, line: str) -> None:
        rest = memoryview(line.encode() + b"\n")
        with disk_errors(self.path):
            start = os.fstat(self._file.fileno()).st_size
            try:
                while rest:
                    rest = rest[self._file.write(rest) :]
            except OSError:
                with suppress(OSError):
                    self._file.truncate(start)
                raise

    def _rewind(self, step: int) -> None:
        lines, table = _parse(self.path)
        later = table[:, 0] > step
        self.columns = lines[0].decode().split(",") if lines else None
        if later.any():
            superseded = self.path.with_name(SUPERSEDED_FILE)
            earlier = superseded.read_bytes() if superseded.exists() else lines[0] + b"\n"
            write_whole(superseded, earlier + _join(lines[1:], later))
        write_whole(self.path, b"".join(line + b"\n" for line in lines[:1]) + _join(lines[1:], ~later))


def read_history(path: Path | str) -> dict[str, NDArray[np.float64]]:
    """The columns of a history, also of one that is being written: a row torn by a crash or a race is left out.

    A missing or still empty file gives COLUMNS without values. Raises BadInput, naming the file and the line, when
    a row in the middle is damaged.
    """
    path = Path(path)
    if not path.exists():
        return {name: np.empty(0) for name in COLUMNS}
    lines, table = _parse(path)
    names = lines[0].decode().split(",") if lines else COLUMNS
    return {name: table[:, k].copy() for k, name in enumerate(names)}


def _parse(path: Path) -> tuple[list[bytes], NDArray[np.float64]]:
    """The whole lines of a history, header first, and the (rows, columns) table they hold."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: the history cannot be read ({error.strerror})") from error
    lines = content[: content.rfind(b"\n") + 1].splitlines()
    if not lines:
        return [], np.empty((0, len(COLUMNS)))
    header = lines[0].decode(errors="replace").split(",")
    if header[: len(COLUMNS)] != COLUMNS:
        raise BadInput(f"{path}: line 1 is not the header of a history")
    if len(lines) > 1 and _table(lines[-1:], len(header)) is None:
        lines.pop()  # a power cut may leave a last line that is whole in length but not in content
    table = _table(lines[1:], len(header))
    if table is None:
        wrong = next(k for k, line in enumerate(lines[1:], start=2) if _table([line], len(header)) is None)
        raise BadInput(f"{path}: line {wrong} is damaged; it should hold {len(header)} numbers")
    return lines, table


def _table(lines: list[bytes], width: int) -> NDArray[np.float64] | None:
    if not lines:
        return np.empty((0, width))
    try:
        table = np.loadtxt(io.BytesIO(b"\n".join(lines)), delimiter=",", ndmin=2, comments=None)
    except ValueError:
        return None
    return table if table.shape == (len(lines), width) else None


def _join(lines: list[bytes], keep: NDArray[np.bool_]) -> bytes:
    return b"".join(line + b"\n" for line, kept in zip(lines, keep, strict=True) if kept)


def _number(name: str, value: float) -> str:
    return str(int(value)) if name in COUNTS else repr(float(value))


def _check(names: set[str], what: str) -> None:
    if names:
        raise ValueError(f"the row of the history {what} column {', '.join(sorted(names))}")
