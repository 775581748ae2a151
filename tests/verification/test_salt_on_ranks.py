"""What a front does with a salt that changes, on the ranks of the run and on one alone: the same at each node.

A wavy front on triangles that are no two alike, on tetrahedra and on the leaves of a tree. Every rank has the whole
mesh for itself too. On one rank nothing is compared.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.mesh.grid import Grid
from femna.parallel import MPI
from femna.physics.salt_extrapolation import ChangingSalt
from femna.timestepping.bdf import RateWeights
from femna.timestepping.residual import ResidualEvaluation, Solution

from .grids import box, leaves, shaken
from .problems import front
from .two import THERMAL_VOLTAGE, kinetics, two_potential

Array = NDArray[np.float64]

WIDTH = 1e-6

GRIDS: dict[str, Callable[[MPI.Comm], Grid]] = {
    "triangles": lambda comm: shaken([8e-6, 12e-6], [12, 24], comm=comm),
    "tetrahedra": lambda comm: box([4e-6, 4e-6, 12e-6], [4, 4, 16], comm=comm),
    "leaves": lambda comm: leaves([8e-6, 12e-6], [16, 32], comm=comm),
}


def at_nodes(grid: Grid) -> dict[str, Array]:
    """The terms of the front's salt, the residuals and their derivatives at a node, (N,) each. Collective."""
    law = kinetics(30.0, reaction_orders=(0.5, 0.5))
    p = two_potential(grid, WIDTH, law, kind="binary", conductivity=0.0, counter=law)
    across, height = grid.points[:, 0], grid.points[:, -1]
    place = height - 5e-6 - 0.5e-6 * np.cos(np.pi * across / 8e-6)
    xi = front(place, WIDTH)
    u = 0.3 + 0.05 * place / WIDTH + 0.01 * np.cos(np.pi * across / 4e-6)
    before = p.ions.concentration(u + 0.02 + 0.01 * np.cos(height / 2e-6))
    change = ChangingSalt(before, 10.0, -10.0 * p.ions.diffusion_variable(before))
    lagged = p.lag_coefficients(xi, xi, xi, 0.1, salt=change)
    c, phi_s = p.ions.concentration(u), np.full(grid.size, -0.2)
    phi_l = 2.0 * THERMAL_VOLTAGE * np.log(c) + 0.1 + 0.01 * np.cos(height / 3e-6)
    salt = RateWeights(10.0, -10.0 * lagged.electrolyte_fraction_at_end)
    work = ResidualEvaluation.at(p, lagged, Solution(c, phi_l, phi_s, 0.1), salt)
    extrapolation, reaction = lagged.front.salt, lagged.front.react(c, phi_s, phi_l)
    assert extrapolation is not None
    there = extrapolation.at_interface(c)
    found = {
        "slope": extrapolation.slope.of(u),
        "V less its slope": extrapolation.unseen,
        "stored": extrapolation.stored,
        "curvature by u": extrapolation.curvature_now,
        "curvature of the past": extrapolation.curvature_past,
        "c~ at the interface": there.concentration,
        "phi_l at the interface": there.potential,
        "current": reaction.current,
        "by the salt at the interface": reaction.by_salt_at_interface,
        "by the salt's change": reaction.by_salt_change,
    }
    found |= {f"residual of {key}": values for key, values in work.residuals.items()}
    # each rank has its share of them
    node, _ = work.derivatives(("c", "phi_l", "phi_s"))
    found |= {f"matrix at {row}, {column}": grid.add_up(node[row, column]) for row, column in node}
    return {key: np.broadcast_to(np.asarray(values, dtype=float), grid.size) for key, values in found.items()}


@pytest.mark.parametrize("name", GRIDS)
def test_terms_at_the_nodes_are_those_of_one_rank(name: str) -> None:
    """To 1e-10 of the largest: the sums over the cells around a node have another order."""
    grid, alone = GRIDS[name](MPI.COMM_WORLD), GRIDS[name](MPI.COMM_SELF)
    expected = {key: alone.gather(values) for key, values in at_nodes(alone).items()}
    gathered = {key: grid.gather(np.array(values)) for key, values in at_nodes(grid).items()}
    off = {}
    for key, values in gathered.items():
        exact = expected[key]
        assert exact is not None
        assert np.abs(exact).max() > 0.0
        if values is not None:
            off[key] = float(np.abs(values - exact).max() / np.abs(exact).max())
    assert {key: value for key, value in off.items() if not value < 1e-10} == {}


@pytest.mark.parametrize("name", GRIDS)
def test_ghosts_have_their_owners_values(name: str) -> None:
    """Exactly, but for what each rank computes of its own sums: to 1e-12 of the largest."""
    grid = GRIDS[name](MPI.COMM_WORLD)
    for values in at_nodes(grid).values():
        owners = grid.update(np.array(values))
        largest = float(grid.max(np.abs(owners).max())[0])
        assert np.abs(values - owners).max() <= 1e-12 * largest
