"""One step of the two-potential model: coefficients lagged at mid-step, (c, phi_l, phi_s) by Newton, metal, profile.

1. The front's reaction area, conductivities and curvature are taken from xi extrapolated to the middle of the step. (At
   its beginning, metal would be put at the old front and then be carried along the normals: an error of first order in
   the growth of every wave.)
2. Newton's method on c, phi_l and phi_s together, backward differences in c; under current control the voltage is one
   more unknown, by a second right side with the same matrix.
3. xi grows, and layers that take up sodium fill (physics/sodiation.py), by the same nodal currents that the ions lose
   and the electrons bring: sodium and charge are conserved.
4. The profile is restored without moving metal (physics/reinitialisation.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from femna.contract.control import Control
from femna.contract.state import State, times_before
from femna.contract.step import AttemptedStep, ChangeRates, carry_on
from femna.linear_solvers.block_system import BlockSystem
from femna.linear_solvers.edge_system import EdgeSystem
from femna.linear_solvers.krylov import SolveFailed
from femna.linear_solvers.presets import preset
from femna.models.two_potential import LaggedCoefficients, TwoPotential
from femna.physics.salt_extrapolation import ChangingSalt
from femna.timestepping import bdf
from femna.timestepping.bdf import RateWeights
from femna.timestepping.error_norm import error_norm
from femna.timestepping.front_profile import FrontProfile
from femna.timestepping.newton import newton
from femna.timestepping.residual import ResidualEvaluation, Solution

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

LARGEST_ADVANCE = 0.36
"""How far the front may move in a step, in units of l."""

LARGEST_LOSS = 0.75
"""Share of its metal, or of its void, that a node may lose in a step. A front that reacts evenly takes 2/3 in a step of
LARGEST_ADVANCE; where ions resist, its tail is stripped first, and ripples that stay behind it shorten their path."""

LEAST_METAL = 1e-3
"""Metal, or void, of a node that counts for LARGEST_LOSS."""

LOOSE = 1e-3
"""Tolerance from which on the front may move by LARGEST_ADVANCE; with a smaller one by its third root less."""

LEAST_REST = 0.5
"""What backward differences must start from at each node, as a share of its salt."""

LEAST_ROOM = 1e-3
"""Share of a node's volume that the salt has, below which the rate of change of c~ says nothing."""

SLOPE_ROUNDS = 12
"""Largest number of solutions for the potentials of an instant, each with the last one's slope behind the front; one
leaves less than a tenth of the slope's error."""

XI_SLACK = 1e-6
"""How far the reaction may drive xi out of [0, 1] within a step."""


@dataclass(frozen=True)
class SolvedStep:
    """What a step has been solved with and for.

    Args:
        lagged: its coefficients.
        solution: c~, the potentials and the voltage.
        work: what follows from them.
        weights: of the states in a time derivative at its end, newest first, 1/s.
        salt: the rate of change of the salt's content by them.
    """

    lagged: LaggedCoefficients
    solution: Solution
    work: ResidualEvaluation
    weights: tuple[float, ...]
    salt: RateWeights


class LaggedFrontStepper:
    """Takes steps of a `TwoPotential` model; owns its linear systems."""

    order = 3
    """Of the local error per step, for the choice of its size."""

    def __init__(self, model: TwoPotential, solver: str = "auto", tolerance: float = 1e-3, rtol: float = 1e-9) -> None:
        """Args:
        model: the model.
        solver: name of a preset of linear solvers.
        tolerance: of the step control.
        rtol: of the linear solves for the profile.
        """
        self.model, self.tolerance = model, tolerance
        self.control = Control("voltage", 0.0)
        self.pause: Callable[[], None] = carry_on
        """Called between solves, on every rank; may raise."""
        grid, ions = model.grid, model.ions
        options = preset(solver, grid, 3 if ions.has_concentration else 2)
        along = [("phi_l", "phi_l"), ("phi_s", "phi_s")]
        along += [("phi_s", "phi_l")] * ions.extrapolates_potential_to_interface
        self.potentials = BlockSystem(grid, ("phi_l", "phi_s"), along, model.fixed, options["coupled"])
        self.coupled = self.potentials
        if ions.has_concentration:
            along += [("c", "c"), ("c", "phi_l"), ("phi_l", "c")]
            along += [("phi_s", "c")] * (ions.beside_front() is not None)
            self.coupled = BlockSystem(grid, ("c", "phi_l", "phi_s"), along, model.fixed, options["coupled"])
        nowhere = np.zeros(grid.size, dtype=bool)
        self.profile = FrontProfile(model.deposition, EdgeSystem(grid, options["profile"], nowhere, rtol))
        deposition, x = model.deposition, np.linspace(0.0, 1.0, 101)
        steepest = float((deposition.interpolation.slope(x) * 2.0 * x * (1.0 - x)).max())
        self._largest_area = steepest / deposition.width
        """Largest area per volume of a front, 1/m."""

    @property
    def steady_growth(self) -> float:
        """Largest ratio of successive steps while their error counts: the one that the third order bears."""
        return bdf.SLOW_GROWTH if self.model.ions.order_in_time > 2 else bdf.MAX_GROWTH

    @property
    def krylov(self) -> int:
        """Krylov iterations so far."""
        systems = {id(system): system for system in (self.potentials, self.coupled, self.profile.system)}
        return sum(system.iterations for system in systems.values())

    def set_control(self, control: Control) -> bool:
        """Let the outer circuit hold something; whether that is anything new."""
        changed, self.control = control != self.control, control
        return changed

    def start(self, time: float, fields: dict[str, Array]) -> State:
        """Consistent state at `time`: the potentials found alone. Raises SolveFailed. Collective.

        Args:
            time: s.
            fields: xi, c~ and, where layers take up sodium, uptake, (N,) each; what else there is stays as it is.
        """
        zero = np.zeros(self.model.grid.size)
        scalars = {scalar.name: 0.0 for process in self.model.own_processes for scalar in process.scalars}
        return self._with_potentials(time, fields, Solution(fields["c"], zero.copy(), zero.copy(), 0.0), scalars)

    def reinitialise_potentials(self, state: State) -> State:
        """The state with the potentials found anew, after a jump of what is held. Raises SolveFailed. Collective."""
        guess = Solution(state["c"], state["phi_l"].copy(), state["phi_s"].copy(), state.voltage)
        fresh = self._with_potentials(state.time, state.fields, guess, state.scalars)
        fresh.fields |= {key: state[key] for key in ("salt", "room")}
        return fresh

    def _with_potentials(
        self, time: float, fields: dict[str, Array], guess: Solution, scalars: dict[str, float]
    ) -> State:
        """The state of an instant: potentials and currents from xi, c~ and the degree of sodiation."""
        for _ in range(SLOPE_ROUNDS):
            lagged = self.model.coefficients_of(fields, guess.phi_l)
            solution, work = newton(self.potentials, lagged, guess, self.control, self.model)
            guess = solution
            if lagged.front.extrapolation is None or lagged.front.extrapolation.stands(solution.phi_l):
                break
        own = {
            "salt": lagged.electrolyte_fraction_at_end * fields["c"],
            "room": lagged.electrolyte_fraction_at_end,
            "phi_l": solution.phi_l,
            "phi_s": solution.phi_s,
            "deposition_rate": work.deposition_rate,
        }
        storing = {} if lagged.sodiation is None else {"uptake_current": work.storing_current}
        return State(
            time,
            fields | own,
            voltage=solution.voltage,
            collector_current=work.collector_current,
            counter_current=work.counter_current,
            scalars=scalars | storing,
        )

    def output_fields(self, state: State) -> dict[str, Array]:
        """The fields that are stored, in SI, (N,) each; phi_l as the electrostatic potential."""
        shown = {name: state[name] for name in ("xi", "phi_s")} | self.model.ions.output(state)
        return shown | {name: state[name] for name in ("uptake", "lift") if name in state.fields}

    def change_rates(self, state: State) -> ChangeRates:
        """How fast the front moves, in units of l/10, and c~ or the degree of sodiation changes. Collective."""
        model, grid, ions = self.model, self.model.grid, self.model.ions
        xi, lagged = state["xi"], model.coefficients_of(state.fields, state["phi_l"])
        at = Solution(state["c"], state["phi_l"], state["phi_s"], state.voltage)
        front = 10.0 * self._speeds(lagged, at)[0] / model.deposition.width
        rate = np.zeros(grid.size)
        if ions.has_concentration:
            moving = ResidualEvaluation.at(model, lagged, at, RateWeights(0.0, rate)).salt_rate
            room = np.maximum(ions.salt_volume * ions.electrolyte_fraction(xi), LEAST_ROOM * grid.volume)
            rate = ions.salt_volume * np.abs(moving) / room
            rate[model.fixed["c"]] = 0.0
        if lagged.sodiation is not None:
            current = lagged.sodiation.react(at.c, at.phi_s, at.phi_l).current
            after_a_second = replace(lagged.sodiation, dt=1.0).after(current)
            rate = np.maximum(rate, np.abs(after_a_second - state["uptake"]))
        return ChangeRates(front=front, contents=float(grid.max(rate.max(initial=0.0))[0]))

    def deposition_current(self, state: State) -> float:
        """F c_s times the rate of growth of the metal, in A m^(d-3). Collective."""
        return self.model.grid.integral(state["deposition_rate"]) / self.model.deposition.volume_per_charge

    def advance(self, past: Sequence[State], dt: float) -> AttemptedStep:
        """One step of size dt from past[0]. Raises SolveFailed. Collective."""
        model, grid, old = self.model, self.model.grid, past[0]
        before, xi_old = self.krylov, past[0]["xi"]
        rate = (
            self._in_mesh(old["deposition_rate"])
            if len(past) == 1
            else (xi_old - past[1]["xi"]) / -times_before(past)[1]
        )
        middle, end = (np.clip(xi_old + share * dt * rate, 0.0, 1.0) for share in (0.5, 1.0))
        weights, salt = self._salt_rate(past, dt)
        lagged = model.lag_coefficients(
            xi_old,
            middle,
            end,
            dt,
            phi_l=old["phi_l"],
            salt=self._changing_salt(past, weights),
            degree_of_sodiation=old.fields.get("uptake"),
            normal_stress=old.fields.get("normal_stress", 0.0),
        )
        lagged = replace(lagged, electrolyte_fraction_at_end=self._room(old, dt, lagged.electrolyte_fraction_at_end))
        guess = self._guess(past, dt)
        solution, work = newton(self.coupled, lagged, guess, self.control, model, salt=salt, pause=self.pause)
        growth = self._in_mesh(work.deposition_rate)
        xi = xi_old + dt * growth
        outside = float(grid.max(max(-xi.min(initial=0.0), xi.max(initial=1.0) - 1.0))[0])
        if not outside <= XI_SLACK:
            raise SolveFailed(f"the reaction drove xi out of [0, 1] by {outside:.2g}")
        speed, tail_speed = self._speeds(lagged, solution)
        width, strength = model.deposition.width, model.deposition.reinitialisation.strength
        advance = max(speed * dt / (LARGEST_ADVANCE * width), self._loss(xi_old, dt * growth) / LARGEST_LOSS)
        xi, iterations = self.profile.restore(xi, dt, strength * tail_speed * width)
        state = self._after(past, dt, xi, SolvedStep(lagged, solution, work, weights, salt))
        errors = self._content_errors(past, state, dt, lagged)
        errors["front"] = max(self.tolerance, LOOSE) * advance**self.order
        return AttemptedStep(state, errors, solution.iterations + iterations, self.krylov - before)

    def _in_mesh(self, growth: Array) -> Array:
        """d xi/dt, (N,) in 1/s, of the metal that forms, (N,) in 1/s: some of it lifts the mesh instead."""
        return growth if self.model.lifted is None else self.model.lifted.kept(growth)

    def _salt_rate(self, past: Sequence[State], dt: float) -> tuple[tuple[float, ...], RateWeights]:
        """The rate of change of the salt's content by backward differences, and their weights. Collective.

        The third order wants steps that grow slowly. Where the salt is used up within some steps a higher order would
        go on to less than nothing: what it takes from the past must leave enough of the last concentration.

        Args:
            past: states, newest first.
            dt: size of the step, s.
        """
        times, free = times_before(past), ~self.model.fixed["c"] & (self.model.ions.room(past[0]) > 0.5)
        contents, concentrations = ([state[key] for state in past] for key in ("salt", "c"))
        for order in range(min(self.model.ions.order_in_time, bdf.stable_order(dt, times)), 0, -1):
            weights = bdf.derivative_weights(dt, times, order)
            salt = RateWeights.of(weights, contents)
            lacks = (LEAST_REST * salt.now * concentrations[0] + bdf.combine(weights[1:], concentrations))[free]
            if order == 1 or self.model.grid.max(lacks.max(initial=0.0))[0] <= 0.0:
                break
        return weights, salt

    def _changing_salt(self, past: Sequence[State], weights: Sequence[float]) -> ChangingSalt | None:
        """How the salt changes over a step; None in the first one after a jump, whose rate says nothing yet."""
        if len(past) == 1:
            return None
        diffusing = [self.model.ions.diffusion_variable(state["c"]) for state in past]
        return ChangingSalt(past[0]["c"], weights[0], bdf.combine(weights[1:], diffusing))

    def _room(self, old: State, dt: float, expected: Array) -> Array:
        """The salt's room at the end of a step, (N,), where xi as extrapolated leaves `expected`.

        The room of the state is that of an extrapolation too, and xi has come out a little differently. The difference
        is worked off in the time in which the salt levels over the front's width: at once it would make c~ jump in a
        step however short.
        """
        ions, width = self.model.ions, self.model.deposition.width
        if not ions.has_concentration:
            return expected
        actual = ions.electrolyte_fraction(self.model.metal_fraction(old))
        kept = 1.0 / (1.0 + dt * ions.fastest_levelling / width**2)
        return np.asarray(expected * (ions.room(old) / actual) ** kept)

    def _after(self, past: Sequence[State], dt: float, xi: Array, solved: SolvedStep) -> State:
        """The state at the end of a step, from what has been solved for."""
        old, lagged, solution, work, salt = past[0], solved.lagged, solved.solution, solved.work, solved.salt
        room, charge = lagged.electrolyte_fraction_at_end, self.model.ions.charge
        # what enters is summed as the salt itself is, so that the balance is exact
        entered = bdf.combine(solved.weights[1:], [state.scalars["salt_in"] for state in past])
        salt_in = (work.salt_inflow - entered) / salt.now
        fields = {
            "xi": xi,
            "c": solution.c,
            "room": room,
            "salt": np.where(self.model.fixed["c"], room * solution.c, (work.salt_rate - salt.past) / salt.now),
            "phi_l": solution.phi_l,
            "phi_s": solution.phi_s,
            "deposition_rate": work.deposition_rate,
        }
        scalars = {
            "salt_in": salt_in,
            "ions_in": old.scalars["ions_in"] + (dt * work.counter_current / charge + salt_in - old.scalars["salt_in"]),
            "counter_charge": old.scalars["counter_charge"] + dt * work.counter_current,
        }
        if self.model.lifted is not None:
            lift, scalars["lifted_metal"] = self.model.lifted.after(old, work.deposition_rate, dt)
            fields["lift"] = lift
        if lagged.sodiation is not None:
            fields["uptake"] = lagged.sodiation.after(work.reactions["uptake"])
            scalars["uptake_current"] = work.storing_current
        return State(
            time=old.time + dt,
            dt=dt,
            fields=fields,
            voltage=solution.voltage,
            collector_current=work.collector_current,
            counter_current=work.counter_current,
            scalars=scalars,
        )

    def _content_errors(
        self, past: Sequence[State], state: State, dt: float, lagged: LaggedCoefficients
    ) -> dict[str, float]:
        """Local errors of c~ and of the degree of sodiation; 0 of what does not change."""
        errors, ions = {"c": 0.0, "uptake": 0.0}, self.model.ions
        if ions.has_concentration:
            room = lagged.electrolyte_fraction_at_end
            counts = (room > 0.5) & ~self.model.fixed["c"]
            errors["c"] = self._error(past, state, dt, "c", ions.salt_volume * room, counts)
        if lagged.sodiation is not None:
            weight = lagged.sodiation.weight
            counts = (lagged.sodiation.bare > 0.5) & (weight > 0.0)
            errors["uptake"] = self._error(past, state, dt, "uptake", weight, counts)
        return errors

    def _guess(self, past: Sequence[State], dt: float) -> Solution:
        """What the next fields are expected to be: the last ones, or a straight line through the last two."""
        old, ions = past[0], self.model.ions
        share = dt / -times_before(past)[1] if len(past) > 1 else 0.0
        before = past[1] if len(past) > 1 else old
        phi_l, phi_s = (old[key] + share * (old[key] - before[key]) for key in ("phi_l", "phi_s"))
        u, u_before = (ions.diffusion_variable(state["c"]) for state in (old, before))
        c = ions.concentration(u + share * (u - u_before))
        voltage = old.voltage + share * (old.voltage - before.voltage)
        return Solution(np.maximum(c, 0.1 * old["c"]), phi_l, phi_s, voltage)

    def _error(self, past: Sequence[State], state: State, dt: float, key: str, weight: Array, counts: Mask) -> float:
        """Local error of a field, from what its past would have given.

        Root mean square by the nodes' weights (N,), or a fifth of the largest on the nodes that count.
        """
        grid, times = self.model.grid, times_before(past)
        if len(past) == 1:
            guessed, factor = past[0][key], 0.1
        elif key == "c" and self.model.ions.order_in_time > 1:
            guessed = bdf.combine(bdf.extrapolation_weights(dt, times), [each[key] for each in past])
            factor = bdf.error_factor(dt, times)
        else:  # backward Euler, and a straight line through the past
            guessed = bdf.combine(bdf.extrapolation_weights(dt, times[:2]), [each[key] for each in past[:2]])
            factor = dt / (2.0 * dt - times[1])
        error = factor * np.abs(state[key] - guessed) * grid.settled
        return error_norm(grid, error, weight, error[counts])

    def _speeds(self, lagged: LaggedCoefficients, solution: Solution) -> tuple[float, float]:
        """Largest speed of the front by what grows, and by the current density where it grows, m/s each. Collective.

        On a profile that reacts evenly both are the same. Where the salt is used up the reaction has gone ahead into
        the front's tail, on little area with a large current density: the front moves as fast as metal grows, but the
        tail would run away from it if the profile were not restored as fast as that current density moves the tail.
        """
        front, grid, per_charge = lagged.front, self.model.grid, self.model.deposition.volume_per_charge
        reacts = np.abs(front.react(solution.c, solution.phi_s, solution.phi_l).current)
        density = self._in_mesh(reacts / np.where(front.area > 0.0, front.area, 1.0))
        growing = reacts / grid.volume
        much = float(grid.max(growing.max(initial=0.0))[0])
        there = float(grid.max(density[growing > 0.05 * much].max(initial=0.0))[0])
        most = float(grid.max(self._in_mesh(growing).max(initial=0.0))[0])
        return per_charge * most / self._largest_area, per_charge * there

    def _loss(self, xi: Array, change: Array) -> float:
        """Largest share of its metal, or of its void, that a node loses in a step; xi at its start. Collective."""
        had = np.where(change < 0.0, xi, 1.0 - xi)
        share = np.abs(change[had > LEAST_METAL]) / had[had > LEAST_METAL]
        return float(self.model.grid.max(share.max(initial=0.0))[0])
