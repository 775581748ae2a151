"""A volume of voxels as the metal at the start: its volume, its height, and a deposit that goes through a tomogram."""

from __future__ import annotations

import numpy as np
import pytest

from femna.errors import BadInput
from femna.geometry.initial_surface import front_range, initial_metal, surface_height
from femna.mesh.kuhn import split_bricks
from femna.tomography.stored_cells import StoredCells
from femna.tomography.voxel_means import mean_slabs
from femna.volumes import Volume, write_volume

pytestmark = pytest.mark.serial

UM = 1e-6
L = 0.5 * UM  # the front's width in make_case
BOX = np.array([12.0, 8.0, 19.5])


def start_of(make_case, path, **keys):
    return make_case(**({"dim": 3, "kind": "volume", "file": str(path), "metal": 1.0} | keys))


def centres(box, step):
    """Centres (N, 3) of cells of a size in a box (um), m, and their volume."""
    axes = [(np.arange(round(length / step)) + 0.5) * step for length in box]
    grid = np.meshgrid(*axes, indexing="ij")
    return np.stack([axis.ravel() for axis in grid], axis=1) * UM, (step * UM) ** 3


def voxels(inside, step=0.5, box=BOX):
    """Labels (z, y, x) of the voxels whose centres lie in a body."""
    axes = [(np.arange(round(length / step)) + 0.5) * step for length in box]
    z, y, x = np.meshgrid(*axes[::-1], indexing="ij")
    return np.where(inside(x, y, z), 1, 0).astype(np.uint8)


BODIES = {
    "plane": lambda x, y, z: z < 5.0,
    "hills": lambda x, y, z: z < 5.0 + 1.5 * np.cos(2 * np.pi * x / 12) * np.cos(2 * np.pi * y / 8),
    "tilted": lambda x, y, z: z < 3.0 + 0.4 * x,
    "ball above": lambda x, y, z: (z < 3.0) | ((x - 6) ** 2 + (y - 4) ** 2 + (z - 7) ** 2 < 9.0),
    "void below": lambda x, y, z: (z < 8.0) & ((x - 6) ** 2 + (y - 4) ** 2 + (z - 4) ** 2 > 9.0),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_start_has_the_volume_of_the_voxels(make_case, tmp_path, name):
    labels = voxels(BODIES[name])
    write_volume(Volume(labels, (0.5 * UM,) * 3, labels={1: "metal"}), tmp_path / "a.vtkhdf")
    points, cell = centres(BOX, 0.25)
    xi = initial_metal(start_of(make_case, tmp_path / "a.vtkhdf"), points)
    assert xi.sum() * cell == pytest.approx(labels.sum() * (0.5 * UM) ** 3, rel=5e-3)


def test_a_plane_lies_where_its_voxels_end(make_case, tmp_path):
    write_volume(Volume(voxels(BODIES["plane"]), (0.5 * UM,) * 3), tmp_path / "a.vtkhdf")
    case = start_of(make_case, tmp_path / "a.vtkhdf")
    z = np.linspace(3.5, 6.5, 31)
    points = np.stack([np.full(31, 6.1), np.full(31, 3.3), z], axis=1) * UM
    np.testing.assert_allclose(initial_metal(case, points), 0.5 * (1 - np.tanh((z - 5) * UM / L)), atol=1e-6)
    assert surface_height(case, points[:1, :2]) == pytest.approx(5 * UM)
    assert front_range(case) == pytest.approx((5 * UM, 5 * UM))


def test_there_is_no_metal_above_a_volume_and_none_at_the_collector_by_itself(make_case, tmp_path):
    labels = voxels(lambda x, y, z: (z > 2.0) & (z < 6.0), box=(12.0, 8.0, 7.0))
    write_volume(Volume(labels, (0.5 * UM,) * 3), tmp_path / "a.vtkhdf")
    case = start_of(make_case, tmp_path / "a.vtkhdf")
    points = np.array([[3.0, 3.0, 0.0], [3.0, 3.0, 4.0], [3.0, 3.0, 10.0], [3.0, 3.0, 19.0]]) * UM
    xi = initial_metal(case, points)
    assert xi[0] < 1e-2
    assert xi[1] > 0.99
    assert xi[2:].max() < 1e-5


def test_a_deposit_through_a_tomogram_into_another_start(make_case, tmp_path):
    """A front of hills on a mesh, averaged over voxels, written, read and segmented: each place within one voxel."""
    height = lambda p: 5.0 + 1.2 * np.cos(2 * np.pi * p[:, 0] / 12) * np.cos(2 * np.pi * p[:, 1] / 8)  # noqa: E731
    counts = (24, 16, 60)
    axes = [np.linspace(0, length, n + 1) for length, n in zip(BOX, counts, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    numbers = np.arange(len(points)).reshape([n + 1 for n in counts])
    ranges = [[slice(b >> axis & 1, n + (b >> axis & 1)) for axis, n in enumerate(counts)] for b in range(8)]
    simplex = split_bricks(np.stack([numbers[tuple(place)].ravel() for place in ranges], axis=1))
    xi = 0.5 * (1 - np.tanh((points[:, 2] - height(points)) * UM / L))
    cells = StoredCells(points[simplex] * UM, xi[simplex], np.zeros(len(simplex), int), tuple(BOX * UM))
    grid = cells.grid((0.65 * UM,) * 3)
    share = np.concatenate(list(mean_slabs(cells, cells.xi, grid))).astype(np.float32)
    write_volume(Volume(share, grid.size), tmp_path / "a.h5")

    case = start_of(make_case, tmp_path / "a.h5", metal=0.5)
    fine, cell = centres(BOX, 0.25)
    again = initial_metal(case, fine)
    voxel = 0.65
    column = fine.reshape(48, 32, 78, 3)[:, :, 0, :] / UM
    found = again.reshape(48, 32, 78).sum(axis=2) * 0.25
    assert np.abs(found - height(column.reshape(-1, 3)).reshape(48, 32)).max() < voxel
    # segmented at 1/2, volumes of voxels that a front crosses are all or nothing
    assert again.sum() * cell == pytest.approx(cells.metal_volume(grid), rel=5e-3)


def test_two_dimensions_take_a_volume_one_voxel_deep(make_case, tmp_path):
    labels = voxels(lambda x, y, z: z < 5.0)[:, :1]
    write_volume(Volume(labels, (0.5 * UM,) * 3), tmp_path / "a.vtkhdf")
    case = start_of(make_case, tmp_path / "a.vtkhdf", dim=2)
    z = np.linspace(3.5, 6.5, 31)
    points = np.stack([np.full(31, 6.1), z], axis=1) * UM
    np.testing.assert_allclose(initial_metal(case, points), 0.5 * (1 - np.tanh((z - 5) * UM / L)), atol=1e-6)
    write_volume(Volume(voxels(lambda x, y, z: z < 5.0), (0.5 * UM,) * 3), tmp_path / "a.vtkhdf")
    with pytest.raises(BadInput, match=r"16 voxels deep, and geometry\.dim is 2"):
        initial_metal(case, points)


@pytest.mark.parametrize(
    ("keys", "says"),
    [({"metal": 7.0}, "none of its voxels are metal"), ({"wide": 12.1}, r"along geometry\.width"), ({}, "no message")],
)
def test_volumes_that_cannot_be_used(make_case, tmp_path, keys, says):
    write_volume(Volume(voxels(BODIES["plane"]), (0.5 * UM,) * 3), tmp_path / "a.vtkhdf")
    case = start_of(make_case, tmp_path / "a.vtkhdf", **keys)
    if not keys:
        initial_metal(case, np.array([[1.0, 1.0, 1.0]]) * UM)
        return
    with pytest.raises(BadInput, match=says):
        initial_metal(case, np.array([[1.0, 1.0, 1.0]]) * UM)
    assert [finding.key for finding in case.surface.shape.check((case.geometry.width, case.geometry.depth))] == ["file"]
