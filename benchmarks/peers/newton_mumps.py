"""EDP-1 with dolfinx as public scripts do it: mixed P1 elements, backward Euler, Newton, a MUMPS factorisation each.

python -m benchmarks.peers.newton_mumps --dim 2 --cells 100
"""

from __future__ import annotations

from benchmarks.peers.march import arguments, march  # isort: skip  its clock starts
import dolfinx_solver  # isort: skip  # noqa: F401  the wheel's loader comes before dolfinx

from typing import Any

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem, mesh
from dolfinx.fem.petsc import NonlinearProblem
from mpi4py import MPI

from benchmarks.problem import Edp1, quintic

OPTIONS = {
    "snes_type": "newtonls",
    "snes_linesearch_type": "none",
    "snes_rtol": 1e-6,
    "snes_atol": 1e-10,
    "snes_max_it": 30,
    "ksp_type": "preonly",
    "pc_type": "lu",
    "pc_factor_mat_solver_type": "mumps",
}


class NewtonMumps:
    """The monolithic problem and its state; the growth axis is x, the last one of the mesh's points turned."""

    def __init__(self, edp: Edp1, dim: int, cells: int, dt: float) -> None:
        self.steps = round(edp.end / dt)
        corners, counts = [np.zeros(dim), np.full(dim, edp.side)], [cells] * dim
        make = mesh.create_rectangle if dim == 2 else mesh.create_box
        domain = make(MPI.COMM_SELF, corners, counts)
        element = basix.ufl.element("Lagrange", domain.basix_cell(), 1)
        space = fem.functionspace(domain, basix.ufl.mixed_element([element] * 3))
        self.unknowns = space.dofmap.index_map.size_global * space.dofmap.index_map_bs
        self.state, self.old = fem.Function(space), fem.Function(space)
        self.work: dict[str, float] = {"Newton iterations": 0}

        def metal(x: Any) -> Any:
            return edp.metal(np.vstack([x[1:dim], x[:1]]).T)

        self.state.sub(0).interpolate(metal)
        self.state.sub(1).interpolate(lambda x: 1.0 - quintic(metal(x)))
        self.state.sub(2).interpolate(lambda x: edp.voltage * (x[0] / edp.side - 1.0))
        self.old.x.array[:] = self.state.x.array

        def dirichlet(field: int, place: float, value: float) -> Any:
            facets = mesh.locate_entities_boundary(domain, dim - 1, lambda x: np.isclose(x[0], place))
            own, _ = space.sub(field).collapse()
            given = fem.Function(own)
            given.x.array[:] = value
            dofs = fem.locate_dofs_topological((space.sub(field), own), dim - 1, facets)
            return fem.dirichletbc(given, dofs, space.sub(field))

        bcs = [dirichlet(2, 0.0, -edp.voltage), dirichlet(2, edp.side, 0.0), dirichlet(1, edp.side, 1.0)]
        self.problem = NonlinearProblem(
            self._residual(edp, edp.end / self.steps),
            self.state,
            bcs=bcs,
            petsc_options_prefix="peer_",
            petsc_options=OPTIONS,
        )
        self._metal, self._ions = (fem.form(part * ufl.dx) for part in ufl.split(self.state)[:2])
        self._start = fem.assemble_scalar(self._metal)

    def _residual(self, edp: Edp1, dt: float) -> Any:
        xi, c, eta = ufl.split(self.state)
        xi_old, c_old, _ = ufl.split(self.old)
        v, q, w = ufl.TestFunctions(self.state.function_space)
        domain = self.state.function_space.mesh
        step = fem.Constant(domain, dt)
        f, transfer = edp.inverse_thermal_voltage, edp.transfer
        h = xi**3 * (6 * xi**2 - 15 * xi + 10)
        diffusivity = edp.metal_diffusivity * h + edp.diffusivity * (1 - h)
        conductivity = edp.metal_conductivity * h + edp.conductivity * (1 - h)
        growing = (xi - xi_old) / step
        well = 2 * edp.well * xi * (1 - xi) * (1 - 2 * xi)
        rate = ufl.exp((1 - transfer) * f * eta) - c * ufl.exp(-transfer * f * eta)
        reaction = 30 * edp.rate_constant * xi**2 * (1 - xi) ** 2 * rate
        spread = edp.mobility * edp.gradient * ufl.dot(ufl.grad(xi), ufl.grad(v))
        flux = diffusivity * (ufl.grad(c) + f * c * ufl.grad(eta))
        residual = ((growing + edp.mobility * well + reaction) * v + spread) * ufl.dx
        residual += (((c - c_old) / step + edp.site_ratio * growing) * q + ufl.dot(flux, ufl.grad(q))) * ufl.dx
        return residual + (
            conductivity * ufl.dot(ufl.grad(eta), ufl.grad(w)) * ufl.dx + edp.charge_density * growing * w * ufl.dx
        )

    def advance(self) -> None:
        """One step. Raises RuntimeError."""
        self.problem.solve()
        if self.problem.solver.getConvergedReason() <= 0:
            raise RuntimeError(f"Newton stopped with PETSc reason {self.problem.solver.getConvergedReason()}")
        self.work["Newton iterations"] += self.problem.solver.getIterationNumber()
        self.old.x.array[:] = self.state.x.array

    def measures(self) -> dict[str, float]:
        """Growth and ion inventory, um^d."""
        growth = fem.assemble_scalar(self._metal) - self._start
        return {"growth": float(growth), "inventory": float(fem.assemble_scalar(self._ions))}


def main() -> None:
    """A run."""
    choice = arguments(__doc__, dt=(5e-4, "step size, s"))
    edp = Edp1(side=choice.side, end=choice.end)

    def warm_up() -> None:
        NewtonMumps(edp, choice.dim, 4, choice.dt).advance()

    march(lambda: NewtonMumps(edp, choice.dim, choice.cells, choice.dt), warm_up, choice.limit)


if __name__ == "__main__":
    main()
