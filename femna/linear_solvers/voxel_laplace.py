"""Laplace's equation on voxels: conjugate gradients with a multigrid cycle, no matrix is stored.

Unknowns are values at the centres of voxels; each face has a conductance, each voxel one to a fixed potential. Coarse
voxels are 2 x 2 x 2; a coarse conductance is half the sum of the fine ones across its face, which is that of twice the
distance. Voxels without any conductance stay at zero, so that a phase of any shape may be solved for in its box.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.linear_solvers.krylov import Krylov
from femna.parallel import PETSc

type Array = NDArray[np.float64]

OPTIONS = {"ksp_type": "cg", "pc_type": "python", "ksp_norm_type": "preconditioned"}
SWEEPS = 2
"""Gauss-Seidel sweeps before and after each correction by the next level."""
COARSEST = 4
"""No level is coarser than this along its shortest axis."""
SWEEPS_OF_COARSEST = 20


@dataclass(frozen=True)
class VoxelConductances:
    """What joins the voxels of one level.

    Args:
        faces: (3, n0, n1, n2), along each axis the conductance from a voxel to the next; that of the last is 0.
        ground: (n0, n1, n2), the conductance to a fixed potential.
    """

    faces: Array
    ground: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """(n0, n1, n2)."""
        return self.ground.shape

    def padded(self, multiple: int) -> VoxelConductances:
        """The same with voxels without conductance at the upper ends, so that all sizes are multiples."""
        pads = [(0, -size % multiple) for size in self.shape]
        return VoxelConductances(np.pad(self.faces, [(0, 0), *pads]), np.pad(self.ground, pads))

    def coarser(self) -> VoxelConductances:
        """Those of voxels of twice the size."""
        shape = [size // 2 for size in self.shape]
        blocks = (shape[0], 2, shape[1], 2, shape[2], 2)
        faces = []
        for axis, face in enumerate(self.faces):
            outer = face.reshape(blocks).take(1, axis=2 * axis + 1)
            faces.append(outer.sum(axis=_inner_axes(axis)) / 2)
        ground = self.ground.reshape(blocks).sum(axis=(1, 3, 5)) / 2
        return VoxelConductances(np.stack(faces), ground)


def _inner_axes(taken: int) -> tuple[int, int]:
    """Axes of length 2 that are left of (n0, 2, n1, 2, n2, 2) when that of an axis is taken out."""
    left = [2 * axis + 1 - (axis > taken) for axis in range(3) if axis != taken]
    return left[0], left[1]


@kernel
def _smooth(faces: Array, inverse: Array, right: Array, u: Array, colour: int) -> None:
    """One half sweep of Gauss-Seidel, in place, over the voxels of a colour."""
    a, b, c = faces[0], faces[1], faces[2]
    n0, n1, n2 = u.shape
    for i in range(n0):
        for j in range(n1):
            for k in range((i + j + colour) % 2, n2, 2):
                if inverse[i, j, k] == 0.0:
                    continue
                total = right[i, j, k] + c[i, j, k] * u[i, j, k + 1 if k + 1 < n2 else k]
                total += b[i, j, k] * u[i, j + 1 if j + 1 < n1 else j, k]
                total += a[i, j, k] * u[i + 1 if i + 1 < n0 else i, j, k]
                if k > 0:
                    total += c[i, j, k - 1] * u[i, j, k - 1]
                if j > 0:
                    total += b[i, j - 1, k] * u[i, j - 1, k]
                if i > 0:
                    total += a[i - 1, j, k] * u[i - 1, j, k]
                u[i, j, k] = total * inverse[i, j, k]


@kernel
def _multiply(faces: Array, diagonal: Array, u: Array, out: Array) -> None:
    """out = A u."""
    a, b, c = faces[0], faces[1], faces[2]
    n0, n1, n2 = u.shape
    for i in range(n0):
        for j in range(n1):
            for k in range(n2):
                total = diagonal[i, j, k] * u[i, j, k]
                total -= c[i, j, k] * u[i, j, k + 1 if k + 1 < n2 else k]
                total -= b[i, j, k] * u[i, j + 1 if j + 1 < n1 else j, k]
                total -= a[i, j, k] * u[i + 1 if i + 1 < n0 else i, j, k]
                if k > 0:
                    total -= c[i, j, k - 1] * u[i, j, k - 1]
                if j > 0:
                    total -= b[i, j - 1, k] * u[i, j - 1, k]
                if i > 0:
                    total -= a[i - 1, j, k] * u[i - 1, j, k]
                out[i, j, k] = total


@kernel
def _restrict(fine: Array, coarse: Array) -> None:
    """coarse = sum of fine over its eight voxels."""
    coarse[:] = 0.0
    n0, n1, n2 = fine.shape
    for i in range(n0):
        for j in range(n1):
            for k in range(n2):
                coarse[i // 2, j // 2, k // 2] += fine[i, j, k]


@kernel
def _prolong(coarse: Array, inverse: Array, fine: Array) -> None:
    """fine += coarse, where a voxel has a conductance."""
    n0, n1, n2 = fine.shape
    for i in range(n0):
        for j in range(n1):
            for k in range(n2):
                if inverse[i, j, k] != 0.0:
                    fine[i, j, k] += coarse[i // 2, j // 2, k // 2]


class _Level:
    """The operator of one level and its vectors."""

    def __init__(self, conductances: VoxelConductances) -> None:
        self.faces = conductances.faces
        self.diagonal = conductances.ground.copy()
        for axis, face in enumerate(self.faces):
            self.diagonal += face
            upper, lower = [slice(None)] * 3, [slice(None)] * 3
            upper[axis], lower[axis] = slice(1, None), slice(None, -1)
            self.diagonal[tuple(upper)] += face[tuple(lower)]
        self.inverse = np.zeros(self.diagonal.shape)
        np.divide(1.0, self.diagonal, out=self.inverse, where=self.diagonal > 0)
        self.u, self.right, self.product = (np.zeros(self.diagonal.shape) for _ in range(3))

    def sweep(self, right: Array, u: Array, colours: tuple[int, int]) -> None:
        """One sweep of Gauss-Seidel, one colour after the other."""
        for colour in colours:
            _smooth(self.faces, self.inverse, right, u, colour)

    def multiply(self, u: Array, out: Array) -> None:
        """out = A u."""
        _multiply(self.faces, self.diagonal, u, out)


class _Operator:
    """PETSc's matrix and preconditioner of type python: A u, and one V-cycle."""

    def __init__(self, levels: list[_Level]) -> None:
        self.levels = levels

    def mult(self, matrix: PETSc.Mat, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """y = A x."""
        level = self.levels[0]
        shape = level.diagonal.shape
        level.multiply(x.getArray(readonly=True).reshape(shape), level.product)
        y.array[:] = level.product.ravel()

    def apply(self, pc: PETSc.PC, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """y = V-cycle of x, symmetric."""
        level = self.levels[0]
        level.right[:] = x.getArray(readonly=True).reshape(level.diagonal.shape)
        self._cycle(0)
        y.array[:] = level.u.ravel()

    def _cycle(self, depth: int) -> None:
        level = self.levels[depth]
        level.u[:] = 0.0
        last = depth == len(self.levels) - 1
        for _ in range(SWEEPS_OF_COARSEST if last else SWEEPS):
            level.sweep(level.right, level.u, (0, 1))
        if not last:
            level.multiply(level.u, level.product)
            np.subtract(level.right, level.product, out=level.product)
            following = self.levels[depth + 1]
            _restrict(level.product, following.right)
            self._cycle(depth + 1)
            _prolong(following.u, level.inverse, level.u)
        for _ in range(SWEEPS_OF_COARSEST if last else SWEEPS):
            level.sweep(level.right, level.u, (1, 0))


def solve_voxel_laplace(conductances: VoxelConductances, right: Array, rtol: float) -> tuple[Array, int]:
    """Solve A u = right on this process alone, A the weighted graph Laplacian plus the ground conductances.

    Args:
        conductances: every piece of joined voxels has some conductance to the ground.
        right: (n0, n1, n2), the sum of ground conductance times fixed potential; 0 where nothing conducts.
        rtol: relative tolerance in the norm of the preconditioned residual.

    Returns:
        The potential, (n0, n1, n2), 0 where nothing conducts, and the number of iterations.

    Raises:
        SolveFailed: conjugate gradients did not converge.
    """
    depth = max(int(np.log2(max(min(conductances.shape), 1) / COARSEST)), 0)
    current = conductances.padded(2**depth)
    shape = current.shape
    levels = [_Level(current)]
    for _ in range(depth):
        current = current.coarser()
        levels.append(_Level(current))
    operator, size = _Operator(levels), int(np.prod(shape))
    matrix = PETSc.Mat().createPython((size, size), operator, comm=PETSc.COMM_SELF)
    matrix.setUp()
    solution, source = matrix.createVecs()
    source.array.reshape(shape)[tuple(slice(length) for length in right.shape)] = right
    krylov = Krylov(matrix, OPTIONS, preconditioner=operator)
    krylov.solve(source, solution, rtol)
    potential = solution.array.reshape(shape)[tuple(slice(length) for length in right.shape)].copy()
    krylov.destroy()
    matrix.destroy()
    return potential, krylov.iterations
