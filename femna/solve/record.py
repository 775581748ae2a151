"""What a run writes: rank 0 keeps the files, and what goes wrong there stops every rank alike."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from femna.errors import FemnaError
from femna.grid import Grid, Serial
from femna.output import checkpoint
from femna.analysis.runs import CASE_FILE
from femna.output.atomic import disk_errors, write_whole
from femna.output.fields import FieldStore
from femna.output.history import HISTORY_FILE, History
from femna.output.manifest import Manifest, peak_memory_MB
from femna.output.progress import Progress, wants_live
from femna.parallel import MPI, PETSc
from femna.solve.single import State

if TYPE_CHECKING:
    from femna.case import Case

Array = NDArray[np.float64]
T = TypeVar("T")

LOG_FILE = "log.txt"


def on_root(comm: MPI.Comm, action: Callable[[], T], share: bool = True) -> T:
    """Result of `action`, run on rank 0 alone; its FemnaError is raised on every rank. Collective.

    share: give the result to every rank (else the others get None: for what is large and wanted on rank 0 only).
    """
    result: Any = None
    error: FemnaError | None = None
    if comm.rank == 0:
        try:
            result = action()
        except FemnaError as caught:
            error = caught
    shared, error = comm.bcast((result if share else None, error))
    if comm.rank != 0:
        result = shared
    if error is not None:
        raise error
    return result


class Record:
    """The run folder while the run goes on. Every method is collective."""

    def __init__(self, comm: MPI.Comm, directory: Path, case: Case, command: list[str], keep_until: int | None) -> None:
        self.comm, self.directory, self.case = comm, directory, case
        self.manifest: Manifest | None = None
        self.wall_before = 0.0
        self._clock = time.monotonic()
        self._root = comm.rank == 0

        def open_files() -> float:
            self.manifest = Manifest(directory)
            wall = float(self.manifest.data.get("wall_s") or 0.0)
            self.manifest.start(
                case=case.name,
                model=case.model,
                ranks=comm.size,
                command=command,
                versions={"PETSc": ".".join(map(str, PETSc.Sys.getVersion())), "MPI": MPI.Get_library_version()[:60]},
            )
            with disk_errors(directory / LOG_FILE):
                self._log = open(directory / LOG_FILE, "a", buffering=1, encoding="utf-8")  # noqa: SIM115
            if keep_until is None:
                write_whole(directory / CASE_FILE, case.to_toml().encode())
            self.history = History(directory / HISTORY_FILE, keep_until)
            return wall

        self.wall_before = on_root(comm, open_files)

    def set_mesh(self, serial: Serial | None) -> None:
        """Open the field store on the run's mesh (given on rank 0) and keep the mesh for a resume."""

        def store() -> None:
            assert serial is not None
            checkpoint.save_mesh(self.directory, serial.points, serial.cells, serial.layer)
            self.fields = FieldStore(self.directory, serial.points, serial.cells, serial.layer)

        on_root(self.comm, store)

    def begin_progress(self, total_time: float | None) -> None:
        if self._root:
            self.progress = Progress(total_time, wants_live(sys.stdout, self.comm.size), sys.stdout)

    @property
    def wall(self) -> float:
        """Wall time of the run so far, through every session, s."""
        return self.wall_before + time.monotonic() - self._clock

    def log(self, text: str) -> None:
        """A line for log.txt; rank 0 writes it."""

        def write() -> None:
            with disk_errors(self.directory / LOG_FILE):
                self._log.write(f"{self.wall:10.1f} s  {text}\n")

        on_root(self.comm, write)

    def row(self, row: dict[str, float]) -> None:
        """Append a row of the history and show the progress."""

        def write() -> None:
            self.history.append(row)
            self.progress.step(
                row["Time [s]"],
                row["Time step [s]"],
                row["Maximum height [m]"],
                row["Current density [A.m-2]"],
                self.wall,
            )

        on_root(self.comm, write)

    def output(self, grid: Grid, state: State) -> None:
        """Store the fields of a state."""
        wanted = self.case.output.fields
        data = {"xi": state.xi, "c": state.c * self.case.salt_concentration, "phi": state.phi}
        whole = {key: grid.gather(values) for key, values in data.items() if not wanted or key in wanted}

        def write() -> None:
            self.fields.write(self.fields.next_index(state.time), state.time, whole)

        on_root(self.comm, write)

    def checkpoint(self, grid: Grid, step: int, past: list[State], scalars: dict[str, Any]) -> None:
        """Store up to three states and the scalars that the run goes on from."""
        arrays = {f"{key}{k}": grid.gather(getattr(state, key)) for k, state in enumerate(past) for key in STORED}
        scalars = scalars | {"past": [{key: getattr(state, key) for key in CARRIED} for state in past]}
        peaks = self.comm.gather(peak_memory_MB())

        def write() -> None:
            assert self.manifest is not None
            self.history.sync()
            checkpoint.save(self.directory, step, {k: a for k, a in arrays.items() if a is not None}, scalars)
            self.manifest.update(
                steps=step,
                rejected_steps=scalars["rejected"],
                nodes=grid.total,
                time_s=past[0].time,
                peak_memory_MB=peaks,
            )

        on_root(self.comm, write)

    def finish(self, status: Any, reason: str) -> None:
        """Close the files; the manifest gets the status and why."""
        self.log(f"{status}: {reason}")

        def close() -> None:
            assert self.manifest is not None
            self.manifest.finish(status, reason=reason)
            self.history.close()
            self._log.close()
            if hasattr(self, "progress"):
                self.progress.close(reason)

        on_root(self.comm, close)


STORED = ("xi", "c", "phi", "content")
CARRIED = ("time", "ions_in", "collector_current", "counter_current")


def restore(grid: Grid, arrays: dict[str, Array] | None, past: list[dict[str, float]]) -> list[State]:
    """The states of a checkpoint, distributed over the ranks; `arrays` is given on rank 0. Collective."""
    states = []
    for k, carried in enumerate(past):
        fields = {key: grid.scatter(arrays[f"{key}{k}"] if arrays is not None else None) for key in STORED}
        states.append(State(**fields, **carried))
    return states
