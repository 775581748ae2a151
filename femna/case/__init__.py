"""What a case may say, read from TOML into typed SI numbers."""

from femna.case.files import CaseInfo, shipped_cases
from femna.case.material import Material, Value
from femna.case.model import Case
from femna.case.protocol import ProtocolStep, Repeat
from femna.case.sections import Layer
from femna.case.until import Until

__all__ = [
    "Case",
    "CaseInfo",
    "Layer",
    "Material",
    "ProtocolStep",
    "Repeat",
    "Until",
    "Value",
    "shipped_cases",
]
