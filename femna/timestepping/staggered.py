"""One implicit step of the single-potential model: rounds of xi, phi and c, each one linear system (xi: a few).

Second-order backward differences in time. A step starts from the fields extrapolated quadratically and goes round:

1. xi by Newton, with phi as last known. The reaction eats its own ions, c_s/c0 = 42 of them for each unit of xi, so
   c is not frozen but answers at each node, c ~ c* - w (c_s/c0)(s(xi) - s*), with w < 1 the share that diffusion over
   an interface width leaves missing within the step. Any w gives second order; this one makes the first round good.
2. phi with the new xi and ds/dt: symmetric, with conductivities seven orders apart.
3. c with the new xi, phi and exactly that ds/dt, so that c + (c_s/c0) s is conserved whatever step 1 left over.

By how much xi would change had step 1 known the c and phi of steps 2 and 3 is the mismatch of the round. One round does
where it is small; up to PASSES are made, and what is left counts as an error of the step. On p-na at numerics.tolerance
5e-3 this takes the error of the highest tip from 2 % (one round, w = 1) to 0.03 %.

More current lowers phi at the front, which in a one-potential model raises the current (b.5): where the gain of that
loop comes near one the rounds do not converge, the step is rejected, and in the end the run says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from femna.linear_solvers import edge_system as linear
from femna.linear_solvers.edge_system import EdgeSystem
from femna.linear_solvers.krylov import SolveFailed
from femna.mesh import edges
from femna.models.single_potential import SinglePotential
from femna.physics.terms import total
from femna.timestepping import bdf
from femna.timestepping.step import Step, go_on

Array = NDArray[np.float64]

NEWTON_TOLERANCE = 1e-5
"""On the last change of xi; convergence is quadratic, so that what is left is of the order of its square."""
NEWTON_LIMIT = 8
PASSES = 3
"""At most so many rounds xi, phi, c in one step."""


@dataclass
class State:
    """The solution at one time, with what has crossed the boundary until then.

    xi, c (relative to c0), phi in V, content s, all (N,) with ghosts; ions_in: ions that entered through the boundary
    since the start, in units of c0 m^d; current: into the collector and out of the counter, A m^(d-3); voltage of the
    cell, V.
    """

    time: float
    xi: Array
    c: Array
    phi: Array
    content: Array
    ions_in: float = 0.0
    collector_current: float = 0.0
    counter_current: float = 0.0
    voltage: float = 0.0

    stored: ClassVar = ("xi", "c", "phi", "content")
    carried: ClassVar = ("time", "ions_in", "collector_current", "counter_current", "voltage")


class SingleStepper:
    """Takes steps of a `SinglePotential` problem; owns its three linear systems."""

    order = 3
    """Of the local error per step, for the choice of its size."""

    def __init__(
        self, problem: SinglePotential, preset: str = "auto", tolerance: float = 1e-3, rtol: float = 1e-9
    ) -> None:
        """tolerance: of the step control; the coupling of the three systems is iterated to a fifth of it."""
        self.problem = problem
        self.coupling_tolerance = 0.2 * tolerance
        grid, options = problem.grid, linear.preset(preset, problem.grid)
        # the potential is solved more sharply: the currents are differences of it
        rtols = {"xi": rtol, "c": rtol, "phi": 0.01 * rtol}
        self.pause: Callable[[], None] = go_on
        """Called between solves, on every rank; may raise."""
        self.systems = {key: EdgeSystem(grid, options[key], problem.fixed[key], rtols[key]) for key in rtols}
        self._root_n = float(np.sqrt(grid.total))

    def start(self, time: float, xi: Array, c: Array) -> State:
        """Consistent state at `time`: phi solved alone, first without and then with the current of the moving front."""
        problem = self.problem
        phi = problem.apply_fixed("phi", problem.phi_guess(), time)
        content = problem.content.h(xi)
        state = State(time, xi, problem.apply_fixed("c", c.copy(), time), phi, content)
        state.phi = self._solve_phi(state, np.zeros_like(xi), time)[0]
        state.phi, currents = self._solve_phi(state, self._xi_rate(state) * problem.content.slope(xi), time)
        state.collector_current, state.counter_current = currents
        state.voltage = problem.voltage
        return state

    @property
    def held(self) -> tuple[str, float]:
        """Mode and value of what the outer circuit holds."""
        return "voltage", self.problem.voltage

    def set_control(self, mode: str, value: float, area: float) -> bool:
        """Apply a voltage; whether it is a new one. (This model knows no other mode, and needs no area.)"""
        changed = value != self.problem.voltage
        self.problem.voltage = value
        return changed

    def reinitialise_potentials(self, state: State) -> State:
        """The state with the potential found anew, after a jump of the voltage."""
        fresh = self.start(state.time, state.xi, state.c)
        fresh.ions_in = state.ions_in
        return fresh

    def output_fields(self, state: State) -> dict[str, Array]:
        """The fields that are stored, (N,) each: c relative."""
        return {"xi": state.xi, "c": state.c, "phi": state.phi}

    def initial_rates(self, state: State) -> tuple[float, float]:
        """Largest |d xi/dt| and |d c~/dt| of a state, in 1/s, for the choice of the first step. Collective."""
        problem, grid = self.problem, self.problem.grid
        xi_rate = self._xi_rate(state)
        rates = problem.transport.rates(problem.edge_fraction(state.xi), state.phi)
        content_rate = xi_rate * problem.content.slope(state.xi)
        c_rate = grid.add_up(total(problem.transport.terms(state.c, rates, content_rate))) / grid.volume
        free = ~problem.fixed["c"]
        fastest = grid.max(np.abs(xi_rate).max(initial=0.0), np.abs(c_rate[free]).max(initial=0.0))
        return float(fastest[0]), float(fastest[1])

    def faradaic_current(self, state: State) -> float:
        """F c_s times the rate of growth of the metal, in A m^(d-3), of a state without a past. Collective."""
        growth = self._xi_rate(state) * self.problem.content.slope(state.xi)
        return self.problem.potential.charge_density * self.problem.grid.integral(growth)

    def _xi_rate(self, state: State) -> Array:
        """d xi/dt of a state, (N,) in 1/s. Collective."""
        problem, grid = self.problem, self.problem.grid
        rate = problem.reaction_rate(state.c, state.phi, state.time)
        change = grid.add_up(total(problem.phase_field.terms(state.xi, rate)))
        return change / grid.volume + problem.source("xi", state.time)

    def advance(self, past: Sequence[State], dt: float) -> Step[State]:
        """One step of size dt from past[0]; `past` holds up to three states, newest first. Raises SolveFailed."""
        problem = self.problem
        times = [state.time for state in past]
        time = times[0] + dt
        weights = bdf.derivative_weights(dt, times)
        krylov = sum(system.iterations for system in self.systems.values())
        three = bdf.extrapolation_weights(time, times[:3])
        predicted = {key: bdf.combine(three, [getattr(state, key) for state in past]) for key in ("xi", "c", "phi")}
        state = State(time, **predicted, content=problem.content.h(predicted["xi"]))
        two = bdf.extrapolation_weights(time, times[:2])
        # the anisotropic part is small against the isotropic one and is taken at the extrapolated xi
        anisotropic = problem.phase_field.anisotropic(bdf.combine(two, [old.xi for old in past]))
        newton = 0
        for _ in range(PASSES):
            self.pause()
            guess, response = state, self._response(state, weights[0])
            xi, iterations = self._solve_xi(past, weights, guess, response, anisotropic)
            newton += iterations
            state = State(time, xi, guess.c, guess.phi, problem.content.h(xi))
            content_rate = bdf.combine(weights, [state.content] + [old.content for old in past])
            state.phi, (state.collector_current, state.counter_current) = self._solve_phi(state, content_rate, time)
            state.c, inflow = self._solve_c(past, weights, state, content_rate)
            c_local = guess.c - response * (state.content - guess.content)
            mismatch = self._coupling_error(state, c_local, guess.phi, dt)
            if mismatch <= self.coupling_tolerance:
                break
        # what crossed the boundary, summed by the same formula as the fields, so that the balance is exact
        state.voltage = problem.voltage
        state.ions_in = (inflow - bdf.combine(weights[1:], [old.ions_in for old in past])) / weights[0]
        errors = self._errors(state, predicted, bdf.error_factor(dt, times)) | {"coupling": mismatch}
        krylov = sum(system.iterations for system in self.systems.values()) - krylov
        return Step(state, errors, newton, krylov)

    def _errors(self, state: State, predicted: dict[str, Array], factor: float) -> dict[str, float]:
        """Local errors of xi and, where there is no metal, of c~: rms over the interface, or a fifth of the maximum."""
        grid = self.problem.grid
        h = self.problem.phase_field.interpolation.h(state.xi)
        interface = 4.0 * state.xi * (1.0 - state.xi)
        # c inside the metal has no meaning and no weight
        where = {"xi": np.clip(interface, 0.0, 1.0), "c": np.where(state.xi < 0.5, 1.0 - h, 0.0)}
        owned = slice(0, grid.owned)
        errors = {}
        for key, weight in where.items():
            error = factor * np.abs(getattr(state, key) - predicted[key])
            volume = grid.owned_volume * interface * weight
            squares, weighted = grid.sum((volume * error**2).sum(), volume.sum())
            largest = grid.max((weight * error)[owned].max(initial=0.0))[0]
            errors[key] = float(max(np.sqrt(squares / max(weighted, 1e-300)), 0.2 * largest))
        return errors

    def _coupling_error(self, state: State, c_local: Array, phi_star: Array, dt: float) -> float:
        """Change of xi over the step had the reaction known the final c and phi: maximum over the nodes. Collective."""
        problem = self.problem
        cathodic, anodic = problem.reaction_parts(state.phi, state.time)
        slope = problem.phase_field.interpolation.slope(state.xi)
        beta, kinetics = problem.kinetics.transfer, problem.kinetics
        by_phi = (beta * np.abs(state.c) * cathodic + (1.0 - beta) * anodic) / kinetics.thermal_voltage
        missed = cathodic * np.abs(state.c - c_local) + by_phi * np.abs(state.phi - phi_star)
        return 0.2 * float(problem.grid.max((dt * slope * missed).max(initial=0.0))[0])

    def _response(self, state: State, a0: float) -> Array:
        """-dc~/ds to be expected at each node, (N,): c_s/c0, less what diffusion replaces over an interface width.

        A change of s over a front of width l, met by diffusion, changes c~ by a0/(a0 + 2 D/l^2) of what it takes.
        """
        problem = self.problem
        diffusivity = problem.transport.nodal_diffusivity(problem.phase_field.interpolation.h(state.xi))
        return problem.transport.site_ratio * a0 / (a0 + 2.0 * diffusivity / problem.phase_field.width**2)

    def _solve_xi(
        self, past: Sequence[State], weights: tuple[float, ...], guess: State, response: Array, anisotropic: Array
    ) -> tuple[Array, int]:
        """xi at the new time by Newton, and the iterations; c and phi as in `guess`, c with its local response."""
        problem, grid, system = self.problem, self.problem.grid, self.systems["xi"]
        phase, xi = problem.phase_field, problem.apply_fixed("xi", guess.xi.copy(), guess.time)
        cathodic, anodic = problem.reaction_parts(guess.phi, guess.time)
        source = problem.source("xi", guess.time)
        old = bdf.combine(weights[1:], [state.xi for state in past])
        volume = grid.volume
        edge_diagonal = edges.diagonal(grid.edges, phase.rates, phase.rates, grid.size)
        for iteration in range(1, NEWTON_LIMIT + 1):
            c_local = guess.c - response * (problem.content.h(xi) - guess.content)
            rate = c_local * cathodic - anodic
            change_rate = phase.double_well(xi) + phase.gradient(xi) + phase.reaction(xi, rate) + anisotropic
            residual = grid.add_up(change_rate) + volume * (source - weights[0] * xi - old)
            local = weights[0] + phase.reaction_jacobian(xi, rate)
            local += phase.interpolation.slope(xi) * response * problem.content.slope(xi) * cathodic
            system.assemble(volume * local * grid.is_owned + edge_diagonal, phase.rates, phase.rates)
            change = system.solve(residual, atol=1e-10 * self._root_n)
            xi = xi + change
            largest = float(grid.max(np.abs(change).max(initial=0.0))[0])
            if largest < NEWTON_TOLERANCE:
                return xi, iteration
            if not largest < 1.0:
                raise SolveFailed("the order parameter ran away")
        raise SolveFailed(f"no convergence of the order parameter in {NEWTON_LIMIT} Newton steps")

    def _solve_phi(self, state: State, content_rate: Array, time: float) -> tuple[Array, tuple[float, float]]:
        problem, grid, system = self.problem, self.problem.grid, self.systems["phi"]
        potential = problem.potential
        rates = potential.rates(problem.edge_fraction(state.xi))
        phi = problem.apply_fixed("phi", state.phi.copy(), time)
        source = grid.volume * problem.source("phi", time)
        residual = grid.add_up(total(potential.terms(phi, rates, content_rate))) + source
        system.assemble(edges.diagonal(grid.edges, rates, rates, grid.size), rates, rates)
        phi = phi + system.solve(residual, atol=1e-11 * self._root_n)
        # what the counter's nodes must give to close their own balance is the current there; the collector takes what
        # the reaction leaves of it (its own balance, of tiny drops in a metal, would be lost in the solver's tolerance)
        terms = potential.terms(phi, rates, content_rate)
        residual = grid.add_up(total(terms)) + source
        owned = grid.is_owned > 0.0
        given, left = grid.sum(residual[problem.counter & owned].sum(), (terms["deposition"] + source * owned).sum())
        return phi, (float(left - given), -float(given))

    def _solve_c(
        self, past: Sequence[State], weights: tuple[float, ...], state: State, content_rate: Array
    ) -> tuple[Array, float]:
        problem, grid, system = self.problem, self.problem.grid, self.systems["c"]
        transport = problem.transport
        rates = transport.rates(problem.edge_fraction(state.xi), state.phi)
        old = bdf.combine(weights[1:], [s.c for s in past])
        source = problem.source("c", state.time)

        def residual(c: Array) -> Array:
            change_rate = grid.add_up(total(transport.terms(c, rates, content_rate)))
            return change_rate + grid.volume * (source - weights[0] * c - old)

        c = problem.apply_fixed("c", state.c.copy(), state.time)
        local = grid.volume * weights[0] * grid.is_owned
        system.assemble(local + edges.diagonal(grid.edges, *rates, grid.size), *rates)
        c = c + system.solve(residual(c), atol=1e-13 * self._root_n)
        fixed = problem.fixed["c"][: grid.owned]
        inflow = -residual(c)[: grid.owned][fixed].sum()
        return c, float(grid.sum(inflow)[0])
