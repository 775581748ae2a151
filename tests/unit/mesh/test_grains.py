"""Grains: distances to Voronoi's faces, the same points whatever the mesh, and cells that stand for boundaries."""

from __future__ import annotations

import numpy as np
import pytest

from femna.case import Case
from femna.mesh.grains import Polycrystal, polycrystal, with_boundaries
from femna.mesh.stack import build_stack
from femna.validation.load import load_case


def case(*sets: str) -> Case:
    return load_case("nzsp-grains", list(sets))


def test_half_way_between_two_points() -> None:
    grains = Polycrystal(np.array([[0.0, 0.0], [4.0, 0.0]]))
    places = np.array([[2.0, 7.0], [1.5, -3.0], [0.0, 0.0], [5.0, 1.0]])
    assert grains.boundary_distance(places) == pytest.approx([0.0, 0.5, 2.0, 3.0])


def test_the_nearest_of_several_faces_counts() -> None:
    grains = Polycrystal(np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, -6.0]]))
    places = np.array([[0.0, 0.0, 0.0], [1.8, 0.0, 0.0], [0.0, 0.3, 0.0], [0.0, 0.0, -2.9]])
    assert grains.boundary_distance(places) == pytest.approx([1.0, 0.2, 0.7, 0.1])


def test_one_grain_has_no_boundary() -> None:
    assert np.isinf(Polycrystal(np.array([[1.0, 1.0]])).boundary_distance(np.zeros((3, 2)))).all()


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_there_is_one_grain_a_mean_volume(dim: int) -> None:
    drawn = case(f"geometry.dim={dim}", "layer.ceramic.grains.size=2 um", "layer.ceramic.grains.boundary_width=0.5 um")
    points = polycrystal(drawn, "ceramic").points
    low, high = drawn.interval("ceramic")
    sides = [drawn.geometry.width, drawn.geometry.depth][: dim - 1]
    extent = np.array([*sides, high - low]) + 8e-6
    assert len(points) == round(float(np.prod(extent / 2e-6)))
    assert np.all(points.min(axis=0) >= np.array([-4e-6] * (dim - 1) + [low - 4e-6]))


def test_the_seeds_decide_and_nothing_else() -> None:
    first = polycrystal(case(), "ceramic").points
    assert np.array_equal(first, polycrystal(case("numerics.resolution=3", "interface.width=0.2 um"), "ceramic").points)
    for other in ("layer.ceramic.grains.seed=2", "random_seed=1"):
        assert not np.array_equal(first, polycrystal(case(other), "ceramic").points)


@pytest.mark.serial
@pytest.mark.parametrize("dim", [2, 3])
def test_cells_near_a_face_are_boundary(dim: int) -> None:
    small = ["geometry.width=3 um", "layer.ceramic.thickness=3 um", "layer.anode.thickness=1 um"]
    coarse = case(f"geometry.dim={dim}", *small, "layer.ceramic.grains.size=2 um")
    mesh = build_stack(coarse)
    assert [phase.layer for phase in coarse.phases] == ["anode", "ceramic", "ceramic"]
    assert set(mesh.layer) == {0, 1, 2}
    height = mesh.points[mesh.cells][:, :, -1].mean(axis=1)
    assert np.array_equal(mesh.layer == 0, height < 1e-6)
    grains, width = polycrystal(coarse, "ceramic"), 0.5e-6
    distance = grains.boundary_distance(mesh.points[mesh.cells].mean(axis=1))
    assert np.array_equal(mesh.layer == 2, (distance < 0.5 * width) & (mesh.layer > 0))
    # and without the boundaries the layers come back
    layers = np.minimum(mesh.layer, 1)
    assert np.array_equal(with_boundaries(coarse, mesh.points, mesh.cells, layers), mesh.layer)
