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

import numpy as np
from numpy.typing import NDArray

from femna.contract.control import Control
from femna.contract.state import State, times_before
from femna.contract.step import AttemptedStep, ChangeRates, carry_on
from femna.contract.terms import total
from femna.linear_solvers.edge_system import EdgeSystem
from femna.linear_solvers.krylov import SolveFailed
from femna.linear_solvers.presets import preset
from femna.models.single_potential import SinglePotential
from femna.timestepping import bdf
from femna.timestepping.error_norm import error_norm

Array = NDArray[np.float64]

NEWTON_TOLERANCE = 1e-5
"""On the last change of xi; convergence is quadratic, so that what is left is of the order of its square."""
XI_ATOL = 1e-11
"""Of a Newton correction of xi, root mean square of what the preconditioner leaves. The currents follow the rate of xi:
with 1e-10 those of one and of two ranks were 2.5e-6 apart, with this 4e-7, for a quarter more iterations of xi."""
NEWTON_LIMIT = 8
PASSES = 3
"""At most so many rounds xi, phi, c in one step."""


class StaggeredStepper:
    """Takes steps of a `SinglePotential` problem; owns its three linear systems."""

    order = 3
    """Of the local error per step, for the choice of its size."""

    steady_growth = bdf.MAX_GROWTH
    """Largest ratio of successive steps."""

    def __init__(
        self, model: SinglePotential, solver: str = "auto", tolerance: float = 1e-3, rtol: float = 1e-9
    ) -> None:
        """tolerance: of the step control; the coupling of the three systems is iterated to a fifth of it."""
        self.model = model
        self.coupling_tolerance = 0.2 * tolerance
        grid, options = model.grid, preset(solver, model.grid)
        # the potential is solved more sharply: the currents are differences of it
        rtols = {"xi": rtol, "c": rtol, "phi": 0.01 * rtol}
        self.pause: Callable[[], None] = carry_on
        """Called between solves, on every rank; may raise."""
        self.systems = {key: EdgeSystem(grid, options[key], model.fixed[key], rtols[key]) for key in rtols}
        self._root_n = float(np.sqrt(grid.total))

    @property
    def krylov(self) -> int:
        """Krylov iterations so far."""
        return sum(system.iterations for system in self.systems.values())

    @property
    def control(self) -> Control:
        """The voltage that the circuit holds."""
        return Control("voltage", self.model.voltage)

    def set_control(self, control: Control) -> bool:
        """Apply a voltage; whether it is a new one. This model knows no other control."""
        changed = control.value != self.model.voltage
        self.model.voltage = control.value
        return changed

    def start(self, time: float, fields: dict[str, Array]) -> State:
        """Consistent state at `time`: phi solved alone, first without and then with the current of the moving front.

        Args:
            time: s.
            fields: xi and c~, (N,) each; what else there is stays as it is.
        """
        model, xi = self.model, fields["xi"]
        own = {
            "c": model.apply_fixed("c", fields["c"].copy(), time),
            "phi": model.apply_fixed("phi", model.phi_guess(), time),
            "content": model.transport.content.h(xi),
        }
        state = State(time, fields | own, voltage=model.voltage, scalars={"ions_in": 0.0})
        fraction = model.edge_fraction(xi)
        state.fields["phi"] = self._solve_phi(state, np.zeros_like(xi), fraction)
        growth = self._xi_rate(state) * model.transport.content.slope(xi)
        state.fields["phi"] = self._solve_phi(state, growth, fraction)
        return state

    def reinitialise_potentials(self, state: State) -> State:
        """The state with the potential found anew, after a jump of the voltage."""
        fresh = self.start(state.time, state.fields)
        fresh.scalars = dict(state.scalars)
        return fresh

    def output_fields(self, state: State) -> dict[str, Array]:
        """The fields that are stored, in SI, (N,) each."""
        return {name: state[name] for name in ("xi", "phi")} | self.model.transport.output(state)

    def change_rates(self, state: State) -> ChangeRates:
        """Largest |d xi/dt| and |d c~/dt| of a state. Collective."""
        model, grid = self.model, self.model.grid
        xi_rate = self._xi_rate(state)
        rates = model.transport.rates(model.edge_fraction(state["xi"]), state["phi"])
        content_rate = xi_rate * model.transport.content.slope(state["xi"])
        c_rate = grid.add_up(total(model.transport.terms(state["c"], rates, content_rate))) / grid.volume
        free = ~model.fixed["c"]
        fastest = grid.max(np.abs(xi_rate).max(initial=0.0), np.abs(c_rate[free]).max(initial=0.0))
        return ChangeRates(front=float(fastest[0]), contents=float(fastest[1]))

    def deposition_current(self, state: State) -> float:
        """F c_s times the rate of growth of the metal, in A m^(d-3), of a state without a past. Collective."""
        growth = self._xi_rate(state) * self.model.transport.content.slope(state["xi"])
        return self.model.potential.charge_density * self.model.grid.integral(growth)

    def _xi_rate(self, state: State) -> Array:
        """d xi/dt of a state, (N,) in 1/s. Collective."""
        model, grid = self.model, self.model.grid
        rate = model.reaction_rate(state["c"], state["phi"], state.time)
        change = grid.add_up(total(model.phase_field.terms(state["xi"], rate)))
        return change / grid.volume + model.source("xi", state.time)

    def advance(self, past: Sequence[State], dt: float) -> AttemptedStep:
        """One step of size dt from past[0]; `past` holds up to three states, newest first. Raises SolveFailed."""
        model = self.model
        times = times_before(past)
        time = past[0].time + dt
        weights = bdf.derivative_weights(dt, times)
        before = self.krylov
        three = bdf.extrapolation_weights(dt, times[:3])
        predicted = {key: bdf.combine(three, [old[key] for old in past]) for key in ("xi", "c", "phi")}
        state = State(time, predicted | {"content": model.transport.content.h(predicted["xi"])})
        two = bdf.extrapolation_weights(dt, times[:2])
        # the anisotropic part is small against the isotropic one and is taken at the extrapolated xi
        anisotropic = model.phase_field.anisotropic(bdf.combine(two, [old["xi"] for old in past]))
        newton = 0
        for _ in range(PASSES):
            self.pause()
            guess, response = state, self._response(state, weights[0])
            xi, iterations = self._solve_xi(past, weights, guess, response, anisotropic)
            newton += iterations
            state = State(time, guess.fields | {"xi": xi, "content": model.transport.content.h(xi)})
            content_rate = bdf.combine(weights, [state["content"]] + [old["content"] for old in past])
            fraction = model.edge_fraction(xi)
            state.fields["phi"] = self._solve_phi(state, content_rate, fraction)
            state.fields["c"], inflow = self._solve_c(past, weights, state, content_rate, fraction)
            c_local = guess["c"] - response * (state["content"] - guess["content"])
            mismatch = self._coupling_error(state, c_local, guess["phi"], dt)
            if mismatch <= self.coupling_tolerance:
                break
        # what crossed the boundary, summed by the same formula as the fields, so that the balance is exact
        state.voltage, state.dt = model.voltage, dt
        entered = bdf.combine(weights[1:], [old.scalars["ions_in"] for old in past])
        state.scalars = {"ions_in": (inflow - entered) / weights[0]}
        errors = self._errors(state, predicted, bdf.error_factor(dt, times)) | {"coupling": mismatch}
        return AttemptedStep(state, errors, newton, self.krylov - before)

    def _errors(self, state: State, predicted: dict[str, Array], factor: float) -> dict[str, float]:
        """Local errors of xi and, where there is no metal, of c~: rms over the interface, or a fifth of the maximum."""
        grid = self.model.grid
        h = self.model.phase_field.interpolation.h(state["xi"])
        interface = 4.0 * state["xi"] * (1.0 - state["xi"])
        # c inside the metal has no meaning and no weight
        where = {"xi": np.clip(interface, 0.0, 1.0), "c": np.where(state["xi"] < 0.5, 1.0 - h, 0.0)}
        owned = slice(0, grid.owned)
        errors = {}
        for key, weight in where.items():
            error = factor * np.abs(state[key] - predicted[key]) * grid.settled
            errors[key] = error_norm(grid, error, grid.volume * interface * weight, (weight * error)[owned])
        return errors

    def _coupling_error(self, state: State, c_local: Array, phi_star: Array, dt: float) -> float:
        """Change of xi over the step had the reaction known the final c and phi: maximum over the nodes. Collective."""
        model = self.model
        cathodic, anodic = model.reaction_parts(state["phi"], state.time)
        slope = model.phase_field.interpolation.slope(state["xi"])
        beta, kinetics = model.kinetics.transfer, model.kinetics
        by_phi = (beta * np.abs(state["c"]) * cathodic + (1.0 - beta) * anodic) / kinetics.thermal_voltage
        missed = cathodic * np.abs(state["c"] - c_local) + by_phi * np.abs(state["phi"] - phi_star)
        return 0.2 * float(model.grid.max((dt * slope * missed).max(initial=0.0))[0])

    def _response(self, state: State, a0: float) -> Array:
        """-dc~/ds to be expected at each node, (N,): c_s/c0, less what diffusion replaces over an interface width.

        A change of s over a front of width l, met by diffusion, changes c~ by a0/(a0 + 2 D/l^2) of what it takes.
        """
        model = self.model
        diffusivity = model.transport.nodal_diffusivity(model.phase_field.interpolation.h(state["xi"]))
        return model.transport.site_ratio * a0 / (a0 + 2.0 * diffusivity / model.phase_field.width**2)

    def _solve_xi(
        self, past: Sequence[State], weights: tuple[float, ...], guess: State, response: Array, anisotropic: Array
    ) -> tuple[Array, int]:
        """xi at the new time by Newton, and the iterations; c and phi as in `guess`, c with its local response."""
        model, grid, system = self.model, self.model.grid, self.systems["xi"]
        phase, xi = model.phase_field, model.apply_fixed("xi", guess["xi"].copy(), guess.time)
        cathodic, anodic = model.reaction_parts(guess["phi"], guess.time)
        source = model.source("xi", guess.time)
        old = bdf.combine(weights[1:], [state["xi"] for state in past])
        volume = grid.volume
        for iteration in range(1, NEWTON_LIMIT + 1):
            c_local = guess["c"] - response * (model.transport.content.h(xi) - guess["content"])
            rate = c_local * cathodic - anodic
            change_rate = phase.double_well(xi) + phase.gradient(xi) + phase.reaction(xi, rate) + anisotropic
            residual = grid.add_up(change_rate) + volume * (source - weights[0] * xi - old)
            local = weights[0] + phase.reaction_jacobian(xi, rate)
            local += phase.interpolation.slope(xi) * response * model.transport.content.slope(xi) * cathodic
            system.assemble(grid.owned_volume * local, phase.rates, phase.rates)
            change = system.solve(residual, atol=XI_ATOL * self._root_n)
            xi = xi + change
            largest = float(grid.max(np.abs(change).max(initial=0.0))[0])
            if largest < NEWTON_TOLERANCE:
                return xi, iteration
            if not largest < 1.0:
                raise SolveFailed("the order parameter ran away")
        raise SolveFailed(f"no convergence of the order parameter in {NEWTON_LIMIT} Newton steps")

    def _solve_phi(self, state: State, content_rate: Array, fraction: Array) -> Array:
        """phi of the state's content rate and metal fraction on the edges, (N,) in V; sets the state's currents.
        Collective."""
        time = state.time
        model, grid, system = self.model, self.model.grid, self.systems["phi"]
        potential = model.potential
        rates = potential.rates(fraction)
        phi = model.apply_fixed("phi", state["phi"].copy(), time)
        source = grid.volume * model.source("phi", time)
        residual = grid.add_up(total(potential.terms(phi, rates, content_rate))) + source
        system.assemble(np.zeros(grid.size), rates, rates)
        phi = phi + system.solve(residual, atol=1e-11 * self._root_n)
        # what the counter's nodes must give to close their own balance is the current there; the collector takes what
        # the reaction leaves of it (its own balance, of tiny drops in a metal, would be lost in the solver's tolerance)
        terms = potential.terms(phi, rates, content_rate)
        residual = grid.add_up(total(terms)) + source
        owned = grid.is_owned > 0.0
        given, left = grid.sum(residual[model.counter & owned].sum(), (terms["deposition"] + source * owned).sum())
        state.collector_current, state.counter_current = float(left - given), -float(given)
        return np.asarray(phi)

    def _solve_c(
        self, past: Sequence[State], weights: tuple[float, ...], state: State, content_rate: Array, fraction: Array
    ) -> tuple[Array, float]:
        model, grid, system = self.model, self.model.grid, self.systems["c"]
        transport = model.transport
        rates = transport.rates(fraction, state["phi"])
        old = bdf.combine(weights[1:], [s["c"] for s in past])
        source = model.source("c", state.time)

        def residual(c: Array) -> Array:
            change_rate = grid.add_up(total(transport.terms(c, rates, content_rate)))
            return change_rate + grid.volume * (source - weights[0] * c - old)

        c = model.apply_fixed("c", state["c"].copy(), state.time)
        system.assemble(weights[0] * grid.owned_volume, *rates)
        c = c + system.solve(residual(c), atol=1e-13 * self._root_n)
        fixed = model.fixed["c"][: grid.owned]
        inflow = -residual(c)[: grid.owned][fixed].sum()
        return c, float(grid.sum(inflow)[0])
