"""The main loop: from a case to a finished run folder, and on from a checkpoint."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from femna.analysis.runs import CASE_FILE, Run, open_run
from femna.case import Case, load_case
from femna.errors import BadInput, CannotGoOn, FemnaError
from femna.grid import Grid, Serial
from femna.groups import derive
from femna.output import checkpoint
from femna.output.folder import prepare_folder
from femna.output.manifest import is_alive
from femna.parallel import MPI
from femna.problem import initial_fields, single_potential
from femna.solve.adapt import StepControl
from femna.solve.interrupt import Interrupts
from femna.solve.observe import Observer, Start
from femna.solve.protocol import End, Mark
from femna.solve.record import Record, on_root, restore
from femna.solve.single import SingleStepper, State, Step, SolveFailed

if TYPE_CHECKING:
    from femna.meshing.stack import StackMesh

SMALLEST_STEP = 1e-9
"""Of the first step's size: below it, a step that still fails ends the run."""
XI_SLACK = 1e-3
"""How far xi may leave [0, 1] in an accepted step."""


class Interrupted(FemnaError):
    """SIGINT or SIGTERM: the step is finished, a checkpoint written."""

    def __init__(self, number: int, directory: Path) -> None:
        self.exit_code = 128 + number
        super().__init__(f"{signal.Signals(number).name} received; go on with: femna resume {directory}")


def run(
    case: Case,
    directory: Path | str | None = None,
    force: bool = False,
    command: Sequence[str] = (),
    comm: MPI.Comm = MPI.COMM_WORLD,
) -> Run:
    """Run a case into `directory` (default runs/<case>) and return the run. Collective.

    Raises BadInput (nothing written), CannotGoOn (the last checkpoint is intact) or Interrupted.
    """
    target = Path(directory) if directory is not None else Path("runs") / case.name
    for warning in derive(case).warnings if comm.rank == 0 else ():
        print(f"warning: {warning}", flush=True)
    serial: Serial | None = on_root(comm, lambda: _prepare(case, target, force), share=False)
    simulation = Simulation(comm, case, target, list(command), serial)
    simulation.begin()
    return simulation.go()


def resume(directory: Path | str, sets: Sequence[str] = (), comm: MPI.Comm = MPI.COMM_WORLD) -> Run:
    """Go on with the run in `directory` from its newest intact checkpoint, on any number of ranks. Collective.

    sets: `--set` items for protocol, numerics and output. A finished run is returned as it is. Raises as `run` does.
    """
    target = Path(directory)
    for item in sets:
        if item.split("=")[0].split(".")[0].strip() not in ("protocol", "numerics", "output"):
            raise BadInput(f"--set {item}: a resumed run takes only keys of protocol, numerics and output")
    case, status = on_root(comm, lambda: _reopen(target, sets))
    if status == "finished" and not sets:
        if comm.rank == 0:
            print(f"{target}: the run is finished; nothing to do", flush=True)
        return open_run(target)
    saved = on_root(comm, lambda: _load(target), share=False)
    serial, kept = saved if saved is not None else (None, None)
    scalars = comm.bcast(kept.scalars | {"step": kept.step} if kept is not None else None)
    simulation = Simulation(comm, case, target, ["femna", "resume", str(target), *sets], serial, scalars["step"])
    simulation.restore(kept.arrays if kept is not None else None, scalars)
    if kept is not None:
        for reason in kept.passed_over:
            print(f"warning: checkpoint {reason}; going on from an older one", flush=True)
    return simulation.go()


def _prepare(case: Case, target: Path, force: bool) -> Serial:
    from femna.meshing.stack import build_stack

    mesh = build_stack(case)
    prepare_folder(target, force)
    return _serial(mesh)


def _serial(mesh: StackMesh | checkpoint.StoredMesh) -> Serial:
    return Serial(mesh.points, mesh.cells, mesh.layer)


def _reopen(target: Path, sets: Sequence[str]) -> tuple[Case, str]:
    earlier = open_run(target)
    if earlier.status == "running" and is_alive(earlier.manifest):
        raise BadInput(f"{target}: the run in it is still going on")
    return load_case(target / CASE_FILE, sets), earlier.status


def _load(target: Path) -> tuple[Serial, checkpoint.Checkpoint]:
    return _serial(checkpoint.load_mesh(target)), checkpoint.load_newest(target)


@dataclass
class Position:
    """Where the run stands in its protocol: index of the protocol step and the mark at which it began."""

    index: int
    begin: Mark


class Simulation:
    """A case on its grid, its files, and the loop that takes it through its protocol."""

    def __init__(
        self,
        comm: MPI.Comm,
        case: Case,
        directory: Path,
        command: list[str],
        serial: Serial | None,
        keep_until: int | None = None,
    ) -> None:
        self.comm, self.case, self.directory = comm, case, directory
        self.record = Record(comm, directory, case, command, keep_until)
        self.record.set_mesh(serial)
        self.grid = Grid(comm, serial)
        self.problem = single_potential(case, self.grid)
        self.stepper = SingleStepper(self.problem, case.numerics.solver)
        self.observer = Observer(case, self.problem)
        self.steps = case.steps()
        self.past: list[State] = []
        self.taken = 0
        self.outputs = 0
        self.last_checkpoint = self.record.wall
        self.record.log(
            f"case {case.name}: {self.grid.total} nodes, {comm.size} rank(s), protocol of {len(self.steps)} step(s)"
        )

    def begin(self) -> None:
        """The initial state, as row 0, first output and first checkpoint."""
        xi, c = initial_fields(self.case, self.grid, self.problem.phase_field.interpolation)
        self.problem.voltage = self.steps[0].value
        state = self.stepper.start(0.0, xi, c)
        self.observer.thickness(state)
        self.control = StepControl(self.case.numerics.tolerance, 0.0, self.case.numerics.dt_max)
        self._first_step(state)
        self.past = [state]
        # the Faradaic current of the start, before any step: F c_s times the rate of change of the content
        row = self.observer.row(state, 0.0, 0.0, self.stepper.faradaic_current(state) / self.observer.area)
        self.position = Position(0, _mark(row))
        self._begin_progress()
        self._row(row, newton=0, krylov=0)
        self.record.output(self.grid, state)
        self._checkpoint()

    def restore(self, arrays: Any, scalars: dict[str, Any]) -> None:
        """The state of a checkpoint: fields on rank 0 in `arrays`, the rest in `scalars` on every rank."""
        self.past = restore(self.grid, arrays, scalars["past"])
        self.taken = scalars["step"]
        self.outputs = scalars["outputs"]
        self.observer.start = Start(**scalars["start"])
        self.control = StepControl(self.case.numerics.tolerance, scalars["dt"], self.case.numerics.dt_max)
        self.control.dt = min(self.control.dt, self.control.dt_max)
        self.control.last_ratio, self.control.rejected = scalars["last_ratio"], scalars["rejected"]
        self.smallest = scalars["smallest"]
        self.position = Position(scalars["position"], Mark(**scalars["begin"]))
        if self.position.index < len(self.steps):
            self.problem.voltage = self.steps[self.position.index].value
        self._begin_progress()
        self.record.log(f"resumed at step {self.taken}, t = {self.past[0].time:.6g} s, on {self.comm.size} rank(s)")

    def go(self) -> Run:
        """Take the run to the end of its protocol. Raises CannotGoOn or Interrupted; the folder is closed either way."""
        try:
            with Interrupts() as self.interrupts:
                status, reason = self._loop()
        except Interrupted as stop:
            self.record.finish("interrupted", str(stop))
            raise
        except FemnaError as error:
            # the disk may be full: the error itself matters more than the note of it
            try:
                self.record.finish("failed", str(error))
            except FemnaError:
                pass
            raise error
        self.record.finish(status, reason)
        self.comm.barrier()
        return open_run(self.directory)

    def _loop(self) -> tuple[str, str]:
        limit = self.case.numerics.max_steps
        mark = self._current_mark()
        while self.position.index < len(self.steps):
            end = End.of(self.steps[self.position.index], self.position.begin)
            while not end.met(mark):
                if limit is not None and self.taken >= limit:
                    self._checkpoint()
                    return "interrupted", f"numerics.max_steps = {limit} reached; go on with: femna resume"
                mark = self._advance(end, mark)
                self._watch()
            self._next_protocol_step(mark)
        if self.past[0].time > self._output_time(self.outputs) + 1e-9 * self.past[0].time:
            self.record.output(self.grid, self.past[0])
        self._checkpoint()
        return "finished", f"done: t = {self.past[0].time:.6g} s after {self.taken} steps"

    def _advance(self, end: End, mark: Mark) -> Mark:
        """One accepted step, its row and, when its time has come, its output."""
        while True:
            dt = self._step_size(end, mark)
            if dt < self.smallest:
                self._checkpoint()
                raise CannotGoOn(
                    f"t = {self.past[0].time:.6g} s, step {self.taken}: no step of {dt:.2g} s or more succeeds "
                    f"({self._trouble}); the last state is kept\n"
                    "try: a smaller numerics.tolerance or numerics.cell_size, another numerics.solver, a lower voltage"
                )
            try:
                step = self.stepper.advance(self.past, dt)
                low, high = self.grid.max(-step.state.xi.min(), step.state.xi.max() - 1.0)
                if not max(low, high) <= XI_SLACK:
                    raise SolveFailed(f"xi left [0, 1] by {max(low, high):.2g}")
            except SolveFailed as failure:
                self._trouble = str(failure)
                self.record.log(f"t = {self.past[0].time:.6g} s, dt = {dt:.3g} s failed: {failure}")
                self.control.after_failure(dt)
                continue
            if not self.control.accepts(step.errors):
                worst = max(step.errors, key=lambda key: step.errors[key])
                self._trouble = f"error of {worst} {step.errors[worst]:.2g}"
                self.control.after_rejection(dt, step.errors)
                continue
            row = self.observer.row(step.state, dt, self.observer.thickness(self.past[0]))
            new_mark = _mark(row)
            shorter = end.shorter_step(mark, new_mark, dt)
            if shorter is not None:
                self.control.dt = shorter
                continue
            return self._accept(step, row, new_mark, dt)

    def _accept(self, step: Step, row: dict[str, float], mark: Mark, dt: float) -> Mark:
        self.control.after_acceptance(dt, step.errors)
        self.past = [step.state, *self.past[:2]]
        self.taken += 1
        self._row(row, step.newton, step.krylov)
        if step.state.time >= self._output_time(self.outputs + 1) * (1.0 - 1e-12):
            self.outputs += 1
            self.record.output(self.grid, step.state)
        top = self.case.front_zone_top
        if mark.height > top:
            self._checkpoint()
            raise CannotGoOn(
                f"t = {mark.time:.6g} s: the metal, now {mark.height * 1e6:.4g} um high, has left the finely meshed zone "
                f"of {top * 1e6:.4g} um; results up to here are kept\ntry: a larger geometry.front_zone or a shorter "
                "protocol"
            )
        return mark

    def _step_size(self, end: End, mark: Mark) -> float:
        remaining = self._output_time(self.outputs + 1) - mark.time
        ends_in = end.remaining_time(mark)
        return self.control.toward(remaining if ends_in is None else min(remaining, ends_in))

    def _output_time(self, index: int) -> float:
        return index * self.case.output.interval

    def _first_step(self, state: State) -> None:
        """The size of a first step without a past: small against the fastest change of xi and of c."""
        xi_rate, c_rate = self.stepper.initial_rates(state)
        small = self.case.numerics.tolerance
        self.control.dt = min(self.case.numerics.dt_max, small / max(xi_rate, 1e-300), 10.0 * small / max(c_rate, 1e-300))
        self.smallest = SMALLEST_STEP * self.control.dt

    def _next_protocol_step(self, mark: Mark) -> None:
        self.position = Position(self.position.index + 1, mark)
        if self.position.index >= len(self.steps):
            return
        step = self.steps[self.position.index]
        self.record.log(f"t = {mark.time:.6g} s: protocol step {self.position.index + 1}, {step.mode} {step.value:g}")
        if step.value != self.problem.voltage:
            # a jump: the potential is found anew, and the past says nothing about what follows
            self.problem.voltage = step.value
            now = self.past[0]
            fresh = self.stepper.start(now.time, now.xi, now.c)
            fresh.ions_in = now.ions_in
            self.past = [fresh]
            self._first_step(fresh)

    def _watch(self) -> None:
        """Answer signals and write checkpoints when due; every rank decides alike. Collective."""
        due = self.comm.rank == 0 and self.record.wall - self.last_checkpoint >= self.case.output.checkpoint_interval
        signal_number, due_now = self.grid.max(float(self.interrupts.received), float(due))
        if signal_number:
            self._checkpoint()
            raise Interrupted(int(signal_number), self.directory)
        if due_now:
            self._checkpoint()

    def _checkpoint(self) -> None:
        assert self.observer.start is not None
        self.record.checkpoint(
            self.grid,
            self.taken,
            self.past,
            {
                "outputs": self.outputs,
                "dt": self.control.dt,
                "last_ratio": self.control.last_ratio,
                "rejected": self.control.rejected,
                "smallest": self.smallest,
                "position": self.position.index,
                "begin": vars(self.position.begin),
                "start": vars(self.observer.start),
            },
        )
        self.last_checkpoint = self.record.wall

    def _row(self, row: dict[str, float], newton: int, krylov: int) -> None:
        counts = {"Nonlinear iterations [-]": float(newton), "Linear iterations [-]": float(krylov)}
        self.record.row({"Step [-]": float(self.taken)} | row | counts | {"Wall time [s]": self.record.wall})

    def _current_mark(self) -> Mark:
        state = self.past[0]
        heights, _ = self.observer.heights(state.xi)
        charge = self.observer.charge_per_metre * self.observer.thickness(state)
        return Mark(state.time, charge, max(float(heights.max(initial=0.0)), 0.0))

    def _begin_progress(self) -> None:
        durations = [step.until.value for step in self.steps if step.until.kind == "time"]
        self.record.begin_progress(sum(durations) if len(durations) == len(self.steps) else None)


def _mark(row: dict[str, float]) -> Mark:
    return Mark(row["Time [s]"], row["Charge density [C.m-2]"], row["Maximum height [m]"])
