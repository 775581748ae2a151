"""V6: diffusion to an electrode that takes every ion.

Problem: c~ = 1 in 100 um of electrolyte; from t = 0 the collector holds c~ = 0; no drift, no front. Exact on a half
space: c = c0 erf(x/(2 sqrt(D t))) and the current density i = F c0 sqrt(D/(pi t)): 544.36 A/m^2 at 1 s for D = 1e-10
m^2/s, c0 = 1000 mol/m^3 (Cottrell; Bard & Faulkner, Electrochemical Methods, section 5.2). At 1 s the far side is 5
diffusion lengths away: 1e-12 of c0.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erf

from femna.contract.state import State
from femna.units import FARADAY

from .drive import graded, integrate, largest, rates
from .grids import boundary, box
from .problems import problem

LENGTH, DIFFUSIVITY, SALT = 100e-6, 1e-10, 1000.0


def discharge(dim: int, cells: int) -> tuple[float, float]:
    """(i sqrt(t) in A s^(1/2)/m^2, largest error of c~) at 1 s."""
    lengths = [4e-6] * (dim - 1) + [LENGTH]
    grid = box(lengths, [2] * (dim - 1) + [cells])
    ends = boundary(grid, lengths, [dim - 1])
    p = problem(
        grid,
        diffusivity=DIFFUSIVITY,
        metal_diffusivity=7.0 * DIFFUSIVITY,  # there is no metal: any value must do
        fixed={"c": ends},
        fixed_values={"c": lambda x, _: np.where(x[:, -1] > 0.5 * LENGTH, 1.0, 0.0)},
    )
    passed: list[tuple[float, float]] = []
    sizes = graded(1.0, 1e-4 * (50 / cells) ** 2, 1.0 + 10.0 / cells, 2.0 / cells)

    def watch(s: State) -> None:
        passed.append((s.time, -s.scalars["ions_in"]))

    state = integrate(p, np.zeros(grid.size), np.ones(grid.size), sizes, watch)
    (before, q0), (now, q1) = passed[-2:]
    area = np.prod(lengths[:-1])
    current = FARADAY * SALT * (q1 - q0) / (now - before) / area * np.sqrt(0.5 * (before + now))
    return current, largest(grid, state["c"] - erf(grid.points[:, -1] / (2.0 * np.sqrt(DIFFUSIVITY))))


@pytest.fixture(scope="module", params=[1, 2])
def measured(request: pytest.FixtureRequest) -> list[tuple[float, float]]:
    """In 1D and 2D with 50, 100 and 200 cells, steps in proportion."""
    return [discharge(request.param, cells) for cells in (50, 100, 200)]


def test_cottrell_current(measured: list[tuple[float, float]]) -> None:
    """With 1 % more diffusivity it is 546.96; with the inflow summed by Euler's rule 543.93."""
    exact = FARADAY * SALT * np.sqrt(DIFFUSIVITY / np.pi)
    assert exact == pytest.approx(544.36, abs=0.005)
    assert measured[-1][0] == pytest.approx(exact, rel=5e-4)
    assert rates([abs(i - exact) for i, _ in measured], [4, 2, 1]).min() > 1.85


def test_concentration_is_the_error_function(measured: list[tuple[float, float]]) -> None:
    """With 1 % more diffusivity the error stays at 2.4e-3."""
    errors = [error for _, error in measured]
    assert errors[-1] < 5e-5
    assert rates(errors, [4, 2, 1]).min() > 1.9
