"""Anisotropy of the gradient coefficient: which way, how fast and how far turned a relaxing circle deforms.

Problem: equation (4) without a reaction from a circle of radius 1 with kappa = kappa0 (1 + delta cos(omega (theta -
theta0))), theta the direction of grad xi. Exact, for l/R -> 0: gamma ~ sqrt(kappa) and the mobility of the front ~ l
~ sqrt(kappa), so with s = sqrt(kappa) a front moves at v = -L s (s + s'') K = -L (kappa + kappa''/2 - kappa'^2/(4
kappa)) K. To first order in delta the factor is kappa0 [1 + delta (1 - omega^2/2) cos(omega (theta - theta0))]: 1 - 7
delta cos 4 theta. Directions of larger kappa move slower: the circle grows corners there (at theta0, theta0 + 90
degrees, .. for omega = 4), as Wulff's shape has them where gamma is large. Of r = R + e cos(omega (theta - theta0))
with R^2 = 1 - 2 t: e' = delta (omega^2/2 - 1)/R - (omega^2 - 1) e/R^2. Source: derived here; McFadden et al., Phys.
Rev. E 48 (1993) 2016 for gamma + gamma''.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from femna.physics.phase_field import Anisotropy

from .drive import even, integrate
from .grids import Grid, box, leaves
from .problems import front, problem

WIDTH, SIDE, UNTIL = 0.1, 2.6, 0.02


@pytest.fixture(scope="module", params=["triangles", "leaves"])
def grid(request: pytest.FixtureRequest) -> Grid:
    if request.param == "triangles":
        return box([SIDE, SIDE], [78, 78])
    near = 0.35 + 0.05
    return leaves(
        [SIDE, SIDE], [80, 80], near=lambda x: np.abs(np.linalg.norm(x - 0.5 * SIDE, axis=1) - 1.0) < near, most=3
    )


def bulge(grid: Grid, delta: float, mode: int, angle: float) -> complex:
    """Amplitude e of the circle's deformation at UNTIL, with its phase: e exp(i mode theta0)."""
    x = grid.points - 0.5 * SIDE
    theta = np.arctan2(x[:, 1], x[:, 0])
    p = problem(grid, well=2.0 / WIDTH**2, gradient=1.0, anisotropy=Anisotropy(delta, mode, angle))
    local_width = WIDTH * np.sqrt(1.0 + delta * np.cos(mode * (theta - angle)))
    xi = front((np.linalg.norm(x, axis=1) - 1.0) / local_width)
    state = integrate(p, xi, np.ones(grid.size), even(UNTIL, 8))
    parts = [grid.integral(state["xi"] * f(mode * theta)) for f in (np.cos, np.sin)]
    return complex(*parts) / (np.pi * np.sqrt(1.0 - 2.0 * UNTIL))


def expected(delta: float, mode: int) -> float:
    path = solve_ivp(
        lambda t, e: delta * (mode**2 / 2 - 1) / np.sqrt(1 - 2 * t) - (mode**2 - 1) * e / (1 - 2 * t),
        (0.0, UNTIL),
        [0.0],
        rtol=1e-8,
        atol=1e-12,
    )
    return float(path.y[0, -1])


@pytest.mark.parametrize(("delta", "mode", "angle"), [(0.02, 4, 0.0), (0.02, 4, 0.3), (-0.02, 4, 0.0), (0.01, 6, 0.2)])
def test_circle_bulges_where_kappa_is_large(grid: Grid, delta: float, mode: int, angle: float) -> None:
    """Sign, size and phase of the deformation, less the mesh's own part.

    Without d kappa/d theta in the flux the circle bulges the other way; with 10 % more delta the size is 10 % off.
    """
    measured = bulge(grid, delta, mode, angle) - bulge(grid, 0.0, mode, 0.0)
    turned = measured * np.exp(-1j * mode * angle)
    assert turned.real == pytest.approx(expected(delta, mode), rel=0.05)
    assert abs(turned.imag) < 0.03 * abs(turned.real)
