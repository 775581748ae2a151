"""How a material's properties follow from each other and from the temperature.

Plain functions of SI numbers; they know no material and no unit parser.
"""

from __future__ import annotations

import math

from femna.units import FARADAY, GAS_CONSTANT


def nernst_einstein(diffusivity: float, concentration: float, temperature: float) -> float:
    """Ionic conductivity (S/m) of monovalent ions: F^2 D c / (R T).

    diffusivity in m^2/s, the sum over the moving ions; concentration in mol/m^3; temperature in K.
    """
    return FARADAY**2 * diffusivity * concentration / (GAS_CONSTANT * temperature)


def arrhenius_diffusivity(
    reference: float, activation_energy: float, reference_temperature: float, temperature: float
) -> float:
    """Diffusivity (m^2/s) at a temperature (K): D_ref exp(-E_a/R (1/T - 1/T_ref)), E_a in J/mol."""
    inverse = 1.0 / temperature - 1.0 / reference_temperature
    return reference * math.exp(-activation_energy / GAS_CONSTANT * inverse)


def arrhenius_conductivity(
    reference: float, activation_energy: float, reference_temperature: float, temperature: float
) -> float:
    """Ionic conductivity (S/m) at a temperature (K), E_a in J/mol: sigma T follows Arrhenius' law.

    sigma = sigma_ref (T_ref/T) exp(-E_a/R (1/T - 1/T_ref)), the form of Lu et al. 2026, equation (9), and of Li et al.
    2025, Fig. S7b; it is Nernst-Einstein's conductivity of an activated diffusivity.
    """
    ratio = reference_temperature / temperature
    return ratio * arrhenius_diffusivity(reference, activation_energy, reference_temperature, temperature)
