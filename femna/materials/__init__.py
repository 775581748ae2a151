"""Materials: the shipped library and the laws that its values obey."""

from __future__ import annotations

from femna.materials.laws import arrhenius_conductivity, arrhenius_diffusivity, nernst_einstein
from femna.materials.library import PROPERTIES, PROVENANCES, load_library

__all__ = [
    "PROPERTIES",
    "PROVENANCES",
    "arrhenius_conductivity",
    "arrhenius_diffusivity",
    "load_library",
    "nernst_einstein",
]
