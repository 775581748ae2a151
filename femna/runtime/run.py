"""From a case to a finished run folder, and on from a checkpoint: what `femna run` and `femna resume` call."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from femna.case.keys import KeyProblem
from femna.case.model import Case
from femna.case.read import read_case_text
from femna.derived.parameters import derive
from femna.errors import BadInput, CannotGoOn
from femna.io import checkpoint
from femna.io.folder_lock import FolderLock
from femna.io.folder_preparation import check_folder, prepare_folder
from femna.io.formats import FORMATS, refuse_newer, stated_version
from femna.io.manifest import is_going_on, read_manifest, true_status
from femna.io.run_folder import CASE_FILE
from femna.io.stored_mesh import StoredMesh, load_mesh
from femna.linear_solvers.presets import PRESETS
from femna.mesh.grid import GlobalMesh, Grid
from femna.mesh.simplex_grid import SimplexGrid
from femna.models.registry import declared_variables
from femna.parallel import MPI, PETSc
from femna.runtime.following_mesh import FollowingMesh, follows
from femna.runtime.lifted_mesh import LiftedMesh
from femna.runtime.ranks import abort_on_error, on_every_rank, on_root
from femna.runtime.record import Record, ResumePoint
from femna.runtime.resume_point import LoopState
from femna.runtime.signals import Interrupts
from femna.runtime.simulation import Simulation
from femna.runtime.voice import Voice
from femna.validation.resumed_case import check_protocol, resumed_case
from femna.validation.warnings import case_warnings

if TYPE_CHECKING:
    from femna.mesh.stack_plan import StackMesh


def run(
    case: Case,
    directory: Path | str | None = None,
    force: bool = False,
    command: Sequence[str] = (),
    comm: MPI.Comm = MPI.COMM_WORLD,
    log_level: str = "info",
) -> Path:
    """Run a case into `directory` (default runs/<case>) and return the folder. Collective.

    log_level: what is said on the standard output, see femna.runtime.voice.
    Raises BadInput (nothing written), CannotGoOn (the last checkpoint is intact) or Interrupted.
    """
    voice = Voice(log_level, comm.rank == 0)
    target = Path(directory) if directory is not None else Path("runs") / case.name
    with abort_on_error(comm), Interrupts() as interrupts, FolderLock(target) as lock:
        on_every_rank(comm, lambda: _check_installed(case))
        follow = follows(case)
        global_mesh = on_root(comm, lambda: _prepare(case, lock, force, voice), share=False)
        interrupts.listen_again()
        with Record(comm, lock, case, list(command), voice) as record:
            for warning in case_warnings(case, derive(case)):
                record.warn(warning)
            following = FollowingMesh(comm, case) if follow else None
            record.keep_mesh(global_mesh if following is None else following.grid.global_mesh())
            grid = SimplexGrid(comm, global_mesh) if following is None else following.begin()
            simulation = Simulation(case, record, interrupts, grid, following or _lifted(case, grid))
            simulation.begin()
            record.ended = simulation.go()
        return target


def resume(
    directory: Path | str, sets: Sequence[str] = (), comm: MPI.Comm = MPI.COMM_WORLD, log_level: str = "info"
) -> Path:
    """Go on with the run in `directory` from its newest intact checkpoint, on any number of ranks. Collective.

    sets: "K=V" texts for protocol, numerics (not its mesh) and output. A finished run without any is returned as it is.
    log_level: what is said on the standard output, see femna.runtime.voice.
    Raises as `run` does.
    """
    voice = Voice(log_level, comm.rank == 0)
    target = Path(directory)
    command = ["femna", "resume", str(target), *(word for item in sets for word in ("--set", item))]
    with abort_on_error(comm), Interrupts() as interrupts, FolderLock(target) as lock:
        case, finished = on_root(comm, lambda: _reopen(lock, sets))
        if finished and not sets:
            more = "--set protocol=... gives it more to do"
            voice.say("info", f"{target}: the run is finished; nothing to resume ({more})")
            return target
        on_every_rank(comm, lambda: _check_installed(case))
        saved = on_root(comm, lambda: _load(target, case, sets), share=False)
        global_mesh, newest = saved if saved is not None else (None, None)
        scalars = comm.bcast(newest.scalars | {"step": newest.step} if newest is not None else None)
        passed_over = comm.bcast(newest.passed_over if newest is not None else None)
        resume_point = ResumePoint(scalars["step"], scalars["past"][0]["time"], scalars["wall"])
        with Record(comm, lock, case, command, voice, resume_point) as record:
            record.log(shlex.join(command))
            for reason in passed_over:
                record.warn(f"checkpoint {reason}; going on from an older one")
            following = FollowingMesh(comm, case) if follows(case) else None
            arrays = newest.arrays if newest is not None else None
            record.keep_mesh(global_mesh if following is None else following.grid.global_mesh())
            made = following.grid if following is not None else SimplexGrid(comm, global_mesh)
            motion = following or _lifted(case, made)
            grid = made if motion is None else motion.restore(arrays)
            simulation = Simulation(case, record, interrupts, grid, motion)
            simulation.restore(LoopState.of_scalars(scalars), arrays)
            record.ended = simulation.go()
        return target


def _lifted(case: Case, grid: Grid) -> LiftedMesh | None:
    """What lifts the mesh of a case, None where nothing does."""
    return LiftedMesh(case, grid) if case.is_lifted and isinstance(grid, SimplexGrid) else None


def _prepare(case: Case, lock: FolderLock, force: bool, voice: Voice) -> GlobalMesh | None:
    """The mesh, unless it follows the front, and a folder for the run; nothing is written, and no mesh is waited for,
    where there can be no run."""
    from femna.mesh.grading import SLOW_MESHING_CELLS, bearable_grading, estimate_cells
    from femna.mesh.stack import build_stack
    from femna.mesh.tree.leaf_counts import bearable_leaves

    if not force:
        check_folder(lock.directory)
    if follows(case):
        bearable_leaves(case)
        prepare_folder(lock, force)
        return None
    cells = estimate_cells(case, bearable_grading(case))
    if cells > SLOW_MESHING_CELLS:
        voice.say("info", f"making a mesh of about {cells / 1e6:.2g} million cells")
    mesh = build_stack(case)
    prepare_folder(lock, force)
    return _serial(mesh)


def _serial(mesh: StackMesh | StoredMesh) -> GlobalMesh:
    return GlobalMesh(mesh.points, mesh.cells, mesh.layer)


def _reopen(lock: FolderLock, sets: Sequence[str]) -> tuple[Case, bool]:
    """The case of a run, with `sets` over it, and whether the run is finished; held, if it is to go on.

    Raises BadInput, or CannotGoOn for a folder that cannot be written.
    """
    opened = _open_to_resume(lock.directory, sets)
    if opened[1] and not sets:
        return opened
    lock.take()
    return _open_to_resume(lock.directory, sets)  # another process may have gone on with it before


def _open_to_resume(target: Path, sets: Sequence[str]) -> tuple[Case, bool]:
    """As `_reopen`, of the folder as it is now. Raises BadInput."""
    manifest = read_manifest(target)
    if is_going_on(manifest):
        raise BadInput(f"{target}: the run in it is still going on")
    for name in FORMATS:
        refuse_newer(target, name, stated_version(manifest, name))
    return resumed_case(_case_text(target), str(target / CASE_FILE), sets), true_status(manifest) == "finished"


def _case_text(target: Path) -> str:
    try:
        return (target / CASE_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{target / CASE_FILE}: cannot be read ({error})") from error


def _load(target: Path, case: Case, sets: Sequence[str]) -> tuple[GlobalMesh, checkpoint.Checkpoint]:
    """The mesh and the newest checkpoint, from which `case` can be gone on with. Raises BadInput or CannotGoOn."""
    newest = checkpoint.load_newest(target)
    if newest.scalars.get("run") != read_manifest(target).get("id"):
        raise CannotGoOn(f"{newest.path}: was written by another run\ntry: remove it, to go on from an older one")
    path = str(target / CASE_FILE)
    check_protocol(read_case_text(_case_text(target), path), case, newest.scalars["position"], path, sets)
    return _serial(load_mesh(target)), newest


def _check_installed(case: Case) -> None:
    """Raises BadInput for a process that no package brings, and for a preset that this PETSc was built without."""
    try:
        declared_variables(case)
    except KeyProblem as problem:
        raise BadInput(f"{case.name}: {problem}") from None
    solver = case.numerics.solver
    used = {word for options in PRESETS.get(solver, {}).values() for word in options.values()}
    for package in used & {"hypre", "mumps"}:
        if not PETSc.Sys.hasExternalPackage(package):
            others = ", ".join(name for name in PRESETS if name != solver)
            raise BadInput(f"numerics.solver is '{solver}', and this PETSc has no {package}; allowed: {others}")
