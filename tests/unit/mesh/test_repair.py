import numpy as np

from femna.mesh.repair import remove_obtuse
from femna.mesh.simplices import volumes

from .edge_conductances import positive_off_diagonals


def test_a_diagonal_that_is_not_delaunay_is_flipped():
    points = np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 0.3], [1.0, -0.3]])
    cells = np.array([[0, 1, 2], [0, 3, 1]])
    layer = np.zeros(2, np.int32)
    kept, flipped = remove_obtuse(points, cells, layer)
    assert (kept == points).all()
    assert {frozenset(c) for c in flipped.tolist()} == {frozenset({0, 2, 3}), frozenset({1, 2, 3})}
    assert (volumes(points, flipped) > 0).all()


def test_a_node_too_near_a_wall_is_pushed_off_and_walls_stay():
    # an octagon with one inner node, close to one of its sides
    angle = np.pi / 4 * np.arange(8)
    hull = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = np.vstack([hull, 0.45 * (hull[0] + hull[1])])
    cells = np.array([[i, (i + 1) % 8, 8] for i in range(8)])
    layer = np.zeros(8, np.int32)
    assert positive_off_diagonals(points, cells, layer)[0] > 0
    moved, same = remove_obtuse(points, cells, layer)
    assert positive_off_diagonals(moved, same, layer) == (0.0, 0.0)
    assert (moved[:8] == hull).all()
    assert np.linalg.norm(moved[8]) < 0.6
    assert np.isclose(volumes(moved, same).sum(), volumes(points, cells).sum())


def test_a_good_mesh_is_left_as_it_is():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    cells = np.array([[0, 1, 3], [0, 3, 2]])
    kept, same = remove_obtuse(points, cells, np.zeros(2, np.int32))
    assert (kept == points).all()
    assert (same == cells).all()
