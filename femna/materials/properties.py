"""The properties that a material may have, each declared once.

Case files take a key `materials.NAME.PROPERTY` for each, the library holds values of them, and `Case.property` gives
them at a case's temperature. `register` takes properties from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from femna.materials.temperature import arrhenius_conductivity, arrhenius_diffusivity
from femna.quantities import HIGHEST_BARRIER, TEMPERATURE, Quantity, WholeQuantity

TemperatureLaw = Callable[[float, float, float, float], float]
"""Value at a temperature (SI). Arguments: the value at the reference temperature (SI), the activation energy (J/mol),
the reference temperature (K), the temperature (K)."""


@dataclass(frozen=True)
class MaterialProperty:
    """One property.

    Args:
        name: its key.
        quantity: SI unit ("" for a plain number) and bounds.
        meaning: what it is, in a few words.
        law: how it depends on temperature where the material has an activation energy; None where it does not.
    """

    name: str
    quantity: Quantity
    meaning: str
    law: TemperatureLaw | None = None

    @property
    def unit(self) -> str:
        """SI unit, "" for a plain number."""
        return self.quantity.unit


PROPERTIES: dict[str, MaterialProperty] = {}
"""The registered properties by name, in the order in which they are listed."""


def register(declared: MaterialProperty) -> None:
    """Make a property known to case files and to the library.

    Raises:
        ValueError: there is a property of that name.
    """
    if declared.name in PROPERTIES:
        raise ValueError(f"there is a property '{declared.name}' already")
    PROPERTIES[declared.name] = declared


for _property in (
    MaterialProperty(
        "diffusivity",
        Quantity("m^2/s", above=0),
        "diffusivity of the metal's ion, or of the metal's atoms",
        arrhenius_diffusivity,
    ),
    MaterialProperty(
        "anion_diffusivity", Quantity("m^2/s", above=0), "diffusivity of the salt's anion", arrhenius_diffusivity
    ),
    MaterialProperty(
        "transference_number",
        Quantity("", above=0, at_most=1),
        "cation's share z+ D+/(z+ D+ + |z-| D-) of a salt's current; 1 in a solid",
    ),
    MaterialProperty("ionic_conductivity", Quantity("S/m", above=0), "ionic conductivity", arrhenius_conductivity),
    MaterialProperty("electronic_conductivity", Quantity("S/m", at_least=0), "electronic conductivity"),
    MaterialProperty("concentration", Quantity("mol/m^3", above=0), "concentration of the metal's ions"),
    MaterialProperty("molar_volume", Quantity("m^3/mol", above=0), "volume of one mole of the metal"),
    MaterialProperty("density", Quantity("kg/m^3", above=0), "density"),
    MaterialProperty("molar_mass", Quantity("kg/mol", above=0), "mass of one mole of a metal"),
    MaterialProperty("valence", WholeQuantity(1, 4), "charge number z of a metal's ion"),
    MaterialProperty("melting_point", Quantity("K", above=0), "melting point of a metal"),
    MaterialProperty("anion_valence", WholeQuantity(1, 4), "charge number |z-| of a salt's anion"),
    MaterialProperty(
        "activation_energy", Quantity("J/mol", at_least=0, at_most=HIGHEST_BARRIER), "barrier of what is activated"
    ),
    MaterialProperty("reference_temperature", TEMPERATURE, "temperature at which the values hold"),
    MaterialProperty("sodium_capacity", Quantity("mol/m^3", above=0), "metal that a volume takes up when it is full"),
    MaterialProperty("sodium_potential", Quantity("V"), "potential of the metal taken up against the metal itself"),
    MaterialProperty("uptake_exchange_current", Quantity("A/m^3", above=0), "exchange current of the uptake a volume"),
    MaterialProperty("youngs_modulus", Quantity("Pa", above=0), "Young's modulus"),
    MaterialProperty("poisson_ratio", Quantity("", above=-1, at_most=0.5), "Poisson's ratio"),
    MaterialProperty("strength", Quantity("Pa", above=0), "largest tension that a layer bears"),
    MaterialProperty("residual_stress", Quantity("Pa"), "in-plane stress of a layer at the start, tension positive"),
):
    register(_property)
