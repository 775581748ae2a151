"""Steps in time: fixed or graded sizes, or the package's own control; a made-up past where only space is tested."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from femna.contract.models import Model
from femna.contract.state import State
from femna.mesh.grid import Grid
from femna.models.boundary import FieldFunction
from femna.models.single_potential import SinglePotential
from femna.timestepping.staggered import StaggeredStepper
from femna.timestepping.step_control import StepControl

Array = NDArray[np.float64]
Watch = Callable[[State], None]


def march(stepper: StaggeredStepper, past: list[State], sizes: Iterable[float], watch: Watch | None = None) -> State:
    """Steps of the given sizes from past[0]; `watch` sees every new state."""
    past = list(past)
    for dt in sizes:
        past = [stepper.advance(past, dt).state, *past[:2]]
        if watch is not None:
            watch(past[0])
    return past[0]


def integrate(
    problem: SinglePotential, xi: Array, c: Array, sizes: Iterable[float], watch: Watch | None = None, **options: object
) -> State:
    """The state after steps of the given sizes from xi and c at time 0."""
    stepper = StaggeredStepper(problem, **options)
    return march(stepper, [stepper.start(0.0, {"xi": xi, "c": c})], sizes, watch)


def controlled(
    problem: SinglePotential, xi: Array, c: Array, until: float, tolerance: float, watch: Watch | None = None
) -> tuple[State, int]:
    """The state at `until` and the number of steps, with sizes chosen as in a run."""
    stepper = StaggeredStepper(problem, tolerance=tolerance)
    past = [stepper.start(0.0, {"xi": xi, "c": c})]
    rates_now = stepper.change_rates(past[0])
    first = min(until, tolerance / max(rates_now.front, 1e-300), 10.0 * tolerance / max(rates_now.contents, 1e-300))
    control = StepControl(tolerance, first, until)
    taken = 0
    while past[0].time < until * (1.0 - 1e-12):
        dt = control.toward(until - past[0].time)
        step = stepper.advance(past, dt)
        if not control.accepts(step.errors):
            control.after_rejection(dt, step.errors)
            continue
        control.after_acceptance(dt, step.errors)
        past, taken = [step.state, *past[:2]], taken + 1
        if watch is not None:
            watch(past[0])
    return past[0], taken


def exact_past(problem: SinglePotential, exact: Mapping[str, FieldFunction], time: float, dt: float) -> list[State]:
    """Three states of a manufactured solution at `time` and dt, 2 dt before it."""
    x = problem.grid.points
    past = []
    for t in (time, time - dt, time - 2.0 * dt):
        xi = exact["xi"](x, t)
        fields = {"xi": xi, "content": problem.transport.content.h(xi)} | {
            key: exact[key](x, t) for key in ("c", "phi")
        }
        past.append(State(t, fields, scalars={"ions_in": 0.0}))
    return past


def even(until: float, steps: int) -> list[float]:
    return [until / steps] * steps


def graded(until: float, first: float, growth: float, largest: float) -> list[float]:
    """Sizes that grow from `first` by a factor up to `largest` and end at `until`."""
    sizes, time, dt = [], 0.0, first
    while until - time > 1e-12 * until:
        sizes.append(min(dt, until - time))
        time += sizes[-1]
        dt = min(dt * growth, largest)
    return sizes


def sodium(model: Model, state: State) -> float:
    """The sodium of a state in all processes, in c0 m^d."""
    return sum(part.amount(state) for part in model.conserved() if part.quantity == "sodium")


def l2(grid: Grid, difference: Array) -> float:
    """Lumped L2 norm over the whole mesh."""
    return float(np.sqrt(grid.integral(difference**2)))


def largest(grid: Grid, difference: Array) -> float:
    """Maximum norm over the whole mesh."""
    return float(grid.max(np.abs(difference).max(initial=0.0))[0])


def rates(errors: Iterable[float], sizes: Iterable[float]) -> Array:
    """Observed orders between successive refinements."""
    return np.diff(np.log(list(errors))) / np.diff(np.log(list(sizes)))
