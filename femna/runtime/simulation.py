"""A case on its grid and the loop that takes it through its protocol, one accepted step after the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from femna.case import Case, ProtocolStep
from femna.circuit.cell_ends import CellEnds, Ending
from femna.circuit.termination import CLOSENESS, CellState, End, Position
from femna.diagnostics.observer import CumulativeTotals, Observer, Start
from femna.errors import CannotGoOn
from femna.io.manifest import Status
from femna.linear_solvers.krylov import SolveFailed
from femna.mesh.grid import GlobalMesh, Grid
from femna.models.cell import initial_metal_and_ions, two_potential
from femna.models.single_potential import SinglePotential, initial_fields, single_potential
from femna.models.two_potential import TwoPotential
from femna.parallel import MPI
from femna.runtime.record import Record, restore
from femna.runtime.signals import Interrupted, Interrupts
from femna.timestepping import lagged_front as two
from femna.timestepping import staggered as single
from femna.timestepping.step import Step
from femna.timestepping.step_control import StepControl

SMALLEST_STEP = 1e-9
"""Of the first step's size: when a step that failed would have to be smaller, the run ends."""
LONGEST_FIRST = 1.0
"""Largest first step (s), of a cell in which next to nothing happens."""
STRAIGHT = 3
"""Overshot steps in a row that are cut by a straight line through their ends."""
XI_SLACK = 1e-3
"""How far xi may leave [0, 1] in an accepted step."""
STRIP = 0.3
"""Deposit below a layer, over the layer's thickness, from which on a fixed strip misleads."""
ROUNDING = 1e-8
"""Tolerance below which what the linear solves leave (1e-9) counts as an error of the step."""
ETERNITY = 1e12
"""Simulated time (s) after which an end that is no duration is given up."""


State = single.State | two.State


class GivenUp(Exception):
    """A signal does not let the step in hand be finished."""


class Simulation:
    """A case on its grid, its files, and the loop that takes it through its protocol. Every method is collective."""

    def __init__(
        self, comm: MPI.Comm, case: Case, record: Record, interrupts: Interrupts, global_mesh: GlobalMesh | None
    ) -> None:
        self.case, self.record, self.interrupts = case, record, interrupts
        record.set_mesh(global_mesh)
        self.grid = Grid(comm, global_mesh)
        self.problem: SinglePotential | TwoPotential
        self.stepper: Any
        self.kind: type[State]
        if case.model == "two_potential":
            self.problem, self.kind = two_potential(case, self.grid), two.State
            self.stepper = two.TwoStepper(self.problem, case.numerics.solver, case.numerics.tolerance)
        else:
            self.problem, self.kind = single_potential(case, self.grid), single.State
            self.stepper = single.SingleStepper(self.problem, case.numerics.solver, case.numerics.tolerance)
        self.stepper.pause = self.pause
        self.observer = Observer(case, self.problem)
        self.ends: CellEnds | None = None
        if isinstance(self.problem, TwoPotential):
            self.ends = CellEnds(case, self.problem, self.observer, global_mesh)
        self.steps = case.steps()
        self.control = StepControl(case.numerics.tolerance, 0.0, case.numerics.dt_max, order=self.stepper.order)
        self.smallest = 0.0
        self.past: list[State] = []
        self.taken = 0
        self.tally = CumulativeTotals()
        self.last_checkpoint = record.wall
        self._in_step, self._warned = False, False
        size = f"{self.grid.total} nodes, {comm.size} rank{'s' * (comm.size > 1)}"
        record.log(f"case {case.name}: {size}, protocol of {len(self.steps)} step{'s' * (len(self.steps) > 1)}")

    def begin(self) -> None:
        """The initial state, as row 0, first output and first checkpoint. Raises CannotGoOn."""
        if isinstance(self.problem, TwoPotential):
            xi, c = initial_metal_and_ions(self.case, self.grid)
        else:
            xi, c = initial_fields(self.case, self.grid, self.problem.phase_field.interpolation)
        self.stepper.set_control(self.steps[0].mode, self.steps[0].value, self.observer.area)
        state = self._consistent(lambda: self.stepper.start(0.0, xi, c), 0.0)
        self.past = [state]
        self.position = Position(0, self.observer.mark(state))
        self._begin_progress()
        # before any step, the current is F c_s times the rate at which the metal is about to grow
        current = self.stepper.faradaic_current(state) / self.observer.area
        now = self.observer.amounts(state)
        self._row(self.observer.row(state, 0.0, now, now, self.tally, faradaic=current), newton=0, krylov=0)
        self._output(state)
        self._checkpoint()
        self.interrupts.postpone()

    def restore(self, arrays: Any, scalars: dict[str, Any]) -> None:
        """The state of a checkpoint: fields on rank 0 in `arrays`, the rest in `scalars` on every rank.

        The protocol may have changed since: the step in hand goes on with its new voltage to its new end. Raises
        CannotGoOn.
        """
        self.past = restore(self.kind, self.grid, arrays, scalars["past"])
        self.taken, self.tally = scalars["step"], CumulativeTotals(**scalars["tally"])
        self.observer.start = Start(**scalars["start"])
        self.control.dt = min(scalars["dt"], self.control.dt_max)
        self.control.last_ratio, self.control.rejected = scalars["last_ratio"], scalars["rejected"]
        self.smallest = scalars["smallest"]
        self.position = Position(scalars["position"], CellState(**scalars["begin"]))
        self.stepper.set_control(*scalars["held"], self.observer.area)
        if self.position.index < len(self.steps):
            self._hold(self.steps[self.position.index])
        self._begin_progress()
        self.record.log(f"resumed at step {self.taken}, t = {self.past[0].time:.6g} s")
        self.interrupts.postpone()

    def go(self) -> tuple[Status, str]:
        """Take the run to the end of its protocol, or of numerics.max_steps: the status and what to say of it.

        Raises CannotGoOn or Interrupted; the last state is in a checkpoint then too.
        """
        limit = self.case.numerics.max_steps
        mark = self.observer.mark(self.past[0])
        while self.position.index < len(self.steps):
            end = End.of(self.steps[self.position.index], self.position.begin)
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
                    more = f"femna resume {self.record.directory} --set numerics.max_steps=N"
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
        """To be called between the solves of a step: gives up a step that a signal cannot wait for. Raises GivenUp."""
        if self._in_step and self.grid.max(float(self.interrupts.overdue()))[0] > 0.0:
            raise GivenUp

    def _advance(self, end: End, mark: CellState) -> CellState:
        """One accepted step, its row and, when its time has come, its output."""
        overshot, beyond = 0, None
        while True:
            dt = self._step_size(end, mark)
            try:
                step = self._attempt(dt)
                outside = self._outside(step.state)
                if not outside <= XI_SLACK:
                    raise SolveFailed(f"xi left [0, 1] by {outside:.2g}")
            except SolveFailed as failure:
                self.control.after_failure(dt)
                self._try_again(dt, str(failure))
                continue
            except GivenUp:
                self._answer_signals()
                continue
            if not self.control.accepts(step.errors):
                worst = max(step.errors, key=lambda key: step.errors[key])
                self.control.after_rejection(dt, step.errors)
                self._try_again(dt, f"error of {worst} {step.errors[worst]:.2g}", quiet=True)
                continue
            old, new = self.observer.amounts(self.past[0]), self.observer.amounts(step.state)
            tally = self.tally.after(old, new)
            row = self.observer.row(step.state, dt, old, new, tally)
            new_mark = CellState.of(row)
            shorter = end.shorter_step(mark, new_mark, dt)
            if self.ends is not None:
                shorter = self.ends.shorter_step(self.past[0], step.state, dt, shorter)  # type: ignore[arg-type]
            if shorter is not None and shorter > self._least_step():
                # where the height jumps a straight line towards the end says nothing, and halves find it
                overshot, beyond = overshot + 1, (dt, new_mark)
                self.control.dt = shorter if overshot <= STRAIGHT else min(shorter, 0.5 * dt)
                continue
            longer = end.longer_step(new_mark, dt, beyond)
            if longer is not None and overshot <= STRAIGHT:
                overshot += 1
                self.control.dt = longer
                continue
            self._warn_of_a_thin_layer(step.state.time, new.thickness - new.above)
            self.tally = tally
            self._accept(step, row, dt)
            return new_mark

    def _attempt(self, dt: float) -> Step[State]:
        self._in_step = True
        try:
            return self.stepper.advance(self.past, dt)
        finally:
            self._in_step = False

    def _accept(self, step: Step[State], row: dict[str, float], dt: float) -> None:
        before = self.past[0].time
        self.control.after_acceptance(dt, step.errors)
        self.past = [step.state, *self.past[:2]]
        self.taken += 1
        self._row(row, step.newton, step.krylov)
        if self._outputs_until(step.state.time) > self._outputs_until(before):
            self._output(step.state)

    def _outside(self, state: State) -> float:
        """How far xi is outside of [0, 1]; infinite where it is no number."""
        xi = state.xi[: self.grid.owned]
        return float(self.grid.max(max(-xi.min(), xi.max() - 1.0) if np.isfinite(xi).all() else math.inf)[0])

    def _try_again(self, dt: float, trouble: str, quiet: bool = False) -> None:
        """Note why a step of size dt did not stand; raises CannotGoOn when there is no smaller one to try."""
        time = self.past[0].time
        self.record.numbers["rejected_steps"] = self.control.rejected
        if not quiet:
            self.record.log(f"t = {time:.6g} s, dt = {dt:.3g} s failed: {trouble}")
        if self.control.dt < self._least_step():
            self._leave_off()
            # where steps succeed and are not good enough, the tolerance asks for too much
            strict = quiet or self.case.numerics.tolerance < ROUNDING
            raise CannotGoOn(
                f"t = {time:.6g} s, step {self.taken}: no step of {dt:.2g} s or more succeeds ({trouble}); the last "
                "state is kept\n"
                f"try: a {'larger' if strict else 'smaller'} numerics.tolerance, a smaller numerics.cell_size, another "
                "numerics.solver, a lower voltage"
            )

    def _cell_ends(self, mark: CellState) -> Ending | None:
        now = self.past[0]
        if self.ends is None or not isinstance(now, two.State):
            return None
        return self.ends.met(now, mark, self.stepper.held[1])

    def _warn_of_a_thin_layer(self, time: float, below: float) -> None:
        """A fixed strip is no picture of a layer that the metal below it (m) would have lifted by much of its
        thickness."""
        layers = self.case.layer_names[1:-1]
        if self._warned or not layers or self.ends is None:
            return
        thinnest = min(self.case.layer[name].thickness for name in layers)
        if below > STRIP * thinnest:
            self._warned = True
            self.record.warn(
                f"t = {time:.6g} s: {1e6 * below:.3g} um of sodium have plated below a layer of "
                f"{1e6 * thinnest:.3g} um, which would have lifted it; here they eat into it (layers are fixed strips)"
            )

    def _least_step(self) -> float:
        # a step that is nothing against the time itself leaves only noise of the difference of two times
        return max(self.smallest, 1e-13 * self.past[0].time)

    def _still_sensible(self, mark: CellState) -> None:
        """Raises CannotGoOn when the front has left the fine mesh, or time itself does not bring the end any nearer."""
        top = self.case.front_zone_top
        if mark.height > top or mark.height >= self.case.height:
            if mark.height >= self.case.height:
                what = f"the metal has reached the counter electrode, {mark.height * 1e6:.4g} um high: a short circuit"
                if self.ends is not None:
                    what = "metal that formed ahead of the front, apart from the anode's, has reached the counter side"
                advice = "a shorter protocol, or a thicker last layer"
            else:
                what = f"the metal, now {mark.height * 1e6:.4g} um high, has left the fine mesh of {top * 1e6:.4g} um"
                advice = "a larger geometry.front_zone, or a shorter protocol"
            self._leave_off()
            raise CannotGoOn(f"t = {mark.time:.6g} s: {what}; results up to here are kept\ntry: {advice}")
        if mark.time > ETERNITY and self.steps[self.position.index].until.kind != "time":
            self._leave_off()
            number = self.position.index + 1
            raise CannotGoOn(
                f"t = {mark.time:.6g} s: protocol step {number} does not come to its end; results up to here are kept\n"
                "try: a duration in its `until`"
            )

    def _step_size(self, end: End, mark: CellState) -> float:
        interval = self.case.output.interval
        # an interval may be infinite, and infinity times zero is no number
        next_output = interval * (self._outputs_until(mark.time) + 1)
        ends_in = end.remaining_time(mark)
        return self.control.toward(min(next_output - mark.time, math.inf if ends_in is None else ends_in))

    def _outputs_until(self, time: float) -> int:
        """How many output times after the start lie at or before `time`, up to the closeness of ends."""
        return math.floor(time / self.case.output.interval + CLOSENESS)

    def _consistent(self, make: Callable[[], State], time: float) -> State:
        """A state without a past, its potentials found anew, and the size of the step that follows."""
        try:
            state = make()
        except SolveFailed as failure:
            step = self.steps[min(self.position.index, len(self.steps) - 1)] if self.past else self.steps[0]
            asked = f"{step.value:g} V" if step.mode == "voltage" else f"{step.value:g} A/m^2"
            raise CannotGoOn(
                f"t = {time:.6g} s: no potential can be found at {asked} ({failure})\n"
                "try: another numerics.solver, a lower voltage or current"
            ) from failure
        xi_rate, c_rate = self.stepper.initial_rates(state)
        small = self.case.numerics.tolerance
        # small against the fastest change of xi and of c; a cell at rest has none
        sizes = [self.case.numerics.dt_max, self.case.output.interval, LONGEST_FIRST]
        sizes += [share / rate for share, rate in ((small, xi_rate), (10.0 * small, c_rate)) if rate > 0.0]
        self.control.dt, self.control.last_ratio = min(sizes), 1.0
        self.smallest = SMALLEST_STEP * self.control.dt
        return state

    def _next_protocol_step(self, mark: CellState) -> None:
        self.position = Position(self.position.index + 1, mark)
        step = self.steps[self.position.index]
        self.record.log(f"t = {mark.time:.6g} s: protocol step {self.position.index + 1}, {step.mode} {step.value:g}")
        self._output(self.past[0])
        self._hold(step)
        # the voltage that it begins with is that of its own current
        self.position = Position(self.position.index, replace(mark, voltage=self.past[0].voltage))

    def _hold(self, step: ProtocolStep) -> None:
        """A jump: the potentials are found anew, and the past says nothing about what follows."""
        if self.stepper.set_control(step.mode, step.value, self.observer.area):
            now = self.past[0]
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
        due = self.record.wall - self.last_checkpoint >= self.case.output.checkpoint_interval
        # the clocks of the ranks differ: rank 0's counts
        if self.grid.comm.bcast(due):
            self._checkpoint()

    def _leave_off(self) -> None:
        """Keep the last state, to go on from (first, as it may be urgent) and to look at."""
        self._checkpoint()
        self._output(self.past[0])

    def _checkpoint(self) -> None:
        assert self.observer.start is not None
        scalars = {
            "dt": self.control.dt,
            "last_ratio": self.control.last_ratio,
            "rejected": self.control.rejected,
            "smallest": self.smallest,
            "position": self.position.index,
            "begin": vars(self.position.begin),
            "held": self.stepper.held,
            "start": vars(self.observer.start),
            "tally": vars(self.tally),
        }
        self.record.checkpoint(self.grid, self.taken, self.past, scalars)
        self.last_checkpoint = self.record.wall

    def _row(self, row: dict[str, float], newton: int, krylov: int) -> None:
        counts = {"Nonlinear iterations [-]": float(newton), "Linear iterations [-]": float(krylov)}
        whole = {"Step [-]": float(self.taken)} | row | counts | {"Wall time [s]": self.record.wall}
        self.record.row(whole, self.control.rejected)

    def _begin_progress(self) -> None:
        ends = [step.until for step in self.steps]
        known = all(end.kind == "time" for end in ends)
        self.record.begin_progress(math.fsum(end.value for end in ends) if known else None)
