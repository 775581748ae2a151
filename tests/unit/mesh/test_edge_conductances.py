import numpy as np
import pytest

from femna.mesh.simplices import volumes

from .edge_conductances import edge_weights, positive_off_diagonals


def test_weights_of_an_equilateral_triangle_are_half_its_cotangents():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
    edges, weights, scale = edge_weights(points, np.array([[0, 1, 2]]))
    assert edges.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert weights == pytest.approx(0.5 / np.sqrt(3.0))
    assert scale == pytest.approx(1.0 / np.sqrt(3.0))


def test_obtuse_triangle_is_found_and_its_flat_pair_is_not():
    # the apex 0.2 over the edge 0-1 has an angle of 136 degrees: a twin below makes it worse, a far node good
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.2], [0.5, -3.0], [0.5, -0.2]])
    share, worst = positive_off_diagonals(points, np.array([[0, 1, 2]]))
    assert share == pytest.approx(1 / 3)
    assert worst > 0.1
    twins = np.array([[0, 1, 2], [1, 0, 4]])
    assert positive_off_diagonals(points, twins)[0] == pytest.approx(1 / 5)
    assert positive_off_diagonals(points, np.array([[0, 1, 2], [1, 0, 3]])) == (0.0, 0.0)
    assert positive_off_diagonals(points, np.array([[0, 4, 2], [1, 2, 4]])) == (0.0, 0.0)


def test_layers_are_judged_apart_and_zones_cut_out():
    # a thin obtuse triangle in one layer is not excused by the good one in the other
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.45], [0.5, -0.9]])
    cells = np.array([[0, 1, 2], [1, 0, 3]])
    assert positive_off_diagonals(points, cells)[0] == 0.0
    assert positive_off_diagonals(points, cells, np.array([0, 1]))[0] == pytest.approx(1 / 6)
    assert positive_off_diagonals(points, cells, np.array([0, 1]), zone=(-1.0, -0.1)) == (0.0, 0.0)


def test_weights_give_the_energy_of_a_linear_function():
    rng = np.random.default_rng(1)
    points = rng.random((4, 3))
    cells = np.array([[0, 1, 2, 3]])
    edges, weights, _ = edge_weights(points, cells)
    slope = np.array([1.0, -2.0, 0.5])
    u = points @ slope
    energy = (weights * (u[edges[:, 0]] - u[edges[:, 1]]) ** 2).sum()
    assert energy == pytest.approx(abs(volumes(points, cells)[0]) * slope @ slope)
