"""div(sigma grad phi) on a grid of nodes as a network of conductances, and its solvers: conjugate gradients with
Jacobi or with a geometric multigrid cycle as preconditioner. Compiled by numba.

Arrays are (n0, n1, n2), the growth axis first and n2 = 1 in two dimensions; the first and the last plane hold given
values. A level is a tuple of the conductances along the three axes, shapes (n0-1, n1, n2), (n0, n1-1, n2) and
(n0, n1, max(n2-1, 0)), with the half and quarter cross-sections of lateral faces in them.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Level = tuple[Array, Array, Array]

COARSEST = 8
"""Cells along the growth axis at or below which, or where cells are odd, no coarser level is made."""
COARSE_SWEEPS = 30
HALVES = (1.0, 0.5, 0.25, 0.125)
COARSE_LEVELS_FOR = 20
"""Solves that take the same coarser levels."""


@njit(fastmath=True)
def fill_conductances(h, low, high, gx, gy, gz):
    """Conductances of a level from the metal's share h and the two conductivities, times the cell size."""
    n0, n1, n2 = h.shape
    d2 = n2 > 1
    for i in range(n0):
        for j in range(n1):
            wj = 0.5 if j == 0 or j == n1 - 1 else 1.0
            for k in range(n2):
                wk = 0.5 if d2 and (k == 0 or k == n2 - 1) else 1.0
                a = low + (high - low) * h[i, j, k]
                if i < n0 - 1:
                    gx[i, j, k] = wj * wk * 0.5 * (a + low + (high - low) * h[i + 1, j, k])
                if j < n1 - 1:
                    gy[i, j, k] = wk * 0.5 * (a + low + (high - low) * h[i, j + 1, k])
                if k < n2 - 1:
                    gz[i, j, k] = wj * 0.5 * (a + low + (high - low) * h[i, j, k + 1])


@njit(fastmath=True, inline="always")
def _node(gx, gy, gz, p, i, j, k):
    """Sum of conductances and of conductances times neighbours at an inner node."""
    n1, n2 = p.shape[1], p.shape[2]
    total = gx[i - 1, j, k] + gx[i, j, k]
    flow = gx[i - 1, j, k] * p[i - 1, j, k] + gx[i, j, k] * p[i + 1, j, k]
    if j > 0:
        total += gy[i, j - 1, k]
        flow += gy[i, j - 1, k] * p[i, j - 1, k]
    if j < n1 - 1:
        total += gy[i, j, k]
        flow += gy[i, j, k] * p[i, j + 1, k]
    if k > 0:
        total += gz[i, j, k - 1]
        flow += gz[i, j, k - 1] * p[i, j, k - 1]
    if k < n2 - 1:
        total += gz[i, j, k]
        flow += gz[i, j, k] * p[i, j, k + 1]
    return total, flow


@njit(fastmath=True)
def apply(gx, gy, gz, p, out):
    """out = A p at inner nodes."""
    for i in range(1, p.shape[0] - 1):
        for j in range(p.shape[1]):
            for k in range(p.shape[2]):
                total, flow = _node(gx, gy, gz, p, i, j, k)
                out[i, j, k] = total * p[i, j, k] - flow


@njit(fastmath=True)
def jacobi(gx, gy, gz, r, z):
    """z = r / diagonal at inner nodes."""
    for i in range(1, r.shape[0] - 1):
        for j in range(r.shape[1]):
            for k in range(r.shape[2]):
                total, _ = _node(gx, gy, gz, r, i, j, k)
                z[i, j, k] = r[i, j, k] / total


@njit(fastmath=True)
def dot(a, b):
    """Sum of a b over inner nodes."""
    result = 0.0
    for i in range(1, a.shape[0] - 1):
        part = 0.0
        for j in range(a.shape[1]):
            for k in range(a.shape[2]):
                part += a[i, j, k] * b[i, j, k]
        result += part
    return result


@njit(fastmath=True)
def forward(p, r, d, ad, step):
    """p += step d, r -= step A d."""
    for i in range(1, p.shape[0] - 1):
        for j in range(p.shape[1]):
            for k in range(p.shape[2]):
                p[i, j, k] += step * d[i, j, k]
                r[i, j, k] -= step * ad[i, j, k]


@njit(fastmath=True)
def turn(d, z, share):
    """d = z + share d."""
    for i in range(1, d.shape[0] - 1):
        for j in range(d.shape[1]):
            for k in range(d.shape[2]):
                d[i, j, k] = z[i, j, k] + share * d[i, j, k]


@njit(fastmath=True)
def relax(gx, gy, gz, p, b, colour):
    """Gauss-Seidel on the nodes of one colour."""
    for i in range(1, p.shape[0] - 1):
        for j in range(p.shape[1]):
            for k in range((i + j + colour) % 2, p.shape[2], 2):
                total, flow = _node(gx, gy, gz, p, i, j, k)
                p[i, j, k] = (b[i, j, k] + flow) / total


@njit(fastmath=True)
def relax_long(gx, gy, gz, p, b):
    """Symmetric Gauss-Seidel sweeps, enough of them for the few nodes of the coarsest level."""
    for _ in range(COARSE_SWEEPS):
        relax(gx, gy, gz, p, b, 0)
        relax(gx, gy, gz, p, b, 1)
    for _ in range(COARSE_SWEEPS):
        relax(gx, gy, gz, p, b, 1)
        relax(gx, gy, gz, p, b, 0)


def coarser(level: Level) -> Level | None:
    """Level of twice the spacing: two conductances in a row in series, the four lines beside one another in parallel,
    those between two coarse lines by halves. None where the cells cannot be halved."""
    gx, gy, gz = level
    cells = (gx.shape[0], gy.shape[1], gz.shape[2])
    if gx.shape[0] <= COARSEST or any(n % 2 for n in cells):
        return None
    made = []
    for axis, g in enumerate(level):
        if not g.size:
            made.append(np.zeros((cells[0] // 2 + 1, cells[1] // 2 + 1, 0)))
            continue
        one, two = (g.take(np.arange(s, g.shape[axis], 2), axis=axis) for s in (0, 1))
        g = one * two / (one + two)
        for lateral in range(3):
            if lateral != axis and g.shape[lateral] > 1:
                g = np.moveaxis(g, lateral, 0)
                halves = 0.5 * g[1::2]
                g = g[::2].copy()
                g[:-1] += halves
                g[1:] += halves
                g = np.moveaxis(g, 0, lateral)
        made.append(np.ascontiguousarray(g))
    return made[0], made[1], made[2]


@njit(fastmath=True)
def restrict_residual(gx, gy, gz, p, b, coarse):
    """coarse = (b - A p) summed with the weights of `prolong`'s interpolation; 0 in the end planes."""
    n0, n1, n2 = p.shape
    coarse[:] = 0.0
    for i in range(1, n0 - 1):
        for j in range(n1):
            for k in range(n2):
                total, flow = _node(gx, gy, gz, p, i, j, k)
                r = (b[i, j, k] + flow - total * p[i, j, k]) * HALVES[i % 2 + j % 2 + k % 2]
                for a in range(i // 2, (i + 1) // 2 + 1):
                    for c in range(j // 2, (j + 1) // 2 + 1):
                        for e in range(k // 2, (k + 1) // 2 + 1):
                            coarse[a, c, e] += r
    coarse[0] = 0.0
    coarse[-1] = 0.0


@njit(fastmath=True)
def prolong(coarse, p):
    """p += multilinear interpolation of `coarse`."""
    n0, n1, n2 = p.shape
    for i in range(1, n0 - 1):
        for j in range(n1):
            for k in range(n2):
                total = 0.0
                for a in range(i // 2, (i + 1) // 2 + 1):
                    for c in range(j // 2, (j + 1) // 2 + 1):
                        for e in range(k // 2, (k + 1) // 2 + 1):
                            total += coarse[a, c, e]
                p[i, j, k] += total * HALVES[i % 2 + j % 2 + k % 2]


def coarse_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Nodes of the next level."""
    return tuple((nodes + 1) // 2 for nodes in shape)


def cycle(levels: list[Level], b: Array) -> Array:
    """One symmetric V(1,1) cycle from 0."""
    level, p = levels[0], np.zeros_like(b)
    if len(levels) == 1:
        relax_long(*level, p, b)
        return p
    relax(*level, p, b, 0)
    relax(*level, p, b, 1)
    coarse = np.empty(coarse_shape(b.shape))
    restrict_residual(*level, p, b, coarse)
    prolong(cycle(levels[1:], coarse), p)
    relax(*level, p, b, 1)
    relax(*level, p, b, 0)
    return p


class Potential:
    """The solver, with its conductances and vectors.

    Args:
        shape: of the grid of nodes.
        conductivities: of electrolyte and metal.
        tolerance: of the root mean square of the residual over the root of the diagonal, V times the root of S/m.
        multigrid: precondition by a multigrid cycle instead of Jacobi.
    """

    def __init__(
        self, shape: tuple[int, int, int], conductivities: tuple[float, float], tolerance: float, multigrid: bool
    ) -> None:
        n0, n1, n2 = shape
        self.level = np.zeros((n0 - 1, n1, n2)), np.zeros((n0, n1 - 1, n2)), np.zeros((n0, n1, n2 - 1))
        self.conductivities, self.multigrid = conductivities, multigrid
        self.enough = tolerance**2 * n0 * n1 * n2
        self.r, self.z, self.d, self.ad = (np.zeros(shape) for _ in range(4))
        self.iterations = self.solves = 0
        self.levels: list[Level] = [self.level]
        self.before: Array | None = None

    def _precondition(self, p: Array) -> None:
        """Coarser levels, anew now and then, since a front hardly moves in an explicit step; p by its last change."""
        if self.solves % COARSE_LEVELS_FOR == 0:
            self.levels = [self.level]
            while (coarse := coarser(self.levels[-1])) is not None:
                self.levels.append(coarse)
        self.solves += 1
        now = p.copy()
        if self.before is not None:
            p += now - self.before
        self.before = now

    def solve(self, h: Array, p: Array, b: Array) -> None:
        """Solve A p = b from p, whose end planes are given; h: share of the metal. Raises RuntimeError."""
        fill_conductances(h, *self.conductivities, *self.level)
        if self.multigrid:
            self._precondition(p)
        apply(*self.level, p, self.ad)
        self.r[1:-1] = b[1:-1] - self.ad[1:-1]
        self.d[:] = 0.0
        before = np.inf
        for _ in range(20_000):
            jacobi(*self.level, self.r, self.z)
            product = dot(self.r, self.z)
            if product <= self.enough:
                return
            if self.multigrid:
                self.z = cycle(self.levels, self.r)
                product = dot(self.r, self.z)
            turn(self.d, self.z, product / before)
            before = product
            apply(*self.level, self.d, self.ad)
            forward(p, self.r, self.d, self.ad, product / dot(self.d, self.ad))
            self.iterations += 1
        raise RuntimeError("no convergence of the potential")
