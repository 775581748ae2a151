"""How a material's properties follow from each other and from the temperature.

Plain functions of SI numbers.
"""

from __future__ import annotations

import math

from femna.units import FARADAY, GAS_CONSTANT

STANDARD_TEMPERATURE = 298.15
"""Temperature of a case and of a material's values where none is given, K."""


def nernst_einstein(diffusivity: float, concentration: float, temperature: float, valence: int = 1) -> float:
    """Ionic conductivity (S/m) of ions of one charge number: z^2 F^2 D c / (R T).

    Args:
        diffusivity: sum over the moving ions, m^2/s.
        concentration: of either ion, mol/m^3.
        temperature: K.
        valence: z.
    """
    return (valence * FARADAY) ** 2 * diffusivity * concentration / (GAS_CONSTANT * temperature)


def arrhenius_diffusivity(
    reference: float, activation_energy: float, reference_temperature: float, temperature: float
) -> float:
    """Diffusivity (m^2/s) at a temperature: D_ref exp(-E_a/R (1/T - 1/T_ref)).

    Args:
        reference: D_ref, m^2/s.
        activation_energy: E_a, J/mol.
        reference_temperature: T_ref, K.
        temperature: T, K.
    """
    inverse = 1.0 / temperature - 1.0 / reference_temperature
    return reference * math.exp(-activation_energy / GAS_CONSTANT * inverse)


def arrhenius_conductivity(
    reference: float, activation_energy: float, reference_temperature: float, temperature: float
) -> float:
    """Ionic conductivity (S/m) at a temperature, whose product with T follows Arrhenius' law.

    sigma = sigma_ref (T_ref/T) exp(-E_a/R (1/T - 1/T_ref)), the form of Lu et al. 2026, equation (9), and of Li et al.
    2025, Fig. S7b; it is Nernst-Einstein's conductivity of an activated diffusivity.

    Args:
        reference: sigma_ref, S/m.
        activation_energy: E_a, J/mol.
        reference_temperature: T_ref, K.
        temperature: T, K.
    """
    ratio = reference_temperature / temperature
    return ratio * arrhenius_diffusivity(reference, activation_energy, reference_temperature, temperature)
