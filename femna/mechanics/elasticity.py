"""The equilibrium of a stack: div sigma = 0 with sigma = C (strain of u) - s0, on the simplices of a mesh, by dolfinx.

C and s0 are given at the quadrature points of each cell. Elements of degree 1 have one point; those of degree 2 have
as many as integrate a constant C exactly, and do not lock where the volume stays constant, as in metal that creeps.
In 2D the strain is plane (nothing moves along y), in 1D it is uniaxial.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from femna.linear_solvers.krylov import Krylov
from femna.mesh.grid import ON_A_PLANE, Grid
from femna.mesh.simplex_grid import SimplexGrid
from femna.parallel import PETSc, dolfinx

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

COMPONENTS = {1: [2], 2: [0, 2, 4], 3: [0, 1, 2, 3, 4, 5]}
"""Components of the six-vectors that strains have in each dimension."""

AXES = {1: [2], 2: [0, 2], 3: [0, 1, 2]}
"""Which of x, y and z the coordinates of a mesh are."""

FACTORED = {"ksp_type": "cg", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"}
"""In 1D and 2D: the factors of one front serve while it moves little, with some iterations."""

GAMG = {
    "ksp_type": "cg",
    "pc_type": "gamg",
    "ksp_norm_type": "preconditioned",
    "pc_gamg_threshold": "0.01",
    "mg_levels_ksp_type": "chebyshev",
    "mg_levels_ksp_max_it": "2",
    "mg_levels_pc_type": "sor",
}
"""In 3D: with the rigid motions, without which the iterations grow with the mesh."""

RTOL = 1e-9
"""Relative tolerance of the linear solves."""


@dataclass(frozen=True)
class Top:
    """What holds the plane at the counter. Sideways it is free to slide.

    Args:
        kind: "free"; "pressure": a fluid or soft pad; "spring": one a unit area, pressed at the start; "fixed": a rigid
            plate that stays where it is put.
        stack_pressure: at the start, Pa.
        stiffness: of the spring, Pa/m.
    """

    kind: Literal["free", "pressure", "spring", "fixed"] = "free"
    stack_pressure: float = 0.0
    stiffness: float = 0.0


class ElasticSystem:
    """The linear system of one mesh. Every method is collective, but for those of numpy arrays alone.

    The sides are mirrors: no displacement across them, no shear stress on them.
    """

    def __init__(self, grid: Grid, top: Top, degree: int = 1, *, is_bonded: bool = True) -> None:
        """Compile the forms.

        Args:
            grid: a mesh of simplices.
            top: what holds its upper plane.
            degree: of the elements, 1 or 2.
            is_bonded: whether the bottom plane is held still, as a layer bonded to a rigid collector; else it is a
                mirror.
        """
        import basix
        import basix.ufl
        import ufl
        from dolfinx.fem import petsc

        assert isinstance(grid, SimplexGrid)
        self._petsc, self.grid, self.top, self.degree = petsc, grid, top, degree
        mesh, self.dim, self.cells = grid.mesh, grid.dim, len(grid.cells)
        dim, cell = grid.dim, grid.mesh.basix_cell()
        self.space = dolfinx.fem.functionspace(mesh, ("Lagrange", degree, (dim,)))
        order = 2 * (degree - 1)
        points, weights = basix.make_quadrature(cell, order)
        self.points: Array = np.asarray(points, dtype=np.float64)
        self.weights: Array = np.asarray(weights, dtype=np.float64)
        self.count = len(self.weights)
        self.volume = grid.cell_volume[:, None] * self.weights / self.weights.sum()
        """Of each quadrature point, (M, q) in m^d."""
        size = len(COMPONENTS[dim])
        scheme: dict[str, Any] = {"scheme": "default", "degree": order}
        stiff = basix.ufl.quadrature_element(mesh.ufl_cell().cellname, value_shape=(size, size), **scheme)
        vector = basix.ufl.quadrature_element(mesh.ufl_cell().cellname, value_shape=(size,), **scheme)
        self._stiffness = dolfinx.fem.Function(dolfinx.fem.functionspace(mesh, stiff))
        self._stress = dolfinx.fem.Function(dolfinx.fem.functionspace(mesh, vector))
        self.displacement: Any = dolfinx.fem.Function(self.space)

        def strain(u: Any) -> Any:
            g = ufl.grad(u)
            if dim == 1:
                return ufl.as_vector([g[0, 0]])
            if dim == 2:
                return ufl.as_vector([g[0, 0], g[1, 1], g[0, 1] + g[1, 0]])
            shear = [g[1, 2] + g[2, 1], g[0, 2] + g[2, 0], g[0, 1] + g[1, 0]]
            return ufl.as_vector([g[0, 0], g[1, 1], g[2, 2], *shear])

        trial, test = ufl.TrialFunction(self.space), ufl.TestFunction(self.space)
        dx = ufl.dx(metadata={"quadrature_degree": order, "quadrature_rule": "default"}, domain=mesh)
        facets = self._facets_at(float(grid.upper[-1]))
        tags = dolfinx.mesh.meshtags(mesh, dim - 1, facets, np.ones(len(facets), dtype=np.int32))
        over = ufl.ds(domain=mesh, subdomain_data=tags)(1)
        self._spring: Any = dolfinx.fem.Constant(mesh, 0.0)
        self._pressed: Any = dolfinx.fem.Constant(mesh, 0.0)
        matrix = ufl.inner(ufl.dot(self._stiffness, strain(trial)), strain(test)) * dx
        matrix += self._spring * trial[dim - 1] * test[dim - 1] * over
        held = self._pressed + self._spring * self.displacement[dim - 1]
        right = -ufl.inner(self._stress, strain(test)) * dx - held * test[dim - 1] * over
        self._matrix_form, self._right_form = dolfinx.fem.form(matrix), dolfinx.fem.form(right)
        self._lift_form = dolfinx.fem.form(self.displacement[dim - 1] * over)
        self._strain = dolfinx.fem.Expression(strain(self.displacement), self.points)
        self._conditions(is_bonded)
        self.matrix = petsc.create_matrix(self._matrix_form)
        self._left, self._right = self.matrix.createVecLeft(), self.matrix.createVecRight()
        direct = dim < 3 and PETSc.Sys.hasExternalPackage("mumps")
        if not direct:
            self.matrix.setNearNullSpace(self.rigid_motions())
        self.krylov = Krylov(self.matrix, FACTORED if direct else GAMG)

    def _facets_at(self, height: float, axis: int = -1) -> NDArray[np.int32]:
        """The facets of the boundary at a coordinate, by default along the growth axis."""
        grid, mesh, axis = self.grid, self.grid.mesh, axis % self.dim
        close = ON_A_PLANE * float(grid.upper[axis] - grid.lower[axis])
        return np.sort(
            dolfinx.mesh.locate_entities_boundary(mesh, self.dim - 1, lambda x: np.abs(x[axis] - height) < close)
        ).astype(np.int32)

    def _conditions(self, is_bonded: bool) -> None:
        """Dirichlet conditions: the bottom, the mirrors, a fixed top."""
        grid, dim, space, mesh = self.grid, self.dim, self.space, self.grid.mesh
        mesh.topology.create_connectivity(dim - 1, dim)
        self._held: list[Any] = []
        self._plates: list[Any] = []
        self._plate: Any = dolfinx.fem.Constant(mesh, 0.0)
        still = dolfinx.fem.Constant(mesh, 0.0)

        def hold(axis: int, facets: NDArray[np.int32], value: Any) -> None:
            part = space.sub(axis) if dim > 1 else space
            dofs = dolfinx.fem.locate_dofs_topological(part, dim - 1, facets)
            if dim == 1:  # a vector of one component has no parts
                values = dolfinx.fem.Function(space)
                self._plates.append(values)
                self._held.append(dolfinx.fem.dirichletbc(values, dofs))
            else:
                self._held.append(dolfinx.fem.dirichletbc(value, dofs, part))

        bottom, top = (self._facets_at(float(height[-1])) for height in (grid.lower, grid.upper))
        for axis in range(dim) if is_bonded else (dim - 1,):
            hold(axis, bottom, still)
        for axis in range(dim - 1):
            for height in (grid.lower, grid.upper):
                hold(axis, self._facets_at(float(height[axis]), axis), still)
        if self.top.kind == "fixed":
            hold(dim - 1, top, self._plate)

    def rigid_motions(self) -> PETSc.NullSpace:
        """Translations and rotations as vectors of this space: three in 2D, six in 3D."""
        x = self.space.tabulate_dof_coordinates()
        owned, dim = self.space.dofmap.index_map.size_local, self.dim
        x = x[:owned, :dim] - 0.5 * (self.grid.lower + self.grid.upper)
        pairs = [(i, j) for i in range(dim) for j in range(i)]
        modes = np.zeros((dim + len(pairs), owned, dim))
        for k in range(dim):
            modes[k, :, k] = 1.0
        for k, (i, j) in enumerate(pairs, start=dim):
            modes[k, :, i], modes[k, :, j] = x[:, j], -x[:, i]
        basis: list[PETSc.Vec] = []
        for mode in modes:
            vector = self.matrix.createVecLeft()
            vector.array[:] = mode.ravel()
            for other in basis:
                vector.axpy(-other.dot(vector), other)
            vector.normalize()
            basis.append(vector)
        return PETSc.NullSpace().create(vectors=basis, comm=self.grid.comm)

    def at_points(self, nodal: Array) -> Array:
        """Values (M, q, ..) at the quadrature points of fields (N, ..) that are linear in each cell."""
        corners = np.column_stack([1.0 - self.points.sum(axis=1), self.points])
        return np.asarray(np.einsum("qa,ma...->mq...", corners, nodal[self.grid.cells]))

    def mean(self, values: Array) -> Array:
        """Means (M, ..) over the cells of values (M, q, ..)."""
        return np.asarray(np.einsum("q,mq...->m...", self.weights / self.weights.sum(), values))

    def strain(self) -> Array:
        """Strain of the present displacement at the quadrature points, (M, q, 6)."""
        found = self._strain.eval(self.grid.mesh, np.arange(self.cells, dtype=np.int32))
        strain = np.zeros((self.cells, self.count, 6))
        strain[:, :, COMPONENTS[self.dim]] = found.reshape(self.cells, self.count, -1)
        return strain

    def correct(self, stiffness: Array, stress: Array, *, plate: float = 0.0) -> float:
        """One Newton step: change the present displacement so that stress + C (strain of the change) balances.

        Args:
            stiffness: derivative of the stress by the strain, (M, q, 6, 6) in Pa.
            stress: at the present displacement, (M, q, 6) in Pa.
            plate: where the face on which the top stands has gone, m; positive upwards.

        Returns:
            The largest change over the largest displacement.

        Raises:
            SolveFailed: the linear solver did not converge.
        """
        keep, petsc = COMPONENTS[self.dim], self._petsc
        scale = float(self.grid.max(float(np.abs(stiffness).max(initial=0.0)))[0])
        cells = self.cells * self.count
        self._stiffness.x.array.reshape(-1, len(keep) ** 2)[:cells] = (
            stiffness[:, :, keep][:, :, :, keep].reshape(cells, -1) / scale
        )
        self._stress.x.array.reshape(-1, len(keep))[:cells] = stress[:, :, keep].reshape(cells, -1) / scale
        springs = self.top.stiffness if self.top.kind == "spring" else 0.0
        pressed = self.top.stack_pressure if self.top.kind in ("pressure", "spring") else 0.0
        self._spring.value, self._pressed.value = springs / scale, (pressed - springs * plate) / scale
        self._plate.value = plate
        for values, height in zip(self._plates, (0.0, plate), strict=False):
            values.x.array[:] = height
        self.matrix.zeroEntries()
        petsc.assemble_matrix(self.matrix, self._matrix_form, self._held)
        self.matrix.assemble()
        now = self.displacement.x.array
        local = dolfinx.fem.assemble_vector(self._right_form)
        dolfinx.fem.apply_lifting(local.array, [self._matrix_form], [self._held], x0=[now])
        local.scatter_reverse(dolfinx.la.InsertMode.add)
        for condition in self._held:
            condition.set(local.array, now)
        self._right.array[:] = local.array[: self._right.getLocalSize()]
        self.krylov.solve(self._right, self._left, RTOL)
        owned = self._left.getLocalSize()
        self.displacement.x.array[:owned] += self._left.array
        self.displacement.x.scatter_forward()
        size = np.abs(self._left.array).max(initial=0.0), np.abs(self.displacement.x.array).max(initial=0.0)
        change, largest = self.grid.max(*size)
        return float(change / largest) if largest > 0.0 else 0.0

    def nodal_displacement(self) -> Array:
        """Displacement at the nodes of the mesh, (N, d) in m."""
        return self.nodes_of(self.displacement.x.array.reshape(-1, self.dim))

    def nodes_of(self, values: Array) -> Array:
        """Values at the nodes of the mesh, (N, k), of those at the space's nodes."""
        result = np.zeros((self.grid.size, values.shape[1]))
        corners = self.space.dofmap.list[: self.cells, : self.dim + 1]
        result[self.grid.cells] = values[corners]
        for k in range(values.shape[1]):
            result[:, k] = self.grid.update(np.ascontiguousarray(result[:, k]))
        return result

    def top_lift(self) -> float:
        """Mean displacement of the upper plane upwards, m."""
        area = float(np.prod((self.grid.upper - self.grid.lower)[:-1]))
        return float(self.grid.sum(float(np.real(dolfinx.fem.assemble_scalar(self._lift_form))))[0]) / area
