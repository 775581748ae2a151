"""Thickness, chords, correlation, skeleton and distances against exact answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt, label
from scipy.spatial import KDTree

from femna.morphology.chord_lengths import chord_lengths
from femna.morphology.connectivity import euler_number
from femna.morphology.distance_transform import depth, squared_distance, within
from femna.morphology.local_thickness import local_thickness, thickness_statistics
from femna.morphology.overlap import dice, surface_distance
from femna.morphology.skeleton import skeleton
from femna.morphology.surface_area import surface_mesh
from femna.morphology.thinning import thinned
from femna.morphology.two_point_correlation import correlation_length, pair_probability, radial_correlation
from tests.unit.morphology.bodies import ball, centres, grey, rod, torus

CUBES = (1.0, 1.0, 1.0)
FLAT = (0.5, 1.0, 1.5)


@pytest.mark.parametrize("voxel", [CUBES, FLAT])
def test_distances_are_those_of_scipy(voxel):
    seeds = np.random.default_rng(3).random((17, 23, 29)) < 0.003
    squared, nearest, finest = squared_distance(seeds, voxel)
    expected, places = distance_transform_edt(~seeds, sampling=voxel[::-1], return_indices=True)
    assert np.sqrt(squared) * finest == pytest.approx(expected, rel=1e-5)
    at = np.stack(np.unravel_index(nearest, seeds.shape)) - np.stack(np.indices(seeds.shape))
    own = np.sqrt(sum((a * size) ** 2 for a, size in zip(at, voxel[::-1], strict=True)))
    assert own == pytest.approx(expected, rel=1e-12)
    assert seeds.ravel()[nearest].all()
    assert places.shape[0] == 3
    for radius in (0.9, 3.2, 8.0):
        assert np.array_equal(within(seeds, voxel, radius), expected <= radius)


@pytest.mark.parametrize("voxel", [CUBES, FLAT])
def test_depth_in_a_ball(voxel):
    """Within a quarter of the coarsest voxel, root mean square; without the part beyond the surface 0.5 and more."""
    distance = ball(16, voxel)
    metal = distance < 0
    found = depth(grey(distance), 0.5, voxel)
    assert np.sqrt(((found + distance)[metal] ** 2).mean()) < 0.2
    assert (found[~metal] == 0).all()


def test_depth_in_a_slab_of_voxels():
    slab = np.zeros((20, 5, 5))
    slab[4:15] = 1.0
    assert depth(slab, 0.5, (1.0, 1.0, 2.0))[:, 2, 2].tolist() == pytest.approx(
        [0] * 4 + [1, 3, 5, 7, 9, 11, 9, 7, 5, 3, 1] + [0] * 5
    )


@pytest.mark.parametrize("voxel", [CUBES, (0.5, 0.5, 1.0)])
def test_thickness_of_slabs(voxel):
    """Exact where the middle is a layer of voxels, a voxel too small where it lies between two."""
    for count, missing in ((11, 0), (12, 1)):
        slab = np.zeros((30, 9, 9))
        slab[8 : 8 + count] = 1.0
        statistics = thickness_statistics(local_thickness(depth(slab, 0.5, voxel), voxel))
        assert list(statistics.values()) == pytest.approx([(count - missing) * voxel[2]] * 4, rel=1e-5)


@pytest.mark.parametrize("radius", [8, 16, 32])
def test_thickness_of_a_ball(radius):
    """The diameter, within a voxel and a half; the corners of voxels at its surface have less."""
    found = thickness_statistics(local_thickness(depth(grey(ball(radius)), 0.5, CUBES), CUBES))
    assert -1.5 < found["median"] - 2 * radius < 0.0
    assert found["high"] == found["median"]


def test_thickness_of_a_rod():
    found = thickness_statistics(local_thickness(depth(grey(rod(49, 7, 0), 1.0), 0.5, CUBES), CUBES))
    assert found["median"] == pytest.approx(14.0, abs=0.05)


@pytest.mark.parametrize("voxel", [CUBES, FLAT])
def test_mean_chord_of_a_ball(voxel):
    """4 R/3 along every axis."""
    metal = ball(16, voxel) < 0
    for axis in range(3):
        assert chord_lengths(metal, voxel, axis).mean() == pytest.approx(64 / 3, rel=6e-3)


def test_chords_that_a_face_cuts_are_left_out():
    metal = np.zeros((4, 3, 10), dtype=bool)
    metal[:, :, 0:2] = metal[:, :, 4:7] = metal[:, :, 9:] = True
    assert chord_lengths(metal, (0.5, 1.0, 1.0), 2).tolist() == [1.5] * 12
    assert len(chord_lengths(metal, CUBES, 0)) == 0


def test_pair_probability_of_plates():
    """Plates of 8 in a period of 16: counted pair by pair, so that the ends of the volume are right, too."""
    metal = np.zeros((20, 18, 64), dtype=bool)
    row = (np.arange(64) // 8) % 2 == 0
    metal[:] = row
    found = pair_probability(metal)
    middle = found.shape[2] // 2
    for lag in (0, 1, 5, 8, 12, 20):
        expected = (row[: 64 - lag] & row[lag:]).mean()
        assert found[3, found.shape[1] // 2 + 2, middle + lag] == pytest.approx(expected, abs=1e-6)
        assert found[3, found.shape[1] // 2 + 2, middle - lag] == pytest.approx(expected, abs=1e-6)


def test_correlation_of_overlapping_balls():
    """Balls at random: S2 = 1 - 2 exp(-n V) + exp(-n U(r)), U the union of two balls a distance r apart."""
    size, radius, density = 96, 5.0, 0.001
    rng = np.random.default_rng(1)
    number = rng.poisson(density * (size + 4 * radius) ** 3)
    points = rng.uniform(-2 * radius, size + 2 * radius, (number, 3))
    places = np.stack(centres((size,) * 3), axis=-1)
    metal = KDTree(points).query(places, workers=-1)[0] < radius
    distances, found = radial_correlation(metal, CUBES)
    near = np.minimum(distances / (2 * radius), 1.0)
    volume = 4 / 3 * np.pi * radius**3
    exact = 1 - 2 * np.exp(-density * volume) + np.exp(-density * volume * (1 + 1.5 * near - 0.5 * near**3))
    assert found == pytest.approx(exact, abs=0.02)  # the spread of a volume of so many balls
    assert found - found[0] == pytest.approx(exact - exact[0], abs=0.012)
    assert correlation_length(distances, found) == pytest.approx(correlation_length(distances, exact), rel=0.03)


def test_correlation_length_of_a_known_function():
    r = np.linspace(0, 40, 400)
    assert correlation_length(r, 0.3**2 + 0.21 * np.exp(-r / 7.0)) == pytest.approx(7.0, rel=1e-3)
    assert np.isnan(correlation_length(r, np.full(400, 0.5)))


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("shift", [0.0, 0.5])
@pytest.mark.parametrize("radius", [3, 4.5, 7])
def test_skeleton_of_a_rod(axis, shift, radius):
    """One line of its length, whether the rod's axis runs through voxels or between them."""
    distance = rod(49, radius, axis, shift=shift)
    found = skeleton(distance < 0, depth(grey(distance, 1.0), 0.5, CUBES), CUBES)
    assert (found.branches, found.ends, found.junctions) == (1, 2, 0)
    assert found.length == pytest.approx(49, abs=2.4)


def test_skeleton_of_a_cross_and_of_a_ring():
    lines = np.zeros((40, 40, 40), dtype=bool)
    lines[20, 20, 5:35] = lines[20, 5:35, 20] = lines[5:35, 20, 20] = True
    found = skeleton(lines, depth(lines.astype(float), 0.5, (1.0, 1.0, 2.0)), (1.0, 1.0, 2.0))
    assert (found.length, found.branches, found.ends, found.junctions) == (
        30 + 30 + 59,
        6,
        6,
        1,
    )  # half a width at each end
    ring = torus() < 0
    lines = thinned(ring)
    assert label(lines, np.ones((3, 3, 3)))[1] == 1
    assert skeleton(ring, depth(grey(torus()), 0.5, CUBES), CUBES).length == pytest.approx(2 * np.pi * 18, rel=0.01)


@pytest.mark.parametrize("way", [(1, 1, 0), (1, 2, 3)])
def test_skeleton_of_a_tilted_rod(way):
    """40 long: without smoothing of the steps 45 and more."""
    way = np.array(way) / np.linalg.norm(way)
    places = np.stack([p - at for p, at in zip(centres((60, 60, 60)), (30.2, 30.1, 29.7), strict=True)], axis=-1)
    along = places @ way
    distance = np.maximum(np.linalg.norm(places - along[..., None] * way, axis=-1) - 4, np.abs(along) - 20)
    found = skeleton(distance < 0, depth(grey(distance, 1.0), 0.5, CUBES), CUBES)
    assert (found.branches, found.ends, found.junctions) == (1, 2, 0)
    assert found.length == pytest.approx(40, abs=1.5)


def test_thinning_keeps_pieces_and_tunnels():
    """Of a random volume: metal by corners, the rest by faces."""
    from skimage.measure import euler_number as euler

    metal = np.random.default_rng(2).random((24, 24, 24)) < 0.35
    lines = thinned(metal)
    assert not (lines & ~metal).any()
    assert label(lines, np.ones((3, 3, 3)))[1] == label(metal, np.ones((3, 3, 3)))[1]
    assert euler(lines, connectivity=3) == euler(metal, connectivity=3)
    assert lines.sum() < metal.sum()


def test_euler_numbers():
    assert euler_number(ball(16) < 0) == 1
    assert euler_number(np.abs(ball(16) + 4) - 4 < 0) == 2
    assert euler_number(torus() < 0) == 0
    edge = np.zeros((4, 4, 4), dtype=bool)
    edge[1, 1, 1] = edge[2, 2, 1] = True  # joined by an edge alone: two pieces
    assert euler_number(edge) == 2


@pytest.mark.parametrize("gap", [1.0, 2.0, 4.0, 8.0])
def test_distance_of_two_balls(gap):
    points = [surface_mesh(grey(ball(r, off=(0, 0, 0), margin=24 - r)), 0.5, CUBES)[0] for r in (12, 12 + gap)]
    found = surface_distance(*points)
    assert found["mean"] == pytest.approx(gap, rel=0.1 / gap)
    assert found["high"] == pytest.approx(gap, rel=0.2 / gap)
    assert surface_distance(points[0], points[0]) == {"mean": 0.0, "high": 0.0}


def test_distance_of_points_that_are_known():
    """Twenty pairs k/20 apart: mean 21/40, and the 95 % quantile of both ways 0.9525."""
    first = np.zeros((20, 3))
    first[:, 2] = 100.0 * np.arange(20)
    second = first + np.array([0.0, 1.0, 0.0]) * np.arange(1, 21)[:, None] / 20
    assert surface_distance(first, second) == pytest.approx({"mean": 0.525, "high": 0.9525})


def test_dice_of_boxes():
    a, b = np.zeros((4, 4, 10), dtype=bool), np.zeros((4, 4, 10), dtype=bool)
    a[:, :, :6] = b[:, :, 4:] = True
    assert dice(a, b) == pytest.approx(2 * 2 / 12)
    assert np.isnan(dice(a & ~a, a & ~a))
