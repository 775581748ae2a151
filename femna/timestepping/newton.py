"""The coupled equations of a frozen step: residuals, derivatives, and Newton's method on (c, phi_l, phi_s).

Under current control the voltage is one more unknown: its column is a second right side of the same matrix, its row the
counter's current.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from femna.linear_solvers.block_system import BlockSystem, Derivatives, Pair
from femna.linear_solvers.krylov import SolveFailed
from femna.mesh import edges
from femna.models.two_potential import LaggedCoefficients, Reaction, TwoPotential
from femna.physics.ions import EdgeFlux
from femna.timestepping.step import go_on

Array = NDArray[np.float64]

NEWTON_LIMIT = 30
CLOSE = 1e-6
"""On the last change of eta (V) and c~: convergence is quadratic, so that some 1e-9 of the current are left."""
BALANCED = 2e-10
"""What the currents of collector, counter and reactions may differ by, relative to the largest of them."""
PATIENCE = 3
"""Iterations with no change to speak of, after which the balance is as good as it will be."""
ROUGH = 1e-6
"""BALANCED after so many: currents that differ by more, and by more than rounding, are no solution."""
EPSILON = float(np.finfo(float).eps)
MARGIN = 1e3
"""Of rounding over what one rounding of a potential does to the currents of reactions and counter."""
COARSE = 1e-5
"""Relative tolerance of the linear systems: Newton's method ends by its own changes and balances, whatever is left."""
FIRST = 1e-10
"""The same of a step's first one: in new metal the guess leaves residuals that exceed the currents by many decades, and
what is left of them must not count."""
FINE = 1e-8
"""The same of the second right side: a cell conducts much less than the counter's nodes do, to which this refers."""
LONGEST = 6.0
"""Largest change of eta in one iteration, in RT/F."""
LEAST_SHARE = 1e-3
"""What an iteration leaves of a node's concentration at the least."""


@dataclass(frozen=True)
class Control:
    """What the outer circuit holds: the cell's voltage (V), or the current (A m^(d-3)) from counter to anode."""

    mode: Literal["voltage", "current"]
    value: float


@dataclass
class Solution:
    """What Newton's method works on: c~, phi_l and phi_s (V) at the nodes, the cell's voltage."""

    c: Array
    phi_l: Array
    phi_s: Array
    voltage: float
    iterations: int = 0


@dataclass
class ResidualEvaluation:
    """Residuals, fluxes and reactions of a frozen step at one point of Newton's method.

    residuals: (N,) whole, A m^(d-3), that of c times F c0. growth, salt_rate (N,) in 1/s; ions_rate in
    c0 m^d/s; currents in A m^(d-3). deposition: into metal and into the layers that take up sodium; uptake: into these.
    apart: by how much the currents of collector, counter and reactions differ; tolerance: by how much they may.
    """

    problem: TwoPotential
    lagged: LaggedCoefficients
    residuals: dict[str, Array]
    deposition_rate: Array
    salt_rate: Array
    ions_rate: float
    collector_current: float
    counter_current: float
    uptake_current: float
    uptake: Array
    current_mismatch: float
    tolerance: float
    deposition: Reaction
    current: EdgeFlux
    counter: Reaction | None
    dt: float
    salt: EdgeFlux | None = None

    @classmethod
    def at(
        cls, problem: TwoPotential, lagged: LaggedCoefficients, x: Solution, salt: Array | None, dt: float
    ) -> ResidualEvaluation:
        """Everything at the point x. Collective."""
        grid, ions = problem.grid, problem.ions
        owned = grid.is_owned > 0.0
        metal = deposition = problem.deposition(lagged.sites, x.c, x.phi_s, x.phi_l)
        uptake = np.zeros(grid.size)
        if lagged.filling is not None:
            reaction = problem.fill(lagged.filling, x.c, x.phi_s, x.phi_l)
            deposition, uptake = metal + reaction, reaction.current
        current = ions.current(lagged.electrolyte_fraction, x.c, x.phi_l)
        phi_l = grid.add_up(edges.divergence(grid.edges, current.flux, grid.size)) + deposition.current
        counter = None
        if problem.counter_site is not None:
            counter = problem.react(problem.counter_site, x.c, x.voltage, x.phi_l)
            phi_l = phi_l + counter.current
        phi_s = (
            grid.add_up(edges.flux_divergence(grid.edges, lagged.electrons, lagged.electrons, x.phi_s))
            - deposition.current
        )
        residuals = {"phi_l": phi_l, "phi_s": phi_s}
        given = phi_l[problem.counter & owned].sum() if counter is None else -counter.current[owned].sum()
        reacts = deposition.current[owned]
        collector_current, counter_current, uptake_current, faradaic = grid.sum(
            -phi_s[problem.collector & owned].sum(),
            given,
            uptake[owned].sum(),
            reacts.sum(),
        )
        current_mismatch = max(abs(counter_current - collector_current), abs(counter_current - faradaic))
        # at rest a layer may take from the metal what no electrode sees
        largest = max(abs(collector_current), abs(counter_current), abs(faradaic - uptake_current), abs(uptake_current))
        work = cls(
            problem,
            lagged,
            residuals,
            problem.volume_per_charge * metal.current / grid.volume,
            np.zeros(grid.size),
            float(counter_current) / ions.charge,
            float(collector_current),
            float(counter_current),
            float(uptake_current),
            uptake,
            float(current_mismatch),
            BALANCED * float(largest),
            deposition,
            current,
            counter,
            dt,
        )
        if salt is not None and ions.kind != "single_ion":
            work._with_salt(x, salt, dt)
        return work

    def _with_salt(self, x: Solution, salt: Array, dt: float) -> None:
        problem, grid, ions = self.problem, self.problem.grid, self.problem.ions
        deposition, counter = self.deposition, self.counter
        flux = ions.salt(self.lagged.electrolyte_fraction, x.c, x.phi_l)
        taken = deposition.current if counter is None else deposition.current + counter.current
        out = grid.add_up(edges.divergence(grid.edges, flux.flux, grid.size)) + ions.anion_share / ions.charge * taken
        residual = ions.salt_volume * (self.lagged.room * x.c - salt) / dt + out
        self.residuals["c"] = ions.charge * residual
        self.salt = flux
        self.salt_rate = -out / np.where(ions.without_salt, 1.0, ions.salt_volume)
        if counter is None:  # at an ideal counter ions enter to hold the concentration
            owned = grid.is_owned > 0.0
            inflow = float(grid.sum(residual[problem.counter & owned].sum())[0])
            carried = 1.0 - ions.anion_share
            self.ions_rate = inflow + carried * self.counter_current / ions.charge

    def residual_atol(self, x: Solution) -> float:
        """Norm of the residuals that says nothing any more: the currents agree, the salt is at rounding. Collective."""
        grid, ions = self.problem.grid, self.problem.ions
        left = self.tolerance / float(np.sqrt(grid.total))
        if self.salt is None:
            return left
        content = ions.charge / self.dt * ions.salt_volume * self.lagged.room * x.c
        return left + EPSILON * float(np.sqrt(grid.sum((grid.is_owned * content**2).sum())[0]))

    def stagnation_tolerance(self, x: Solution) -> float:
        """By how much the currents may differ when nothing changes any more, A m^(d-3). Collective."""
        problem, grid = self.problem, self.problem.grid
        owned, at_counter = grid.is_owned > 0.0, problem.counter[grid.edges].any(axis=1)
        reacts, leaves = np.abs(self.deposition.by_eta[owned]).sum(), np.abs(self.current.phi[at_counter]).sum()
        potential = max(float(grid.max(np.abs(x.phi_l).max(initial=0.0))[0]), problem.ions.thermal_voltage)
        rounding = MARGIN * EPSILON * potential * float(grid.sum(reacts + leaves)[0])
        return max(ROUGH / BALANCED * self.tolerance, rounding)

    def derivatives(self, fields: Sequence[str]) -> tuple[dict[Pair, Array], dict[Pair, Derivatives]]:
        """Node and edge derivatives of the residuals, as `BlockSystem.assemble` wants them."""
        ions, owned = self.problem.ions, self.problem.grid.is_owned
        deposition, current, counter = self.deposition, self.current, self.counter
        by_eta = owned * deposition.by_eta
        at_counter = owned * counter.by_eta if counter is not None else 0.0
        node: dict[Pair, Array] = {
            ("phi_l", "phi_l"): -by_eta - at_counter,
            ("phi_l", "phi_s"): by_eta,
            ("phi_s", "phi_l"): by_eta,
            ("phi_s", "phi_s"): -by_eta,
        }
        electrons = self.lagged.electrons
        edge: dict[Pair, Derivatives] = {
            ("phi_l", "phi_l"): (current.phi, -current.phi),
            ("phi_s", "phi_s"): (electrons, -electrons),
        }
        if self.problem.extrapolates_potential_to_interface:
            by_first, by_second, at_node = self._far()
            node["phi_l", "phi_l"] = node["phi_l", "phi_l"] + at_node
            node["phi_s", "phi_l"] = node["phi_s", "phi_l"] - at_node
            edge["phi_l", "phi_l"] = (current.phi + by_first, by_second - current.phi)
            edge["phi_s", "phi_l"] = (-by_first, -by_second)
        if self.salt is not None and "c" in fields:
            salt, share, charge = self.salt, ions.anion_share, ions.charge
            by_c = owned * deposition.by_c
            counter_c = owned * counter.by_c if counter is not None else 0.0
            inertia = owned * charge * ions.salt_volume * self.lagged.room / self.dt
            node |= {
                ("c", "c"): inertia + share * (by_c + counter_c),
                ("c", "phi_l"): -share * (by_eta + at_counter),
                ("c", "phi_s"): share * by_eta,
                ("phi_l", "c"): by_c + counter_c,
                ("phi_s", "c"): -by_c,
            }
            edge |= {
                ("c", "c"): (charge * salt.c_first, charge * salt.c_second),
                ("c", "phi_l"): (charge * salt.phi, -charge * salt.phi),
                ("phi_l", "c"): (current.c_first, current.c_second),
            }
            if self.problem.extrapolates_potential_to_interface:
                node["c", "phi_l"] = node["c", "phi_l"] + share * at_node
                edge["c", "phi_l"] = (charge * salt.phi + share * by_first, share * by_second - charge * salt.phi)
        return node, edge

    def _far(self) -> tuple[Array, Array, Array]:
        """Derivatives of the front's current by phi_l of the nodes about its own."""
        extrapolation = self.lagged.sites[0].extrapolation
        assert extrapolation is not None
        return extrapolation.derivatives(np.broadcast_to(self.deposition.by_far, self.problem.grid.size))

    def voltage_direction(self, system: BlockSystem, guess: dict[str, Array] | None) -> dict[str, Array]:
        """How the solution follows the voltage, by the matrix just assembled. Collective."""
        problem, ions = self.problem, self.problem.ions
        zero = np.zeros(problem.grid.size)
        counter = self.counter
        if counter is None:
            lifted = dict.fromkeys(system.fields, zero) | {"phi_l": problem.counter.astype(float)}
            change = system.solve(
                {key: -system.times(lifted, key) for key in system.fields}, FINE, same=True, guess=guess
            )
            return {key: change[key] + lifted[key] for key in system.fields}
        right = {"phi_l": -counter.by_eta, "phi_s": zero, "c": -ions.anion_share * counter.by_eta}
        return system.solve({key: right[key] for key in system.fields}, FINE, same=True, guess=guess)

    def current_along(self, system: BlockSystem, direction: dict[str, Array], voltage: float) -> float:
        """Change of the counter's current with a change of the solution and of the voltage. Collective."""
        problem, grid = self.problem, self.problem.grid
        owned, counter = grid.is_owned > 0.0, self.counter
        if counter is None:
            row = system.times(direction, "phi_l")
            return float(grid.sum(row[problem.counter & owned].sum())[0])
        change = counter.by_eta * (voltage - direction["phi_l"])
        if "c" in direction:
            change = change + counter.by_c * direction["c"]
        return -float(grid.sum(change[owned].sum())[0])


def newton(
    system: BlockSystem,
    problem: TwoPotential,
    lagged: LaggedCoefficients,
    at: Solution,
    control: Control,
    salt: Array | None = None,
    dt: float = 0.0,
    pause: Callable[[], None] = go_on,
) -> tuple[Solution, ResidualEvaluation]:
    """Newton's method from `at`; with `salt` (the old one) also for c over a step dt, else for the potentials.

    pause: called before each iteration; may raise.
    """
    grid = problem.grid
    thermal = problem.ions.thermal_voltage
    active = np.sum([site.area for site in lagged.sites], axis=0)
    active = active > 1e-6 * float(grid.max(active.max(initial=0.0))[0])
    if lagged.filling is not None:
        active |= lagged.filling.exchange > 0.0
    ideal = problem.counter_site is None
    if control.mode == "voltage":
        at.voltage = control.value
    if ideal:
        at.phi_l[problem.counter] = at.voltage
    work = ResidualEvaluation.at(problem, lagged, at, salt, dt)
    system.krylov.renew()  # front and size of the step are others now
    along: dict[str, Array] | None = None
    settled = 0
    for iteration in range(1, NEWTON_LIMIT + 1):
        pause()
        system.assemble(*work.derivatives(system.fields))
        rtol = COARSE if iteration > 1 else FIRST
        change = system.solve({key: -work.residuals[key] for key in system.fields}, rtol, work.residual_atol(at))
        shift = 0.0
        if control.mode == "current":
            along = work.voltage_direction(system, along)
            missing = control.value - work.counter_current - work.current_along(system, change, 0.0)
            shift = missing / work.current_along(system, along, 1.0)
            change = {key: change[key] + shift * along[key] for key in system.fields}
        jump = change["phi_s"] - change["phi_l"]
        facing_counter = np.abs(shift - change["phi_l"])[problem.counter] if not ideal else np.zeros(1)
        largest = max(np.abs(jump[active]).max(initial=0.0), facing_counter.max(initial=0.0))
        dc = np.abs(change["c"]).max(initial=0.0) if "c" in change else 0.0
        moved = grid.max(largest, dc, 0.0 if np.isfinite(largest + dc + shift) else 1.0)
        if moved[2] > 0.0:
            raise SolveFailed("the potentials ran away")
        scale = min(1.0, LONGEST * thermal / max(float(moved[0]), 1e-300))
        at.phi_l = at.phi_l + scale * change["phi_l"]
        at.phi_s = at.phi_s + scale * change["phi_s"]
        at.voltage += scale * shift
        if "c" in change:
            at.c = np.maximum(at.c + scale * change["c"], LEAST_SHARE * at.c)
        work = ResidualEvaluation.at(problem, lagged, at, salt, dt)
        settled = settled + 1 if scale == 1.0 and moved[0] < CLOSE and moved[1] < 10.0 * CLOSE else 0
        if settled and work.current_mismatch <= (
            work.tolerance if settled < PATIENCE else work.stagnation_tolerance(at)
        ):
            at.iterations = iteration
            return at, work
    raise SolveFailed(f"no convergence of the potentials in {NEWTON_LIMIT} Newton steps")
