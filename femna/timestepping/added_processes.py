"""Processes besides a model's own: their equations are solved after the model's, in the same time step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.contract.control import Control
from femna.contract.models import Model
from femna.contract.plugin_checks import check_equation
from femna.contract.process import Process, StepContext
from femna.contract.state import State, times_before
from femna.contract.step import AttemptedStep, ChangeRates, Stepper
from femna.contract.terms import EdgeTerm, Equation, FormTerm, NodalTerm
from femna.contract.variables import Variable
from femna.linear_solvers.edge_system import EdgeSystem
from femna.linear_solvers.form_system import FormSystem, NodalFunctions
from femna.linear_solvers.krylov import SolveFailed
from femna.linear_solvers.presets import PRESETS
from femna.mesh import edges
from femna.mesh.grid import Grid
from femna.parallel import dolfinx
from femna.timestepping import bdf
from femna.timestepping.bdf import RateWeights

Array = NDArray[np.float64]

NEWTON_LIMIT = 25
"""Largest number of Newton iterations for an equation by edges and nodes."""

CHANGE_TOLERANCE = 1e-10
"""Of the last change in them, relative to the variable's magnitude or its largest value."""

RTOL = 1e-9
"""Relative tolerance of the linear solves."""


class EdgeEquation:
    """An equation by edge and nodal terms, solved by Newton's method."""

    def __init__(self, grid: Grid, equation: Equation) -> None:
        fixed = np.zeros(grid.size, dtype=bool) if equation.fixed is None else equation.fixed
        self.grid, self.system = grid, EdgeSystem(grid, PRESETS["gamg"]["c"], fixed, RTOL)
        self._root_n = float(np.sqrt(grid.total))

    @property
    def iterations(self) -> int:
        """Krylov iterations so far."""
        return self.system.iterations

    def solve(self, equation: Equation, guess: Array, weights: RateWeights, context: StepContext) -> tuple[Array, int]:
        """Nodal values at the end of the step, (N,), and the Newton iterations. Raises SolveFailed. Collective."""
        grid, u = self.grid, guess.copy()
        if equation.fixed is not None:
            u[equation.fixed] = 0.0 if equation.fixed_values is None else equation.fixed_values[equation.fixed]
        zero = np.zeros(len(grid.edges))
        p, q = zero, zero
        for term in equation.terms.values():
            if isinstance(term, EdgeTerm):
                p, q = p + term.p, q + term.q
        inertia = equation.storage * grid.volume
        for iteration in range(1, NEWTON_LIMIT + 1):
            residual = np.asarray(-inertia * (weights.now * u + weights.past))
            residual -= grid.add_up(edges.flux_divergence(grid.edges, p, q, u))
            local = np.asarray(inertia * weights.now)
            for term in equation.terms.values():
                if isinstance(term, NodalTerm):
                    rate, slope = term.rate(u)
                    residual += term.volume * rate
                    local = np.asarray(local - term.volume * slope)
            self.system.assemble(local * grid.is_owned, p, q)
            change = self.system.solve(residual, atol=1e-300)
            u = u + change
            own = float(np.abs(change).max(initial=0.0)), float(np.abs(u).max(initial=0.0))
            moved, size, broken = (float(value) for value in grid.max(*own, 0.0 if np.isfinite(sum(own)) else 1.0))
            if broken:
                raise SolveFailed(f"{equation.variable} ran away")
            if moved <= CHANGE_TOLERANCE * max(size, 1e-300):
                return u, iteration
        raise SolveFailed(f"no convergence of {equation.variable} in {NEWTON_LIMIT} Newton steps")


class FormEquation:
    """An equation by a UFL form; the context of its form (`femna.contract.terms.FormContext`)."""

    def __init__(self, grid: Grid, equation: Equation, variable: Variable, term: FormTerm) -> None:
        self.grid = grid
        self._functions = NodalFunctions(grid, grid.dim if variable.is_vector else None)
        self._scalars = self._functions if not variable.is_vector else NodalFunctions(grid)
        self._past = self._functions.function()
        self._now: Any = dolfinx.fem.Constant(grid.mesh, 0.0)
        self._time: Any = dolfinx.fem.Constant(grid.mesh, 0.0)
        self._fields: dict[str, Any] = {}
        self._unknown: Any = None
        self._system = FormSystem(self._functions, self._remembering(term.form), PRESETS["gamg"]["c"], equation.fixed)

    def _remembering(self, form: Callable[..., Any]) -> Callable[[Any, Any], Any]:
        def residual(unknown: Any, test: Any) -> Any:
            self._unknown = unknown
            return form(unknown, test, self)

        return residual

    def rate(self) -> Any:
        """du/dt at the end of the step."""
        return self._now * self._unknown + self._past

    def time(self) -> Any:
        """The simulated time at the end of the step, s."""
        return self._time

    def field(self, name: str) -> Any:
        """Another variable of the state at the end of the step."""
        return self._fields.setdefault(name, self._scalars.function())

    def in_layers(self, numbers: tuple[int, ...]) -> Any:
        """1 in the cells of these phases, 0 elsewhere."""
        space = dolfinx.fem.functionspace(self.grid.mesh, ("DG", 0))
        result = dolfinx.fem.Function(space)
        cells = len(self.grid.cells)
        result.x.array[space.dofmap.list[:cells].ravel()] = np.isin(self.grid.layer, numbers)
        result.x.scatter_forward()
        return result

    @property
    def iterations(self) -> int:
        """Krylov iterations so far."""
        return self._system.krylov.iterations

    def solve(self, equation: Equation, guess: Array, weights: RateWeights, context: StepContext) -> tuple[Array, int]:
        """Nodal values at the end of the step, (N,) or (N, d), and the Newton iterations. Raises SolveFailed."""
        self._now.value, self._time.value = weights.now, context.state.time
        self._functions.fill(self._past, weights.past)
        for name, function in self._fields.items():
            self._scalars.fill(function, context.state[name])
        return self._system.solve(guess, RTOL, equation.fixed_values)


class ExtendedStepper:
    """A model's stepper, and after it the equations of the added processes, in the order of their registration.

    Args:
        core: the stepper of the model's own processes.
        added: each added process with its variables.
    """

    def __init__(self, core: Stepper, added: Sequence[tuple[Process, tuple[Variable, ...]]]) -> None:
        self.core, self.added = core, added
        self._solvers: dict[str, EdgeEquation | FormEquation] = {}

    @property
    def model(self) -> Model:
        """The model on its grid."""
        return self.core.model

    @property
    def order(self) -> int:
        """Order of the local error in the step size."""
        return self.core.order

    @property
    def steady_growth(self) -> float:
        """Largest ratio of successive steps that keeps that order."""
        return self.core.steady_growth

    @property
    def control(self) -> Control:
        """What the outer circuit holds."""
        return self.core.control

    @property
    def pause(self) -> Callable[[], None]:
        """Called between the solves of a step, on every rank; may raise."""
        return self.core.pause

    @pause.setter
    def pause(self, pause: Callable[[], None]) -> None:
        self.core.pause = pause

    def set_control(self, control: Control) -> bool:
        """Let the outer circuit hold something; whether that is anything new."""
        return self.core.set_control(control)

    def start(self, time: float, fields: dict[str, Array]) -> State:
        """The consistent state at `time` (s) of given fields. Raises SolveFailed. Collective."""
        state = self.core.start(time, fields)
        zeros = {scalar.name: 0.0 for process, _ in self.added for scalar in process.scalars}
        state.scalars = zeros | state.scalars
        self._settle(state)
        return state

    def _settle(self, state: State) -> None:
        """Solve for the variables that follow the rest of a state at every instant. Collective."""
        for process, variables in self.added:
            steady = {variable.name: variable for variable in variables if variable.is_steady}
            context = StepContext(self.model.grid, state, [state], math.inf, (0.0,))
            for equation in process.equations(context) if steady else ():
                name = equation.variable
                if name in steady:
                    rate = RateWeights(0.0, np.zeros_like(state[name]))
                    solver = self._solver(process, equation, variables)
                    state.fields[name], _ = solver.solve(equation, state[name], rate, context)
            state.fields |= process.follow(context)

    def reinitialise_potentials(self, state: State) -> State:
        """The state with its potentials found anew. Raises SolveFailed. Collective."""
        fresh = self.core.reinitialise_potentials(state)
        self._settle(fresh)
        return fresh

    def change_rates(self, state: State) -> ChangeRates:
        """How fast a state changes. Collective."""
        return self.core.change_rates(state)

    def deposition_current(self, state: State) -> float:
        """F c_s times the rate at which the metal of a state grows, A m^(d-3). Collective."""
        return self.core.deposition_current(state)

    def output_fields(self, state: State) -> dict[str, Array]:
        """The fields that are stored, in SI units, (N,) or (N, k) each. Collective."""
        fields = self.core.output_fields(state)
        for process, variables in self.added:
            own = {variable.name: state[variable.name] for variable in variables if variable.is_output}
            fields |= own | process.output(state)
        return fields

    def advance(self, past: Sequence[State], dt: float) -> AttemptedStep:
        """A step of size dt (s) from past[0]. Raises SolveFailed. Collective."""
        step, grid, old = self.core.advance(past, dt), self.model.grid, past[0]
        state, times = step.state, times_before(past)
        for process, variables in self.added:
            state.fields |= {variable.name: old[variable.name] for variable in variables}
            state.scalars |= {scalar.name: old.scalars[scalar.name] for scalar in process.scalars}
        weights = bdf.derivative_weights(dt, times)
        extrapolation = bdf.extrapolation_weights(dt, times[:3])
        for process, variables in self.added:
            context = StepContext(grid, state, past, dt, weights)
            by_name = {variable.name: variable for variable in variables}
            for equation in process.equations(context):
                self.core.pause()
                name, solver = equation.variable, self._solver(process, equation, variables)
                values = [each[name] for each in past]
                rate = RateWeights.of(weights, values)
                before = solver.iterations
                new, iterations = solver.solve(equation, old[name], rate, context)
                state.fields[name] = new
                step.newton += iterations
                step.krylov += solver.iterations - before
                if by_name[name].is_steady:  # it has no error of its own in time
                    continue
                difference = np.abs(new - bdf.combine(extrapolation, values)).max(initial=0.0)
                largest = float(grid.max(difference)[0]) / by_name[name].magnitude
                step.errors[name] = bdf.error_factor(dt, times) * largest
            state.fields |= process.follow(context)
            state.scalars |= process.advance_scalars(context)
        return step

    def _solver(
        self, process: Process, equation: Equation, variables: tuple[Variable, ...]
    ) -> EdgeEquation | FormEquation:
        """The solver of an equation, looked at and made at its first step. Raises BadInput. Collective."""
        if equation.variable not in self._solvers:
            grid = self.model.grid
            check_equation(process.name, equation, variables, grid)
            variable = next(each for each in variables if each.name == equation.variable)
            forms = [term for term in equation.terms.values() if isinstance(term, FormTerm)]
            self._solvers[equation.variable] = (
                FormEquation(grid, equation, variable, forms[0]) if forms else EdgeEquation(grid, equation)
            )
        return self._solvers[equation.variable]
