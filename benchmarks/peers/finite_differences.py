"""EDP-1 by finite differences on a uniform grid of nodes, forward Euler, compiled by numba: what a graduate student
writes in a week, made fast.

xi and c are explicit; phi is solved for after every step, from its last value, by conjugate gradients with Jacobi
(`--potential jacobi`) or with a multigrid cycle (`--potential multigrid`), both to the same residual.

    python -m benchmarks.peers.finite_differences --dim 2 --cells 96 --potential multigrid
"""

from __future__ import annotations

from benchmarks.peers.march import arguments, march  # isort: skip  its clock starts

import math
from collections import namedtuple
from dataclasses import asdict, fields

import numpy as np
from numba import njit

from benchmarks.peers.conductances import Potential
from benchmarks.problem import Array, Edp1, quintic

STABLE_SHARE = 0.8
"""Of the largest stable step, h^2/(2 d D)."""
Numbers = namedtuple("Numbers", [field.name for field in fields(Edp1)])
"""Those of the problem, as numba takes them."""
TOLERANCE = 4.5e-8
"""1e-7 of the voltage, times the root of a conductivity of 1 S/m."""


@njit(fastmath=True)
def step_metal(x, c, p, dt, h, edp, new, share):
    """xi after a step of dt, and the metal's share h(xi)."""
    transfer, thermal = edp.transfer, edp.inverse_thermal_voltage
    n0, n1, n2 = x.shape
    for i in range(n0):
        ia, ib = abs(i - 1), (i + 1 if i < n0 - 1 else n0 - 2)
        for j in range(n1):
            ja, jb = abs(j - 1), (j + 1 if j < n1 - 1 else n1 - 2)
            for k in range(n2):
                here = x[i, j, k]
                spread = x[ia, j, k] + x[ib, j, k] + x[i, ja, k] + x[i, jb, k] - 4.0 * here
                if n2 > 1:
                    ka, kb = abs(k - 1), (k + 1 if k < n2 - 1 else n2 - 2)
                    spread += x[i, j, ka] + x[i, j, kb] - 2.0 * here
                y = here * (1.0 - here)
                change = -edp.mobility * (2.0 * edp.well * y * (1.0 - 2.0 * here) - edp.gradient * spread / (h * h))
                if y * y > 1e-14:
                    eta = thermal * (p[i, j, k] - edp.voltage)
                    rate = math.exp((1.0 - transfer) * eta) - c[i, j, k] * math.exp(-transfer * eta)
                    change -= edp.rate_constant * 30.0 * y * y * rate
                value = here + dt * change
                new[i, j, k] = value
                share[i, j, k] = value * value * value * (6.0 * value * value - 15.0 * value + 10.0)


@njit(fastmath=True, inline="always")
def _flux(liquid, metal, thermal, ha, hb, ca, cb, pa, pb):
    """D (grad c + f c grad phi) from a node to its neighbour, times the cell size."""
    diffusivity = liquid + (metal - liquid) * 0.5 * (ha + hb)
    return diffusivity * (cb - ca + 0.5 * thermal * (ca + cb) * (pb - pa))


@njit(fastmath=True)
def step_ions(x, new, share, c, p, dt, h, edp, out):
    """c after a step of dt; 1 in the last plane."""
    f, liquid, metal = edp.inverse_thermal_voltage, edp.diffusivity, edp.metal_diffusivity
    n0, n1, n2 = x.shape
    out[n0 - 1] = 1.0
    for i in range(n0 - 1):
        ia, ib = abs(i - 1), i + 1
        for j in range(n1):
            ja, jb = abs(j - 1), (j + 1 if j < n1 - 1 else n1 - 2)
            for k in range(n2):
                s, a, q = share[i, j, k], c[i, j, k], p[i, j, k]
                flow = _flux(liquid, metal, f, s, share[ia, j, k], a, c[ia, j, k], q, p[ia, j, k])
                flow += _flux(liquid, metal, f, s, share[ib, j, k], a, c[ib, j, k], q, p[ib, j, k])
                flow += _flux(liquid, metal, f, s, share[i, ja, k], a, c[i, ja, k], q, p[i, ja, k])
                flow += _flux(liquid, metal, f, s, share[i, jb, k], a, c[i, jb, k], q, p[i, jb, k])
                if n2 > 1:
                    ka, kb = abs(k - 1), (k + 1 if k < n2 - 1 else n2 - 2)
                    flow += _flux(liquid, metal, f, s, share[i, j, ka], a, c[i, j, ka], q, p[i, j, ka])
                    flow += _flux(liquid, metal, f, s, share[i, j, kb], a, c[i, j, kb], q, p[i, j, kb])
                out[i, j, k] = a + dt / (h * h) * flow - edp.site_ratio * (new[i, j, k] - x[i, j, k])


class FiniteDifferences:
    """The scheme and its state; arrays are (n0, n1, n2), the growth axis first."""

    def __init__(self, edp: Edp1, dim: int, cells: int, multigrid: bool) -> None:
        nodes = cells + 1
        shape = (nodes, nodes, nodes if dim == 3 else 1)
        self.edp, self.numbers, self.dim, self.h = edp, Numbers(**asdict(edp)), dim, edp.side / cells
        ticks = self.h * np.arange(nodes)
        axes = np.meshgrid(*[ticks] * dim, indexing="ij")
        points = np.stack([axis.ravel() for axis in (*axes[1:], axes[0])], axis=1)
        self.xi = edp.metal(points).reshape(shape)
        self.share = quintic(self.xi)
        self.c = 1.0 - self.share
        self.c[-1] = 1.0
        self.phi = np.broadcast_to((edp.voltage * ticks / edp.side)[:, None, None], shape).copy()
        self.weights = np.ones(shape)
        for axis in range(dim):
            np.moveaxis(self.weights, axis, 0)[[0, -1]] *= 0.5
        self.cross_section = self.weights / self.weights[:, :1, :1] * self.weights[1, :1, :1]
        largest = STABLE_SHARE * self.h**2 / (2.0 * dim * edp.diffusivity)
        self.steps = math.ceil(edp.end / largest)
        self.dt = edp.end / self.steps
        self.potential = Potential(shape, (edp.conductivity, edp.metal_conductivity), TOLERANCE, multigrid)
        self._new, self._c = np.empty(shape), np.empty(shape)
        self._start = self._integral(self.xi)
        self._solve(np.zeros(shape))

    @property
    def unknowns(self) -> int:
        """Values of all three fields."""
        return 3 * self.xi.size

    @property
    def work(self) -> dict[str, float]:
        """Iterations so far."""
        return {"iterations of phi": self.potential.iterations}

    def _integral(self, nodal: Array) -> float:
        return float((self.weights * nodal).sum() * self.h**self.dim)

    def _solve(self, rate: Array) -> None:
        # Gauss' law of a node's cell, over the cell size to the power d - 2, as the conductances
        right = -self.edp.charge_density * self.h**2 * self.cross_section * rate
        self.potential.solve(self.share, self.phi, right)

    def advance(self) -> None:
        """One step."""
        step_metal(self.xi, self.c, self.phi, self.dt, self.h, self.numbers, self._new, self.share)
        step_ions(self.xi, self._new, self.share, self.c, self.phi, self.dt, self.h, self.numbers, self._c)
        self._solve((self._new - self.xi) / self.dt)
        self.xi, self._new = self._new, self.xi
        self.c, self._c = self._c, self.c

    def measures(self) -> dict[str, float]:
        """Growth and ion inventory, um^d."""
        return {"growth": self._integral(self.xi) - self._start, "inventory": self._integral(self.c)}


def main() -> None:
    """A run."""
    choice = arguments(__doc__, potential=("jacobi", "preconditioner: jacobi or multigrid"))
    edp = Edp1(side=choice.side, end=choice.end)
    multigrid = choice.potential == "multigrid"

    def warm_up() -> None:
        FiniteDifferences(edp, choice.dim, 16, multigrid).advance()

    march(lambda: FiniteDifferences(edp, choice.dim, choice.cells, multigrid), warm_up, choice.limit)


if __name__ == "__main__":
    main()
