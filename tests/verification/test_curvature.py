"""V5: circles and spheres shrink under their own curvature.

Problem: equation (4) without a reaction, from a disc (a quarter, natural sides) or a ball (an octant) of metal of
radius 1; then with a uniform rate R. Exact, for l/R -> 0: v = 3 l R - L_sigma kappa K with K = 1/R in 2D and 2/R in
3D, so that R^2 = R_0^2 - 2 (d - 1) L_sigma kappa t, and with R > 0 the radius (d - 1) L_sigma kappa/(3 l R) stands
still: smaller shrinks, larger grows. Source: Allen & Cahn, Acta Metall. 27 (1979) 1085; docs/theory/phase_field.md.
The radius is read from the content of metal, less what the diffuse profile adds to it: pi (R^2 + pi^2 l^2/12) and
(4 pi/3)(R^3 + pi^2 l^2 R/4).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from femna.physics.interpolation import CUBIC

from .drive import Array, even, integrate
from .grids import Grid, box, leaves
from .problems import front, problem
from .test_travelling_front import ONE_DRIVE


def radius(grid: Grid, xi: Array, width: float) -> float:
    """Radius of the disc or ball of which the box holds a quarter or an octant."""
    content = 2.0**grid.dim * grid.integral(xi)
    if grid.dim == 2:
        return float(np.sqrt(content / np.pi - np.pi**2 * width**2 / 12.0))
    roots = np.roots([1.0, 0.0, np.pi**2 * width**2 / 4.0, -3.0 * content / (4.0 * np.pi)])
    return float(roots[np.abs(roots.imag) < 1e-9].real[0])


Maker = Callable[[int, float, int], Grid]
"""A grid from its dimensions, side and cells along the side."""


def square(dim: int, side: float, count: int) -> Grid:
    return box([side] * dim, [count] * dim)


def whole_bricks(dim: int, side: float, count: int) -> Grid:
    """As fine, on a side made longer so that its cells are a multiple of 8."""
    more = -count % 8
    return square(dim, side * (count + more) / count, count + more)


def leaves_within(reach: float) -> Maker:
    """That side in leaves, finest within a reach of the front, which moves from 1 to 0.87."""

    def make(dim: int, side: float, count: int) -> Grid:
        more = -count % 8
        return leaves(
            [side * (count + more) / count] * dim,
            [count + more] * dim,
            near=lambda points: np.abs(np.linalg.norm(points, axis=1) - 0.935) < 0.065 + reach,
            most=3,
        )

    return make


def radii(
    dim: int, width: float, cells: float, until: float, rate: float = 0.0, start: float = 1.0, make: Maker = square
) -> tuple[Array, Array]:
    """Times and radii of a disc or ball for L_sigma kappa = 1; `cells` cells a width, steps of width/20."""
    side = start + 4.0 * width  # the profile's tail at the wall: 3e-4
    count = round(side / width * cells)
    grid = make(dim, side, count)
    p = problem(
        grid, interpolation=CUBIC, well=2.0 / width**2, gradient=1.0, rate=rate, equilibrium_potential=ONE_DRIVE
    )
    xi = front(np.linalg.norm(grid.points, axis=1) - start, width)
    history = [(0.0, radius(grid, xi, width))]
    sizes = even(until, round(until / (0.05 * width)))
    integrate(p, xi, np.ones(grid.size), sizes, lambda s: history.append((s.time, radius(grid, s["xi"], width))))
    times, measured = np.array(history).T
    settled = slice(len(times) // 4, None)  # the profile of the start knows nothing of curvature
    return times[settled], measured[settled]


def slope_error(dim: int, width: float, cells: float, until: float, make: Maker = square) -> float:
    """Relative error of d(R^2)/dt = -2 (d - 1)."""
    times, measured = radii(dim, width, cells, until, make=make)
    slope = (measured[-1] ** 2 - measured[0] ** 2) / (times[-1] - times[0])
    return slope / (-2.0 * (dim - 1)) - 1.0


def without_mesh(dim: int, width: float, until: float) -> tuple[float, float]:
    """The error with 4 cells a width, and extrapolated with that of 2 cells to none: the error of the width alone."""
    coarse, fine = (slope_error(dim, width, cells, until) for cells in (2, 4))
    return fine, fine + (fine - coarse) / 3.0


def test_circle() -> None:
    """The area falls at 2 pi L kappa; the error of the width falls as (l/R)^2.

    With 2 % more in the gradient term the error no longer falls.
    """
    fine, limit = np.array([without_mesh(2, width, 0.12) for width in (0.2, 0.1, 0.05)]).T
    assert np.all(np.abs(fine) < 0.01)
    assert np.log2(np.abs(limit[:-1] / limit[1:])).min() > 1.9
    assert abs(limit[-1]) < 1e-3


@pytest.mark.parametrize(("dim", "width", "cells", "until"), [(2, 0.05, 4, 0.12), (3, 0.15, 2, 0.04)])
def test_circles_and_spheres_on_leaves(dim: int, width: float, cells: float, until: float) -> None:
    """The same as on a mesh that is as fine everywhere: the profile's tail beyond 5 l, 1e-4 of it on larger leaves, is
    a thousandth of the slope in 3D (two with 3.8 l)."""
    makers = (leaves_within(5.0 * width), whole_bricks)
    on_leaves, uniform = (slope_error(dim, width, cells, until, make) for make in makers)
    assert on_leaves == pytest.approx(uniform, abs=2e-3)


def test_mesh_error_of_a_circle_falls_with_order_two() -> None:
    errors = [slope_error(2, 0.2, cells, 0.12) for cells in (2, 4, 8)]
    assert np.log2((errors[0] - errors[1]) / (errors[1] - errors[2])) > 1.8


def test_sphere() -> None:
    """With 2 % more in the gradient term R^2 falls more than 1 % too fast."""
    fine, limit = without_mesh(3, 0.2, 0.06)
    assert abs(fine) < 0.005
    assert abs(limit) < 0.005


@pytest.mark.slow
def test_thinner_sphere() -> None:
    fine, limit = without_mesh(3, 0.12, 0.06)
    assert abs(fine) < 0.005
    assert abs(limit) < 0.0035


@pytest.mark.parametrize(("dim", "width", "cells", "accuracy"), [(2, 0.1, 4.0, 0.004), (3, 0.15, 3.0, 0.012)])
def test_critical_radius(dim: int, width: float, cells: float, accuracy: float) -> None:
    """3 l R = (d - 1)/1 holds a radius of 1; speeds on either side are 3 l R - (d - 1)/R and cross zero there.

    With 2 % more reaction the radius is 0.979 in 2D and 0.970 in 3D.
    """
    rate = (dim - 1) / (3.0 * width)
    curvatures, speeds = [], []
    for start in (0.9, 1.1):
        times, measured = radii(dim, width, cells, 0.06, rate, start)
        speeds.append((measured[-1] - measured[0]) / (times[-1] - times[0]))
        curvatures.append(1.0 / measured.mean())
    assert speeds[0] < 0.0 < speeds[1]
    still = curvatures[0] - speeds[0] * np.diff(curvatures)[0] / np.diff(speeds)[0]
    assert 1.0 / still == pytest.approx(1.0, abs=accuracy)
    assert np.diff(speeds)[0] / np.diff(curvatures)[0] == pytest.approx(-(dim - 1), rel=0.03)
