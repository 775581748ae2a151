"""Materials: the shipped library and the laws that its values obey."""

from __future__ import annotations

from femna.materials.library import PROPERTIES, PROVENANCES, load_library
from femna.materials.temperature import arrhenius_conductivity, arrhenius_diffusivity, nernst_einstein

__all__ = [
    "PROPERTIES",
    "PROVENANCES",
    "arrhenius_conductivity",
    "arrhenius_diffusivity",
    "load_library",
    "nernst_einstein",
]
