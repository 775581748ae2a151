"""What X-rays see of a material: linear attenuation and refraction, by xraydb from composition, density and energy.

mu = rho sum_e w_e (mu/rho)_e with Elam's tables (total cross-section), w_e shares by mass; delta = 1 - n of the
refractive index n, by Chantler's tables. xraydb takes energies in eV, and keV without a word: here they are read with
their unit and checked against its tables (1 to 100 keV).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from femna.case import Case
from femna.errors import BadInput
from femna.materials import load_compositions
from femna.quantities import shown
from femna.units import UnitError, to_si

ELEMENTARY_CHARGE = 1.602176634e-19
"""C, exact."""
LOWEST_EV, HIGHEST_EV = 1e3, 1e5
"""Between them both tables hold for all elements of the library."""
MISSING = "attenuation needs the package xraydb: pip install 'femna[tomography]'"


@dataclass(frozen=True)
class XrayConstants:
    """What a material does to X-rays of one energy.

    Args:
        attenuation: mu, 1/m.
        refraction: delta.
    """

    attenuation: float
    refraction: float


VACUUM = XrayConstants(0.0, 0.0)


def energy_of(given: str, what: str = "--energy") -> float:
    """A photon energy with its unit, eV.

    Args:
        given: "20 keV"; a number without a unit could be either of keV and eV and is refused.
        what: what errors call it.

    Raises:
        BadInput: it is no energy, or outside the tables.
    """
    allowed = f"an energy with its unit from {LOWEST_EV / 1e3:g} keV to {HIGHEST_EV / 1e3:g} keV, such as '20 keV'"
    try:
        energy = to_si(given, "J") / ELEMENTARY_CHARGE
    except UnitError as error:
        raise BadInput(f"{what} is {shown(given)} ({error}); allowed: {allowed}") from None
    if not LOWEST_EV * (1 - 1e-9) <= energy <= HIGHEST_EV * (1 + 1e-9):
        raise BadInput(f"{what} is {shown(given)}, which is {energy:.6g} eV; allowed: {allowed}")
    return energy


def xray_constants(formula: str, density: float, energy: float) -> XrayConstants:
    """Attenuation and refraction of a material.

    Args:
        formula: its composition.
        density: kg/m^3.
        energy: of the photons, eV.

    Raises:
        BadInput: xraydb is not installed, or cannot read the formula.
    """
    library = _xraydb()
    grams = density / 1e3
    try:
        elements = library.chemparse(formula)
    except ValueError as error:
        raise BadInput(f"the composition {shown(formula)} is no chemical formula") from error
    total = sum(number * library.atomic_mass(name) for name, number in elements.items())
    mass_attenuation = sum(
        number * library.atomic_mass(name) / total * float(library.mu_elam(name, energy, kind="total"))
        for name, number in elements.items()
    )
    delta = float(library.xray_delta_beta(formula, grams, energy)[0])
    return XrayConstants(100.0 * grams * mass_attenuation, delta)


def phase_constants(case: Case, energy: float) -> tuple[XrayConstants, tuple[XrayConstants, ...]]:
    """Constants of the metal, and of each phase of a case where it holds no metal.

    What the metal of the first layer leaves is filled by the second layer, as the conductivities have it.

    Args:
        case: the case.
        energy: of the photons, eV.

    Returns:
        Of the metal, and of the phases in their order.

    Raises:
        BadInput: a material has no composition, or no density.
    """
    names = [case.layer_names[1], *(name for name, _ in case.phases[1:])]
    metal = _of_material(case, case.layer[case.layer_names[0]].material, energy)
    return metal, tuple(_of_material(case, case.layer[name].material, energy) for name in names)


def _of_material(case: Case, material: str, energy: float) -> XrayConstants:
    """Constants of one material of a case. Raises BadInput."""
    from femna.case.material import PropertyReader
    from femna.materials import PROPERTIES, load_library

    composition = load_compositions().get(material)
    if composition is None:
        known = ", ".join(sorted(load_compositions()))
        raise BadInput(f"{case.name}: nothing says what materials.{material} consists of; allowed: {known}")
    density = case.materials[material].density
    if density is None:  # a run of a femna whose library had none
        shipped = load_library()[material].get("density")
        density = PropertyReader(PROPERTIES["density"].quantity).read(shipped) if shipped else None
    if density is None:
        raise BadInput(f"{case.name}: materials.{material}.density is missing; allowed: a density, such as '2 g/cm^3'")
    return xray_constants(str(composition["value"]), density.value, energy)


def _xraydb() -> Any:
    """xraydb. Raises BadInput where it is not installed."""
    try:
        import xraydb
    except ImportError as error:
        raise BadInput(MISSING) from error
    return xraydb
