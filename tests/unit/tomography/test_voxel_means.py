"""Means over voxels are exact: linear fields, whole sums, thin films, leaves, two dimensions."""

from __future__ import annotations

import math

import numpy as np
import pytest
import pyvista

from femna.errors import BadInput
from femna.mesh.kuhn import split_bricks
from femna.mesh.simplices import volumes
from femna.tomography.stored_cells import StoredCells, cells_of
from femna.tomography.voxel_means import mean_slabs

UM = 1e-6
BOX = (7.0, 8.0, 9.0)


def bricks(cells, box):
    """Node positions, and the corners of the bricks of a box, (M, 8)."""
    axes = [np.linspace(0.0, length, cells + 1) for length in box]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    numbers = np.arange((cells + 1) ** 3).reshape((cells + 1,) * 3)
    ranges = [[slice(b >> axis & 1, cells + (b >> axis & 1)) for axis in range(3)] for b in range(8)]
    return points, np.stack([numbers[tuple(place)].ravel() for place in ranges], axis=1)


def simplices(cells, box, shift):
    """Positions of the nodes, those inside moved by up to half the shift of a brick, and tetrahedra."""
    points, corners = bricks(cells, box)
    inside = ((points > 0) & (points < np.array(box))).all(axis=1)
    moves = shift * (np.random.default_rng(0).random(points.shape) - 0.5) * np.array(box) / cells
    moved, cells_of_box = points + inside[:, None] * moves, split_bricks(corners)
    assert volumes(moved, cells_of_box).min() > 0
    return moved, cells_of_box


def stored(cells, shift, field, box=BOX):
    points, simplex = simplices(cells, box, shift)
    values = field(points)
    return StoredCells(points[simplex] * UM, values[simplex], np.zeros(len(simplex), int), tuple(UM * np.array(box)))


def means(cells, size):
    grid = cells.grid(tuple(UM * np.array(size)))
    return grid, np.concatenate(list(mean_slabs(cells, cells.xi, grid, threads=2)))


def share_inside(grid):
    z, y, x = grid.covered()
    return z[:, None, None] * y[None, :, None] * x[None, None, :]


def total(grid, found):
    return (found * share_inside(grid)).sum() * grid.voxel_volume


def linear(points):
    return points @ np.array([1.0, 2.0, -3.0]) + 0.5


@pytest.mark.parametrize("shift", [0.0, 0.3])
@pytest.mark.parametrize("cells", [2, 5, 13])
@pytest.mark.parametrize("size", [(1.0, 1.0, 1.0), (0.5, 2.0, 1.5)])
def test_a_linear_field_has_its_value_at_the_centre_of_each_voxel(cells, shift, size):
    grid, found = means(stored(cells, shift, linear), size)
    z, y, x = np.meshgrid(
        *((np.arange(n) + 0.5) * s for n, s in zip(grid.shape, size[::-1], strict=True)), indexing="ij"
    )
    np.testing.assert_allclose(found, linear(np.stack([x, y, z], axis=-1)), rtol=0, atol=1e-12)


@pytest.mark.parametrize("cells", [3, 7, 12])
def test_the_sum_over_voxels_is_the_sum_over_cells(cells):
    body = stored(cells, 0.3, lambda points: np.random.default_rng(1).random(len(points)))
    grid, found = means(body, (1.3, 0.9, 1.1))
    assert total(grid, found) == pytest.approx(body.metal_volume(grid), rel=1e-12)


def test_a_film_thinner_than_a_voxel_keeps_its_volume():
    """xi rises to 1 and falls back within 0.2 of a voxel: samples at centres would see nothing."""
    points, simplex = simplices(20, (4.0, 4.0, 4.0), 0.0)
    points[:, 2] = np.interp(points[:, 2], [0, 1.8, 2.0, 2.2, 4], [0, 2.55, 2.6, 2.65, 4])
    film = np.where(np.isclose(points[:, 2], 2.6), 1.0, 0.0)
    cells = StoredCells(points[simplex] * UM, film[simplex], np.zeros(len(simplex), int), (4 * UM,) * 3)
    grid, found = means(cells, (1.0, 1.0, 1.0))
    np.testing.assert_allclose(found[2], 0.05, rtol=1e-9)
    assert total(grid, found) == pytest.approx(16 * 0.05 * UM**3, rel=1e-9)


def test_where_the_field_is_even_the_middle_of_its_range_is_off_by_half_of_it():
    """xi as in a run: a front of width l, and tails. The whole metal is kept to 1e-6."""
    body = stored(24, 0.3, lambda p: 0.5 * (1.0 - np.tanh((p[:, 2] - 4.0 - 0.5 * np.cos(p[:, 0])) / 0.4)))
    grid, found = means(body, (0.35, 0.4, 0.45))
    assert total(grid, found) == pytest.approx(body.metal_volume(grid), rel=1e-7)
    assert found.min() >= 0.0
    assert found.max() <= 1.0 + 1e-12


def test_voxels_that_reach_out_of_the_box_hold_the_mean_inside():
    body = stored(3, 0.3, linear)
    grid, found = means(body, (2.0, 3.0, 4.0))
    assert grid.shape == (3, 3, 4)
    np.testing.assert_allclose(grid.covered()[2], [1, 1, 1, 0.5])
    x, y, z = np.array([1, 3, 5, 6.5]), np.array([1.5, 4.5, 7.0]), np.array([2, 6, 8.5])
    exact = x[None, None, :] + 2 * y[None, :, None] - 3 * z[:, None, None] + 0.5
    np.testing.assert_allclose(found, exact, atol=1e-12)
    assert len(grid.remarks()) == 3


@pytest.mark.parametrize("size", [(1.0, 1.0, 1.0), (0.3, 2.0, 1.7)])
def test_leaves_are_exact_for_what_is_linear_along_each_axis(size):
    points, corners = bricks(3, BOX)
    x, y, z = points.T
    field = 1 + 2 * x - y + 0.5 * x * y - 0.2 * y * z + 0.1 * x * y * z
    ends = np.stack([points[corners[:, 0]], points[corners[:, 7]]], axis=1)
    cells = StoredCells(ends * UM, field[corners], np.zeros(len(corners), int), tuple(UM * np.array(BOX)))
    grid, found = means(cells, size)
    assert total(grid, found) == pytest.approx(cells.metal_volume(grid), rel=1e-12)
    inside = [np.minimum((np.arange(n) + 1) * s, l) for n, s, l in zip(grid.shape, size[::-1], BOX[::-1], strict=True)]
    centres = [0.5 * (np.arange(len(top)) * s + top) for top, s in zip(inside, size[::-1], strict=True)]
    z, y, x = np.meshgrid(*centres, indexing="ij")
    exact = 1 + 2 * x - y + 0.5 * x * y - 0.2 * y * z + 0.1 * x * y * z
    np.testing.assert_allclose(found, exact, atol=1e-11)


def flat_mesh(kind):
    """Two dimensions: 4 x 6 um, xi linear."""
    x, z = (axis.ravel() for axis in np.meshgrid(np.arange(5.0), np.arange(7.0), indexing="ij"))
    numbers = np.arange(35).reshape(5, 7)
    quads = np.stack([numbers[:-1, :-1], numbers[1:, :-1], numbers[:-1, 1:], numbers[1:, 1:]], axis=-1).reshape(-1, 4)
    points = np.stack([x, z, 0 * x], axis=1) * UM
    cells = quads if kind == pyvista.CellType.PIXEL else split_bricks(quads)
    mesh = pyvista.UnstructuredGrid({kind: cells}, points)
    mesh.point_data["xi"] = x + 10 * z
    mesh.cell_data["material"] = np.zeros(len(cells), dtype=int)
    return mesh


@pytest.mark.parametrize("kind", [pyvista.CellType.TRIANGLE, pyvista.CellType.PIXEL])
def test_two_dimensions_are_one_voxel_thick(kind):
    cells = cells_of(flat_mesh(kind), "here")
    assert math.isinf(cells.box[1])
    grid, found = means(cells, (1.0, 0.7, 1.5))
    assert grid.shape == (4, 1, 4)
    x, z = np.meshgrid(np.arange(4) + 0.5, (np.arange(4) + 0.5) * 1.5)
    np.testing.assert_allclose(found[:, 0, :], x + 10 * z, atol=1e-10)
    assert total(grid, found) == pytest.approx(cells.metal_volume(grid), rel=1e-12)


def test_one_dimension_has_no_volume():
    mesh = pyvista.UnstructuredGrid({pyvista.CellType.LINE: np.array([[0, 1]])}, np.eye(3)[:2])
    with pytest.raises(BadInput, match="one dimension"):
        cells_of(mesh, "here")


def test_more_voxels_than_can_be_written_are_refused():
    with pytest.raises(BadInput, match="--voxel"):
        stored(2, 0.0, linear).grid((1e-9, 1e-9, 1e-9))


def test_slabs_do_not_matter(monkeypatch):
    body = stored(6, 0.3, lambda points: np.random.default_rng(1).random(len(points)))
    _, whole = means(body, (0.5, 0.5, 0.5))
    monkeypatch.setattr("femna.tomography.voxel_means.SLAB_VOXELS", 500)
    _, parts = means(body, (0.5, 0.5, 0.5))
    np.testing.assert_allclose(parts, whole, atol=1e-14)
