"""Areas, heights and texture against exact answers, with the biases that docs/verification/tomograms.md tells."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ellipe

from femna.errors import BadInput
from femna.morphology.box_counting import box_counting_dimension
from femna.morphology.deposit_heights import contact_fraction, deposit_volume, surface_texture, top_heights
from femna.morphology.surface_area import smoothed, surface_area, surface_mesh
from tests.unit.morphology.bodies import ball, centres, grey, torus

CUBES = (1.0, 1.0, 1.0)


@pytest.mark.parametrize(("radius", "error"), [(4, -0.0195), (8, -0.0048), (16, -0.0012), (32, -0.000283)])
def test_area_of_a_ball_is_second_order_in_the_voxel(radius, error):
    """On the grey field; a wrong level, or the binary field (+8 %), fails."""
    area = surface_area(*surface_mesh(grey(ball(radius)), 0.5, CUBES))
    assert area / (4 * np.pi * radius**2) - 1 == pytest.approx(error, rel=0.03)


@pytest.mark.parametrize(("voxel", "error"), [((1.0, 1.0, 2.0), -0.0020), ((0.5, 1.0, 1.5), -0.0013)])
def test_area_of_a_ball_on_anisotropic_voxels(voxel, error):
    """With the sizes of x and z exchanged the areas are off by tens of percent."""
    area = surface_area(*surface_mesh(grey(ball(16, voxel)), 0.5, voxel))
    assert area / (4 * np.pi * 16**2) - 1 == pytest.approx(error, rel=0.1)


def test_area_of_a_segmented_ball():
    """A binary volume alone gives +8.8 %, the same with a Gaussian of one voxel -0.5 %."""
    metal, exact = ball(16) < 0, 4 * np.pi * 16**2
    assert surface_area(*surface_mesh(metal.astype(float), 0.5, CUBES)) / exact - 1 == pytest.approx(0.088, abs=0.002)
    assert surface_area(*surface_mesh(smoothed(metal), 0.5, CUBES)) / exact - 1 == pytest.approx(-0.0054, abs=0.0005)


def test_area_of_a_torus_and_of_a_shell():
    area = surface_area(*surface_mesh(grey(torus()), 0.5, CUBES))
    assert area / (4 * np.pi**2 * 18 * 6) - 1 == pytest.approx(-0.00145, rel=0.05)
    shell = np.abs(ball(16) + 4) - 4
    area = surface_area(*surface_mesh(grey(shell), 0.5, CUBES))
    assert area / (4 * np.pi * (16**2 + 8**2)) - 1 == pytest.approx(-0.0019, rel=0.05)


@pytest.mark.parametrize("degrees", [0, 10, 20, 30, 45])
def test_tilted_planes(degrees):
    """Area, developed area and roughness of a plane: tan and 1/cos."""
    angle = np.deg2rad(degrees)
    z, _, x = centres((90, 40, 60))
    field = grey((z - 20.3) * np.cos(angle) - x * np.sin(angle))
    area = surface_area(*surface_mesh(field, 0.5, CUBES))
    assert area / (39 * 59 / np.cos(angle)) - 1 == pytest.approx(0.0, abs=1e-4)
    heights = top_heights(field, 0.5, CUBES)
    texture = surface_texture(heights, CUBES)
    assert texture["Sdr"] == pytest.approx(1 / np.cos(angle) - 1, abs=1e-4)
    assert texture["Sq"] == pytest.approx(np.tan(angle) * np.sqrt((60**2 - 1) / 12), abs=2e-4)
    assert heights.mean() == pytest.approx(
        20.3 + 30 * np.tan(angle), abs=0.01
    )  # tanh is taken as linear between voxels


@pytest.mark.parametrize("voxel", [CUBES, (1.0, 1.0, 0.5), (2.0, 1.0, 1.0)])
def test_texture_of_a_cosine(voxel):
    """Amplitude 4, 80 points a period: Sa = 2A/pi, Sq = A/sqrt 2, Sz = 2A, Sku = 3/2, Sdr by an elliptic integral."""
    z, _, x = centres((30, 20, 160), voxel)
    field = grey(z - 15.3 - 4 * np.cos(2 * np.pi * x / 80), 1.5)
    heights = top_heights(field, 0.5, voxel)
    texture = surface_texture(heights, voxel)
    slope = 2 * np.pi * 4 / 80
    developed = 2 / np.pi * np.sqrt(1 + slope**2) * ellipe(slope**2 / (1 + slope**2)) - 1
    assert heights.mean() == pytest.approx(15.3, abs=2e-3)
    assert texture["Sa"] == pytest.approx(8 / np.pi, rel=1e-3)
    assert texture["Sq"] == pytest.approx(4 / np.sqrt(2), rel=3e-4)
    assert texture["Sz"] == pytest.approx(8, rel=4e-3)
    assert texture["Ssk"] == pytest.approx(0.0, abs=2e-3)
    assert texture["Sku"] == pytest.approx(1.5, rel=2e-4)
    assert texture["Sdr"] == pytest.approx(developed, rel=0.013)


def test_texture_of_an_exact_height_map():
    """Heights that are not taken from voxels: no bias but that of 80 points a period."""
    x = (np.arange(160) + 0.5)[None].repeat(20, axis=0)
    texture = surface_texture(4 * np.cos(2 * np.pi * x / 80), CUBES)
    slope = 2 * np.pi * 4 / 80
    developed = 2 / np.pi * np.sqrt(1 + slope**2) * ellipe(slope**2 / (1 + slope**2)) - 1
    assert texture["Sq"] == pytest.approx(4 / np.sqrt(2), rel=1e-12)
    assert texture["Sku"] == pytest.approx(1.5, rel=1e-12)
    assert texture["Sa"] == pytest.approx(8 / np.pi, rel=5e-4)
    assert texture["Sdr"] == pytest.approx(developed, rel=7e-3)
    skewed = surface_texture(np.array([[0.0, 0.0, 0.0, 4.0]]).repeat(4, axis=0), CUBES)
    assert skewed["Ssk"] == pytest.approx(2 / np.sqrt(3), rel=1e-12)


def test_developed_area_of_a_slope_both_ways():
    """sqrt(1 + sx^2 + sy^2) - 1, exact, on voxels of other sizes along x and y."""
    y, x = np.meshgrid(np.arange(6) * 2.0, np.arange(9) * 0.5, indexing="ij")
    texture = surface_texture(0.3 * x - 0.8 * y, (0.5, 2.0, 1.0))
    assert texture["Sdr"] == pytest.approx(np.sqrt(1 + 0.3**2 + 0.8**2) - 1, rel=1e-12)


def test_heights_at_the_ends_of_columns():
    """No metal: 0. Metal in the uppermost voxel: the upper face. Overhangs: the uppermost crossing."""
    field = np.zeros((10, 1, 4))
    field[:, 0, 1] = 1.0
    field[:3, 0, 2] = field[5:7, 0, 2] = 1.0
    field[:3, 0, 3], field[3, 0, 3] = 1.0, 0.25
    heights = top_heights(field, 0.5, (1.0, 1.0, 2.0))
    assert heights.tolist() == [[0.0, 20.0, 14.0, pytest.approx(2 * (2.5 + 0.5 / 0.75))]]


def test_volume_and_contact():
    metal = np.zeros((6, 8, 10), dtype=bool)
    metal[0, :4, :5] = metal[2, :8, :10] = True
    assert deposit_volume(metal, (0.5, 1.0, 2.0)) == 100.0
    assert contact_fraction(metal) == 0.25
    assert contact_fraction(metal, 2) == 1.0
    assert deposit_volume(np.full((2, 2, 2), 0.25), CUBES) == 2.0


@pytest.mark.parametrize("height", [32.0, 20.3])
def test_box_counting_of_a_plane(height):
    z, _, _ = centres((64, 64, 64))
    points = surface_mesh(grey(z - height), 0.5, CUBES)[0] + 0.5
    assert box_counting_dimension(points, (64, 64, 64), 1.0) == pytest.approx(2.0, abs=1e-9)


def test_box_counting_of_a_line_of_points():
    points = np.zeros((1000, 3))
    points[:, 2] = (np.arange(1000) + 0.5) * 0.064
    assert box_counting_dimension(points, (64, 64, 64), 1.0) == pytest.approx(1.0, abs=1e-9)


def test_voxel_sizes_are_three_lengths():
    for wrong in (1.0, (1.0, 1.0), (1.0, 1.0, 0.0), (1.0, np.nan, 1.0)):
        with pytest.raises(BadInput, match="three positive lengths"):
            deposit_volume(np.ones((2, 2, 2)), wrong)
