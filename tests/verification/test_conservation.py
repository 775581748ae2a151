"""Conservation and bounds of the coupled step.

Problem: the whole system, without manufactured sources. Exact: the integral of c + c_s s(xi) changes by what enters
through the boundary (divergence theorem on equation (5)), whatever the data, step sizes or solver tolerances for xi
and phi; 0 <= xi <= 1, because 0 and 1 are equilibria of the well and h' vanishes there (quintic). Source:
docs/theory/transport.md and phase_field.md.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from femna.contract.state import State
from femna.physics.interpolation import LINEAR, QUINTIC, Interpolation
from femna.timestepping.staggered import StaggeredStepper

from .drive import Array, controlled, march, sodium
from .grids import Grid, boundary, box, leaves, shaken
from .problems import front, problem

COUNTS = {1: [40], 2: [16, 16], 3: [6, 6, 6]}


def random_field(grid: Grid, low: float, high: float, seed: int) -> Array:
    return grid.scatter(np.random.default_rng(seed).uniform(low, high, grid.total) if grid.comm.rank == 0 else None)


@pytest.mark.parametrize("content", [LINEAR, QUINTIC], ids=["xi", "h"])
@pytest.mark.parametrize(("make", "dim"), [(shaken, 1), (shaken, 2), (shaken, 3), (leaves, 2), (leaves, 3)])
def test_sodium_balance_with_random_data(make: Callable[..., Grid], dim: int, content: Interpolation) -> None:
    """Random xi and c, boundary values that move, uneven steps: to 1e-10 of the sodium that changed hands.

    On leaves with a direct solver: it is the equations that are to balance, not what the multigrid leaves of them.
    With ions_in summed by Euler's rule 4e-3, with h'(xi) xi_t in place of h_t 2e-3 is lost.
    """
    lengths = [1.0] * dim
    grid = make(lengths, COUNTS[dim])
    ends = boundary(grid, lengths, [dim - 1])
    p = problem(
        grid,
        rate=2.0,
        site_ratio=40.0,
        charge_density=5.0,
        diffusivity=0.3,
        metal_diffusivity=0.01,
        metal_conductivity=1e4,
        thermal_voltage=0.05,
        voltage=0.1,
        content=content,
        fixed={"c": ends},
        fixed_values={"c": lambda x, t: np.full(len(x), 1.0 + 20.0 * t)},
    )
    stepper = StaggeredStepper(p, "direct" if make is leaves else "auto")
    start = stepper.start(0.0, {"xi": random_field(grid, 0.2, 0.8, 3), "c": random_field(grid, 0.5, 1.5, 4)})
    inventory = sodium(p, start)
    errors: list[float] = []

    def watch(s: State) -> None:
        moved = 40.0 * grid.integral(np.abs(s["content"] - start["content"]))
        errors.append(abs(sodium(p, s) - inventory - s.scalars["ions_in"]) / moved)

    end = march(stepper, [start], [1e-4, 1.5e-4, 1e-4, 2e-4, 3e-4, 3e-4, 5e-4, 1e-3, 1e-3, 1e-3], watch)
    assert abs(end.scalars["ions_in"]) > 1e-3 * inventory
    assert max(errors) < 1e-10


def test_charge_balance_of_the_potential() -> None:
    """What goes in at the counter leaves at the collector or is deposited: int F c_s xi_t, to the solver's 1e-7.

    With 2 % more in the potential's sink, 2 % are missing.
    """
    grid = shaken([1.0, 1.0], [16, 16])
    p = problem(grid, rate=2.0, charge_density=5.0, metal_conductivity=30.0, thermal_voltage=0.2, voltage=0.3)
    stepper = StaggeredStepper(p)
    start = stepper.start(0.0, {"xi": front(grid.points[:, 1] - 0.4, 0.2), "c": np.ones(grid.size)})
    state = march(stepper, [start], [1e-3])
    deposited = 5.0 * grid.integral(state["content"] - start["content"]) / 1e-3
    assert abs(deposited) > 0.1 * abs(state.counter_current)
    assert state.counter_current - state.collector_current == pytest.approx(deposited, rel=1e-7)


@pytest.mark.parametrize("until", [1.6, pytest.param(2.6, marks=pytest.mark.slow)])
def test_metal_fraction_stays_in_bounds(until: float) -> None:
    """2D, a bump under voltage that grows: 120 (300) steps of the package's own choice, 0 <= xi <= 1 to 1e-6.

    With a reaction that is not confined to the front (h' = 1) no step of the start succeeds.
    """
    side = 16.0
    grid = box([side, side], [48, 48])
    counter = boundary(grid, [side, side], [1]) & (grid.points[:, 1] > 0.5 * side)
    p = problem(
        grid,
        diffusivity=60.0,
        metal_diffusivity=0.06,
        thermal_voltage=0.0257,
        site_ratio=42.1,
        metal_conductivity=1e7,
        charge_density=0.5,
        rate=2e-3,
        voltage=0.25,
        fixed={"c": counter},
        fixed_values={"c": lambda x, _: np.ones(len(x))},
    )
    x = grid.points
    xi = front(x[:, 1] - 4.0 - 2.0 * np.exp(-(((x[:, 0] - 0.5 * side) / 1.5) ** 2)))
    outside: list[float] = []
    state, steps = controlled(
        p,
        xi,
        1.0 - QUINTIC.h(xi),
        until,
        1e-3,
        lambda s: outside.append(float(grid.max(-s["xi"].min(), s["xi"].max() - 1.0).max())),
    )
    assert grid.integral(state["xi"] - xi) > 0.1 * side * side
    assert steps > 100
    assert max(outside) < 1e-6
