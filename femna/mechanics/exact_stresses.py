"""Exact answers of linear elasticity that a stack is judged by (docs/theory/mechanics.md). Plain numbers in SI."""

from __future__ import annotations

import math
from typing import NamedTuple


class Isotropic(NamedTuple):
    """An isotropic elastic material.

    Args:
        youngs_modulus: E, Pa.
        poisson_ratio: nu.
    """

    youngs_modulus: float
    poisson_ratio: float

    @property
    def shear_modulus(self) -> float:
        """mu, Pa."""
        return self.youngs_modulus / (2.0 * (1.0 + self.poisson_ratio))

    @property
    def oedometric_modulus(self) -> float:
        """Of a layer that cannot move sideways, E(1-nu)/((1+nu)(1-2nu)), Pa."""
        nu = self.poisson_ratio
        return self.youngs_modulus * (1.0 - nu) / ((1.0 + nu) * (1.0 - 2.0 * nu))

    @property
    def lateral_share(self) -> float:
        """Sideways stress of such a layer over the axial one, nu/(1-nu)."""
        return self.poisson_ratio / (1.0 - self.poisson_ratio)

    @property
    def biaxial_modulus(self) -> float:
        """E/(1-nu), Pa."""
        return self.youngs_modulus / (1.0 - self.poisson_ratio)

    def clamped_misfit(self, strain: float) -> float:
        """In-plane stress (Pa) of a layer that would swell by `strain` in every direction and is held sideways."""
        return -self.biaxial_modulus * strain

    def bent_plate(self, thickness: float, amplitude: float, wavelength: float) -> float:
        """Largest stress (Pa) of a plate (m) bent to a cosine: E/(1-nu^2) (h/2) A k^2."""
        k = 2.0 * math.pi / wavelength
        return self.youngs_modulus / (1.0 - self.poisson_ratio**2) * 0.5 * thickness * amplitude * k**2


class WavyDeposit(NamedTuple):
    """What a deposit d cos kx between two bonded half-spaces does.

    Args:
        pressing: N/(k d), amplitude of the normal stress that it meets over k d, Pa.
        lifted: f = A/d, the share of the deposit by which its free face rises.
    """

    pressing: float
    lifted: float

    @property
    def stiffness(self) -> float:
        """chi = N/(k A), Pa."""
        return self.pressing / self.lifted


def wavy_deposit(electrode: Isotropic, separator: Isotropic) -> WavyDeposit:
    """The deposit between two half-spaces.

    N = 4 d k mu_e mu_s [mu_e(1-nu_s) + mu_s(1-nu_e)]/M, f = mu_e [3mu_e - 4mu_e nu_s + 8mu_s nu_e nu_s - 6mu_s nu_e -
    6mu_s nu_s + 5mu_s]/M, M = [mu_e + (3-4nu_e) mu_s] [mu_s + (3-4nu_s) mu_e].
    """
    e, s, nu, nus = electrode.shear_modulus, separator.shear_modulus, electrode.poisson_ratio, separator.poisson_ratio
    m = (e + (3.0 - 4.0 * nu) * s) * (s + (3.0 - 4.0 * nus) * e)
    pressing = 4.0 * e * s * (e * (1.0 - nus) + s * (1.0 - nu)) / m
    rise = 3.0 * e - 4.0 * e * nus + 8.0 * s * nu * nus - 6.0 * s * nu - 6.0 * s * nus + 5.0 * s
    return WavyDeposit(pressing, e * rise / m)


def flaw_overpotential(molar_volume_over_charge: float, toughness: float, length: float) -> float:
    """Overpotential (V) at which metal in a surface flaw opens it: (V_m/zF) K_IC/(1.12 sqrt(pi a)).

    Args:
        molar_volume_over_charge: V_m/(zF), m^3/C.
        toughness: K_IC, Pa sqrt(m).
        length: a of the flaw, m.
    """
    return molar_volume_over_charge * toughness / (1.12 * math.sqrt(math.pi * length))
