"""Newton's matrix of a front that reacts to the salt at its own place, against differences of the residuals.

A wavy front in two dimensions on a mesh without right angles; the salt at the front is plenty, or all but used up. Its
anions' share in the front's overpotential is nu V_T, with nu = 1 + z/|z-|: 2 of a salt of one charge each, 1.5 of a
doubly charged anion and 3 of a doubly charged cation.
"""

from __future__ import annotations

import numpy as np
import pytest

from femna.physics.salt_extrapolation import ChangingSalt
from femna.timestepping.bdf import RateWeights
from femna.timestepping.residual import ResidualEvaluation, Solution

from .grids import shaken
from .problems import front
from .two import kinetics, two_potential, under

WIDTH = 1e-6


@pytest.mark.serial  # each rank would draw other values for a shared node
@pytest.mark.parametrize("changes", [False, True])
@pytest.mark.parametrize("left", [0.5, 1e-3])
@pytest.mark.parametrize("nu", [1.5, 2.0, 3.0])
def test_matrix_is_the_derivative_of_the_residuals(nu: float, left: float, changes: bool) -> None:
    """In a random direction, to 1e-6 of the largest entry of each equation.

    Where the salt changes the front reacts to how fast it does, too: without that in the matrix the salt is off by
    9e-3, or 4e-4.
    """
    grid = shaken([8e-6, 12e-6], [12, 24])
    law = kinetics(30.0, reaction_orders=(0.5, 0.5))
    p = two_potential(grid, WIDTH, law, kind="binary", conductivity=0.0, counter=law, ions_per_cation=nu)
    place = grid.points[:, -1] - 5e-6 - 0.5e-6 * np.cos(np.pi * grid.points[:, 0] / 8e-6)
    xi = front(place, WIDTH)
    stepper, random = under(p, "voltage", 0.1), np.random.default_rng(3)
    u = left + 0.05 * place / WIDTH + 1e-4 * random.normal(size=grid.size)
    before = p.ions.concentration(u + 0.01)
    change = ChangingSalt(before, 10.0, -10.0 * p.ions.diffusion_variable(before)) if changes else None
    lagged = p.lag_coefficients(xi, xi, xi, 0.1, salt=change)
    phi = 0.1 + 0.002 * random.normal(size=grid.size)
    salt = RateWeights(10.0, -10.0 * lagged.electrolyte_fraction_at_end)
    direction = {
        key: random.normal(size=grid.size) * size for key, size in (("c", 1e-2), ("phi_l", 0.1), ("phi_s", 0.1))
    }
    anions = nu * p.ions.thermal_voltage

    def at(step: float) -> ResidualEvaluation:
        moved = {key: step * values for key, values in direction.items()}
        c = p.ions.concentration(u + moved["c"])
        # phi_l as the anions' equilibrium has it, so that the front reacts evenly
        start = p.ions.concentration(u)
        x = Solution(c, anions * np.log(start) + phi + moved["phi_l"], -0.3 + 0.1 + phi * 0.0 + moved["phi_s"], 0.1)
        return ResidualEvaluation.at(p, lagged, x, salt)

    work = at(0.0)
    stepper.coupled.assemble(*work.derivatives(stepper.coupled.fields))
    step = 1e-7
    forth, back = at(step), at(-step)
    for row in ("c", "phi_l", "phi_s"):
        exact = (forth.residuals[row] - back.residuals[row]) / (2.0 * step)
        assert np.abs(stepper.coupled.times(direction, row) - exact).max() < 1e-6 * np.abs(exact).max()
