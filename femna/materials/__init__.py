"""Materials: their properties, the shipped library and the laws that its values obey."""

from __future__ import annotations

from femna.materials.library import PROVENANCES, load_compositions, load_library
from femna.materials.metals import DEFAULT_METAL, Metal
from femna.materials.properties import PROPERTIES, MaterialProperty, register
from femna.materials.temperature import arrhenius_conductivity, arrhenius_diffusivity, nernst_einstein

__all__ = [
    "DEFAULT_METAL",
    "PROPERTIES",
    "PROVENANCES",
    "MaterialProperty",
    "Metal",
    "arrhenius_conductivity",
    "arrhenius_diffusivity",
    "load_compositions",
    "load_library",
    "nernst_einstein",
    "register",
]
