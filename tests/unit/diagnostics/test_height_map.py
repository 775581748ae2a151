"""The front read off P1 fields: exact on planes, second order on curves, the same however the cells are shared."""

from itertools import permutations, product

import numpy as np
import pytest

from femna.diagnostics.height_map import LateralGrid, height_statistics, metal_tips, rasterise
from femna.diagnostics.marching import front_measure, front_simplices


def kuhn_box(shape, size=None, lower=0.0):
    """Points and cells of a box of prod(shape) bricks, each split into dim! simplices."""
    dim = len(shape)
    size = np.ones(dim) if size is None else np.asarray(size, float)
    axes = [lower + length * np.linspace(0, 1, n + 1) for n, length in zip(shape, size, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, dim)
    index = np.arange(len(points)).reshape([n + 1 for n in shape])
    corner = {
        bits: index[tuple(slice(b, n + b) for b, n in zip(bits, shape, strict=True))].ravel()
        for bits in product((0, 1), repeat=dim)
    }
    cells = []
    for path in permutations(range(dim)):
        at, nodes = [0] * dim, [corner[(0,) * dim]]
        for axis in path:
            at[axis] = 1
            nodes.append(corner[tuple(at)])
        cells.append(np.column_stack(nodes))
    return points, np.concatenate(cells)


def unit_grid(dim, bins):
    return LateralGrid.cover(np.zeros(dim - 1), np.ones(dim - 1), 1 / bins)


def rate(errors):
    """Observed order between the last two of a sequence of meshes, each twice as fine as the one before."""
    return np.log2(errors[-2] / errors[-1])


@pytest.mark.parametrize(("dim", "bricks"), [(1, 10), (2, 10), (3, 6)])
@pytest.mark.parametrize("height", [0.37, 0.5])  # 0.5 lies on nodes, edges and faces of the mesh
def test_flat_front_is_exact_also_on_nodes(dim, bricks, height):
    points, cells = kuhn_box((bricks,) * dim)
    xi = 0.5 + (height - points[:, -1])
    xi[np.isclose(points[:, -1], height)] = 0.5
    simplices = front_simplices(points, cells, xi)
    assert simplices.shape[1:] == (dim, dim)
    assert front_measure(simplices) == pytest.approx(1.0, abs=1e-13)
    np.testing.assert_allclose(rasterise(simplices, unit_grid(dim, 7)), height, atol=1e-14)


@pytest.mark.parametrize("dim", [2, 3])
def test_tilted_plane_is_exact(dim):
    slope = np.array([0.3, -0.2])[: dim - 1]
    points, cells = kuhn_box((7,) * dim)
    grid = unit_grid(dim, 23)
    simplices = front_simplices(points, cells, 0.5 + 4 * (0.4 + points[:, :-1] @ slope - points[:, -1]))
    np.testing.assert_allclose(rasterise(simplices, grid), 0.4 + grid.columns @ slope, atol=1e-14)
    assert front_measure(simplices) == pytest.approx(np.sqrt(1 + slope @ slope), rel=1e-13)


@pytest.mark.parametrize(("dim", "bricks", "exact"), [(2, (20, 40, 80), np.pi * 0.6), (3, (10, 20, 40), np.pi * 0.36)])
def test_circle_and_sphere_converge_at_second_order(dim, bricks, exact):
    errors = []
    for n in bricks:
        points, cells = kuhn_box((n,) * dim)
        xi = 0.5 + 0.3 - np.linalg.norm(points - 0.503, axis=1)
        errors.append(abs(front_measure(front_simplices(points, cells, xi)) - exact))
    assert errors[-1] < 2e-3 * exact
    assert rate(errors) > 1.8


def test_height_of_a_wave_converges_at_second_order():
    grid, errors = unit_grid(2, 333), []
    exact = 0.5 + 0.2 * np.cos(2 * np.pi * grid.columns[:, 0])
    for n in (20, 40, 80):
        points, cells = kuhn_box((n, n))
        xi = 0.5 + 0.5 + 0.2 * np.cos(2 * np.pi * points[:, 0]) - points[:, 1]
        errors.append(np.abs(rasterise(front_simplices(points, cells, xi), grid) - exact).max())
    assert rate(errors) > 1.8


@pytest.mark.parametrize("dim", [2, 3])
def test_under_an_overhang_the_uppermost_crossing_counts(dim):
    points, cells = kuhn_box((40,) * dim)
    aside = np.linalg.norm(points[:, :-1] - 0.5, axis=1)
    head = 0.2 - np.linalg.norm(np.column_stack([aside, points[:, -1] - 0.6]), axis=1)
    stem = np.minimum(0.1 - aside, 0.6 - points[:, -1])
    film = 0.1 - points[:, -1]
    grid = unit_grid(dim, 25)
    heights = rasterise(front_simplices(points, cells, 0.5 + np.maximum(film, np.maximum(head, stem))), grid)
    away = np.linalg.norm(grid.columns - 0.5, axis=1)
    cap = away < 0.17
    np.testing.assert_allclose(heights[cap], 0.6 + np.sqrt(0.04 - away[cap] ** 2), atol=0.01)
    np.testing.assert_allclose(heights[away > 0.23], 0.1, atol=1e-12)


@pytest.mark.parametrize(("dim", "bricks"), [(1, 50), (2, 30), (3, 12)])
def test_sharing_the_cells_changes_nothing(dim, bricks):
    rng = np.random.default_rng(3)
    points, cells = kuhn_box((bricks,) * dim)
    wave = 0.2 * np.sin(7 * points[:, :-1].sum(axis=1))
    xi = 0.5 * (1 - np.tanh((points[:, -1] - 0.5 - wave) / 0.1))
    grid = unit_grid(dim, 3 * bricks)
    whole = front_simplices(points, cells, xi)

    owner = rng.integers(0, 2, len(cells))
    measure, heights = 0.0, np.full(grid.size, -np.inf)
    for rank in (0, 1):
        own = rng.permuted(cells[owner == rank], axis=1)  # another rank numbers the nodes of a cell in another order
        nodes, local = np.unique(own, return_inverse=True)
        part = front_simplices(points[nodes], local.reshape(own.shape), xi[nodes])
        measure += front_measure(part)
        heights = np.maximum(heights, rasterise(part, grid))
    assert measure == pytest.approx(front_measure(whole), rel=1e-14 * max(1, len(whole)) ** 0.5)
    np.testing.assert_allclose(heights, rasterise(whole, grid), atol=1e-14)


def raster2(*segments):
    """Heights at x = 0.5, 1.5, 2.5 under segments given as ((x, z), (x, z))."""
    return rasterise(np.array(segments, float), LateralGrid((0.0,), (1.0,), (3,)))


def raster3(*triangles):
    """Heights at x, y = 0.5, 1.5 under triangles given as three (x, y, z)."""
    return rasterise(np.array(triangles, float), LateralGrid((0.0, 0.0), (1.0, 1.0), (2, 2))).reshape(2, 2)


GAP = 1e-12  # round-off between two neighbours


def test_a_column_between_two_segments_meets_one_of_them():
    heights = raster2(((0, 1), (1.5 - GAP, 1)), ((1.5 + GAP, 1), (3, 1)))
    np.testing.assert_array_equal(heights, [1, 1, 1])


def test_a_column_between_two_triangles_meets_one_of_them():
    left = ((0, 0, 1), (0.5 - GAP, 2, 1), (0.5 - GAP, 0, 1))
    right = ((0.5 + GAP, 0, 1), (0.5 + GAP, 2, 1), (2, 0, 1))
    np.testing.assert_allclose(raster3(left, right), [[1, 1], [1, -np.inf]], atol=1e-15)


def test_the_uppermost_of_several_counts_in_any_order():
    low, high = ((0, 1), (3, 1)), ((1, 2), (2, 2))
    np.testing.assert_array_equal(raster2(low, high), [1, 2, 1])
    np.testing.assert_array_equal(raster2(high, low), [1, 2, 1])
    low, high = ((0, 0, 1), (4, 0, 1), (0, 4, 1)), ((0, 0, 2), (1, 0, 2), (0, 1, 2))
    np.testing.assert_allclose(raster3(low, high), raster3(high, low))
    np.testing.assert_allclose(raster3(low, high), [[2, 1], [1, 1]])


def test_a_wall_gives_its_upper_end_and_never_more():
    np.testing.assert_array_equal(raster2(((1.5, 2), (1.5, 5))), [-np.inf, 5, -np.inf])
    steep = 2e-9  # wider than the slack, and the column stands beside it
    np.testing.assert_array_equal(raster2(((1.5 - steep - 5e-10, 2), (1.5 - 5e-10, 5))), [-np.inf, 5, -np.inf])
    x = 0.5 - 5e-10
    wall = ((x - steep, 0, 2), (x, 0, 5), (x - steep, 1, 2)), ((x, 0, 5), (x, 1, 5), (x - steep, 1, 2))
    assert raster3(*wall).max() == 5
    assert np.isneginf(raster3(((0.5, 0, 0), (0.5, 1, 0), (0.5, 0.5, 3)))).all()


def test_points_may_have_three_coordinates_and_cells_any_integer():
    points, cells = kuhn_box((5, 5))
    xi = 0.5 + 0.33 - points[:, 1]
    padded = np.column_stack([points, np.zeros(len(points))])
    np.testing.assert_array_equal(
        front_simplices(padded, cells.astype(np.int32), xi), front_simplices(points, cells, xi)
    )


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_without_a_front_there_is_nothing(dim, value):
    points, cells = kuhn_box((3,) * dim)
    simplices = front_simplices(points, cells, np.full(len(points), value))
    assert front_measure(simplices) == 0
    heights = rasterise(simplices, unit_grid(dim, 4))
    assert np.isneginf(heights).all()
    assert height_statistics(heights) == {"mean": 0, "maximum": 0, "minimum": 0, "sq": 0}
    assert height_statistics(heights, missing=2.0)["mean"] == 2


def test_one_dimension_takes_the_uppermost_point():
    points, cells = kuhn_box((10,))
    xi = np.array([1, 1, 1, 0, 0, 1, 1, 0.25, 0, 0, 0])
    simplices = front_simplices(points, cells, xi)
    assert front_measure(simplices) == 3
    assert rasterise(simplices, unit_grid(1, 1)) == pytest.approx([0.6 + 0.1 * 0.5 / 0.75])


def test_statistics_of_a_known_map():
    heights = np.array([1.0, 3.0, -np.inf, 4.0])
    assert height_statistics(heights) == pytest.approx({"mean": 2, "maximum": 4, "minimum": 0, "sq": np.sqrt(2.5)})
    with_top = height_statistics(heights, missing=np.array([9.0, 9.0, 8.0, 9.0]))
    assert with_top["mean"] == pytest.approx(4)
    assert with_top["maximum"] == pytest.approx(8)


def test_grid_covers_the_cell_with_equal_bins():
    grid = LateralGrid.cover((0.0, 1.0), (1.0, 3.0), 0.3)
    assert (grid.shape, grid.size, grid.dim) == ((3, 7), 21, 3)
    np.testing.assert_allclose(grid.columns[[0, 1, -1]], [[1 / 6, 8 / 7], [1 / 6, 10 / 7], [5 / 6, 20 / 7]])
    assert LateralGrid.cover((), (), 0.3).columns.shape == (1, 0)


def test_tips_of_a_profile_stand_at_walls_too_and_small_ones_do_not_count():
    heights = np.array([5.0, 2.0, 3.0, 2.5, 7.0, 7.0, 1.0, 4.0, 3.5, 4.2])
    grid = LateralGrid((0.0,), (1.0,), (10,))
    np.testing.assert_allclose(metal_tips(heights, grid, 0.4), [[4.5, 7], [0.5, 5], [9.5, 4.2], [7.5, 4], [2.5, 3]])
    np.testing.assert_allclose(metal_tips(heights, grid, 0.6), [[4.5, 7], [0.5, 5], [9.5, 4.2]])
    assert metal_tips(np.full(10, 3.0), grid, 1e-9).shape == (0, 2)


def test_tips_of_a_surface():
    grid = LateralGrid.cover((0, 0), (1, 1), 0.02)
    x, y = grid.columns.T
    heights = sum(
        top * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 0.01)
        for top, cx, cy in [(1.0, 0.21, 0.31), (0.6, 0.71, 0.49), (0.05, 0.31, 0.85)]
    )
    heights[np.hypot(x - 0.9, y - 0.9) < 0.05] = -np.inf
    tips = metal_tips(heights, grid, 0.1)
    np.testing.assert_allclose(tips, [[0.21, 0.31, 1.0], [0.71, 0.49, 0.6]], atol=2e-3)
