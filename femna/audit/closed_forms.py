"""Closed forms of the audit. Plain functions of SI numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from femna.units import FARADAY, GAS_CONSTANT


def thermal_voltage(temperature: float) -> float:
    """RT/F.

    Args:
        temperature: temperature, K.

    Returns:
        Voltage, V.
    """
    return GAS_CONSTANT * temperature / FARADAY


def symmetric_cell(thickness: float, conductivity: float, contact: float) -> float:
    """Area resistance of an ion conductor between two like contacts: L/sigma + 2 R.

    Args:
        thickness: thickness L, m.
        conductivity: ionic conductivity, S/m.
        contact: resistance R of one contact, ohm m^2.

    Returns:
        Area resistance, ohm m^2.
    """
    return thickness / conductivity + 2.0 * contact


def charge_transfer(exchange_current: float, temperature: float) -> float:
    """Area resistance of one electrode near equilibrium: RT/(F i0). The formula is its own inverse.

    Args:
        exchange_current: exchange current density, A/m^2; or the resistance, ohm m^2.
        temperature: temperature, K.

    Returns:
        Area resistance, ohm m^2; or the exchange current density, A/m^2.
    """
    return thermal_voltage(temperature) / exchange_current


def overpotential(current: float, exchange_current: float, temperature: float) -> float:
    """Overpotential of one electrode by Butler-Volmer with both coefficients 1/2: (2RT/F) asinh(i/(2 i0)).

    Args:
        current: current density, A/m^2.
        exchange_current: exchange current density, A/m^2.
        temperature: temperature, K.

    Returns:
        Overpotential, V.
    """
    return 2.0 * thermal_voltage(temperature) * math.asinh(current / (2.0 * exchange_current))


def sodium_charge(thickness: float, molar_volume: float) -> float:
    """Charge held by a dense sodium layer: F d/V_m.

    Args:
        thickness: thickness d, m.
        molar_volume: molar volume of sodium, m^3/mol.

    Returns:
        Charge per area, C/m^2.
    """
    return FARADAY * thickness / molar_volume


def sodium_thickness(charge: float, molar_volume: float) -> float:
    """Thickness of the dense sodium layer that a charge makes: V_m Q/F.

    Args:
        charge: charge per area Q, C/m^2.
        molar_volume: molar volume of sodium, m^3/mol.

    Returns:
        Thickness, m.
    """
    return molar_volume * charge / FARADAY


def relaxation_time(frequency: float) -> float:
    """Time constant that an impedance at a frequency resolves: 1/(2 pi f).

    Args:
        frequency: frequency f, Hz.

    Returns:
        Time constant, s.
    """
    return 1.0 / (2.0 * math.pi * frequency)


def top_fraction(
    thickness: float, ionic: float, electronic: float, bottom: float, top: float, transfer: float = 0.0
) -> float:
    """Share of the sodium that plates on the upper face of a mixed conductor: the current divider.

    f = (R_b + R_it + d/sigma_i)/(R_b + R_it + d/sigma_i + R_t + d/sigma_e). Ions must cross the layer to plate below
    it, electrons to plate above it.

    Args:
        thickness: thickness d of the layer, m.
        ionic: ionic conductivity sigma_i, S/m.
        electronic: electronic conductivity sigma_e, S/m.
        bottom: charge-transfer resistance R_b at the lower face, ohm m^2.
        top: charge-transfer resistance R_t at the upper face, ohm m^2.
        transfer: resistance R_it of the transfer of ions into the layer, ohm m^2.

    Returns:
        The share, 0 to 1.
    """
    below = bottom + transfer + thickness / ionic
    above = top + thickness / electronic
    return below / (below + above)


def even_ionic(thickness: float, electronic: float, bottom: float, top: float) -> float:
    """Ionic conductivity at which half plates on top: d/sigma_i = d/sigma_e + R_t - R_b (`top_fraction`).

    Args:
        thickness: thickness d of the layer, m.
        electronic: electronic conductivity sigma_e, S/m.
        bottom: charge-transfer resistance R_b at the lower face, ohm m^2.
        top: charge-transfer resistance R_t at the upper face, ohm m^2.

    Returns:
        Ionic conductivity, S/m.
    """
    return thickness / (thickness / electronic + top - bottom)


def power_law(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float]:
    """The power law y = a x^n through points, by least squares of the logarithms.

    Args:
        x: abscissas, positive.
        y: ordinates, positive.

    Returns:
        Coefficient a, exponent n and R^2 of the logarithms.
    """
    log_x, log_y = np.log(x), np.log(y)
    exponent, constant = np.polyfit(log_x, log_y, 1)
    left = log_y - constant - exponent * log_x
    return math.exp(constant), float(exponent), float(1.0 - left.var() / log_y.var())


def arrhenius_energy(temperatures: Sequence[float], resistances: Sequence[float]) -> float:
    """Activation energy from resistances at several temperatures: slope of ln(T/R) over -1/(R T).

    Lu et al. 2026, equation (9).

    Args:
        temperatures: temperatures, K.
        resistances: resistances, in any unit.

    Returns:
        Activation energy, J/mol.
    """
    inverse = -1.0 / (GAS_CONSTANT * np.asarray(temperatures))
    return float(np.polyfit(inverse, np.log(np.divide(temperatures, resistances)), 1)[0])


def contact_spread(thickness: float, charge: float, molar_volume: float, rise: float) -> float:
    """Rms spread of a film's height by which its resistance rises after a charge has been stripped.

    The height is normally distributed. Stripped to the depth s in parallel it is left where h > s, over theta = P(h >
    s) = 1/rise; the charge is the mean of min(h, s): s = m + u spread, Q V_m/F = m - spread [f(u) - u theta], u the
    normal quantile of 1 - theta, f its density.

    Args:
        thickness: mean thickness m of the film, m.
        charge: charge per area Q, C/m^2.
        molar_volume: molar volume of sodium, m^3/mol.
        rise: resistance after the charge over the one before.

    Returns:
        Spread, m.
    """
    normal = NormalDist()
    u = normal.inv_cdf(1.0 - 1.0 / rise)
    return (thickness - charge * molar_volume / FARADAY) / (normal.pdf(u) - u / rise)


def limiting_current(cation_diffusivity: float, concentration: float, thickness: float) -> float:
    """Limiting current of a binary salt between two electrodes: 4 F D+ c0/L.

    Args:
        cation_diffusivity: diffusivity D+ of the cation, m^2/s.
        concentration: mean concentration c0, mol/m^3.
        thickness: distance L of the electrodes, m.

    Returns:
        Current density, A/m^2.
    """
    return 4.0 * FARADAY * cation_diffusivity * concentration / thickness


def critical_wavelength(current: float, conductivity: float, energy: float, molar_volume: float) -> float:
    """Wavelength below which surface energy flattens a plated front: 2 pi sqrt(sigma gamma V_m/(F i)).

    Args:
        current: current density, A/m^2.
        conductivity: ionic conductivity, S/m.
        energy: surface energy, J/m^2.
        molar_volume: molar volume of sodium, m^3/mol.

    Returns:
        Wavelength, m.
    """
    return 2.0 * math.pi * math.sqrt(conductivity * energy * molar_volume / (FARADAY * current))


def fastest_wavelength(
    current: float, conductivity: float, energy: float, molar_volume: float, resistance: float
) -> float:
    """Wavelength that grows fastest on a front with a charge-transfer resistance, in a wide gap.

    Growth is k (i - s k^2)/(1 + R sigma k) with s = sigma gamma V_m/F; its maximum solves 2 R sigma s k^3 + 3 s k^2 =
    i.

    Args:
        current: current density, A/m^2.
        conductivity: ionic conductivity, S/m.
        energy: surface energy, J/m^2.
        molar_volume: molar volume of sodium, m^3/mol.
        resistance: charge-transfer resistance R, ohm m^2.

    Returns:
        Wavelength, m.
    """
    surface = conductivity * energy * molar_volume / FARADAY
    roots = np.roots([2.0 * resistance * conductivity * surface, 3.0 * surface, 0.0, -current])
    return 2.0 * math.pi / max(float(root.real) for root in roots if abs(root.imag) < 1e-9 * abs(root))
