"""The one potential of paper A: current continuity with the deposition reaction as its sink.

    div(sigma grad phi) = F c_s ds/dt,   sigma = (1 - h) sigma_layer + h sigma_metal

(paper A below equation (5); its "R = csz eta F" is n c_s F, science base b.1.) phi is fixed at the collector and at the
counter side. Because one potential spans metal and electrolyte, it is shorted through the diffuse front: the Faradaic
and the ohmic current differ (b.5). That is a property of the model; the charge balance of the history shows it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femna.mesh import edges
from femna.mesh.grid import Grid

Array = NDArray[np.float64]


class Potential:
    """The terms of current continuity on a grid.

    layer_conductivity: sigma of each cell's layer, (M,) in S/m; metal_conductivity in S/m; charge_density F c_s in
    C/m^3.
    """

    unknown = "phi"

    def __init__(self, grid: Grid, layer_conductivity: Array, metal_conductivity: float, charge_density: float) -> None:
        self.grid = grid
        self.charge_density = charge_density
        self._in_layers = grid.edge_weight(layer_conductivity)
        self._metal_excess = metal_conductivity * grid.weight - self._in_layers

    def rates(self, fraction: Array) -> Array:
        """Edge conductances, (E,) in S m^(d-2), for the metal fraction h on the edges."""
        return self._in_layers + fraction * self._metal_excess

    def terms(self, phi: Array, rates: Array, content_rate: Array) -> dict[str, Array]:
        """Nodal sums (this rank's share; A m^(d-3)), in total zero where phi is free. content_rate: ds/dt in 1/s."""
        return {
            "conduction": -edges.flux_divergence(self.grid.edges, rates, rates, phi),
            "deposition": -self.grid.owned_volume * self.charge_density * content_rate,
        }
