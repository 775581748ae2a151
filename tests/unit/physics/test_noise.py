"""The fluctuation of the reaction belongs to the surface: not to the mesh, the step or the ranks."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import femna
from femna.physics.noise import Noise


def noise(points: np.ndarray, **settings: object) -> Noise:
    case = femna.load_case("p-na", overrides={"noise.amplitude": 0.2, **settings})
    return Noise(case, SimpleNamespace(points=points, dim=points.shape[1]))


def test_it_is_the_same_at_a_point_whatever_the_mesh() -> None:
    points = np.random.default_rng(1).uniform(0.0, 2e-5, (500, 2))
    whole, part = noise(points), noise(points[::7])
    for time in (0.0, 0.013, 1.7):
        np.testing.assert_allclose(part.factor(time), whole.factor(time)[::7], rtol=1e-12)


def test_mean_one_and_the_amplitude_asked_for() -> None:
    points = np.random.default_rng(2).uniform(0.0, 2e-3, (400, 2))
    source = noise(points)
    samples = np.array([source.factor(k * 2.37 * source.correlation_time) for k in range(200)])
    assert samples.mean() == pytest.approx(1.0, abs=0.01)
    assert samples.std() == pytest.approx(0.2, rel=0.05)


def test_near_points_and_times_fluctuate_alike_and_far_ones_do_not() -> None:
    points = np.array([[1e-5, 1e-5], [1.005e-5, 1e-5], [1.9e-5, 3e-6]])
    source = noise(points)
    values = np.array([source.factor(k * 3.1 * source.correlation_time) for k in range(400)]) - 1.0
    near, far = np.corrcoef(values[:, 0], values[:, 1])[0, 1], np.corrcoef(values[:, 0], values[:, 2])[0, 1]
    assert near > 0.98
    assert abs(far) < 0.3
    step = 0.01 * source.correlation_time
    np.testing.assert_allclose(source.factor(1.0), source.factor(1.0 + step), atol=0.02)


def test_the_seed_decides() -> None:
    points = np.random.default_rng(3).uniform(0.0, 2e-5, (50, 2))
    assert not np.allclose(noise(points).factor(0.5), noise(points, random_seed=7).factor(0.5))
