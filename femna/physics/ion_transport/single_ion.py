"""A ceramic: only Na+ moves, and its concentration is fixed: i = -sigma grad phi_l."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.physics.ion_transport.ions import EdgeFlux, Ions, ohmic_current

if TYPE_CHECKING:
    from femna.case.model import Case

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class SingleIonConductor(Ions):
    """Ions of a single-ion conductor."""

    key = "single_ion"
    has_concentration = False

    @classmethod
    def layer_properties(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """The ionic conductivity."""
        return ("ionic_conductivity",)

    @classmethod
    def diffusivities(cls, case: Case, layer_name: str) -> tuple[float, float]:
        """None: no concentration changes."""
        return 0.0, 0.0

    @classmethod
    def levelling(cls, case: Case) -> tuple[float, float]:
        """Nothing levels, t+ = 1."""
        return math.inf, 1.0

    @classmethod
    def reaction_orders(cls, beta: float) -> tuple[float, float]:
        """0, 0."""
        return 0.0, 0.0

    def salted_cells(self, diffusivity: Array, anion: Array) -> Mask:
        """None."""
        return np.zeros(len(diffusivity), dtype=bool)

    def set_coefficients(self, conductivity: Array, diffusivity: Array, anion: Array) -> None:
        """Weight the edges by the conductivity. Collective."""
        self._conductance = self.grid.edge_weight(conductivity)
        self._zero = np.zeros(len(self.grid.edges))

    def current(self, electrolyte_fraction: Array, c: Array, phi: Array) -> EdgeFlux:
        """Ohm's law along the edges, A m^(d-3)."""
        conductance = self._conductance * self.edge_share(electrolyte_fraction)
        return EdgeFlux(ohmic_current(self.grid.edges, conductance, phi), self._zero, self._zero, conductance)

    def salt(self, electrolyte_fraction: Array, c: Array, phi: Array) -> EdgeFlux:
        """Nothing moves but Na+."""
        return EdgeFlux(self._zero, self._zero, self._zero, self._zero)
