"""Tips, branchings and tip radii of shapes for which they are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from femna.analysis.branching import Branching, branching
from femna.analysis.snapshot import Snapshot
from femna.analysis.tip import tip_radius, tip_speed
from femna.diagnostics.marching import front_measure, front_simplices

Array = np.ndarray[Any, Any]
Shape = Callable[[Array, Array], Array]

WIDTH, HEIGHT, CELL = 40.0, 30.0, 0.25
FRONT = 0.5
"""Width l of the front; LEAST is four of it."""
LEAST = 2.0


def output(inside: Shape, seed: int | None = None, cell: float = CELL) -> Snapshot:
    """A box of squares cut along one diagonal, with the front's profile by the distance `inside` (x, y) to it, positive
    in metal. With a seed the nodes are shuffled and moved off their places, not those on the faces."""
    nx, ny = round(WIDTH / cell), round(HEIGHT / cell)
    x, y = np.meshgrid(np.linspace(0, WIDTH, nx + 1), np.linspace(0, HEIGHT, ny + 1), indexing="ij")
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    k = np.arange((nx + 1) * (ny + 1)).reshape(nx + 1, ny + 1)
    a, b, c, d = k[:-1, :-1].ravel(), k[1:, :-1].ravel(), k[1:, 1:].ravel(), k[:-1, 1:].ravel()
    cells = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    if seed is not None:
        rng = np.random.default_rng(seed)
        free = (points > 0).all(axis=1) & (points < (WIDTH, HEIGHT)).all(axis=1)
        points[free] += rng.uniform(-0.2 * cell, 0.2 * cell, points[free].shape)
        new = rng.permutation(len(points))
        points, cells = points[np.argsort(new)], new[cells]
    xi = 0.5 * (1.0 + np.tanh(inside(points[:, 0], points[:, 1]) / FRONT))
    return Snapshot(0.0, points, cells, np.zeros(len(cells), int), {"xi": xi})


def capsule(a: tuple[float, float], b: tuple[float, float], radius: float) -> Shape:
    """A rod from a to b with round ends."""

    def inside(x: Array, y: Array) -> Array:
        along = np.subtract(b, a)
        share = np.clip(((x - a[0]) * along[0] + (y - a[1]) * along[1]) / (along @ along), 0.0, 1.0)
        return np.asarray(radius - np.hypot(x - a[0] - share * along[0], y - a[1] - share * along[1]))

    return inside


def slab(level: float) -> Shape:
    return lambda x, y: level - y


def union(*shapes: Shape) -> Shape:
    return lambda x, y: np.max([shape(x, y) for shape in shapes], axis=0)


def comb(teeth: int, radius: float, lengths: Array) -> Shape:
    """A slab of height 4 with upright teeth of round ends."""
    places = (np.arange(teeth) + 0.5) * WIDTH / teeth
    return union(slab(4.0), *(capsule((x, 2.0), (x, 4.0 + n), radius) for x, n in zip(places, lengths, strict=True)))


def tree(arms: int, trunk: float = 1.0) -> Shape:
    """A slab, an upright trunk of the given half width and arms that leave it obliquely on both sides in turn."""
    sides = [20.0 + 10.0 * (-1) ** k for k in range(arms)]
    return union(
        slab(3.0),
        capsule((20.0, 2.0), (20.0, 27.0), trunk),
        *(capsule((20.0, 8.0 + 4.0 * k), (x, 13.0 + 4.0 * k), 0.7) for k, x in enumerate(sides)),
    )


@pytest.mark.parametrize("seed", [None, 1])
@pytest.mark.parametrize("teeth", [1, 2, 5, 9])
def test_a_comb_has_as_many_tips_as_teeth_and_no_branching(teeth: int, seed: int | None) -> None:
    lengths = np.linspace(5.0, 15.0, teeth)
    assert branching(output(comb(teeth, 1.0, lengths), seed), LEAST) == Branching(teeth, 0)


@pytest.mark.parametrize("seed", [None, 2])
@pytest.mark.parametrize("arms", [0, 1, 2, 3])
def test_a_tree_branches_once_an_arm(arms: int, seed: int | None) -> None:
    assert branching(output(tree(arms), seed), LEAST) == Branching(arms + 1, arms)


def test_teeth_on_a_step_are_no_branches() -> None:
    """The step is wider than it is high: what the teeth have in common is no stem. On a pillar as high they are."""
    teeth = [capsule((x, 4.0), (x, 20.0), 1.0) for x in (17.0, 20.0, 23.0)]
    step = output(union(slab(3.0), capsule((17.0, 6.0), (23.0, 6.0), 4.0), *teeth))
    assert branching(step, LEAST) == Branching(3, 0)
    fork = [capsule((20.0, 14.0), (x, 22.0), 1.0) for x in (14.0, 26.0)]
    assert branching(output(union(slab(3.0), capsule((20.0, 2.0), (20.0, 14.0), 1.5), *fork)), LEAST) == Branching(2, 1)


def test_stems_that_end_before_the_deepest_valley() -> None:
    """Two forks on a step that is no stem, and two teeth on such a step beside a third on a wider one."""
    forks = [
        shape
        for x in (14.0, 26.0)
        for shape in (
            capsule((x, 7.0), (x, 15.0), 1.0),
            *(capsule((x, 15.0), (x + side, 22.0), 0.8) for side in (-4.0, 4.0)),
        )
    ]
    wide = capsule((12.0, 3.0), (28.0, 3.0), 4.0)
    assert branching(output(union(slab(2.0), wide, *forks)), LEAST) == Branching(4, 2)
    steps = capsule((16.0, 7.5), (20.0, 7.5), 3.5), capsule((14.0, 3.0), (28.0, 3.0), 4.0)
    teeth = [capsule((x, 6.0), (x, 22.0), 1.0) for x in (16.0, 20.0, 27.0)]
    assert branching(output(union(slab(2.0), *steps, *teeth)), LEAST) == Branching(3, 0)


def test_what_is_short_or_loose_does_not_count() -> None:
    assert branching(output(slab(7.1)), LEAST) == Branching(0, 0)
    assert branching(output(lambda x, y: 8.0 + 0.4 * np.cos(x) - y), LEAST) == Branching(0, 0)
    assert branching(output(union(slab(3.0), capsule((20.0, 10.0), (20.0, 20.0), 1.0))), LEAST) == Branching(0, 0)
    short = union(tree(1), capsule((20.0, 20.0), (22.9, 20.0), 0.7))
    assert branching(output(short), LEAST) == Branching(2, 1)
    assert branching(output(short), 1.0) == Branching(3, 2)


def test_a_layer_that_carries_electrons_reaches_what_stands_on_it() -> None:
    snap = output(union(slab(3.0), lambda x, y: np.minimum(y - 6.0, 9.0 - y), capsule((20.0, 8.0), (20.0, 18.0), 1.0)))
    middle = snap.points[snap.cells].mean(axis=1)[:, 1]
    snap.layer[(middle > 3.0) & (middle < 6.0)] = 1
    assert branching(snap, LEAST) == Branching(0, 0)
    assert branching(snap, LEAST, conducting=(1,)) == Branching(1, 0)


@pytest.mark.parametrize("radius", [1.0, 2.0, 4.0])
def test_round_fingers_have_their_radius_and_length(radius: float) -> None:
    """Fingers with semicircles on them: each adds two sides and (pi/2 - 1) diameters to the flat front."""
    teeth, length = 3, 10.0
    snap = output(comb(teeth, radius, np.full(teeth, length)), cell=0.125)
    assert tip_radius(snap, FRONT) == pytest.approx(radius, rel=0.02)
    coarse = output(comb(teeth, 2.0, np.full(teeth, length)))
    assert tip_radius(coarse, FRONT) == pytest.approx(2.0, rel=0.015)  # 3 % off from one l about the tip, or by xi
    exact = 1.0 + teeth * (2.0 * length + (np.pi - 2.0) * radius) / WIDTH
    front = front_simplices(snap.points, snap.cells, snap.values["xi"])
    assert front_measure(front) / WIDTH == pytest.approx(exact, rel=0.005)


@pytest.mark.parametrize("shift", [0.0, 0.25])
def test_a_sine_has_its_radius_and_length(shift: float) -> None:
    """y = a cos(k x): radius 1/(a k^2), length over width 2/pi sqrt(1 + (a k)^2) E(m), m = (a k)^2/(1 + (a k)^2). With
    no shift the crest stands at a wall."""
    from scipy.special import ellipe

    a, k = 3.0, 4.0 * np.pi / WIDTH
    snap = output(lambda x, y: 10.0 + a * np.cos(k * x - 2.0 * np.pi * shift) - y, cell=0.125)
    assert tip_radius(snap, FRONT) == pytest.approx(1.0 / (a * k**2), rel=0.05)
    slope = (a * k) ** 2
    exact = 2.0 / np.pi * np.sqrt(1.0 + slope) * ellipe(slope / (1.0 + slope))
    front = front_simplices(snap.points, snap.cells, snap.values["xi"])
    assert front_measure(front) / WIDTH == pytest.approx(exact, rel=1e-3)


def test_a_front_without_a_tip_has_no_radius() -> None:
    assert tip_radius(output(slab(7.1)), FRONT) is None
    assert tip_radius(output(lambda x, y: np.full_like(y, -9.0)), FRONT) is None


def test_speed_over_the_last_rise() -> None:
    """Slow, then 3 m/s: two widths of 0.5 lie in the fast part."""
    times = np.array([0.0, 1.0, 2.0, 2.5, 3.0])
    heights = np.array([1.0, 1.1, 1.2, 2.7, 4.2])
    assert tip_speed(times, heights, 0.5) == pytest.approx(3.0, rel=1e-12)
    assert tip_speed(times, heights, 1.0) == pytest.approx(3.0, rel=1e-12)
    assert tip_speed(times, heights, 1.55) == pytest.approx(3.1 / 2.0, rel=1e-12)
    assert tip_speed(times, heights, 5.0) is None
    assert tip_speed(times, heights[::-1], 0.5) is None
