"""Potentials on trees of leaves of several sizes: second order, and the same as by Galerkin's method.

The tree is made finer by cutting every leaf once more, so that the places where leaves of two sizes meet stay. The
Galerkin solution is dolfinx's own, of second degree on equal squares or cubes: it has neither the weights nor the
mesh in common with the tree's.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import spsolve

from femna.mesh.tree.tree_grid import TreeGrid
from femna.parallel import MPI

from .trees import FACE, SIDES, TOP, halved, size, tree

Array = NDArray[np.float64]

pytestmark = pytest.mark.serial


def solved(grid: TreeGrid, weight: Array, source: Array, held: Array, fixed: NDArray[np.bool_]) -> Array:
    """u with -div(a grad u) = f, the weights g a given, and u = held where it is fixed; on one rank."""
    i, j = grid.edges.T
    n = grid.size
    matrix = sparse.coo_matrix((np.concatenate([-weight, -weight]), (np.concatenate([i, j]), np.concatenate([j, i]))))
    matrix = sparse.csr_matrix(matrix, shape=(n, n))
    matrix = matrix - sparse.diags(np.asarray(matrix.sum(axis=1)).ravel())
    u = np.where(fixed, held, 0.0)
    right = grid.volume * source - matrix @ u
    u[~fixed] = spsolve(matrix[~fixed][:, ~fixed].tocsc(), right[~fixed])
    return u


def boundary(grid: TreeGrid) -> NDArray[np.bool_]:
    return np.asarray(((grid.points == grid.lower) | (grid.points == grid.upper)).any(axis=1))


def l2(grid: TreeGrid, error: Array) -> float:
    return math.sqrt(grid.integral(error**2) / size(grid))


@pytest.mark.parametrize(("dim", "sizes"), [(2, 3), (3, 2)])
def test_order_of_a_smooth_solution(dim: int, sizes: int) -> None:
    """Errors in L2 fall by 4 where leaves are halved, though the residual at nodes between two sizes does not."""
    waves = np.array([1.3, 0.9, 0.7])[-dim:]
    errors = []
    grid = tree(dim, comm=MPI.COMM_SELF)
    for _ in range(sizes):
        phase = grid.points * waves + 0.3
        exact = np.sin(phase).prod(axis=1)
        u = solved(grid, grid.weight, float(waves @ waves) * exact, exact, boundary(grid))
        errors.append(l2(grid, u - exact))
        grid = halved(grid)
    orders = [math.log2(a / b) for a, b in itertools.pairwise(errors)]
    assert errors[-1] < 0.01
    assert min(orders) > 1.8


def layers(points: Array, sigma: tuple[float, float]) -> Array:
    return np.where(points[:, -1] < FACE, *sigma)


@pytest.mark.parametrize("dim", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_the_same_as_by_galerkin(dim: int) -> None:
    """Conductivities 1 and 20 in layers, a source in a corner, the potential held below and above."""
    from dolfinx import fem, mesh
    from dolfinx.fem.petsc import LinearProblem
    from ufl import TestFunction, TrialFunction, dx, grad, inner

    sigma = (1.0, 20.0)
    grid = tree(dim, comm=MPI.COMM_SELF)
    grids = [grid, halved(grid)]
    counts = [3 * 4 for _ in SIDES[: dim - 1]] + [50]  # planes of 0.1 m: those of the layers are among them
    upper = [3.0 * side for side in SIDES[: dim - 1]] + [TOP]
    if dim == 2:
        domain = mesh.create_rectangle(MPI.COMM_SELF, [[0.0, 0.0], upper], counts, mesh.CellType.quadrilateral)
    else:
        domain = mesh.create_box(MPI.COMM_SELF, [[0.0, 0.0, 0.0], upper], counts, mesh.CellType.hexahedron)
    space, constant = fem.functionspace(domain, ("Lagrange", 2)), fem.functionspace(domain, ("DG", 0))
    conductivity, source, held = fem.Function(constant), fem.Function(space), fem.Function(space)
    conductivity.interpolate(lambda x: layers(x.T[:, :dim], sigma))
    source.interpolate(lambda x: blob(x.T[:, :dim]))
    held.interpolate(lambda x: x[dim - 1] / TOP)
    ends = fem.locate_dofs_geometrical(space, lambda x: (x[dim - 1] < 1e-9) | (x[dim - 1] > TOP - 1e-9))
    u, v = TrialFunction(space), TestFunction(space)
    form = inner(conductivity * grad(u), grad(v)) * dx
    problem = LinearProblem(
        form,
        inner(source, v) * dx,
        bcs=[fem.dirichletbc(held, ends)],
        petsc_options={"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"},
        petsc_options_prefix="galerkin_",
    )
    reference = problem.solve()

    errors = []
    for here in grids:
        z = here.points[:, -1]
        fixed = (z == 0.0) | (z == TOP)
        weight = here.edge_weight(np.array(sigma)[here.layer])
        found = solved(here, weight, blob(here.points), z / TOP, fixed)
        errors.append(l2(here, found - at_points(reference, domain, here.points)))
        scale = float(np.ptp(found))
    assert errors[0] < 0.02 * scale
    assert math.log2(errors[0] / errors[1]) > 1.7


def blob(points: Array) -> Array:
    """A smooth source about a place in the lower layer."""
    centre = np.array([0.8, 0.9, 1.1])[-points.shape[1] :]
    return np.asarray(np.exp(-((points - centre) ** 2).sum(axis=1) / 0.5))


def at_points(function: object, domain: object, points: Array) -> Array:
    """Values of a dolfinx function at points (n, d)."""
    from dolfinx import geometry

    padded = np.zeros((len(points), 3))
    padded[:, : points.shape[1]] = points
    boxes = geometry.bb_tree(domain, domain.topology.dim, padding=1e-9)
    cells = geometry.compute_colliding_cells(domain, geometry.compute_collisions_points(boxes, padded), padded)
    chosen = np.array([cells.links(n)[0] for n in range(len(padded))], dtype=np.int32)
    return np.asarray(function.eval(padded, chosen)).ravel()
