"""Paper A's equation (5) with ohmic conduction beside it (not electroneutral):

N = -D (grad c + c grad phi_l/V_T),   i = -sigma grad phi_l,   V_T = RT/F.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.mesh.edges import bernoulli, bernoulli_slope
from femna.physics.ion_transport.ions import EdgeFlux, Ions, ohmic_current

if TYPE_CHECKING:
    from femna.case.model import Case

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@kernel
def _drift(edges: Ints, diffusion: Array, thermal: float, c: Array, phi: Array) -> tuple[Array, Array, Array, Array]:
    n = edges.shape[0]
    flux, c_first, c_second, by_phi = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for e in range(n):
        i, j = edges[e, 0], edges[e, 1]
        z = (phi[j] - phi[i]) / thermal
        # flux = D g [B(z) c_i - B(-z) c_j], B(-z) = B(z) + z
        b, slope = bernoulli(z), bernoulli_slope(z)
        flux[e] = diffusion[e] * (b * c[i] - (b + z) * c[j])
        c_first[e] = diffusion[e] * b
        c_second[e] = -diffusion[e] * (b + z)
        by_phi[e] = -diffusion[e] * (slope * c[i] - (slope + 1.0) * c[j]) / thermal
    return flux, c_first, c_second, by_phi


class NernstPlanckIons(Ions):
    """Na+ by Nernst and Planck's equation, beside Ohm's law."""

    key = "nernst_planck"
    extrapolates_potential_to_interface = False

    @classmethod
    def layer_properties(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """Conductivity and diffusivity."""
        return "ionic_conductivity", "diffusivity"

    @classmethod
    def diffusivities(cls, case: Case, layer_name: str) -> tuple[float, float]:
        """The cation's; there is no anion."""
        if layer_name == case.layer_names[0]:
            return 0.0, 0.0
        return case.property(layer_name, "diffusivity"), 0.0

    @classmethod
    def levelling(cls, case: Case) -> tuple[float, float]:
        """The cation's diffusivity; it diffuses only: t+ = 0."""
        return case.property(case.layer_names[-1], "diffusivity"), 0.0

    @classmethod
    def reaction_orders(cls, beta: float) -> tuple[float, float]:
        """1, 0."""
        return 1.0, 0.0

    @classmethod
    def insertion_order(cls) -> float:
        """1."""
        return 1.0

    def salted_cells(self, diffusivity: Array, anion: Array) -> Mask:
        """All of them."""
        return np.ones(len(diffusivity), dtype=bool)

    def set_coefficients(self, conductivity: Array, diffusivity: Array, anion: Array) -> None:
        """Weight the edges by conductivity and diffusivity. Collective."""
        self._conductance = self.grid.edge_weight(conductivity)
        self._diffusion = self.grid.edge_weight(diffusivity)
        self._zero = np.zeros(len(self.grid.edges))

    def current(self, electrolyte_fraction: Array, c: Array, phi: Array) -> EdgeFlux:
        """Ohm's law along the edges, A m^(d-3)."""
        conductance = self._conductance * self.edge_share(electrolyte_fraction)
        return EdgeFlux(ohmic_current(self.grid.edges, conductance, phi), self._zero, self._zero, conductance)

    def salt(self, electrolyte_fraction: Array, c: Array, phi: Array) -> EdgeFlux:
        """Flux of Na+ along the edges by Scharfetter and Gummel, in units of c0, m^d/s."""
        share = self.edge_share(electrolyte_fraction)
        return EdgeFlux(*_drift(self.grid.edges, self._diffusion * share, self.thermal_voltage, c, phi))
