"""EDP-1 with FiPy on its uniform grid: xi, c and phi one after the other, implicit but for the sources, tuned solvers.

    python -m benchmarks.peers.finite_volumes --dim 2 --cells 100

in an environment with the packages of `finite_volumes.txt`.
"""

from __future__ import annotations

from benchmarks.peers.march import arguments, march  # isort: skip  its clock starts

import os
import sys

import numpy as np

from benchmarks.problem import Edp1, quintic

os.environ.setdefault("FIPY_SOLVERS", "scipy")


class FiniteVolumes:
    """The equations and their state."""

    def __init__(self, edp: Edp1, dim: int, cells: int, dt: float) -> None:
        import fipy
        from fipy import CellVariable, DiffusionTerm, PowerLawConvectionTerm, TransientTerm
        from fipy.solvers.scipy import JacobiPreconditioner, LinearBicgstabSolver, LinearCGSolver

        self.steps = round(edp.end / dt)
        self.dt, self.h, self.dim = edp.end / self.steps, edp.side / cells, dim
        edges = dict.fromkeys(("nx", "ny", "nz")[:dim], cells) | dict.fromkeys(("dx", "dy", "dz")[:dim], self.h)
        mesh = (fipy.Grid2D if dim == 2 else fipy.Grid3D)(**edges)
        x = np.array(mesh.cellCenters.value)
        start = edp.metal(np.vstack([x[1:], x[:1]]).T)  # the growth axis is FiPy's x
        self.xi = CellVariable(mesh=mesh, value=start, hasOld=True)
        self.c = CellVariable(mesh=mesh, value=1.0 - quintic(start), hasOld=True)
        self.eta = CellVariable(mesh=mesh, value=edp.voltage * (x[0] / edp.side - 1.0))
        self.eta.constrain(-edp.voltage, mesh.facesLeft)
        self.eta.constrain(0.0, mesh.facesRight)
        self.c.constrain(1.0, mesh.facesRight)
        self.work: dict[str, float] = {}
        self.unknowns = 3 * cells**dim
        self._start = float(start.sum())

        xi, c, eta, f = self.xi, self.c, self.eta, edp.inverse_thermal_voltage
        share = xi**3 * (6.0 * xi**2 - 15.0 * xi + 10.0)
        diffusivity = (edp.diffusivity + share * (edp.metal_diffusivity - edp.diffusivity)).arithmeticFaceValue
        conductivity = (edp.conductivity + share * (edp.metal_conductivity - edp.conductivity)).arithmeticFaceValue
        exp = fipy.numerix.exp
        rate = exp((1.0 - edp.transfer) * f * eta) - c * exp(-edp.transfer * f * eta)
        source = -2.0 * edp.mobility * edp.well * xi * (1.0 - xi) * (1.0 - 2.0 * xi)
        source = source - 30.0 * edp.rate_constant * xi**2 * (1.0 - xi) ** 2 * rate
        growing = (xi - xi.old) / self.dt
        metal = TransientTerm() == DiffusionTerm(edp.mobility * edp.gradient) + source
        drift = PowerLawConvectionTerm(coeff=diffusivity * f * eta.faceGrad)
        ions = TransientTerm() == DiffusionTerm(diffusivity) + drift - edp.site_ratio * growing
        charge = DiffusionTerm(conductivity) - edp.charge_density * growing
        symmetric = LinearCGSolver(tolerance=1e-6, precon=JacobiPreconditioner())
        drifting = LinearBicgstabSolver(tolerance=1e-6, precon=JacobiPreconditioner())
        careful = LinearCGSolver(tolerance=1e-8, iterations=5000, precon=JacobiPreconditioner())
        self.equations = ((metal, xi, symmetric), (ions, c, drifting), (charge, eta, careful))

    def advance(self) -> None:
        """One step."""
        self.xi.updateOld()
        self.c.updateOld()
        for equation, variable, solver in self.equations:
            steady = {} if variable is self.eta else {"dt": self.dt}
            equation.solve(variable, solver=solver, **steady)

    def measures(self) -> dict[str, float]:
        """Growth and ion inventory, um^d."""
        volume = self.h**self.dim
        growth = float(self.xi.value.sum()) - self._start
        return {"growth": growth * volume, "inventory": float(self.c.value.sum()) * volume}


def main() -> None:
    """A run."""
    choice = arguments(__doc__, dt=(5e-4, "step size, s"))
    sys.argv = sys.argv[:1]  # FiPy reads it
    edp = Edp1(side=choice.side, end=choice.end)

    def warm_up() -> None:
        FiniteVolumes(edp, choice.dim, 8, choice.dt).advance()

    march(lambda: FiniteVolumes(edp, choice.dim, choice.cells, choice.dt), warm_up, choice.limit)


if __name__ == "__main__":
    main()
