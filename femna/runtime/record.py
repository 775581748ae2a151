"""What a run writes: rank 0 keeps the files, and what goes wrong there stops every rank alike."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from femna.columns import Column
from femna.contract.state import State
from femna.errors import FemnaError
from femna.fields import Field
from femna.io import checkpoint
from femna.io.atomic_files import append_whole, disk_errors, write_whole
from femna.io.field_store import MATERIAL, SERIES_FILE, TIME_ROUNDING, FieldStore, list_outputs
from femna.io.folder_lock import FolderLock
from femna.io.history import History
from femna.io.host import peak_memory_MB
from femna.io.manifest import Manifest, Status
from femna.io.progress import Progress, wants_live
from femna.io.run_folder import CASE_FILE, FIELDS_FOLDER, HISTORY_FILE, LOG_FILE
from femna.io.stored_mesh import save_mesh
from femna.mesh.grid import GlobalMesh, Grid
from femna.models.registry import declared_variables
from femna.parallel import MPI, PETSc
from femna.runtime.ranks import on_root
from femna.runtime.signals import Interrupted
from femna.runtime.voice import Voice

if TYPE_CHECKING:
    from femna.case import Case

Array = NDArray[np.float64]

RUN_COLUMNS = (
    Column("Step [-]", "Accepted steps; 0 is the initial state", is_count=True),
    Column("Nonlinear iterations [-]", "In the step, all systems together", is_count=True),
    Column("Linear iterations [-]", "Of the Krylov solvers in the step", is_count=True),
    Column("Wall time [s]", "Since the start of the run, through every resume"),
)
"""What the loop itself adds to a row."""


@dataclass(frozen=True)
class ResumePoint:
    """Up to where a resumed run keeps what is there: accepted steps, simulated time and wall time (s)."""

    step: int
    time: float
    wall: float


class Record:
    """The run folder while the run goes on. Every method is collective.

    Left as a context it writes how the run ended: `ended` (status and reason) when nothing was raised.
    """

    def __init__(
        self,
        comm: MPI.Comm,
        lock: FolderLock,
        case: Case,
        command: list[str],
        voice: Voice,
        resume_point: ResumePoint | None = None,
    ) -> None:
        self.comm, self.case, self.voice, self._lock = comm, case, voice, lock
        self.directory = directory = lock.directory
        self.ended: tuple[Status, str] | None = None
        self.numbers: dict[str, Any] = {}
        self._clock, self._wall_before = time.monotonic(), 0.0
        self._root = comm.rank == 0
        self._manifest: Manifest | None = None
        self._history: History | None = None
        self._log: FileIO | None = None
        self._fields: FieldStore | None = None
        self._stored_on: Grid | None = None
        self._progress: Progress | None = None
        self._resume_point = resume_point
        self.columns: list[Column] = []

        def open_files() -> float:
            self._manifest = manifest = Manifest(directory)
            wall = float(manifest.data.get("wall_s") or 0.0)
            # by which a checkpoint is known as this run's, also where another has the same mesh
            self._id = manifest.data.get("id") or uuid.uuid4().hex
            manifest.start(
                id=self._id,
                case=case.name,
                model=case.model,
                ranks=comm.size,
                command=command,
                versions={"PETSc": ".".join(map(str, PETSc.Sys.getVersion())), "MPI": _mpi_library()},
            )
            with disk_errors(directory / LOG_FILE):
                # unbuffered: what does not fit on the disk must not linger and be written later
                self._log = open(directory / LOG_FILE, "ab", buffering=0)  # noqa: SIM115
            _write_case(directory / CASE_FILE, case)
            if resume_point is None:
                return wall
            _set_aside(directory, resume_point.time)
            return max(wall, resume_point.wall)

        try:
            self._wall_before = on_root(comm, open_files)
        except FemnaError as error:
            self._note(error)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            assert self.ended is not None
            self._finish(*self.ended)
        elif isinstance(error, FemnaError) and not error.alone:
            # the disk may be full: the error itself matters more than the note of it
            with suppress(FemnaError):
                self._finish("interrupted" if isinstance(error, Interrupted) else "failed", str(error), is_raised=True)
        else:
            self._note(error)

    def open_history(self, columns: Sequence[Column], fields: Sequence[Field]) -> None:
        """Open the history with the columns of the diagnostics and those of the loop; declare them and the fields."""
        first, *rest = RUN_COLUMNS
        self.columns = [first, *columns, *rest]
        keep = None if self._resume_point is None else self._resume_point.step
        wanted = self.case.output.fields
        stored = [*(field for field in fields if not wanted or field.key in wanted), MATERIAL]

        def open_file() -> None:
            assert self._manifest is not None
            self._history = History(self.directory / HISTORY_FILE, self.columns, keep)
            self._manifest.data["history"] = self._history.seal.as_json()
            self._manifest.declare(stored, self.columns)

        on_root(self.comm, open_file)

    def keep_mesh(self, global_mesh: GlobalMesh | None) -> None:
        """Keep the run's mesh, or its bricks, for a resume (given on rank 0)."""

        def store() -> None:
            assert global_mesh is not None
            save_mesh(self.directory, global_mesh.points, global_mesh.cells, global_mesh.layer)

        on_root(self.comm, store)

    def set_grid(self, grid: Grid) -> None:
        """Store outputs on this grid from now on."""
        self._stored_on = None
        self.numbers["nodes"] = grid.total

    def _store_mesh(self, grid: Grid) -> None:
        """The mesh of the outputs that follow, unless it is stored."""
        if self._stored_on is grid:
            return
        self._stored_on, mesh = grid, grid.stored_mesh()

        def store() -> None:
            assert mesh is not None
            if self._fields is None:
                changes = grid.lattice is not None
                self._fields = FieldStore(self.directory, mesh.points, mesh.cells, mesh.layer, changes)
            else:
                self._fields.change_mesh(mesh.points, mesh.cells, mesh.layer)
            self.numbers["cells"] = len(mesh.cells)

        on_root(self.comm, store)

    def begin_progress(self, total_time: float) -> None:
        """Show the progress towards a simulated time (s), infinite where it is not known."""
        if self.voice.says("info"):
            self._progress = Progress(total_time, wants_live(sys.stdout, self.comm.size), sys.stdout)

    @property
    def wall(self) -> float:
        """Wall time of the run so far, through every session, s."""
        return self._wall_before + time.monotonic() - self._clock

    def log(self, text: str) -> None:
        """Write a line to log.txt."""
        self.voice.say("debug", text)
        on_root(self.comm, lambda: self._write_log(text))

    def warn(self, text: str) -> None:
        """Print a warning, once, and write it to log.txt."""
        self.voice.say("warning", f"warning: {text}")
        on_root(self.comm, lambda: self._write_log(f"warning: {text}"))

    def row(self, row: dict[str, float], rejected: int) -> None:
        """Append a row of the history and show the progress; `rejected`: steps that did not stand so far."""

        def write() -> None:
            assert self._history is not None
            self._lock.check()
            self._history.append(row)
            self.numbers |= {"steps": int(row["Step [-]"]), "time_s": row["Time [s]"], "rejected_steps": rejected}
            if self._progress is not None:
                height, current = row["Maximum height [m]"], row["Current density [A.m-2]"]
                self._progress.step(row["Time [s]"], row["Time step [s]"], height, current, self.wall)

        on_root(self.comm, write)

    def output(self, grid: Grid, time: float, fields: dict[str, Array]) -> None:
        """Store the fields of a time (SI), unless there are some already."""
        self._store_mesh(grid)
        wanted = self.case.output.fields
        gathered = {key: grid.gather(values) for key, values in fields.items() if not wanted or key in wanted}

        def write() -> None:
            assert self._fields is not None
            self._lock.check()
            whole = {key: array for key, array in gathered.items() if array is not None}
            self._fields.write(self._fields.next_index(time), time, whole)

        on_root(self.comm, write)

    def checkpoint(
        self, grid: Grid, step: int, past: Sequence[State], scalars: dict[str, Any], more: Mapping[str, Any]
    ) -> None:
        """Store up to three states, the scalars that the run goes on from and more arrays, the same on every rank, and
        bring the manifest up to date."""
        of_cells = {variable.name for variable in declared_variables(self.case) if variable.cell_values}
        arrays = {
            f"{key}{k}": (grid.gather_cells if key in of_cells else grid.gather)(state[key])
            for k, state in enumerate(past)
            for key in state.fields
        }
        peaks = self.comm.gather(peak_memory_MB())

        def write() -> None:
            assert self._manifest is not None
            assert self._history is not None
            self._lock.check()
            self._history.sync()
            known = {key: array for key, array in arrays.items() if array is not None}
            checkpoint.save(self.directory, step, {**known, **more}, scalars | {"wall": self.wall, "run": self._id})
            self._manifest.update(**self.numbers, history=self._history.seal.as_json(), peak_memory_MB=peaks)

        on_root(self.comm, write)

    def _finish(self, status: Status, reason: str, is_raised: bool = False) -> None:
        peaks = self.comm.gather(peak_memory_MB())

        def close() -> None:
            assert self._manifest is not None
            assert self._log is not None
            if self._progress is not None:
                self._progress.close()
            if not is_raised:
                self.voice.say("info", reason)
            try:
                self._write_log(f"{status}: {reason}")
                if self._history is not None:
                    self._history.sync()
            finally:
                if self._history is not None:
                    self._history.close()
                self._log.close()
                seal = {} if self._history is None else {"history": self._history.seal.as_json()}
                self._lock.check()
                self._manifest.finish(status, reason=reason, **self.numbers, **seal, peak_memory_MB=peaks)

        on_root(self.comm, close)

    def _note(self, error: BaseException) -> None:
        """Note an error that the other ranks may know nothing of, as far as this rank can by itself. Not collective."""
        status: Status = "interrupted" if isinstance(error, Interrupted | KeyboardInterrupt) else "failed"
        reason = str(error) if isinstance(error, FemnaError) else f"{type(error).__name__}: {error}"
        with suppress(FemnaError, OSError):
            if self._progress is not None:
                self._progress.close()
            if not self.directory.is_dir():
                return
            self._lock.check()
            manifest = self._manifest or Manifest(self.directory)
            manifest.finish(status, reason=reason, **self.numbers)
            self._write_log(f"{status}: {reason}")

    def _write_log(self, text: str) -> None:
        if self._log is not None:
            with disk_errors(self.directory / LOG_FILE):
                append_whole(self._log, f"{self.wall:10.1f} s  {text}\n".encode(errors="backslashreplace"))


def _mpi_library() -> str:
    return " ".join(MPI.Get_library_version().split("\n")[0].split()).rstrip("\x00")


def _write_case(path: Path, case: Case) -> None:
    """The resolved copy; a run resumed with other settings goes on with them at the next resume too."""
    text = case.to_toml().encode()
    if not (path.exists() and path.read_bytes() == text):
        write_whole(path, text)


def _set_aside(directory: Path, time: float) -> None:
    """Rename the outputs of later times than that of the checkpoint: what follows it may come out differently."""
    later = [path for stored, path in list_outputs(directory) if stored > time * (1.0 + TIME_ROUNDING)]
    with disk_errors(directory / FIELDS_FOLDER):
        for path in later:
            number = 1
            while (aside := path.with_name(f"{path.stem}-superseded-{number}{path.suffix}")).exists():
                number += 1
            path.rename(aside)
        if later:
            # it names them; the next output writes it anew
            (directory / FIELDS_FOLDER / SERIES_FILE).unlink(missing_ok=True)
