"""Newton's method on the coupled equations of a step with lagged coefficients, in c~, phi_l and phi_s.

Under current control the voltage is one more unknown: its column is a second right side of the same matrix, its row the
counter's current.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from femna.contract.control import Control
from femna.contract.step import carry_on
from femna.linear_solvers.block_system import BlockSystem
from femna.linear_solvers.krylov import SolveFailed
from femna.models.two_potential import LaggedCoefficients, TwoPotential
from femna.timestepping.bdf import RateWeights
from femna.timestepping.residual import ResidualEvaluation, Solution

Array = NDArray[np.float64]

NEWTON_LIMIT = 30
"""Largest number of iterations."""

ETA_TOLERANCE = 1e-6
"""Of the last change of eta (V); convergence is quadratic, so that some 1e-9 of the current are left."""

C_TOLERANCE = 1e-5
"""Of the last change of c~."""

STAGNANT_ITERATIONS = 3
"""Iterations with no change to speak of, after which the balance of currents is as good as it will be."""

RTOL = 1e-6
"""Relative tolerance of the linear solves. Newton's method ends by its own changes and by the balance of the currents;
what the last solve leaves of the salt's counts: with 1e-5 a 2D cell lost 1.3e-8 of the sodium that moved."""

FIRST_RTOL = 1e-10
"""Relative tolerance of the first linear solve of a time step: in new metal the guess leaves residuals that exceed the
cell current by orders of magnitude, and what is left of them must not count."""

LARGEST_ETA_CHANGE = 6.0
"""Of one iteration, in RT/F."""

LEAST_C_SHARE = 1e-3
"""What an iteration leaves of a node's concentration at the least."""


def newton(
    system: BlockSystem,
    lagged: LaggedCoefficients,
    at: Solution,
    control: Control,
    model: TwoPotential,
    *,
    salt: RateWeights | None = None,
    pause: Callable[[], None] = carry_on,
) -> tuple[Solution, ResidualEvaluation]:
    """The solution of the coupled equations. Collective.

    Args:
        system: the linear system of the unknowns.
        lagged: coefficients of the step.
        at: first guess; it is changed.
        control: what the outer circuit holds.
        model: the model.
        salt: how the rate of change of its content follows from it; None solves for the potentials of an instant.
        pause: called before each iteration; may raise.

    Returns:
        The solution and everything that follows from it.

    Raises:
        SolveFailed: the iterations do not converge.
    """
    grid, ions, thermal = model.grid, model.ions, model.ions.thermal_voltage
    active = _active(model, lagged)
    ideal = model.counter_electrode.site is None
    if control.quantity == "voltage":
        at.voltage = control.value
    if ideal:
        at.phi_l[model.counter] = at.voltage
    work = ResidualEvaluation.at(model, lagged, at, salt)
    system.krylov.renew()  # front and size of the step are others now
    along: dict[str, Array] | None = None
    settled = 0
    for iteration in range(1, NEWTON_LIMIT + 1):
        pause()
        system.assemble(*work.derivatives(system.fields))
        rtol = RTOL if iteration > 1 else FIRST_RTOL
        change = system.solve({key: -work.residuals[key] for key in system.fields}, rtol, work.residual_atol(at))
        shift = 0.0
        if control.quantity == "current":
            along = work.voltage_direction(system, along)
            missing = control.value * model.area - work.counter_current - work.current_along(system, change, 0.0)
            shift = missing / work.current_along(system, along, 1.0)
            change = {key: change[key] + shift * along[key] for key in system.fields}
        # what the anions see changes smoothly, also where c~ falls by decades and phi_l with its logarithm
        along_c = ions.potential_change(at.c, change["c"]) if "c" in change else 0.0
        jump = change["phi_s"] - change["phi_l"] + along_c
        at_counter = np.abs(shift - change["phi_l"])[model.counter] if not ideal else np.zeros(1)
        largest = max(np.abs(jump[active]).max(initial=0.0), at_counter.max(initial=0.0))
        dc = np.abs(change["c"]).max(initial=0.0) if "c" in change else 0.0
        moved = grid.max(largest, dc, 0.0 if np.isfinite(largest + dc + shift) else 1.0)
        if moved[2] > 0.0:
            raise SolveFailed("the potentials ran away")
        scale = min(1.0, LARGEST_ETA_CHANGE * thermal / max(float(moved[0]), 1e-300))
        at.phi_l = at.phi_l + scale * change["phi_l"]
        at.phi_s = at.phi_s + scale * change["phi_s"]
        at.voltage += scale * shift
        if "c" in change:
            reached = ions.concentration(ions.diffusion_variable(at.c) + scale * change["c"])
            reached = np.maximum(reached, LEAST_C_SHARE * at.c)
            at.phi_l = at.phi_l + np.where(along_c != 0.0, ions.potential_difference(at.c, reached), 0.0)
            at.phi_l = at.phi_l - scale * along_c
            at.c = reached
        work = ResidualEvaluation.at(model, lagged, at, salt)
        settled = settled + 1 if scale == 1.0 and moved[0] < ETA_TOLERANCE and moved[1] < C_TOLERANCE else 0
        allowed = work.tolerance if settled < STAGNANT_ITERATIONS else work.stagnation_tolerance(at)
        if settled and work.current_mismatch <= allowed:
            at.iterations = iteration
            return at, work
    raise SolveFailed(f"no convergence of the potentials in {NEWTON_LIMIT} Newton steps")


def _active(model: TwoPotential, lagged: LaggedCoefficients) -> NDArray[np.bool_]:
    """Nodes whose overpotential counts for convergence, (N,): those with some reaction. Collective."""
    area = np.sum([site.extent for site in lagged.metal_sites], axis=0)
    active = np.asarray(area > 1e-6 * float(model.grid.max(area.max(initial=0.0))[0]))
    return active if lagged.sodiation is None else active | (lagged.sodiation.extent > 0.0)
