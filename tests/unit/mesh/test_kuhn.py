import numpy as np
import pytest

from femna.mesh.kuhn import split_bricks
from femna.mesh.simplices import volumes

from .edge_conductances import positive_off_diagonals


def brick(sizes: list[float]) -> np.ndarray:
    dim = len(sizes)
    return np.array([[(corner >> axis & 1) * sizes[axis] for axis in range(dim)] for corner in range(2**dim)])


@pytest.mark.parametrize("sizes", [[2.0], [1.0, 3.0], [1.0, 1.0, 1.0], [1.0, 5.0, 0.3]])
def test_simplices_are_positive_and_fill_the_brick(sizes):
    points, dim = brick(sizes), len(sizes)
    cells = split_bricks(np.arange(2**dim)[None])
    size = volumes(points, cells)
    assert len(cells) == {1: 1, 2: 2, 3: 6}[dim]
    assert np.allclose(size, np.prod(sizes) / len(cells), rtol=1e-14)


@pytest.mark.parametrize("sizes", [[1.0, 3.0], [1.0, 5.0, 0.3], [4.0, 1.0, 9.0]])
def test_no_positive_off_diagonal_for_any_shape_of_brick(sizes):
    points, dim = brick(sizes), len(sizes)
    assert positive_off_diagonals(points, split_bricks(np.arange(2**dim)[None])) == (0.0, 0.0)


def test_faces_match_between_neighbours():
    # 2 x 2 x 2 bricks: every triangle lies in two tetrahedra, or in one if it is on the hull
    n = 3
    node = np.arange(n**3).reshape(n, n, n).transpose(2, 1, 0)
    corners = np.stack(
        [
            node[x : x + 2, y : y + 2, z : z + 2].transpose(2, 1, 0).ravel()
            for x in range(2)
            for y in range(2)
            for z in range(2)
        ]
    )
    cells = split_bricks(corners)
    faces = np.sort(np.concatenate([np.delete(cells, i, axis=1) for i in range(4)]), axis=1)
    unique, count = np.unique(faces, axis=0, return_counts=True)
    points = np.stack(np.unravel_index(np.arange(n**3), (n, n, n)), axis=1)[:, ::-1]
    corner = points[unique]
    on_hull = ((corner == 0).all(axis=1) | (corner == n - 1).all(axis=1)).any(axis=1)
    assert (count == np.where(on_hull, 1, 2)).all()
    assert on_hull.sum() == 6 * 4 * 2
