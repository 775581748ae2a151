"""The limits that an electrolyte's salt sets to the current: the limiting current density and Sand's time."""

from __future__ import annotations

import math

from femna.case import Case
from femna.physics.ion_transport.binary_salt import ambipolar, ions_per_cation, salt_diffusivities
from femna.physics.ion_transport.kinds import kind_of


def salt(case: Case) -> tuple[float, float]:
    """Ambipolar diffusivity D_a (m^2/s) and cation transference number t+ of the last layer's electrolyte.

    They are those of the ions that the solver has (`Ions.levelling`); in single_potential, which has no anions, those
    of the real electrolyte's salt (`BinarySalt`), if its material has an anion.
    """
    if case.model == "single_potential":
        last = case.layer_names[-1]
        cation, anion = salt_diffusivities(case, last)
        if anion:
            return ambipolar(cation, anion, ions_per_cation(case, last)), cation / (cation + anion)
    return kind_of(case).levelling(case)


def transport_length(case: Case) -> float:
    """Thickness (m) of the last layer with the diffusive resistance between the undisturbed front and the counter.

    Other layers above the front count with their thickness times D of the last one over their own; in two_potential
    with a binary salt D is the salt's, and only layers that hold one count.
    """
    last, length = case.layer_names[-1], 0.0
    for name in case.layer_names[1:]:
        low, high = case.interval(name)
        solid = case.model == "two_potential" and kind_of(case).is_solid(case, name)
        if high > case.surface.position and not solid:
            length += (high - max(low, case.surface.position)) / _chemical_diffusivity(case, name)
    return length * _chemical_diffusivity(case, last)


def limiting_current(case: Case) -> float:
    """Limiting current density, A/m^2: z F D_a (c_L - 0)/((1 - t+) L), infinite for a single-ion conductor.

    The anions rest, so that (1 - t+) i/(zF) = D_a c_L/L with c falling in a straight line to 0 at the front (Newman and
    Thomas-Alyea, Electrochemical Systems, ch. 11). Between two metal electrodes no salt is lost and c_L = 2 c0, which
    gives 4 F D+ c0/L for z = |z-| = 1. An ideal counter of two_potential holds c_L = c0: half of that. With
    single_potential, which has no anions and no such bound, it is the number of the real cell, of two electrodes. For
    Nernst-Planck without an anion the same without migration, z F D c_L/L. L is the `transport_length`.
    """
    diffusivity, transference = salt(case)
    if transference >= 1.0:
        return math.inf
    held = case.model == "two_potential" and case.counter.kind == "ideal"
    at_counter = case.salt_charge * (1.0 if held else 2.0)
    return diffusivity * at_counter / ((1.0 - transference) * transport_length(case))


def sand_time(case: Case, current: float) -> float:
    """Sand's time, s, after which a constant current has used up the salt at the front; infinite at no current.

    t = pi D_a (z F c0/(2 i (1 - t+)))^2, for a layer thick enough to count as semi-infinite.

    Args:
        case: the case, whose last layer's D_a and t+ count.
        current: current density, A/m^2.
    """
    diffusivity, transference = salt(case)
    if not current or transference >= 1.0:
        return math.inf
    depletion = case.salt_charge / (2.0 * current * (1.0 - transference))
    return math.pi * diffusivity * depletion**2


def _chemical_diffusivity(case: Case, layer_name: str) -> float:
    """Diffusivity (m^2/s) with which concentrations level out in a layer: a salt's ambipolar one, or the cation's."""
    cation, anion = kind_of(case).diffusivities(case, layer_name)
    return (
        ambipolar(cation, anion, kind_of(case).ions_per_cation_of(case))
        if anion
        else case.property(layer_name, "diffusivity")
    )
