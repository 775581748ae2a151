"""The coupled equations of a step with lagged coefficients: residuals, currents and derivatives at one point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from femna.linear_solvers.block_system import BlockSystem, Derivatives, Pair
from femna.mesh import edges
from femna.models.two_potential import LaggedCoefficients, TwoPotential
from femna.physics.ion_transport.ions import EdgeFlux
from femna.physics.reaction_sites import Reaction
from femna.timestepping.bdf import RateWeights

Array = NDArray[np.float64]

CURRENT_TOLERANCE = 2e-10
"""What the currents of collector, counter and reactions may differ by, relative to the largest of them."""

STAGNATION_TOLERANCE = 1e-6
"""The same where nothing changes any more: currents that differ by more, and by more than rounding, are no solution."""

ROUNDING_MARGIN = 1e3
"""Rounding over what one rounding of a potential does to the currents of reactions and counter."""

EPSILON = float(np.finfo(float).eps)

VOLTAGE_RTOL = 1e-8
"""Relative tolerance of the linear solve for the change with the voltage: a cell conducts much less than the counter's
nodes do, to which this refers."""


@dataclass
class Solution:
    """What Newton's method works on.

    Args:
        c: c~ at the nodes, (N,).
        phi_l, phi_s: potentials at the nodes, (N,) in V.
        voltage: of the cell, V.
        iterations: of Newton's method so far.
    """

    c: Array
    phi_l: Array
    phi_s: Array
    voltage: float
    iterations: int = 0


@dataclass
class ResidualEvaluation:
    """Residuals, fluxes and reactions of a step at one point of Newton's method.

    Args:
        model: the model.
        lagged: its coefficients in this step.
        reactions: variable that grows -> current into it at the nodes, (N,).
        deposition: all of them together.
        current: the ionic current along the edges.
        counter: the current of a metal counter, None of an ideal one.
        residuals: unknown -> whole residual at the nodes, (N,) in A m^(d-3), that of c times F c0.
        collector_current, counter_current, storing_current: into the collector, out of the counter, into layers,
            A m^(d-3).
        current_mismatch: by how much the currents of collector, counter and reactions differ, A m^(d-3).
        tolerance: by how much they may, A m^(d-3).
        c: c~ at the nodes, (N,).
        salt: flux of the salt along the edges, in a step in which its concentration changes.
        salt_rate: change of the salt's content at the nodes, (N,) in 1/s.
        salt_inflow: salt that enters by the counter beside the current, c0 m^d/s.
        salt_weight: of the salt's content at the end of the step in its rate of change, 1/s.
    """

    model: TwoPotential
    lagged: LaggedCoefficients
    reactions: dict[str, Array]
    deposition: Reaction
    current: EdgeFlux
    counter: Reaction | None
    residuals: dict[str, Array]
    collector_current: float
    counter_current: float
    storing_current: float
    current_mismatch: float
    tolerance: float
    c: Array
    salt: EdgeFlux | None = None
    salt_rate: Array = field(default_factory=lambda: np.zeros(0))
    salt_inflow: float = 0.0
    salt_weight: float = 0.0

    @classmethod
    def at(
        cls, model: TwoPotential, lagged: LaggedCoefficients, x: Solution, salt: RateWeights | None
    ) -> ResidualEvaluation:
        """Everything at the point x. Collective.

        Args:
            model: the model.
            lagged: its coefficients in this step.
            x: the point.
            salt: how the rate of change of its content follows from it; None where only the potentials are wanted.
        """
        grid, ions = model.grid, model.ions
        owned = grid.is_owned > 0.0
        reacted = [(site.fills, site.react(x.c, x.phi_s, x.phi_l)) for site in lagged.sites]
        deposition = reacted[0][1]
        reactions = {reacted[0][0]: reacted[0][1].current}
        for fills, reaction in reacted[1:]:
            deposition = deposition + reaction
            reactions[fills] = reactions[fills] + reaction.current if fills in reactions else reaction.current
        current = ions.current(lagged.electrolyte_fraction, x.c, x.phi_l)
        phi_l = grid.add_up(edges.divergence(grid.edges, current.flux, grid.size)) + deposition.current
        counter = None
        if model.counter_electrode.site is not None:
            counter = model.counter_electrode.site.react(x.c, x.voltage, x.phi_l)
            phi_l = phi_l + counter.current
        conducted = edges.flux_divergence(grid.edges, lagged.electrons, lagged.electrons, x.phi_s)
        phi_s = grid.add_up(conducted) - deposition.current
        given = phi_l[model.counter & owned].sum() if counter is None else -counter.current[owned].sum()
        stored = sum(values[owned].sum() for fills, values in reactions.items() if fills != "xi")
        collector_current, counter_current, storing_current, faradaic = grid.sum(
            -phi_s[model.collector & owned].sum(), given, stored, deposition.current[owned].sum()
        )
        # at rest a layer may take from the metal what no electrode sees
        largest = max(
            abs(collector_current), abs(counter_current), abs(faradaic - storing_current), abs(storing_current)
        )
        work = cls(
            model=model,
            lagged=lagged,
            reactions=reactions,
            deposition=deposition,
            current=current,
            counter=counter,
            residuals={"phi_l": phi_l, "phi_s": phi_s},
            collector_current=float(collector_current),
            counter_current=float(counter_current),
            storing_current=float(storing_current),
            current_mismatch=float(max(abs(counter_current - collector_current), abs(counter_current - faradaic))),
            tolerance=CURRENT_TOLERANCE * float(largest),
            c=x.c,
            salt_rate=np.zeros(grid.size),
        )
        if salt is not None and ions.has_concentration:
            work._with_salt(x, salt)
        return work

    @property
    def deposition_rate(self) -> Array:
        """d xi/dt by the current into metal, (N,) in 1/s."""
        return np.asarray(self.model.deposition.volume_per_charge * self.reactions["xi"] / self.model.grid.volume)

    def _with_salt(self, x: Solution, salt: RateWeights) -> None:
        model, grid, ions = self.model, self.model.grid, self.model.ions
        deposition, counter = self.deposition, self.counter
        flux = ions.salt(self.lagged.electrolyte_fraction, x.c, x.phi_l)
        taken = deposition.current if counter is None else deposition.current + counter.current
        out = grid.add_up(edges.divergence(grid.edges, flux.flux, grid.size)) + ions.anion_share / ions.charge * taken
        content = self.lagged.electrolyte_fraction_at_end * x.c
        residual = ions.salt_volume * (salt.now * content + salt.past) + out
        self.residuals["c"] = ions.charge * residual
        self.salt, self.salt_weight = flux, salt.now
        self.salt_rate = -out / np.where(ions.without_salt, 1.0, ions.salt_volume)
        if counter is None:  # at an ideal counter ions enter to hold the concentration
            owned = grid.is_owned > 0.0
            inflow = float(grid.sum(residual[model.counter & owned].sum())[0])
            self.salt_inflow = inflow - ions.anion_share * self.counter_current / ions.charge

    def residual_atol(self, x: Solution) -> float:
        """Norm of the residuals that says nothing: the currents agree, the salt is at rounding. Collective."""
        grid, ions = self.model.grid, self.model.ions
        left = self.tolerance / float(np.sqrt(grid.total))
        if self.salt is None:
            return left
        content = ions.charge * self.salt_weight * ions.salt_volume * self.lagged.electrolyte_fraction_at_end * x.c
        return left + EPSILON * float(np.sqrt(grid.sum((grid.is_owned * content**2).sum())[0]))

    def stagnation_tolerance(self, x: Solution) -> float:
        """By how much the currents may differ when nothing changes any more, A m^(d-3). Collective."""
        model, grid = self.model, self.model.grid
        owned, at_counter = grid.is_owned > 0.0, model.counter[grid.edges].any(axis=1)
        reacts, leaves = np.abs(self.deposition.by_eta[owned]).sum(), np.abs(self.current.phi[at_counter]).sum()
        potential = max(float(grid.max(np.abs(x.phi_l).max(initial=0.0))[0]), model.ions.thermal_voltage)
        rounding = ROUNDING_MARGIN * EPSILON * potential * float(grid.sum(reacts + leaves)[0])
        return max(STAGNATION_TOLERANCE / CURRENT_TOLERANCE * self.tolerance, rounding)

    def derivatives(self, fields: Sequence[str]) -> tuple[dict[Pair, Array], dict[Pair, Derivatives]]:
        """Node and edge derivatives of the residuals, as `BlockSystem.assemble` wants them."""
        ions, owned = self.model.ions, self.model.grid.is_owned
        deposition, current, counter = self.deposition, self.current, self.counter
        extrapolates = ions.extrapolates_potential_to_interface
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
        if extrapolates:
            by_first, by_second, at_node = self._by_neighbours()
            node["phi_l", "phi_l"] = node["phi_l", "phi_l"] + at_node
            node["phi_s", "phi_l"] = node["phi_s", "phi_l"] - at_node
            edge["phi_l", "phi_l"] = _sums(by_first, current.phi), _sums(by_second, -current.phi)
            edge["phi_s", "phi_l"] = (-by_first, -by_second)
        if self.salt is not None and "c" in fields:
            salt, share, charge = self.salt, ions.anion_share, ions.charge
            rate = ions.concentration_rate(self.c)
            by_c = owned * (rate * deposition.by_c + deposition.by_salt_at_interface + deposition.by_salt_change)
            counter_c = owned * rate * counter.by_c if counter is not None else 0.0
            room = self.lagged.electrolyte_fraction_at_end * rate
            inertia = owned * charge * ions.salt_volume * room * self.salt_weight
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
            if extrapolates:
                node["c", "phi_l"] = node["c", "phi_l"] + share * at_node
                through = charge * salt.phi
                edge["c", "phi_l"] = _sums(share * by_first, through), _sums(share * by_second, -through)
            extrapolation = self.lagged.front.salt
            if extrapolation is not None:
                by_salt = -np.broadcast_to(deposition.by_salt_at_interface, self.model.grid.size)
                by_first, by_second, at_node = extrapolation.slope.derivatives(by_salt)
                none = np.zeros(0)
                for row, part in (("c", share), ("phi_l", 1.0), ("phi_s", -1.0)):
                    node[row, "c"] = node[row, "c"] + part * at_node
                    first, second = edge.get((row, "c"), (none, none))
                    edge[row, "c"] = _sums(part * by_first, first), _sums(part * by_second, second)
        return node, edge

    def _by_neighbours(self) -> tuple[Array, Array, Array]:
        """Derivatives of the front's current by phi_l of the nodes about its own."""
        extrapolation = self.lagged.front.extrapolation
        assert extrapolation is not None
        by_eta = np.broadcast_to(self.deposition.by_extrapolated_eta, self.model.grid.size)
        return extrapolation.derivatives(by_eta)

    def voltage_direction(self, system: BlockSystem, guess: dict[str, Array] | None) -> dict[str, Array]:
        """How the solution follows the voltage, by the matrix just assembled. Raises SolveFailed. Collective."""
        model, ions = self.model, self.model.ions
        zero = np.zeros(model.grid.size)
        counter = self.counter
        if counter is None:
            lifted = dict.fromkeys(system.fields, zero) | {"phi_l": model.counter.astype(float)}
            right = {key: -system.times(lifted, key) for key in system.fields}
            change = system.solve(right, VOLTAGE_RTOL, same=True, guess=guess)
            return {key: change[key] + lifted[key] for key in system.fields}
        right = {"phi_l": -counter.by_eta, "phi_s": zero, "c": -ions.anion_share * counter.by_eta}
        return system.solve({key: right[key] for key in system.fields}, VOLTAGE_RTOL, same=True, guess=guess)

    def current_along(self, system: BlockSystem, direction: dict[str, Array], voltage: float) -> float:
        """Change of the counter's current with a change of the solution and of the voltage (V). Collective."""
        model, grid, ions = self.model, self.model.grid, self.model.ions
        owned, counter = grid.is_owned > 0.0, self.counter
        if counter is None:
            row = system.times(direction, "phi_l")
            return float(grid.sum(row[model.counter & owned].sum())[0])
        change = counter.by_eta * (voltage - direction["phi_l"])
        if "c" in direction:
            change = change + ions.concentration_rate(self.c) * counter.by_c * direction["c"]
        return -float(grid.sum(change[owned].sum())[0])


def _sums(of_cell_edges: Array, of_edges: Array) -> Array:
    """What depends on values (E + W,) on all edges of the cells, and values (E,) on the edges with weight, (E + W,)."""
    result = of_cell_edges.copy()
    result[: len(of_edges)] += of_edges
    return result
