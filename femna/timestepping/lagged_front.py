"""One step of the two-potential model: front frozen at mid-step, (c, phi_l, phi_s) by Newton, metal, relaxation.

1. The front's reaction area, conductivities and curvature are taken from xi extrapolated to the middle of the step. (At
   its beginning, metal would be put at the old front and then be carried along the normals: an error of first order in
   the growth of every wave.)
2. Newton's method on c, phi_l and phi_s together, backward Euler in c; under current control the voltage is one more
   unknown, by a second right side with the same matrix.
3. xi grows, and layers that take up sodium fill (physics/uptake.py), by the same nodal currents that the ions lose and
   the electrons bring: sodium and charge are conserved.
4. The profile relaxes without moving metal (physics/relaxation.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from femna.linear_solvers import edge_system as linear
from femna.linear_solvers.block_system import BlockSystem
from femna.linear_solvers.edge_system import EdgeSystem
from femna.linear_solvers.krylov import SolveFailed
from femna.mesh import edges
from femna.models.boundary import Mask
from femna.models.two_potential import LaggedCoefficients, TwoPotential
from femna.physics.front_geometry import signed_distance
from femna.timestepping.newton import Control, Solution, newton
from femna.timestepping.step import Step, go_on

Array = NDArray[np.float64]

PROFILE_LIMIT = 30
FAR = 0.36
"""How far the front may move in a step, in units of l."""
MOST = 0.75
"""Share of its metal, or of its room, that a node may lose in a step. A front that reacts evenly takes 2/3 in a step of
FAR; where ions resist, its tail is stripped first, and ripples that stay behind it shorten their path."""
FAINT = 1e-3
"""Metal, or room, of a node that counts for that."""
SLACK = 1e-6
"""How far the reaction may drive xi out of [0, 1] within a step."""


@dataclass
class State:
    """The solution at one time, with what has crossed the boundary until then.

    xi, c (relative to c0), salt (c times the room it has), phi_l and phi_s in V, (N,) each with ghosts; voltage of the
    cell; growth: V_m/F times the deposition current per volume, 1/s; uptake: filled share of the layers that take up
    sodium; ions_in: Na+ that entered, in c0 m^d; currents into the collector, out of the counter and into such layers,
    A m^(d-3); counter_charge: what the counter gave so far, C m^(d-3).
    """

    time: float
    xi: Array
    c: Array
    salt: Array
    phi_l: Array
    phi_s: Array
    deposition_rate: Array
    uptake: Array
    voltage: float = 0.0
    ions_in: float = 0.0
    collector_current: float = 0.0
    counter_current: float = 0.0
    uptake_current: float = 0.0
    counter_charge: float = 0.0

    stored: ClassVar = ("xi", "c", "salt", "phi_l", "phi_s", "deposition_rate", "uptake")
    carried: ClassVar = (
        "time",
        "voltage",
        "ions_in",
        "collector_current",
        "counter_current",
        "uptake_current",
        "counter_charge",
    )

    @property
    def content(self) -> Array:
        """The metal's share of the volume."""
        return self.xi


class TwoStepper:
    """Takes steps of a `TwoPotential` problem; owns its linear systems."""

    order = 2
    """Of the local error per step, for the choice of its size."""
    control = Control("voltage", 0.0)
    """What the outer circuit holds; set it before a start or a step."""

    def __init__(
        self, problem: TwoPotential, preset: str = "auto", tolerance: float = 1e-3, rtol: float = 1e-9
    ) -> None:
        self.problem, self.tolerance = problem, tolerance
        self.held = ("voltage", 0.0)
        self.pause: Callable[[], None] = go_on
        """Called between solves, on every rank; may raise."""
        grid = problem.grid
        options = linear.preset(preset, grid, 2 if problem.ions.kind == "single_ion" else 3)
        fixed = problem.fixed
        along = [("phi_l", "phi_l"), ("phi_s", "phi_s")] + [
            ("phi_s", "phi_l")
        ] * problem.extrapolates_potential_to_interface
        self.potentials = BlockSystem(grid, ("phi_l", "phi_s"), along, fixed, options["coupled"])
        self.coupled = self.potentials
        if problem.ions.kind != "single_ion":
            along = [("c", "c"), ("c", "phi_l"), ("phi_l", "c"), *along]
            self.coupled = BlockSystem(grid, ("c", "phi_l", "phi_s"), along, fixed, options["coupled"])
        nowhere = np.zeros(grid.size, dtype=bool)
        self.profile = EdgeSystem(grid, options["relaxation"], nowhere, rtol)
        self._root_n = float(np.sqrt(grid.total))
        x = np.linspace(0.0, 1.0, 101)
        self._steepest = float((problem.interpolation.slope(x) * 2.0 * x * (1.0 - x)).max()) / problem.width
        """Largest area per volume of a front, 1/m."""

    @property
    def krylov(self) -> int:
        """Krylov iterations so far."""
        systems = {id(system): system for system in (self.potentials, self.coupled, self.profile)}
        return sum(system.iterations for system in systems.values())

    def start(self, time: float, xi: Array, c: Array, old: State | None = None) -> State:
        """Consistent state at `time`: the potentials found alone, from those of `old` where there is one."""
        problem = self.problem
        zero = np.zeros(problem.grid.size)
        degree_of_sodiation = (
            old.uptake if old is not None else zero if problem.uptake is None else problem.uptake.initial
        )
        frozen = problem.lag_coefficients(xi, xi, xi, 0.0, degree_of_sodiation)
        phi_l, phi_s, voltage = (zero.copy(), zero.copy(), 0.0) if old is None else (old.phi_l, old.phi_s, old.voltage)
        guess = Solution(c, phi_l.copy(), phi_s.copy(), voltage)
        solution, work = newton(self.potentials, problem, frozen, guess, self.control)
        salt = frozen.room * c
        state = State(
            time,
            xi,
            c,
            salt,
            solution.phi_l,
            solution.phi_s,
            work.deposition_rate,
            degree_of_sodiation,
            solution.voltage,
        )
        state.collector_current, state.counter_current = work.collector_current, work.counter_current
        state.uptake_current = work.uptake_current
        if old is not None:
            state.salt, state.ions_in, state.counter_charge = old.salt, old.ions_in, old.counter_charge
        return state

    def set_control(self, mode: str, value: float, area: float) -> bool:
        """Let the outer circuit hold what a protocol step asks for; whether that is anything new. area in m^(d-1)."""
        before, self.held = self.held, (mode, value)
        self.control = Control("voltage", value) if mode == "voltage" else Control("current", value * area)
        return before != self.held

    def reinitialise_potentials(self, state: State) -> State:
        """The state with the potentials found anew, after a jump of what is held."""
        return self.start(state.time, state.xi, state.c, state)

    def initial_rates(self, state: State) -> tuple[float, float]:
        """How fast the front moves, in units of l/10, and c~ or u changes, in 1/s, for the choice of the first step."""
        problem, grid = self.problem, self.problem.grid
        frozen = problem.lag_coefficients(state.xi, state.xi, state.xi, 0.0, state.uptake)
        front = 10.0 * self._speeds(frozen, state)[0] / problem.width
        rate = np.zeros(grid.size)
        if problem.ions.kind != "single_ion":
            loss = problem.ions.anion_share * problem.site_ratio * np.abs(state.deposition_rate) * grid.volume
            rate = loss / np.maximum(
                problem.ions.salt_volume * problem.ions.electrolyte_fraction(state.xi), 1e-3 * grid.volume
            )
            rate[problem.fixed["c"]] = 0.0
        if frozen.filling is not None:
            current = problem.fill(frozen.filling, state.c, state.phi_s, state.phi_l).current
            rate = np.maximum(rate, np.abs(replace(frozen.filling, dt=1.0).after(current) - state.uptake))
        return front, float(grid.max(rate.max(initial=0.0))[0])

    def faradaic_current(self, state: State) -> float:
        """F c_s times the rate of growth of the metal, in A m^(d-3). Collective."""
        return self.problem.grid.integral(state.deposition_rate) / self.problem.volume_per_charge

    def output_fields(self, state: State) -> dict[str, Array]:
        """The fields that are stored, (N,) each: c relative, phi_l as the electrostatic potential."""
        phi_l = self.problem.ions.electrostatic(state.c, state.phi_l)
        output_fields = {"xi": state.xi, "c": state.c, "phi_l": phi_l, "phi_s": state.phi_s}
        return output_fields if self.problem.uptake is None else output_fields | {"uptake": state.uptake}

    def advance(self, past: Sequence[State], dt: float) -> Step[State]:
        """One step of size dt from past[0]. Raises SolveFailed. Collective."""
        problem, grid, old = self.problem, self.problem.grid, past[0]
        before = self.krylov
        rate = old.deposition_rate if len(past) == 1 else (old.xi - past[1].xi) / (old.time - past[1].time)
        middle, end = (np.clip(old.xi + share * dt * rate, 0.0, 1.0) for share in (0.5, 1.0))
        frozen = problem.lag_coefficients(old.xi, middle, end, dt, old.uptake)
        solution, work = newton(
            self.coupled, problem, frozen, self._guess(past, dt), self.control, old.salt, dt, self.pause
        )
        xi = old.xi + dt * work.deposition_rate
        outside = float(grid.max(max(-xi.min(initial=0.0), xi.max(initial=1.0) - 1.0))[0])
        if not outside <= SLACK:
            raise SolveFailed(f"the reaction drove xi out of [0, 1] by {outside:.2g}")
        speed, tail_speed = self._speeds(frozen, solution)
        far = max(speed * dt / (FAR * problem.width), self._emptying(old.xi, dt * work.deposition_rate) / MOST)
        xi, iterations = self._relax(xi, dt, problem.relaxation.strength * tail_speed * problem.width)
        salt = np.where(problem.fixed["c"], frozen.room * solution.c, old.salt + dt * work.salt_rate)
        state = State(
            old.time + dt,
            xi,
            solution.c,
            salt,
            solution.phi_l,
            solution.phi_s,
            work.deposition_rate,
            old.uptake if frozen.filling is None else frozen.filling.after(work.uptake),
            solution.voltage,
            old.ions_in + dt * work.ions_rate,
            work.collector_current,
            work.counter_current,
            work.uptake_current,
            old.counter_charge + dt * work.counter_current,
        )
        errors = {
            "front": self.tolerance * far**self.order,
            "c": 0.0,
            "uptake": 0.0,
        }
        if problem.ions.kind != "single_ion":
            weight = problem.ions.salt_volume * frozen.room
            errors["c"] = self._error(past, state, dt, "c", weight, (frozen.room > 0.5) & ~problem.fixed["c"])
        if frozen.filling is not None:
            weight = frozen.filling.uptake.capacity * frozen.filling.bare
            errors["uptake"] = self._error(
                past, state, dt, "uptake", weight, (frozen.filling.bare > 0.5) & (weight > 0.0)
            )
        return Step(state, errors, solution.iterations + iterations, self.krylov - before)

    @staticmethod
    def _guess(past: Sequence[State], dt: float) -> Solution:
        """What the next fields are expected to be: the last ones, or a straight line through the last two."""
        old = past[0]
        share = dt / (old.time - past[1].time) if len(past) > 1 else 0.0
        before = past[1] if len(past) > 1 else old
        c, phi_l, phi_s = (
            getattr(old, key) + share * (getattr(old, key) - getattr(before, key)) for key in ("c", "phi_l", "phi_s")
        )
        return Solution(np.maximum(c, 0.1 * old.c), phi_l, phi_s, old.voltage + share * (old.voltage - before.voltage))

    def _error(self, past: Sequence[State], state: State, dt: float, key: str, weight: Array, counts: Mask) -> float:
        """Local error of backward Euler in a field, from what a straight line through the past would have given.

        Root mean square by the nodes' weights (N,), or a fifth of the largest on the nodes that count.
        """
        grid, new, old = self.problem.grid, getattr(state, key), getattr(past[0], key)
        if len(past) == 1:
            difference, factor = new - old, 0.1
        else:
            before = past[0].time - past[1].time
            difference = new - old - dt / before * (old - getattr(past[1], key))
            factor = dt / (2.0 * dt + before)
        error = factor * np.abs(difference)
        weight = grid.is_owned * weight
        squares, whole = grid.sum((weight * error**2).sum(), weight.sum())
        worst = float(grid.max(error[counts].max(initial=0.0))[0])
        return max(float(np.sqrt(squares / max(whole, 1e-300))), 0.2 * worst)

    def _speeds(self, frozen: LaggedCoefficients, solution: Solution | State) -> tuple[float, float]:
        """Largest speed of the front by what grows, and by the current density where it grows, m/s each. Collective.

        On a profile that reacts evenly both are the same. Where the salt is used up the reaction has gone ahead into
        the front's tail, on little area with a large current density: the front moves as fast as metal grows, but the
        tail would run away from it if the profile did not relax as fast as that current density moves the tail.
        """
        site, grid = frozen.sites[0], self.problem.grid
        reacts = np.abs(self.problem.react(site, solution.c, solution.phi_s, solution.phi_l).current)
        current = reacts / np.where(site.area > 0.0, site.area, 1.0)
        growing = reacts / grid.volume
        most = float(grid.max(growing.max(initial=0.0))[0])
        there = float(grid.max(current[growing > 0.05 * most].max(initial=0.0))[0])
        return self.problem.volume_per_charge * most / self._steepest, self.problem.volume_per_charge * there

    def _emptying(self, xi: Array, change: Array) -> float:
        """Largest share of its metal, or of its room, that a node loses in a step; xi at its start. Collective."""
        had = np.where(change < 0.0, xi, 1.0 - xi)
        share = np.abs(change[had > FAINT]) / had[had > FAINT]
        return float(self.problem.grid.max(share.max(initial=0.0))[0])

    def _relax(self, xi: Array, dt: float, mobility: float) -> tuple[Array, int]:
        """The profile relaxed over dt by implicit Euler, and the iterations; metal is conserved to rounding."""
        problem, grid = self.problem, self.problem.grid
        if mobility <= 0.0:
            return xi, 0
        interface_normal = problem.interface_normal(xi, signed_distance(xi, problem.width))
        steepness = problem.relaxation.steepness(interface_normal)
        inertia = grid.volume / dt
        new = xi
        iteration, largest = 0, 1.0
        while largest >= 1e-8:
            iteration += 1
            if iteration > PROFILE_LIMIT:
                raise SolveFailed("no convergence of the front's profile")
            flux, p, q = problem.relaxation.flux_divergence(mobility, steepness, new)
            residual = inertia * (new - xi) + grid.add_up(flux)
            self.profile.assemble(inertia * grid.is_owned + edges.diagonal(grid.edges, p, q, grid.size), p, q)
            change = self.profile.solve(-residual, atol=1e-12 * self._root_n)
            new = new + change
            largest = float(grid.max(np.abs(change).max(initial=0.0))[0])
            if not np.isfinite(largest):
                raise SolveFailed("the front's profile ran away")
        flux, _, _ = problem.relaxation.flux_divergence(mobility, steepness, new)
        return xi - grid.add_up(flux) / inertia, iteration
