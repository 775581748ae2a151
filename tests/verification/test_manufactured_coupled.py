"""V12, everything at once: the coupled system with numbers of order one.

Problem: xi, c and phi chosen with sympy, D and sigma that change through the front, reaction, deposition sinks in c
and phi, drift, anisotropy; sources from the strong form (`manufactured`). xi has natural sides, c and phi natural
lateral sides and given values at the electrodes. Space: as in test_manufactured_terms, order 2 in L2 for each field,
in 1D, 2D and 3D and on displaced nodes. Time: uniform fields, order 2 for each field; and without any exact answer,
on one mesh with an anisotropic front, the differences between runs of n, 2 n and 4 n steps fall fourfold. Source:
Roache, J. Fluids Eng. 124 (2002) 4.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import sympy as sp

from femna.contract.state import State
from femna.physics.interpolation import QUINTIC
from femna.physics.phase_field import Anisotropy
from femna.timestepping.staggered import StaggeredStepper

from .drive import Array, even, exact_past, integrate, l2, march
from .grids import boundary, box, shaken
from .manufactured import T, X, manufacture
from .problems import front, problem
from .test_manufactured_terms import SWING, orders, time_errors

FIELDS = ("xi", "c", "phi")
NUMBERS: dict[str, Any] = {
    "gradient": 0.3,
    "diffusivity": 1.0,
    "metal_diffusivity": 0.3,
    "site_ratio": 0.8,
    "conductivity": 1.0,
    "metal_conductivity": 3.0,
    "charge_density": 0.7,
    "rate": 0.5,
    "transfer": 0.4,
    "thermal_voltage": 0.6,
    "equilibrium_potential": 0.1,
}


def space_errors(dim: int, counts: tuple[int, ...], shake: bool, steps: int = 4) -> Array:
    """L2 errors (len(counts), 3) at t = 0.2."""
    up, side = X[dim - 1], sp.cos(sp.pi * X[0]) if dim > 1 else sp.Integer(1)
    wave = sp.Mul(*[sp.cos(sp.pi * s) for s in X[:dim]])
    xi = sp.Rational(1, 2) + (0.3 + 0.2 * T) * wave
    c = 1 + 0.3 * sp.sin(2 * up) * (1 + T) + 0.2 * side * sp.cos(up)
    phi = up * (1 + T / 2) + 0.3 * side * sp.sin(up + 1) * (1 - T)
    exact, sources = manufacture(dim, NUMBERS, xi, c, phi)
    lengths, errors = [1.0] * dim, []
    for n in counts:
        grid = shaken(lengths, [n] * dim) if shake else box(lengths, [n] * dim)
        ends = boundary(grid, lengths, [dim - 1])
        p = problem(grid, **NUMBERS, sources=sources, fixed={"c": ends, "phi": ends}, fixed_values=exact)
        state = march(StaggeredStepper(p), exact_past(p, exact, 0.0, 0.2 / steps), [0.2 / steps] * steps)
        errors.append([l2(grid, state[key] - exact[key](grid.points, state.time)) for key in FIELDS])
    return np.array(errors)


@pytest.mark.parametrize(
    ("dim", "counts", "shake"),
    [
        (1, (8, 16, 32), False),
        (2, (8, 16, 32), False),
        (3, (4, 8, 16), False),
        (1, (16, 32, 64), True),
        (2, (32, 64, 128), True),
        (3, (8, 12, 18), True),
    ],
)
def test_second_order_in_space(dim: int, counts: tuple[int, ...], shake: bool) -> None:
    """With h(xi) of one end of the edge the rate of c falls to 1; with c~ and phi of the old time that of xi to 0."""
    errors = space_errors(dim, counts, shake)
    for column in errors.T:
        assert orders(column, counts).min() > 1.9


@pytest.mark.parametrize(
    ("changed", "uneven"),
    [({}, False), ({}, True), ({"content": QUINTIC}, False), ({"site_ratio": 40.0}, False)],
    ids=["xi", "xi, uneven steps", "h", "as many ions as in sodium"],
)
def test_second_order_in_time(changed: dict[str, Any], uneven: bool) -> None:
    """Also with c_s/c0 = 40, where the reaction eats its own ions 40 times faster than xi grows.

    With 2 % more in the sink of c the rate falls below 0.25.
    """
    counts = (40, 80, 160)
    errors = time_errors(
        NUMBERS | changed, (SWING, 1 + 0.4 * sp.cos(1.5 * T), 0.3 * sp.sin(1.3 * T + 0.5)), counts, uneven
    )
    for column in errors.T:
        assert orders(column, counts).min() > 1.9


def test_differences_fall_fourfold() -> None:
    """2D, a bent anisotropic front, from a state one short run has made consistent; no manufactured source.

    With backward Euler, or the anisotropy of the old time, the rate falls to 1.
    """
    grid = box([6.0, 6.0], [24, 24])
    ends = boundary(grid, [6.0, 6.0], [1])
    p = problem(
        grid,
        **NUMBERS | {"gradient": 0.5, "site_ratio": 5.0, "metal_conductivity": 50.0, "charge_density": 0.3},
        anisotropy=Anisotropy(0.05, 4, 0.2),
        voltage=0.8,
        fixed={"c": ends},
        fixed_values={"c": lambda x, _: np.where(x[:, 1] > 3.0, 1.0, 0.0)},
    )
    xi = front(grid.points[:, 1] - 2.0 - 0.4 * np.cos(np.pi * grid.points[:, 0] / 6.0))
    start = integrate(p, xi, 1.0 - QUINTIC.h(xi), even(0.5, 50))
    ends_of_runs: list[State] = []
    for n in (10, 20, 40, 80):
        fresh = State(0.0, dict(start.fields), scalars={"ions_in": 0.0})
        ends_of_runs.append(march(StaggeredStepper(p, tolerance=0.0, rtol=1e-11), [fresh], even(1.0, n)))
    for key in FIELDS:
        differences = [l2(grid, b[key] - a[key]) for a, b in pairwise(ends_of_runs)]
        assert orders(np.array(differences), (10, 20, 40)).min() > 1.8
