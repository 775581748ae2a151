"""Nonlinear systems given by UFL forms on linear elements: assembled by dolfinx, solved by PETSc."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.linear_solvers.krylov import Krylov, SolveFailed
from femna.mesh.grid import Grid
from femna.parallel import dolfinx

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

NEWTON_LIMIT = 25
"""Largest number of Newton iterations."""

CHANGE_TOLERANCE = 1e-10
"""Largest change of the field in the last Newton iteration, relative to its largest value."""

VANISHING_RESIDUAL = 1e-300
"""Norm of the residual that counts as zero, in the unit of the form: nothing is divided by a smaller one."""


class NodalFunctions:
    """dolfinx functions on linear elements from nodal values in the numbering of the grid, and back.

    dolfinx numbers the unknowns of a function space otherwise than the nodes of the mesh, and may give a node at the
    border of two ranks to the other one.
    """

    def __init__(self, grid: Grid, components: int | None = None) -> None:
        """Make the function space. Collective.

        Args:
            grid: the mesh.
            components: of a vector, also where it has only one; None for a scalar.
        """
        self.grid, self.block_size = grid, components or 1
        self.shape = () if components is None else (components,)
        self.space = dolfinx.fem.functionspace(grid.mesh, ("Lagrange", 1, self.shape))
        self.node_of_dof = np.empty(grid.size, dtype=np.int64)
        cells = len(grid.cells)
        self.node_of_dof[self.space.dofmap.list[:cells].ravel()] = grid.mesh.geometry.dofmaps[0][:cells].ravel()

    def function(self, values: Array | None = None) -> Any:
        """A function with the nodal values (N,) or (N, k), zero without."""
        result = dolfinx.fem.Function(self.space)
        if values is not None:
            self.fill(result, values)
        return result

    def fill(self, function: Any, values: Array) -> None:
        """Give a function the nodal values (N,) or (N, k)."""
        function.x.array[:] = values[self.node_of_dof].ravel()

    def nodal(self, local: Array) -> Array:
        """Values at the nodes, (N,) or (N, k), from those of the unknowns of this rank, ghosts included."""
        shape = (self.grid.size, *self.shape)
        result = np.empty(shape)
        result[self.node_of_dof] = local.reshape(shape)
        return result


class FormSystem:
    """The system residual(u; v) = 0 for all v, solved by Newton's method with the derivative that UFL finds."""

    def __init__(
        self,
        functions: NodalFunctions,
        residual: Callable[[Any, Any], Any],
        options: Mapping[str, str],
        fixed: Mask | None = None,
    ) -> None:
        """Compile the forms and allocate the matrix. Collective.

        Args:
            functions: the functions of the unknown.
            residual: takes the unknown and the test function, returns the residual form.
            options: PETSc's options of the Krylov method, without a prefix.
            fixed: (N,), the nodes with Dirichlet values.
        """
        import ufl
        from dolfinx.fem import petsc

        self._petsc, self.functions = petsc, functions
        self.unknown, test = functions.function(), ufl.TestFunction(functions.space)
        form = residual(self.unknown, test)
        self._residual = dolfinx.fem.form(form)
        self._jacobian = dolfinx.fem.form(ufl.derivative(form, self.unknown))
        self._conditions: list[Any] = []
        if fixed is not None:
            dofs = np.flatnonzero(fixed[functions.node_of_dof]).astype(np.int32)
            self._conditions = [dolfinx.fem.dirichletbc(functions.function(), dofs)]
        self._matrix = petsc.create_matrix(self._jacobian)
        self._right, self._left = self._matrix.createVecRight(), self._matrix.createVecLeft()
        self.krylov = Krylov(self._matrix, options)

    def solve(self, guess: Array, rtol: float, fixed_values: Array | None = None) -> tuple[Array, int]:
        """Solve by Newton's method. Collective.

        Args:
            guess: (N,) or (N, k), nodal values to start from.
            rtol: relative tolerance of the linear solves.
            fixed_values: Dirichlet values at all nodes, of the shape of `guess`; zero if it is None.

        Returns:
            The nodal values of the solution, ghosts included, of the shape of `guess`, and the number of Newton
            iterations.

        Raises:
            SolveFailed: Newton's method or a linear solve did not converge.
        """
        grid, functions = self.functions.grid, self.functions
        self.functions.fill(self.unknown, guess)
        for condition in self._conditions:
            held = functions.function(np.zeros_like(guess) if fixed_values is None else fixed_values)
            bs = functions.block_size
            dofs = condition.dof_indices()[0]
            self.unknown.x.array.reshape(-1, bs)[dofs // bs] = held.x.array.reshape(-1, bs)[dofs // bs]
        owned = self._right.getLocalSize()
        for iteration in range(1, NEWTON_LIMIT + 1):
            local = dolfinx.fem.assemble_vector(self._residual)
            local.scatter_reverse(dolfinx.la.InsertMode.add)
            self._right.array[:] = -local.array[:owned]
            self._matrix.zeroEntries()
            # mypy sees only the first of the functions that singledispatch chooses from
            self._petsc.assemble_matrix(self._matrix, self._jacobian, self._conditions)  # type: ignore[arg-type]
            self._matrix.assemble()
            for condition in self._conditions:
                dofs, count = condition.dof_indices()
                self._right.array[dofs[:count]] = 0.0
            self.krylov.renew()
            self.krylov.solve(self._right, self._left, rtol, atol=VANISHING_RESIDUAL)
            self.unknown.x.array[:owned] += self._left.array
            self.unknown.x.scatter_forward()
            largest = np.abs(self._left.array).max(initial=0.0), np.abs(self.unknown.x.array).max(initial=0.0)
            moved, size, broken = grid.max(*largest, 0.0 if np.isfinite(sum(largest)) else 1.0)
            if broken:
                raise SolveFailed("the solution of a form ran away")
            if moved <= CHANGE_TOLERANCE * size:
                return functions.nodal(self.unknown.x.array), iteration
        raise SolveFailed(f"no convergence of a form in {NEWTON_LIMIT} Newton steps")
