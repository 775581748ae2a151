"""V1: the equilibrium front, its energy and its width.

Problem: equation (4) without a reaction, from a profile 30 % too wide until nothing moves any more. Exact: xi =
(1/2)(1 - tanh(n/l)), gamma = int W g + (kappa/2) xi_x^2 = sqrt(2 kappa W)/6, 10-90 % width = 2 artanh(0.8) l = 2.197
l, for W = 6 gamma/l and kappa = 3 gamma l. Source: integrals of the tanh profile (Guyer et al., Phys. Rev. E 69
(2004) 021603, section II). Sodium's numbers: gamma = 0.22 J/m^2, l = 0.75 um, so W = 1.76e6 J/m^3 and kappa = 4.95e-7
J/m.
"""

from __future__ import annotations

import numpy as np
import pytest

from femna.derived.parameters import derive
from femna.validation.load import load_case

from .drive import Array, even, integrate, largest, rates
from .grids import box, shaken
from .problems import Grid, front, problem

WIDTH, GAMMA = 0.75e-6, 0.22
WELL, GRADIENT = 6.0 * GAMMA / WIDTH, 3.0 * GAMMA * WIDTH


def crossing(grid: Grid, xi: Array, value: float) -> float:
    """Where a falling profile on an interval meets `value`, by linear interpolation. Collective."""
    pieces = grid.comm.allgather(np.stack([grid.points[: grid.owned, 0], xi[: grid.owned]], axis=1))
    x, y = np.concatenate(pieces)[np.argsort(np.concatenate(pieces)[:, 0])].T
    return float(np.interp(-value, -y, x))


@pytest.fixture(scope="module")
def relaxed() -> list[tuple[float, float, float]]:
    """(gamma, 10-90 % width, largest distance from tanh) for 2, 4 and 8 cells a width."""
    measured = []
    for cells in (2, 4, 8):
        grid = box([20.0 * WIDTH], [20 * cells])
        p = problem(grid, mobility=1.0 / WELL, well=WELL, gradient=GRADIENT)
        x = grid.points[:, 0] - 10.0 * WIDTH
        state = integrate(p, front(x, 1.3 * WIDTH), np.ones(grid.size), even(60.0, 60))
        gamma = WELL * p.phase_field.energy(state["xi"])
        width = crossing(grid, state["xi"], 0.1) - crossing(grid, state["xi"], 0.9)
        measured.append((gamma, width, largest(grid, state["xi"] - front(x, WIDTH))))
    return measured


def test_numbers_of_sodium() -> None:
    """A case gives the solver the W and kappa of the integrals above."""
    numbers = derive(load_case("planar", ["interface={width='0.75 um', energy='0.22 J/m^2', barrier_ratio=0.03}"]))
    assert numbers.double_well == pytest.approx(1.76e6, rel=1e-12)
    assert numbers.gradient_coefficient == pytest.approx(4.95e-7, rel=1e-12)


def test_surface_energy_converges_with_order_two(relaxed: list[tuple[float, float, float]]) -> None:
    """gamma - 0.22 J/m^2 falls as h^2.

    Without the 1/2 before kappa |grad xi|^2 the rate falls to -0.01.
    """
    errors = [abs(gamma / GAMMA - 1.0) for gamma, _, _ in relaxed]
    assert rates(errors, [1 / 2, 1 / 4, 1 / 8]).min() > 1.9
    assert errors[-1] < 1e-3


def test_profile_is_tanh(relaxed: list[tuple[float, float, float]]) -> None:
    """The distance from tanh falls as h^2.

    With 2 % more in the gradient term the rate falls to -0.8, with 1 % more in the well to 0.9.
    """
    errors = [error for _, _, error in relaxed]
    assert rates(errors, [1 / 2, 1 / 4, 1 / 8]).min() > 1.9
    assert relaxed[-1][1] / WIDTH == pytest.approx(2.0 * np.arctanh(0.8), rel=5e-3)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_energy_only_falls_without_a_reaction(dim: int) -> None:
    """From a state with noise on it, on a grid without two equal cells, at steps of up to 0.9/(L W).

    With the gradient term twice what its energy says, the energy rises by and by.
    """
    count = {1: 60, 2: 24, 3: 8}[dim]
    length = 10.0 * WIDTH
    grid = shaken([length] * dim, [count] * dim)
    p = problem(grid, mobility=1.0 / WELL, well=WELL, gradient=GRADIENT)
    noise = np.random.default_rng(7).uniform(-0.2, 0.2, grid.total) if grid.comm.rank == 0 else None
    xi = front(grid.points[:, -1] - 0.5 * length, WIDTH) + grid.scatter(noise)
    energies = [p.phase_field.energy(xi)]
    integrate(
        p,
        xi,
        np.ones(grid.size),
        [0.01 * 1.25**k for k in range(21)],
        lambda s: energies.append(p.phase_field.energy(s["xi"])),
    )
    assert np.diff(energies).max() < 0.0
    assert energies[-1] < 0.8 * energies[0]
