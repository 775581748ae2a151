"""Electrode kinetics: the Butler-Volmer bracket of paper A's equation (4).

With eta = electrode minus electrolyte minus U and c~ = c/c0 the reaction rate (1/s, positive deposits) is

    R(c~, eta) = -L_eta [exp(alpha F eta/RT) - c~ exp(-beta F eta/RT)],   alpha + beta = 1,

and a planar front moves at v = 3 l R, carrying i = F c_s v: i0 = 3 l F c_s L_eta (science base b.3, derived there).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ButlerVolmer:
    """Kinetic closure.

    rate_constant L_eta in 1/s; transfer beta (cathodic); thermal_voltage RT/F in V; standard potential U in V.
    """

    rate_constant: float
    transfer: float
    thermal_voltage: float
    standard: float = 0.0

    def cathodic(self, eta: Array) -> Array:
        """L_eta exp(-beta F eta/RT): the derivative of the rate by c~, (N,) in 1/s. eta counts from U."""
        return self.rate_constant * np.exp(-self.transfer / self.thermal_voltage * eta)

    def anodic(self, eta: Array) -> Array:
        """L_eta exp(alpha F eta/RT), (N,) in 1/s."""
        return self.rate_constant * np.exp((1.0 - self.transfer) / self.thermal_voltage * eta)

    def rate(self, relative_concentration: Array, eta: Array) -> Array:
        """R(c~, eta) in 1/s, (N,)."""
        return relative_concentration * self.cathodic(eta) - self.anodic(eta)
