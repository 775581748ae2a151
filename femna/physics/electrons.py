"""Electrons of the two-potential model: div(sigma_s grad phi_s) = -(reaction), in the metal and where layers conduct.

Where a layer conducts electrons in earnest the metal ends at xi = 1/2, at its place on the edge: with a mean of the two
conductivities the tail of the front would shorten the layer. Where it does not, nothing is shortened, and the electrons
follow the metal's share p out into the tail, where the front's reaction needs them.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from femna.grid import Grid

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

FLOOR = 1e-9
"""Electronic conductivity (S/m) of what conducts no electrons: a grain of metal without contact stays without."""

CONTRAST = 1e4
"""The metal conducts so much better than the best ionic conductor: enough to be an equipotential (2e-5 of its drop)."""

IN_EARNEST = 1e-3
"""Electronic over ionic conductivity from which a layer's own electrons count."""


@njit(cache=True)
def _metal_parts(edges: Ints, distance: Array) -> Array:
    """Part of each edge that lies in metal, by the zero of the linear signed distance."""
    result = np.empty(edges.shape[0])
    for e in range(edges.shape[0]):
        a, b = distance[edges[e, 0]], distance[edges[e, 1]]
        if a > 0.0 and b > 0.0:
            result[e] = 1.0
        elif a <= 0.0 and b <= 0.0:
            result[e] = 0.0
        else:
            result[e] = max(a, b) / (abs(a) + abs(b))
    return result


class Electrons:
    """Conductances on a grid. conductivity, ionic: electronic and ionic, of each phase (`grid.layer` counts them), S/m;
    metal: the metal's, best_ionic: the best ionic conductor's."""

    def __init__(self, grid: Grid, metal: float, conductivity: Array, ionic: Array, best_ionic: float) -> None:
        self.grid = grid
        self.metal = min(metal, CONTRAST * best_ionic)
        self._phases = []
        for index, sigma in enumerate(conductivity):
            weight = grid.edge_weight((grid.layer == index).astype(float))
            conducts = sigma >= IN_EARNEST * ionic[index] and sigma > FLOOR
            self._phases.append((weight, min(max(float(sigma), FLOOR), self.metal), conducts))

    def conductances(self, fraction: Array, distance: Array) -> Array:
        """Edge conductances, (E,) in S m^(d-2), for the metal fraction p and the signed distance at the nodes."""
        edges = self.grid.edges
        share = 0.5 * (fraction[edges[:, 0]] + fraction[edges[:, 1]])
        part = _metal_parts(edges, distance)
        total = np.zeros(len(edges))
        for weight, sigma, conducts in self._phases:
            if conducts:
                total += weight / (part / self.metal + (1.0 - part) / sigma)
            else:
                total += weight * (share * self.metal + (1.0 - share) * sigma)
        return total
