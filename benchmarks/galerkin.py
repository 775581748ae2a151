"""EDP-1 with consistent-mass Galerkin forms in UFL: femna's time scheme, dolfinx's assembly, as fast as it will go.

Three linear systems a step in the order xi, phi, c, second-order backward differences, extrapolations and the local
elimination of c as in `femna.timestepping.staggered`. What makes it fast: forms compiled for the machine; low
quadrature degree; few coefficients a form, packed once; dolfinx's own matrix, whose values PETSc shares (twice as fast
as inserting into a PETSc matrix); old states go through one constant mass matrix; Dirichlet values enter by lifting,
with the extrapolated state as first guess, so that phi and c need no residual form; one Jacobian of xi a step; the
Krylov methods and the reuse of the multigrid hierarchy are femna's presets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
import ufl
from numpy.typing import NDArray

from benchmarks.problem import Edp1, measures
from femna.contract.state import State
from femna.linear_solvers.krylov import SolveFailed
from femna.linear_solvers.presets import PRESETS
from femna.parallel import MPI, PETSc, dolfinx
from femna.physics.interpolation import QUINTIC
from femna.timestepping import bdf
from femna.timestepping.staggered import NEWTON_LIMIT, NEWTON_TOLERANCE, PASSES

# dolfinx is to be loaded by femna.parallel first
import dolfinx.fem  # isort: skip
from dolfinx import la  # isort: skip

fem: Any = dolfinx.fem
"""Without its annotations: they describe one of several overloads."""

Array = NDArray[np.float64]

NATIVE = ("-O3", "-march=native", "-ffast-math")
TOLERANCES = {"xi": 1e-5, "phi": 1e-8, "c": 1e-8}
"""Of the linear solves, xi's for a Newton correction; a hundred times smaller changes neither measure by 1e-6."""
COUPLING_TOLERANCE = 2e-4
"""femna's for a step tolerance of 1e-3."""
SMALL = 1e-2
"""A change of xi after which the Jacobian is kept."""
_COUNTER = count()


class System:
    """A bilinear form with its matrix, its Dirichlet values and its Krylov solver, on one rank."""

    def __init__(self, form: Any, bcs: list[Any], options: dict[str, str], rtol: float) -> None:
        self.form, self.bcs = form, bcs
        self.csr = fem.create_matrix(form)
        size = self.csr.index_map(0).size_local
        pattern = self.csr.indptr.astype(np.int32), self.csr.indices
        self.matrix = PETSc.Mat().createAIJWithArrays((size, size), (*pattern, self.csr.data), comm=MPI.COMM_SELF)
        self.right, self.left = self.matrix.createVecs()
        self.solver = PETSc.KSP().create(MPI.COMM_SELF)
        self.solver.setOperators(self.matrix)
        prefix = f"galerkin_{next(_COUNTER)}_"
        self.solver.setOptionsPrefix(prefix)
        database = PETSc.Options()
        for key, value in options.items():
            database[prefix + key] = value
        self.solver.setFromOptions()
        self.solver.setInitialGuessNonzero(True)
        self.solver.setTolerances(rtol=rtol, atol=1e-13 * np.sqrt(size), max_it=500)
        self.iterations = 0

    def assemble(self, right: Array) -> None:
        """Set the matrix and bring the Dirichlet values to `right`."""
        coefficients: Any = fem.pack_coefficients(self.form)
        constants: Any = fem.pack_constants(self.form)
        self.csr.set_value(0.0)
        fem.assemble_matrix(self.csr, self.form, self.bcs, constants=constants, coeffs=coefficients)
        self.matrix.assemble()
        self.matrix.stateIncrease()
        if self.bcs:
            fem.apply_lifting(right, [self.form], [self.bcs], constants=[constants], coeffs=[coefficients])
            for bc in self.bcs:
                bc.set(right)

    def solve(self, right: Array, guess: Array) -> Array:
        """Solution from this first guess. Raises SolveFailed."""
        self.right.array[:], self.left.array[:] = right, guess
        self.solver.solve(self.right, self.left)
        self.iterations += self.solver.getIterationNumber()
        if self.solver.getConvergedReason() <= 0:
            raise SolveFailed(f"linear solver stopped with PETSc reason {self.solver.getConvergedReason()}")
        return np.array(self.left.array)


def uniform_square(edp: Edp1, cells: int, shape: str = "triangle") -> Any:
    """dolfinx's mesh of cells x cells squares, each cut into two right triangles or left a "quadrilateral"."""
    kind, box = dolfinx.mesh.CellType[shape], [[0.0, 0.0], [edp.side, edp.side]]
    return dolfinx.mesh.create_rectangle(MPI.COMM_SELF, box, [cells, cells], kind)


class Galerkin:
    """The stepper and the few numbers that are compared; P1 on triangles, bilinear on quadrilaterals."""

    def __init__(
        self,
        edp: Edp1,
        mesh: Any,
        degree: int = 2,
        flags: Sequence[str] = NATIVE,
        preset: str = "gamg",
        tolerances: dict[str, float] = TOLERANCES,
    ) -> None:
        self.edp, self.newton = edp, 0
        self.space = space = fem.functionspace(mesh, ("Lagrange", 1))
        self.points = space.tabulate_dof_coordinates()[:, :2]
        self.inverse_step: Any = fem.Constant(mesh, 0.0)
        self.xi, self.phi, self.response, self.c_local = (fem.Function(space) for _ in range(4))
        dx = ufl.dx(mesh, metadata={"quadrature_degree": degree})
        options = {"cffi_extra_compile_args": list(flags)}

        def compiled(form: Any) -> Any:
            return fem.form(form, jit_options=options)

        z = self.points[:, 1]
        bottom, top = np.flatnonzero(z < 1e-9), np.flatnonzero(z > edp.side - 1e-9)
        self.bcs: dict[str, list[Any]] = {
            "xi": [],
            "phi": [self._dirichlet(0.0, bottom), self._dirichlet(edp.voltage, top)],
            "c": [self._dirichlet(1.0, top)],
        }
        residual, forms = self._forms(dx)
        self.residual = compiled(residual)
        self.systems = {
            key: System(compiled(form), self.bcs[key], PRESETS[preset][key], tolerances[key])
            for key, form in forms.items()
        }
        u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
        mass = compiled(u * v * dx)
        self.mass = System(mass, [], {}, 1e-9)
        self.mass.assemble(np.empty(0))
        self.weights = self._times_mass(np.ones(len(z)))
        self._metal_at_start = float(self.weights @ edp.metal(self.points))
        self.past: list[State] = []

    def _dirichlet(self, value: float, nodes: NDArray[np.int64]) -> Any:
        return fem.dirichletbc(value, nodes.astype(np.int32), self.space)

    def _forms(self, dx: Any) -> tuple[Any, dict[str, Any]]:
        """Residual of xi without the old states, and the matrices of xi, phi and c."""
        edp, xi, phi, space = self.edp, self.xi, self.phi, self.space
        u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
        a0, f = self.inverse_step, edp.inverse_thermal_voltage
        relaxation, spread = edp.mobility * edp.well, edp.mobility * edp.gradient
        well, well_slope = 2 * xi * (1 - xi) * (1 - 2 * xi), 2 - 12 * xi * (1 - xi)
        slope, curvature = 30 * (xi * (1 - xi)) ** 2, 60 * xi * (1 - xi) * (1 - 2 * xi)
        eta = phi - edp.voltage
        cathodic = edp.rate_constant * ufl.exp(-edp.transfer * f * eta)
        rate = self.c_local * cathodic - edp.rate_constant * ufl.exp((1 - edp.transfer) * f * eta)
        local = (a0 * xi + relaxation * well - slope * rate) * v
        residual = (local + spread * ufl.dot(ufl.grad(xi), ufl.grad(v))) * dx
        local = (a0 + relaxation * well_slope - curvature * rate + slope * self.response * cathodic) * u * v
        jacobian = (local + spread * ufl.dot(ufl.grad(u), ufl.grad(v))) * dx
        h = xi**3 * (6 * xi**2 - 15 * xi + 10)
        conductivity = edp.conductivity + h * (edp.metal_conductivity - edp.conductivity)
        diffusivity = edp.diffusivity + h * (edp.metal_diffusivity - edp.diffusivity)
        conduction = conductivity * ufl.dot(ufl.grad(u), ufl.grad(v)) * dx
        flux = diffusivity * (ufl.grad(u) + f * u * ufl.grad(phi))
        return residual, {"xi": jacobian, "phi": conduction, "c": (a0 * u * v + ufl.dot(flux, ufl.grad(v))) * dx}

    def _times_mass(self, nodal: Array) -> Array:
        self.mass.right.array[:] = nodal
        self.mass.matrix.mult(self.mass.right, self.mass.left)
        return np.array(self.mass.left.array)

    def start(self) -> None:
        """phi alone, first without and then with the reaction's current; the values of the boundary set in c."""
        edp, xi = self.edp, self.edp.metal(self.points)
        state = State(0.0, {"xi": xi, "c": 1.0 - QUINTIC.h(xi), "phi": edp.voltage * self.points[:, 1] / edp.side})
        for bc in self.bcs["c"]:
            bc.set(state["c"])
        state.fields["phi"] = self._solve_phi(state, np.zeros_like(xi))
        eta = edp.inverse_thermal_voltage * (state["phi"] - edp.voltage)
        rate = state["c"] * np.exp(-edp.transfer * eta) - np.exp((1.0 - edp.transfer) * eta)
        state.fields["phi"] = self._solve_phi(state, edp.rate_constant * QUINTIC.slope(xi) * rate)
        self.past = [state]

    def advance(self, dt: float) -> None:
        """One step of size dt (s). Raises SolveFailed."""
        past = self.past
        times = [state.time for state in past]
        time = times[0] + dt
        weights = bdf.derivative_weights(dt, times)
        self.inverse_step.value = weights[0]
        three = bdf.extrapolation_weights(time, times)
        guess = State(time, {key: bdf.combine(three, [s[key] for s in past]) for key in ("xi", "c", "phi")})
        old = bdf.combine(weights[1:], [s["xi"] for s in past])
        old_c = bdf.combine(weights[1:], [s["c"] for s in past])
        times_mass = self._times_mass(old)
        for _ in range(PASSES):
            new = State(time, dict(guess.fields))
            response = self._response(guess, weights[0])
            new.fields["xi"] = self._solve_xi(guess, response, times_mass)
            rate = weights[0] * new["xi"] + old
            new.fields["phi"] = self._solve_phi(new, rate)
            new.fields["c"] = self._solve_c(new, old_c + self.edp.site_ratio * rate)
            if dt * self._mismatch(new, guess, response) <= COUPLING_TOLERANCE:
                break
            guess = new
        self.past = [new, *past[:2]]

    def _response(self, state: State, a0: float) -> Array:
        """-dc/dxi to be expected at a node, as in femna's stepper."""
        edp, h = self.edp, QUINTIC.h(state["xi"])
        diffusivity = (1.0 - h) * edp.diffusivity + h * edp.metal_diffusivity
        return np.asarray(edp.site_ratio * a0 / (a0 + 2.0 * diffusivity / edp.interface_width**2))

    def _mismatch(self, new: State, guess: State, response: Array) -> float:
        """Error of the rate of xi because c and phi were guessed, 1/s, as in femna's stepper."""
        edp, f = self.edp, self.edp.inverse_thermal_voltage
        eta = f * (new["phi"] - edp.voltage)
        cathodic = edp.rate_constant * np.exp(-edp.transfer * eta)
        anodic = edp.rate_constant * np.exp((1.0 - edp.transfer) * eta)
        by_phi = f * (edp.transfer * np.abs(new["c"]) * cathodic + (1.0 - edp.transfer) * anodic)
        missed_c = np.abs(new["c"] - guess["c"] + response * (new["xi"] - guess["xi"]))
        missed = cathodic * missed_c + by_phi * np.abs(new["phi"] - guess["phi"])
        return 0.2 * float((QUINTIC.slope(new["xi"]) * missed).max())

    def _solve_xi(self, guess: State, response: Array, old: Array) -> Array:
        system, xi = self.systems["xi"], guess["xi"]
        self.response.x.array[:], self.phi.x.array[:] = response, guess["phi"]
        constants: Any = fem.pack_constants(self.residual)
        right = la.vector(self.space.dofmap.index_map)
        largest = 1.0
        for _ in range(NEWTON_LIMIT):
            self.xi.x.array[:] = xi
            self.c_local.x.array[:] = guess["c"] - response * (xi - guess["xi"])
            packed: Any = fem.pack_coefficients(self.residual)
            right.array[:] = 0.0
            fem.assemble_vector(right.array, self.residual, constants=constants, coeffs=packed)
            if largest > SMALL:  # else the last Jacobian is good enough
                system.assemble(right.array)
            change = system.solve(-right.array - old, np.zeros_like(xi))
            xi = xi + change
            self.newton += 1
            largest = np.abs(change).max()
            if largest < NEWTON_TOLERANCE:
                self.xi.x.array[:] = xi
                return xi
            if not largest < 1.0:
                break
        raise SolveFailed("no convergence of the order parameter")

    def _solve_phi(self, state: State, content_rate: Array) -> Array:
        self.xi.x.array[:] = state["xi"]
        right = -self.edp.charge_density * self._times_mass(content_rate)
        self.systems["phi"].assemble(right)
        return self.systems["phi"].solve(right, state["phi"])

    def _solve_c(self, state: State, source: Array) -> Array:
        self.phi.x.array[:] = state["phi"]
        right = -self._times_mass(source)
        self.systems["c"].assemble(right)
        return self.systems["c"].solve(right, state["c"])

    def run(self, steps: Sequence[float]) -> None:
        """Start and take these steps."""
        self.start()
        for dt in steps:
            self.advance(dt)

    def measures(self) -> dict[str, float]:
        """What `measures` says of the present state."""
        xi, c = self.past[0]["xi"], self.past[0]["c"]
        growth = float(self.weights @ xi) - self._metal_at_start
        return measures(growth, float(self.weights @ c), float(c[xi < 0.5].min()), float(xi.min()), float(xi.max()))

    @property
    def iterations(self) -> dict[str, int]:
        """Krylov iterations so far by field."""
        return {key: system.iterations for key, system in self.systems.items()}
