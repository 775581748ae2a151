"""V8: ohmic drop over a stack of layers, and over a front.

Problem: three layers between the collector (0 V) and the counter side (0.5 V), a mesh whose faces lie on theirs, no
metal. Exact: phi is linear in each layer and the area-specific resistance is sum d_i/sigma_i. Source: Ohm's law in
series. Linear elements hold that solution, so only the linear solver's tolerance is left. The jumps of shipped stacks
are larger than those here, which say what a formula does, not what a solver can; the solver's presets are compared in
`test_presets_agree`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from femna.timestepping.staggered import StaggeredStepper

from .drive import Array, largest
from .grids import Grid, boundary, box, leaves
from .problems import SinglePotential, problem

THICKNESSES = np.array([1e-6, 0.5e-6, 3e-6])
CONDUCTIVITIES = [1e-5, 2.2e-4, 1.0]
HEIGHT = float(THICKNESSES.sum())
RESISTANCE = float(np.sum(THICKNESSES / CONDUCTIVITIES))
VOLTAGE = 0.5
CELLS = 15
"""In each layer, so that the spacing changes from one to the next."""
COUNTS = {1: [3 * CELLS], 2: [5, 3 * CELLS], 3: [3, 4, 3 * CELLS]}


BRICKS = {2: [4, 9], 3: [4, 4, 9]}
"""Of 0.5 um, the greatest that fit all layers."""


def stack_of_leaves(dim: int) -> SinglePotential:
    """On a tree whose finest leaves lie in all layers, and hanging nodes on the faces."""
    faces = np.cumsum(THICKNESSES)[:-1]
    grid = leaves([2e-6] * (dim - 1) + [HEIGHT], [4 * n for n in BRICKS[dim]], faces=faces)
    return problem(grid, conductivity=CONDUCTIVITIES, metal_conductivity=2.1e7, voltage=VOLTAGE)


def stack(dim: int) -> SinglePotential:
    def stretch(points: Array) -> Array:
        heights = np.interp(points[:, -1], np.arange(4.0), np.concatenate([[0.0], np.cumsum(THICKNESSES)]))
        return np.concatenate([points[:, :-1], heights[:, None]], axis=1)

    grid = box([2e-6] * (dim - 1) + [3.0], COUNTS[dim], faces=[1.0, 2.0], move=stretch)
    return problem(grid, conductivity=CONDUCTIVITIES, metal_conductivity=2.1e7, voltage=VOLTAGE)


def exact_potential(height: Array) -> Array:
    corners = np.concatenate([[0.0], np.cumsum(THICKNESSES)])
    drops = np.concatenate([[0.0], np.cumsum(THICKNESSES / CONDUCTIVITIES)])
    return VOLTAGE * np.interp(height, corners, drops) / RESISTANCE


def solve(p: SinglePotential, preset: str) -> tuple[float, float, float]:
    """Resistances (ohm m^2) from the counter's and the collector's current, and the largest error of phi in V."""
    grid: Grid = p.grid
    state = StaggeredStepper(p, preset).start(0.0, {"xi": np.zeros(grid.size), "c": np.ones(grid.size)})
    area = (2e-6) ** (grid.dim - 1)
    error = largest(grid, state["phi"] - exact_potential(grid.points[:, -1]))
    return VOLTAGE * area / state.counter_current, VOLTAGE * area / state.collector_current, error


STACKS = [*((stack, dim) for dim in (1, 2, 3)), *((stack_of_leaves, dim) for dim in (2, 3))]


@pytest.mark.parametrize(("make", "dim"), STACKS)
def test_resistances_add_up(make: Callable[[int], SinglePotential], dim: int) -> None:
    """R = sum d/sigma to 1e-9 at both electrodes, phi piecewise linear."""
    at_counter, at_collector, error = solve(make(dim), "direct")
    assert at_collector == pytest.approx(RESISTANCE, rel=1e-9)
    assert at_counter == pytest.approx(RESISTANCE, rel=1e-9)
    assert error < 1e-9 * VOLTAGE


@pytest.mark.parametrize(("make", "dim"), [made for made in STACKS if made[1] > 1])
def test_conductances_side_by_side_add_up(make: Callable[[int], SinglePotential], dim: int) -> None:
    """Current along the layers, from side to side: sum sigma_i d_i, and phi linear although sigma jumps on the faces.

    With the mean sigma of the cells round an edge in place of their weighted sum, 5 % off in 3D.
    """
    p = make(dim)
    grid, width = p.grid, 2e-6
    p.counter = np.abs(grid.points[:, 0] - width) < 1e-9 * width
    p.collector = np.abs(grid.points[:, 0]) < 1e-9 * width
    p.fixed["phi"] = boundary(grid, [width], [0])
    p.fixed_values["phi"] = lambda x, _: VOLTAGE * x[:, 0] / width
    state = StaggeredStepper(p, "direct").start(0.0, {"xi": np.zeros(grid.size), "c": np.ones(grid.size)})
    exact = float(np.sum(THICKNESSES * CONDUCTIVITIES)) * width ** (dim - 3)
    assert state.counter_current / VOLTAGE == pytest.approx(exact, rel=1e-9)
    assert state.collector_current / VOLTAGE == pytest.approx(exact, rel=1e-9)
    assert largest(grid, state["phi"] - VOLTAGE * grid.points[:, 0] / width) < 1e-9 * VOLTAGE


@pytest.mark.parametrize("preset", ["gamg", "jacobi"])
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_presets_agree(dim: int, preset: str) -> None:
    """An iterative solver leaves 1e-11 V; where the field is 1e-5 of the mean one, that is 3e-8 of the current.

    The collector's current is the counter's less what reacts, here nothing: they agree to rounding.
    """
    at_counter, at_collector, error = solve(stack(dim), preset)
    assert at_collector == pytest.approx(at_counter, rel=1e-12)
    assert at_counter == pytest.approx(RESISTANCE, rel=1e-7)
    assert error < 2e-9


@pytest.mark.parametrize("preset", ["direct", "gamg"])
def test_metal_shorts_what_it_fills(preset: str) -> None:
    """A sharp metal film on the lowest 1.5 um leaves the resistance of the rest.

    With the metal's part left out of the conductivity the resistance is that of the whole stack.
    """
    p = stack(2)
    grid = p.grid
    metal_top = float(np.sum(THICKNESSES[:2]))
    xi = np.where(grid.points[:, -1] < metal_top + 1e-9, 1.0, 0.0)
    state = StaggeredStepper(p, preset).start(0.0, {"xi": xi, "c": np.ones(grid.size)})
    spacing = THICKNESSES[2] / CELLS
    # the edge across the face has xi = 1/2 in its middle, h(1/2) = 1/2: half the metal's conductance
    exact = (HEIGHT - metal_top - spacing) / CONDUCTIVITIES[2]
    assert VOLTAGE * 2e-6 / state.counter_current == pytest.approx(exact, rel=1e-5)
