"""What a case may say, read from TOML into typed SI numbers."""

from femna.case.files import CaseInfo, shipped_cases
from femna.case.material import Material, Value
from femna.case.model import Case
from femna.case.protocol import Repeat, Step, Until
from femna.case.sections import Layer

__all__ = [
    "Case",
    "CaseInfo",
    "Layer",
    "Material",
    "Repeat",
    "Step",
    "Until",
    "Value",
    "shipped_cases",
]
