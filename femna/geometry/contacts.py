"""Resistances of the contacts of two layers."""

from __future__ import annotations

import math

from femna.case import Case
from femna.materials.temperature import STANDARD_TEMPERATURE
from femna.units import GAS_CONSTANT


def contact_resistance(case: Case, low: str, high: str) -> float:
    """Area-specific resistance of a contact at the case's temperature, ohm m^2; 0 where none is given.

    R(T) = R(298.15 K) exp(E_a/R_gas (1/T - 1/298.15 K)).

    Args:
        case: the case.
        low: name of the layer below the contact.
        high: name of the layer above it, or "counter".
    """
    contact = case.contacts.get(f"{low}-{high}")
    if contact is None:
        return 0.0
    exponent = contact.activation_energy / GAS_CONSTANT * (1.0 / case.temperature - 1.0 / STANDARD_TEMPERATURE)
    return contact.resistance * math.exp(exponent)
