"""EDP-1, the problem every benchmark solves: one bump on a metal film at 0.45 V, in micrometres, seconds and volts.

The scaled electrodeposition problem of Hong & Viswanathan (ACS Energy Lett. 2018, 3, 1737): energy density in MJ/m^3,
concentration relative to c0, conductivities in S/m. femna ships it as the case `edp-1` in SI; here the same numbers
stand as data, so that another discretisation or another code can be given exactly the same problem.

    xi_t = -L (g' - kappa lap xi) - k h' (exp((1-a) f eta) - c exp(-a f eta)),   g = W xi^2 (1-xi)^2, h quintic
    c_t  = div(D(h) (grad c + f c grad phi)) - K xi_t
    div(sigma(h) grad phi) = R xi_t

eta = phi - V. At the collector phi = 0, xi and c natural; at the other end phi = V and c = 1. Needs numpy alone: a peer
in an environment without femna imports it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Edp1:
    """The numbers. side: edge of the square or cube; well W = 6 gamma/l, gradient kappa = 3 gamma l, l the width."""

    side: float = 25.0
    mobility: float = 6.25
    gradient: float = 0.3
    well: float = 2.4
    interface_width: float = 0.5
    rate_constant: float = 1e-3
    transfer: float = 0.5
    inverse_thermal_voltage: float = 38.69
    diffusivity: float = 317.9
    metal_diffusivity: float = 0.3179
    conductivity: float = 1.19
    metal_conductivity: float = 1e7
    site_ratio: float = 76.4
    charge_density: float = 7.37e-3
    voltage: float = 0.45
    film: float = 4.0
    bump_height: float = 2.0
    bump_width: float = 1.5
    end: float = 0.1

    def metal(self, points: Array) -> Array:
        """Order parameter at the start, (N,), at points (N, d) in um, the growth axis last."""
        lateral = points[:, :-1] - 0.5 * self.side
        front = self.film + self.bump_height * np.exp(-(lateral**2).sum(axis=1) / self.bump_width**2)
        return np.asarray(0.5 * (1.0 - np.tanh((points[:, -1] - front) / self.interface_width)))


def quintic(xi: Array) -> Array:
    """h of the order parameter: share of the metal's properties."""
    return np.asarray(xi**3 * (6.0 * xi**2 - 15.0 * xi + 10.0))


def measures(growth: float, inventory: float, least: float, lower: float, upper: float) -> dict[str, float]:
    """Growth of the deposit (um^d), integral of c (um^d c0), least c where xi < 1/2 (c0) and the bounds of xi."""
    return {"growth": growth, "inventory": inventory, "least c": least, "least xi": lower, "largest xi": upper}


def graded_steps(dt: float, end: float) -> list[float]:
    """Step sizes from 0 to `end`: from dt/16 by factors of 1.5 up to dt, the last one fitted."""
    steps: list[float] = []
    size, time = dt / 16.0, 0.0
    while time < end * (1.0 - 1e-10):
        size = min(size, dt, end - time)
        steps.append(size)
        time += size
        size *= 1.5
    return steps


def richardson(sizes: ArrayLike, values: ArrayLike) -> tuple[float, float]:
    """(limit, order) of values ~ limit + a h^order through the three finest of a geometric sequence of sizes."""
    h, v = np.asarray(sizes)[-3:], np.asarray(values)[-3:]
    order = np.log(abs((v[0] - v[1]) / (v[1] - v[2]))) / np.log(h[0] / h[1])
    factor: Any = (h[1] / h[2]) ** order
    return float(v[2] + (v[2] - v[1]) / (factor - 1.0)), float(order)
