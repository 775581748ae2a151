"""Electrode kinetics: the Butler-Volmer bracket of paper A's equation (4).

With eta = electrode minus electrolyte minus U and c~ = c/c0 the reaction rate (1/s, positive deposits) is

    R(c~, eta) = -L_eta [exp(alpha F eta/RT) - c~ exp(-beta F eta/RT)],   alpha + beta = 1,

and a planar front moves at v = 3 l R, carrying i = F c_s v: i0 = 3 l F c_s L_eta (derived in docs/theory/kinetics.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


LARGEST_EXPONENT = 230.0
"""Largest exponent of an overpotential, without unit. No current reaches it, but an iterate must not overflow."""


@dataclass(frozen=True)
class ButlerVolmer:
    """Reaction rate of the diffuse front with one potential.

    Attributes:
        rate_constant: L_eta, 1/s.
        transfer: beta, the cathodic transfer coefficient.
        thermal_voltage: RT/F, V.
        equilibrium_potential: U, V.
    """

    rate_constant: float
    transfer: float
    thermal_voltage: float
    equilibrium_potential: float = 0.0

    def cathodic(self, eta: Array) -> Array:
        """L_eta exp(-beta F eta/RT), the derivative of the rate by c~, (N,) in 1/s; eta (N,) in V counted from U."""
        return self.rate_constant * np.exp(-self.transfer / self.thermal_voltage * eta)

    def anodic(self, eta: Array) -> Array:
        """L_eta exp(alpha F eta/RT), (N,) in 1/s; eta (N,) in V counted from U."""
        return self.rate_constant * np.exp((1.0 - self.transfer) / self.thermal_voltage * eta)

    def rate(self, relative_concentration: Array, eta: Array) -> Array:
        """R(c~, eta), (N,) in 1/s, positive for deposition; eta (N,) in V counted from U."""
        return relative_concentration * self.cathodic(eta) - self.anodic(eta)


@dataclass(frozen=True)
class InterfacialKinetics:
    """Current density of an interface with two potentials: Butler-Volmer, or the resistance of a contact.

        j = i0 [c~^a exp(-beta eta/V_T) - c~^b exp((1 - beta) eta/V_T)]   or   j = -eta/R
        1/j_limited = 1/j + 1/(j_D c~)   for j > 0

    Attributes:
        exchange_current: i0 at c~ = 1, A/m^2.
        transfer: beta, the cathodic transfer coefficient.
        thermal_voltage: V_T = RT/F, V.
        reaction_orders: a and b, the powers of c~ in the cathodic and in the anodic term.
        conductance: 1/R of a contact, S/m^2, (N,) or one number; 0 where Butler-Volmer holds.
        diffusion_limited_current: j_D, what diffusion can bring at c~ = 1, A/m^2.
    """

    exchange_current: float
    transfer: float
    thermal_voltage: float
    reaction_orders: tuple[float, float] = (1.0, 0.0)
    conductance: Array | float = 0.0
    diffusion_limited_current: float = np.inf

    def current(self, eta: Array, c: Array) -> tuple[Array, Array, Array]:
        """The current density and its derivatives.

        Args:
            eta: (N,), overpotential phi_s - phi_l - U, V.
            c: (N,), c~ = c/c0, positive.

        Returns:
            j in A/m^2, positive for deposition, and its derivatives by eta and by c~, (N,) each.
        """
        i0, beta, thermal = self.exchange_current, self.transfer, self.thermal_voltage
        forth, back = self.reaction_orders
        cathodic = i0 * np.exp(np.clip(-beta / thermal * eta, -LARGEST_EXPONENT, LARGEST_EXPONENT)) * c**forth
        anodic = i0 * np.exp(np.clip((1.0 - beta) / thermal * eta, -LARGEST_EXPONENT, LARGEST_EXPONENT)) * c**back
        current = cathodic - anodic
        by_eta = -(beta * cathodic + (1.0 - beta) * anodic) / thermal
        by_c = (forth * cathodic - back * anodic) / c
        if np.isfinite(self.diffusion_limited_current):
            deposits = np.maximum(current, 0.0)
            part = deposits / (deposits + self.diffusion_limited_current * c)
            current = current * (1.0 - part)
            by_eta = by_eta * (1.0 - part) ** 2
            by_c = by_c * (1.0 - part) ** 2 + self.diffusion_limited_current * part**2
        ohmic = np.asarray(self.conductance) > 0.0
        if not ohmic.any():
            return current, by_eta, by_c
        ohmic_current = -self.conductance * eta
        return (
            np.where(ohmic, ohmic_current, current),
            np.where(ohmic, -np.asarray(self.conductance), by_eta),
            np.where(ohmic, 0.0, by_c),
        )
