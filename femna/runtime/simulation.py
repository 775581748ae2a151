"""A case on its grid and the loop that takes it through its protocol, one accepted step after the other."""

from __future__ import annotations

import math
import shlex
import sys
from collections.abc import Callable
from dataclasses import asdict, replace

from femna.case.model import Case
from femna.circuit.cell_ends import CellEnd, CellEndMonitor
from femna.circuit.control_laws import control_law
from femna.circuit.model_limits import beyond_the_model, thin_layer_warning
from femna.circuit.termination import CLOSENESS, ProtocolPosition, Termination
from femna.contract.cell_state import CellState
from femna.contract.diagnostic import Amounts, CumulativeTotals
from femna.contract.state import Array, State
from femna.contract.step import AttemptedStep
from femna.diagnostics.observer import Observer, StartingAmounts
from femna.errors import CannotGoOn
from femna.io.manifest import Status
from femna.linear_solvers.krylov import SolveFailed
from femna.mesh.grid import Grid
from femna.models.registry import declared_variables
from femna.runtime.advice import no_step_succeeds
from femna.runtime.agreement import on_all
from femna.runtime.checkpoint_clock import CheckpointClock
from femna.runtime.mesh_motion import MeshMotion
from femna.runtime.record import Record
from femna.runtime.resume_point import LoopState, restored_states
from femna.runtime.signals import Interrupted, Interrupts
from femna.runtime.state_checks import check_state
from femna.timestepping.step_control import StepControl
from femna.timestepping.steppers import build_stepper

LEAST_STEP_SHARE = 1e-9
"""Of the first step's size: when a step that failed would have to be smaller, the run ends."""

LARGEST_FIRST_STEP = 1.0
"""First step (s) of a cell in which next to nothing happens."""

TIME_ROUNDING = 16.0 * sys.float_info.epsilon
"""What a simulated time is good to, relative to itself."""

STRAIGHT_CUTS = 3
"""Overshot steps in a row that are cut by a straight line through their ends."""


class StepGivenUp(Exception):
    """A signal does not let the step in hand be finished."""


class Simulation:
    """A case on its grid, its files, and the loop that takes it through its protocol. Every method is collective.

    Args:
        case: the case.
        record: its run folder.
        interrupts: signals.
        grid: the mesh.
        motion: what changes it as metal grows; None for a mesh that stays as it is.

    Raises:
        BadInput: the case cannot be run.
    """

    def __init__(
        self, case: Case, record: Record, interrupts: Interrupts, grid: Grid, motion: MeshMotion | None = None
    ) -> None:
        self.case, self.record, self.interrupts, self.motion = case, record, interrupts, motion
        self.variables = declared_variables(case)
        self._set_grid(grid)
        fields = [variable.field for variable in self.variables if variable.is_output]
        record.open_history(self.observer.columns(), fields)
        self.steps = case.steps()
        numerics, order, growth = case.numerics, self.stepper.order, self.stepper.steady_growth
        self.control = StepControl(numerics.tolerance, 0.0, numerics.dt_max, order=order, steady_growth=growth)
        self.past: list[State] = []
        self.taken, self.smallest, self.elapsed = 0, 0.0, 0.0
        self.totals = CumulativeTotals()
        self.checkpoints = CheckpointClock(case.output.checkpoint_interval, record.wall)
        self._in_step, self._warned = False, False
        size = f"{grid.total} nodes, {grid.comm.size} rank{'s' * (grid.comm.size > 1)}"
        record.log(f"case {case.name}: {size}, protocol of {len(self.steps)} step{'s' * (len(self.steps) > 1)}")

    def _set_grid(self, grid: Grid, start: StartingAmounts | None = None) -> None:
        """The model, its solvers and what measures it on a grid; `start`: what rows are counted from."""
        self.grid = grid
        self.stepper = build_stepper(self.case, grid)
        self.model = self.stepper.model
        self.stepper.pause = self.pause
        self.observer = Observer(self.case, self.model, start)
        self.ends = CellEndMonitor(self.case, self.model) if self.model.is_charge_consistent else None
        self.record.set_grid(grid)

    def _move_mesh(self) -> None:
        """Change the mesh where it no longer serves, and go on from the same states there."""
        if self.motion is None or (grid := self.motion.after_step(self.past[0])) is None:
            return
        old, control, start = self.model, self.stepper.control, self.observer.start
        del self.stepper, self.observer, self.ends  # their matrices
        self._set_grid(grid, start)
        self.stepper.set_control(control)
        self.past = self.motion.carried_over(old, self.model, self.past)
        self.record.log(f"t = {self.past[0].time:.6g} s: {self.motion.told(old.grid)}")

    def begin(self) -> None:
        """The initial state, as row 0, first output and first checkpoint. Raises CannotGoOn."""
        fields = self.model.initial_fields(self.variables)
        self.position = ProtocolPosition(0, CellState(0.0, 0.0, 0.0))
        self._set_control(0.0)
        state = self._consistent(lambda: self.stepper.start(0.0, fields), 0.0)
        self.past = [state]
        self.position = ProtocolPosition(0, self.observer.cell_state(state, 0.0))
        self._begin_progress()
        # before any step, the current is F c_s times the rate at which the metal is about to grow
        current = self.stepper.deposition_current(state) / self.model.area
        observation = self.observer.observe(state, 0.0, self.observer.amounts(state), self.totals, faradaic=current)
        self._row(self.observer.row(observation), newton=0, krylov=0)
        self._output(state)
        self._checkpoint()

    def restore(self, loop: LoopState, arrays: dict[str, Array] | None) -> None:
        """Go on from a checkpoint.

        The protocol may have changed since: the step in hand goes on with its new voltage to its new end.

        Args:
            loop: what the checkpoint says of the loop, on every rank.
            arrays: its fields, on rank 0.

        Raises:
            CannotGoOn: no potentials can be found for a changed control.
        """
        self.past = restored_states(self.model, self.variables, loop, arrays)
        self.taken, self.totals = loop.step, loop.totals
        self.observer.start = loop.start
        self.control.dt = min(loop.dt, self.control.dt_max)
        self.control.last_ratio, self.control.rejected = loop.last_ratio, loop.rejected
        self.smallest = loop.smallest
        self.position = ProtocolPosition(loop.position, loop.begin)
        self.elapsed = loop.elapsed
        self.stepper.set_control(loop.control)
        if self.position.index < len(self.steps):
            self._begin_control()
        self._begin_progress()
        self.record.log(f"resumed at step {self.taken}, t = {self.past[0].time:.6g} s")

    def go(self) -> tuple[Status, str]:
        """Take the run to the end of its protocol, or of numerics.max_steps: the status and what to say of it.

        Raises CannotGoOn or Interrupted; the last state is in a checkpoint then too.
        """
        limit = self.case.numerics.max_steps
        mark = self.observer.cell_state(self.past[0], self.elapsed)
        while self.position.index < len(self.steps):
            end = Termination.of(self.steps[self.position.index], self.position.begin)
            while True:
                over = self._cell_ends(mark)
                if over is not None:
                    self.record.numbers |= over.numbers
                    self._leave_off()
                    return "finished", over.reason
                if end.met(mark):
                    break
                self._answer_signals()
                self._still_sensible(mark)
                if self.taken >= limit:
                    self._leave_off()
                    more = f"femna resume {shlex.quote(str(self.record.directory))} --set numerics.max_steps=N"
                    return "interrupted", f"numerics.max_steps = {limit} reached; go on with: {more}"
                mark = self._advance(end, mark)
                self._checkpoint_when_due()
            if self.position.index + 1 == len(self.steps):
                break
            self._next_protocol_step(mark)
            mark = self.position.begin
        self._leave_off()
        return "finished", f"done: t = {self.past[0].time:.6g} s after {self.taken} steps"

    def pause(self) -> None:
        """To be called between the solves of a step: gives up a step that a signal cannot wait for. Raises
        StepGivenUp."""
        if self._in_step and self.grid.max(float(self.interrupts.overdue()))[0] > 0.0:
            raise StepGivenUp

    def _advance(self, end: Termination, mark: CellState) -> CellState:
        """One accepted step, its row and, when its time has come, its output."""
        overshot, beyond = 0, None
        while True:
            dt = self._step_size(end, mark)
            try:
                step = self._attempt(dt)
                check_state(self.grid, self.variables, step.state)
            except SolveFailed as failure:
                self.control.after_failure(dt)
                self._try_again(dt, str(failure))
                continue
            except StepGivenUp:
                self._answer_signals()
                continue
            if not self.control.accepts(step.errors):
                worst = max(step.errors, key=lambda key: step.errors[key])
                self.control.after_rejection(dt, step.errors)
                self._try_again(dt, f"error of {worst} {step.errors[worst]:.2g}", quiet=True)
                continue
            old, new = self.observer.amounts(self.past[0]), self.observer.amounts(step.state)
            totals = self.totals.after(old, new)
            row = self.observer.row(self.observer.observe(step.state, dt, old, totals))
            new_mark = CellState.of_row(row, mark.elapsed + dt)
            shorter = end.shorter_step(mark, new_mark, dt)
            if self.ends is not None:
                shorter = self.ends.shorter_step(self.past[0], step.state, dt, shorter)
            if shorter is not None and shorter > self._least_step():
                # where the height jumps a straight line towards the end says nothing, and halves find it
                overshot, beyond = overshot + 1, (dt, new_mark)
                self.control.dt = shorter if overshot <= STRAIGHT_CUTS else min(shorter, 0.5 * dt)
                continue
            longer = end.longer_step(new_mark, dt, beyond)
            if longer is not None and overshot <= STRAIGHT_CUTS:
                overshot += 1
                self.control.dt = longer
                continue
            self._warn_of_a_thin_layer(step.state.time, new)
            self.totals = totals
            self.elapsed = new_mark.elapsed
            self._accept(step, row, dt)
            self._move_mesh()
            return new_mark

    def _attempt(self, dt: float) -> AttemptedStep:
        if not self.law.is_constant:
            self._set_control(self.elapsed + dt)
        self._in_step = True
        try:
            return self._on_all(lambda: self.stepper.advance(self.past, dt))
        finally:
            self._in_step = False

    def _on_all[T](self, solve: Callable[[], T]) -> T:
        """What a solve gives, where it fails on no rank. Raises SolveFailed and FailedAlone."""
        time = self.past[0].time if self.past else 0.0
        return on_all(self.grid.comm, solve, f"t = {time:.6g} s, step {self.taken}")

    def _accept(self, step: AttemptedStep, row: dict[str, float], dt: float) -> None:
        self.interrupts.postpone()  # the first step compiles, and what it goes on from is in a checkpoint already
        before = self.past[0].time
        self.control.after_acceptance(dt, step.errors)
        self.past = [step.state, *self.past[:2]]
        self.taken += 1
        self._row(row, step.newton, step.krylov)
        if self._outputs_until(step.state.time) > self._outputs_until(before):
            self._output(step.state)

    def _try_again(self, dt: float, trouble: str, quiet: bool = False) -> None:
        """Note why a step of size dt did not stand; raises CannotGoOn when there is no smaller one to try."""
        time = self.past[0].time
        self.record.numbers["rejected_steps"] = self.control.rejected
        if not quiet:
            self.record.log(f"t = {time:.6g} s, dt = {dt:.3g} s failed: {trouble}")
        if self.control.dt < self._least_step():
            self._leave_off()
            where = f"t = {time:.6g} s, step {self.taken}: no step of {dt:.2g} s"
            raise no_step_succeeds(self.case, where, trouble, quiet, self._lower_drive(", "))

    def _lower_drive(self, before: str) -> str:
        """What else to try in the protocol step in hand, if it drives the cell."""
        mode = self.steps[min(self.position.index, len(self.steps) - 1)].mode
        return f"{before}a lower {mode}" if mode in ("voltage", "current") else ""

    def _cell_ends(self, mark: CellState) -> CellEnd | None:
        return None if self.ends is None else self.ends.met(self.past[0], mark, self.stepper.control.value)

    def _warn_of_a_thin_layer(self, time: float, amounts: Amounts) -> None:
        if not self._warned and self.model.is_charge_consistent:
            warning = thin_layer_warning(self.case, amounts.thickness - amounts.above)
            if warning is not None:
                self._warned = True
                self.record.warn(f"t = {time:.6g} s: {warning}")

    def _least_step(self) -> float:
        # the time must go on
        return max(self.smallest, TIME_ROUNDING * self.past[0].time)

    def _still_sensible(self, mark: CellState) -> None:
        """Raises CannotGoOn, the last state kept, for a cell in which further steps mean nothing."""
        trouble = beyond_the_model(self.case, mark, self.position.index, self.steps[self.position.index])
        if trouble is None and self.motion is not None:
            trouble = self.motion.at_its_end(self.past[0])
        if trouble is not None:
            self._leave_off()
            raise CannotGoOn(f"t = {mark.time:.6g} s: {trouble}")

    def _step_size(self, end: Termination, mark: CellState) -> float:
        interval = self.case.output.interval
        # an interval may be infinite, and infinity times zero is no number
        output_in = interval * (self._outputs_until(mark.time) + 1) - mark.time
        ends_in = end.remaining_time(mark)
        # where both are at one time, that of the end is the exact one
        meets_both = ends_in is not None and abs(output_in - ends_in) <= TIME_ROUNDING * mark.time
        dt = self.control.toward(output_in if ends_in is None else ends_in if meets_both else min(output_in, ends_in))
        return min([dt, *(process.time_step_limit(self.past[0]) for process in self.model.processes)])

    def _outputs_until(self, time: float) -> int:
        """How many output times after the start lie at or before `time`, up to closeness and rounding."""
        return math.floor(time / self.case.output.interval * (1.0 + TIME_ROUNDING) + CLOSENESS)

    def _consistent(self, make: Callable[[], State], time: float) -> State:
        """A state without a past, its potentials found anew, and the size of the step that follows."""
        try:
            state = self._on_all(make)
            check_state(self.grid, self.variables, state)
        except SolveFailed as failure:
            step = self.steps[min(self.position.index, len(self.steps) - 1)] if self.past else self.steps[0]
            asked = {"voltage": f"{step.value:g} V", "current": f"{step.value:g} A/m^2"}.get(step.mode, step.mode)
            raise CannotGoOn(
                f"t = {time:.6g} s: no potential can be found at {asked} ({failure})\n"
                f"try: another numerics.solver{self._lower_drive(' or ')}"
            ) from failure
        rates = self.stepper.change_rates(state)
        small = self.case.numerics.tolerance
        # small against the fastest change of xi and of c; a cell at rest has none
        sizes = [self.case.numerics.dt_max, self.case.output.interval, LARGEST_FIRST_STEP]
        sizes += [share / rate for share, rate in ((small, rates.front), (10.0 * small, rates.contents)) if rate > 0.0]
        self.control.dt, self.control.last_ratio = min(sizes), 1.0
        self.smallest = LEAST_STEP_SHARE * self.control.dt
        return state

    def _next_protocol_step(self, mark: CellState) -> None:
        self.position = ProtocolPosition(self.position.index + 1, replace(mark, elapsed=0.0))
        self.elapsed = 0.0
        step = self.steps[self.position.index]
        self.record.log(f"t = {mark.time:.6g} s: protocol step {self.position.index + 1}, {step.mode} {step.value:g}")
        self._output(self.past[0])
        self._begin_control()
        # the voltage that it begins with is that of its own current
        self.position = ProtocolPosition(
            self.position.index, replace(self.position.begin, voltage=self.past[0].voltage)
        )

    def _set_control(self, elapsed: float) -> bool:
        """Let the circuit hold what the protocol step in hand asks for after so long (s); whether that is new."""
        self.law = control_law(self.steps[self.position.index], self.position.begin)
        return self.stepper.set_control(self.law.control(elapsed))

    def _begin_control(self) -> None:
        """A jump: the potentials are found anew, and the past says nothing about what follows."""
        now = self.past[0]
        if self._set_control(self.elapsed):
            self.past = [self._consistent(lambda: self.stepper.reinitialise_potentials(now), now.time)]

    def _output(self, state: State) -> None:
        self.record.output(self.grid, state.time, self.stepper.output_fields(state))

    def _answer_signals(self) -> None:
        """After a signal to any rank: a checkpoint, the last state as an output, and Interrupted on every rank."""
        number = int(self.grid.max(float(self.interrupts.received))[0])
        if number:
            self._leave_off()
            raise Interrupted.in_run(number, self.record.directory)

    def _checkpoint_when_due(self) -> None:
        # the clocks of the ranks differ: rank 0's counts
        if self.grid.comm.bcast(self.checkpoints.is_due(self.record.wall)):
            self._checkpoint()

    def _leave_off(self) -> None:
        """Keep the last state, to go on from (first, as it may be urgent) and to look at."""
        self._checkpoint()
        self._output(self.past[0])

    def _checkpoint(self) -> None:
        assert self.observer.start is not None
        loop = LoopState(
            step=self.taken,
            dt=self.control.dt,
            last_ratio=self.control.last_ratio,
            rejected=self.control.rejected,
            smallest=self.smallest,
            position=self.position.index,
            begin=self.position.begin,
            elapsed=self.elapsed,
            control=self.stepper.control,
            start=self.observer.start,
            totals=self.totals,
            past=[state.all_scalars() for state in self.past],
        )
        begin, more = self.record.wall, {} if self.motion is None else self.motion.stored()
        self.record.checkpoint(self.grid, self.taken, self.past, asdict(loop), more)
        self.checkpoints.stored(begin, self.record.wall)
        self.record.numbers["checkpoint_s"] = self.checkpoints.total

    def _row(self, row: dict[str, float], newton: int, krylov: int) -> None:
        counts = {"Nonlinear iterations [-]": float(newton), "Linear iterations [-]": float(krylov)}
        whole = {"Step [-]": float(self.taken)} | row | counts | {"Wall time [s]": self.record.wall}
        self.record.row(whole, self.control.rejected)

    def _begin_progress(self) -> None:
        self.record.begin_progress(math.fsum(step.duration for step in self.steps))
