"""Which waves of a plating front grow, and how fast: linear stability of the stack of a case with two potentials.

A front y = A cos(k x), k A << 1, that plates at i grows as exp(omega t) with

    omega = (i/sigma - Gamma k^2)/(R + Z)/(z F c_s),   Gamma = gamma/(z F c_s),

R the resistance of the reaction, -1/(dj/d eta) at i, sigma the conductivity just above the front, and Z = tanh(k L)/
(sigma k) the resistance per area that a wave of the current meets in the layer above (docs/theory/two_potential.md
derives it; Mullins and Sekerka, J. Appl. Phys. 35 (1964) 444; Sundstrom and Bark, Electrochim. Acta 40 (1995) 599). Of
several layers, from the counter's Z = 0 downwards, r being the resistance of the contact above a layer of thickness d:

    Z = [Z' + tanh(k d)/(sigma k)]/[1 + Z' sigma k tanh(k d)],   Z' = r + Z of the layer above.

In a binary salt the anions rest, so that phi_l = n V_T ln c with n = 1 + z/|z-| (2 for NaPF6) and V_T = RT/(z F), and
the cation alone carries current: sigma = z F D+ c/V_T with c that of the steady state at the front. The ions that a
hill finds there also speed up its reaction, by dj/dc:

    1/R* = 1/R + c (dj/dc)/(n V_T) in place of 1/R, and Gamma R*/R in place of Gamma.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from femna.case import Case
from femna.derived.limiting_current import limiting_current
from femna.geometry.contacts import contact_resistance
from femna.geometry.phases import CONDUCTS, electronic_conductivities
from femna.physics.cell_stack import contact_conductance
from femna.physics.deposition import interfacial_kinetics
from femna.physics.ion_transport.binary_salt import ions_per_cation
from femna.physics.ion_transport.kinds import kind_of
from femna.physics.kinetics import InterfacialKinetics

LONGEST_WAVE = 100.0
"""Longest wave that is looked at, in heights of the stack above the front."""
SEARCHED_WAVES = 400
"""Number of wavelengths, evenly spaced in their logarithm, among which the fastest one is looked for first."""
ETA_TOLERANCE = 1e-12
"""Of the last change of eta, V; convergence is quadratic."""


@dataclass(frozen=True)
class FrontStability:
    """A flat front that plates, and the layers above it.

    Args:
        current: current density i, A/m^2, positive.
        resistance: R* of the reaction, ohm m^2.
        capillarity: Gamma R*/R, V m.
        metal_charge: z F c_s, the charge of a volume of metal, C/m^3.
        layers: thickness (m), conductivity (S/m) and resistance of the contact above (ohm m^2) of each layer from the
            front on; the last one ends at an equipotential that keeps its concentration.
    """

    current: float
    resistance: float
    capillarity: float
    metal_charge: float
    layers: tuple[tuple[float, float, float], ...]

    @classmethod
    def of(cls, case: Case, current: float) -> Self | None:
        """The front of a case at a current density in the middle of the steady state.

        Args:
            case: the case.
            current: current density, A/m^2.

        Returns:
            The front; None where the theory does not hold: nothing is plated, the current is not below the limiting
            one, one potential, ions that are not electroneutral, and metal that may grow elsewhere than on the anode,
            because a layer or its grain boundaries conduct electrons.

        Raises:
            BadInput: a material lacks a property.
        """
        kind, limit = kind_of(case), limiting_current(case)
        leaks = any(sigma > CONDUCTS for sigma in electronic_conductivities(case))
        if case.model != "two_potential" or kind.key not in ("single_ion", "binary") or leaks:
            return None
        if not 0.0 < current < limit:
            return None
        thermal, low = case.thermal_voltage, case.surface.position
        share = 1.0 - current / limit
        names = [name for name in case.layer_names[1:] if case.interval(name)[1] > low]
        layers = []
        for name, above in zip(names, [*names[1:], "counter"], strict=True):
            bottom, top = case.interval(name)
            salted = kind.holds_salt(case, name)
            cation = kind.diffusivities(case, name)[0]
            sigma = cation * share * case.salt_charge / thermal
            conductivity = sigma if salted else case.property(name, "ionic_conductivity")
            layers.append((top - max(bottom, low), conductivity, contact_resistance(case, name, above)))
        # a contact's resistance to the counter lies beyond the salt's last plane, where the wave has died away
        layers[-1] = (*layers[-1][:2], 0.0)
        on_contact = names[0] == case.layer_names[1]
        conductance = contact_conductance(case, *case.layer_names[:2]) if on_contact else 0.0
        kinetics = interfacial_kinetics(case, conductance)
        concentration = share if kind.holds_salt(case, names[0]) else 1.0
        if not (kinetics.exchange_current > 0.0 or conductance > 0.0):
            return None
        by_eta, by_c = _slopes(kinetics, current, concentration)
        resistance = -1.0 / by_eta
        gain = 1.0
        if kind.holds_salt(case, names[0]):
            gain = 1.0 / (1.0 + by_c * resistance * concentration / (ions_per_cation(case, names[0]) * thermal))
        capillarity = case.interface.energy / case.metal_charge
        return cls(current, resistance * gain, capillarity * gain, case.metal_charge, tuple(layers))

    def rate(self, wavelength: float) -> float:
        """Rate of growth omega of a wave, 1/s; negative where it is levelled. wavelength: m."""
        k = 2.0 * math.pi / wavelength
        impedance = 0.0
        for thickness, sigma, contact in reversed(self.layers):
            tanh, wave = math.tanh(k * thickness), sigma * k
            above = contact + impedance
            impedance = (above + tanh / wave) / (1.0 + above * wave * tanh)
        drive = self.current / self.layers[0][1] - self.capillarity * k**2
        return drive / (self.resistance + impedance) / self.metal_charge

    @property
    def neutral_wavelength(self) -> float:
        """Wavelength below which surface energy levels every wave, m; 0 without surface energy."""
        return 2.0 * math.pi * math.sqrt(self.layers[0][1] * self.capillarity / self.current)

    @property
    def fastest_wavelength(self) -> float | None:
        """Wavelength that grows fastest, m; None where none between the neutral one and LONGEST_WAVE heights does."""
        from scipy.optimize import minimize_scalar

        longest = LONGEST_WAVE * sum(thickness for thickness, _, _ in self.layers)
        shortest = max(self.neutral_wavelength, 1e-6 * longest)
        if shortest >= longest:
            return None
        waves = np.geomspace(shortest, longest, SEARCHED_WAVES)
        best = int(np.argmax([self.rate(wave) for wave in waves]))
        if not 0 < best < SEARCHED_WAVES - 1:
            return None
        bounds = (math.log(waves[best - 1]), math.log(waves[best + 1]))
        found = minimize_scalar(lambda x: -self.rate(math.exp(x)), bounds=bounds, method="bounded")
        return math.exp(float(found.x))


def _slopes(kinetics: InterfacialKinetics, current: float, concentration: float) -> tuple[float, float]:
    """Derivatives of the current density by eta (S/m^2) and by c~ (A/m^2) where it is `current` (A/m^2), by Newton's
    method; c~ = `concentration`."""
    c, eta = np.array([concentration]), np.zeros(1)
    change = np.ones(1)
    while abs(float(change[0])) > ETA_TOLERANCE:
        there, by_eta, by_c = kinetics.current(eta, c)
        change = (current - there) / by_eta
        # the law is an exponential: Newton's method overshoots where the current is far off
        eta = eta + np.clip(change, -kinetics.thermal_voltage, kinetics.thermal_voltage)
    return float(by_eta[0]), float(by_c[0])
