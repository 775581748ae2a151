"""Nernst-Planck transport with two potentials: drift against diffusion, and diffusion in time.

Problem: Na+ alone obeys dc/dt = div[D (grad c + c grad phi/V_T)] beside ohmic conduction. Exact: where nothing passes,
c~ = exp(-phi/V_T), Boltzmann's distribution, at any field, and with Scharfetter and Gummel's fluxes on any mesh. With
no field and both ends closed c~ = 1 + a cos(pi z/L) decays as exp(-D (pi/L)^2 t).
"""

from __future__ import annotations

import numpy as np
import pytest

from femna.physics.ion_transport.nernst_planck import NernstPlanckIons
from femna.units import FARADAY

from .drive import even, largest, march
from .grids import Grid, box
from .problems import front
from .two import THERMAL_VOLTAGE, kinetics, two_potential, under

DIFFUSIVITY, SALT = 1e-10, 1000.0


def ions_on(grid: Grid) -> NernstPlanckIons:
    """Sodium ions of 1000 mol/m^3 in one layer."""
    one = np.ones(len(grid.cells))
    return NernstPlanckIons(
        grid,
        conductivity=one,
        diffusivity=DIFFUSIVITY * one,
        anion=0.0 * one,
        thermal_voltage=THERMAL_VOLTAGE,
        charge=FARADAY * SALT,
    )


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("steep", [0.1, 3.0])
def test_boltzmanns_distribution_carries_no_flux(dim: int, steep: float) -> None:
    """Up to 3 V_T an edge, where the arithmetic mean of c~ would leave a flux as large as the drift itself."""
    grid = box([4e-6] * (dim - 1) + [8e-6], [4] * (dim - 1) + [8])
    ions = ions_on(grid)
    phi = THERMAL_VOLTAGE * steep * (grid.points @ np.arange(1.0, dim + 1.0)) / 1e-6
    c, share = np.exp(-phi / THERMAL_VOLTAGE), np.linspace(0.1, 1.0, grid.size)
    # relative to what diffuses alone
    flux, alone = ions.salt(share, c, phi).flux, np.abs(ions.salt(share, c, 0.0 * phi).flux)
    assert np.abs(flux[alone > 0.0] / alone[alone > 0.0]).max(initial=0.0) < 1e-11


def test_flux_has_its_derivatives() -> None:
    """Of c~ at both ends and of phi, against differences."""
    grid = box([1e-6], [6])
    ions = ions_on(grid)
    z = grid.points[:, 0] / 1e-6
    c, phi, electrolyte_fraction = 1.0 + 0.5 * np.sin(3.0 * z), 0.05 * z**2, np.ones(grid.size)
    at = ions.salt(electrolyte_fraction, c, phi)
    first, second = grid.edges.T
    for node in range(grid.size):
        moved = np.zeros(grid.size)
        moved[node] = 1e-6
        by_c = (
            ions.salt(electrolyte_fraction, c + moved, phi).flux - ions.salt(electrolyte_fraction, c - moved, phi).flux
        ) / 2e-6
        by_phi = (
            ions.salt(electrolyte_fraction, c, phi + moved).flux - ions.salt(electrolyte_fraction, c, phi - moved).flux
        ) / 2e-6
        sign = np.where(first == node, 1.0, np.where(second == node, -1.0, 0.0))
        assert by_c == pytest.approx(at.c_first * (first == node) + at.c_second * (second == node), rel=1e-6, abs=1e-12)
        assert by_phi == pytest.approx(sign * at.phi, rel=1e-6, abs=1e-10)


def test_a_wave_decays_as_diffusion_has_it() -> None:
    """At rest between two electrodes, to a third, each of 200 steps by 1/(1 + rate dt): to 1e-4 of the rate."""
    gap, metal, width = 20e-6, 2e-6, 0.1e-6
    grid = box([metal + gap], [440])
    p = two_potential(
        grid,
        width,
        kinetics(1e-6),
        kind="nernst_planck",
        conductivity=1.0,
        cation=DIFFUSIVITY,
        salt=SALT,
        moves=False,
        counter=kinetics(1e-6),
    )
    z = grid.points[:, -1] - metal
    wave = np.where(z > 0.0, np.cos(np.pi * np.clip(z / gap, 0.0, 1.0)), 1.0)
    stepper = under(p, "current", 0.0)
    start = stepper.start(0.0, {"xi": front(z, width), "c": 1.0 + 0.3 * wave})
    rate = DIFFUSIVITY * (np.pi / gap) ** 2
    state = march(stepper, [start], even(1.1 / rate, 200))
    left = grid.integral((state["c"] - 1.0) * wave * (z > 0.0)) / grid.integral(0.3 * wave**2 * (z > 0.0))
    assert -np.log(left) == pytest.approx(200.0 * np.log1p(1.1 / 200), rel=1e-4)
    assert largest(grid, np.where(z > 5.0 * width, state["c"] - 1.0 - 0.3 * left * wave, 0.0)) < 2e-3
