"""Na+ transport: the Nernst-Planck equation of paper A, equation (5), with its left side put right (d c/dt).

    d c/dt = div[D (grad c + (F/RT) c grad phi)] - c_s ds/dt,   D = (1 - h) D_layer + h D_metal

s is the metal content whose growth takes ions out of solution: xi itself (equation (5)) or h(xi) (charge-consistent).
The flux is edge-averaged (Scharfetter-Gummel): c stays non-negative where the sink does not exceed what is there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femna.mesh import edges
from femna.mesh.grid import Grid

Array = NDArray[np.float64]


class Transport:
    """The terms of equation (5) on a grid, for the relative concentration c~ = c/c0.

    layer_diffusivity: D of each cell's layer, (M,) in m^2/s; metal_diffusivity in m^2/s; thermal_voltage RT/F in V;
    site_ratio c_s/c0.
    """

    unknown = "c"

    def __init__(
        self, grid: Grid, layer_diffusivity: Array, metal_diffusivity: float, thermal_voltage: float, site_ratio: float
    ) -> None:
        self.grid = grid
        self.thermal_voltage = thermal_voltage
        self.site_ratio = site_ratio
        self._in_layers = grid.edge_weight(layer_diffusivity)
        share = np.repeat(grid.cell_volume * layer_diffusivity / (grid.dim + 1), grid.dim + 1)
        self._at_nodes = grid.add_up(np.bincount(grid.cells.ravel(), weights=share, minlength=grid.size)) / grid.volume
        self._metal = metal_diffusivity
        self._metal_excess = metal_diffusivity * grid.weight - self._in_layers

    def rates(self, fraction: Array, potential: Array) -> tuple[Array, Array]:
        """Edge rates (p, q), (E,) in m^d/s, for the metal fraction h on the edges and the nodal potential phi in V."""
        diffusivity = self._in_layers + fraction * self._metal_excess
        return edges.scharfetter_gummel_rates(self.grid.edges, diffusivity, potential / self.thermal_voltage)

    def nodal_diffusivity(self, fraction: Array) -> Array:
        """D at the nodes, (N,) in m^2/s, for the nodal metal fraction h: the mean of the cells around."""
        return (1.0 - fraction) * self._at_nodes + fraction * self._metal

    def terms(self, c: Array, rates: tuple[Array, Array], content_rate: Array) -> dict[str, Array]:
        """Nodal sums (this rank's share; m^d/s) whose total is volume * d c~/dt. content_rate: ds/dt, (N,) in 1/s."""
        return {
            "drift and diffusion": -edges.flux_divergence(self.grid.edges, *rates, c),
            "deposition": -self.grid.owned_volume * self.site_ratio * content_rate,
        }
