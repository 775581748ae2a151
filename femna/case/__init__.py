"""What a case may say, read from TOML into typed SI numbers. Each name is loaded when it is first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from femna.case.material import Material, Value
    from femna.case.model import Case
    from femna.case.protocol import ProtocolStep, Repeat
    from femna.case.sections import Layer
    from femna.case.shipped import CaseInfo, shipped_cases
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

_MODULES = {
    "Case": "model",
    "CaseInfo": "shipped",
    "Layer": "sections",
    "Material": "material",
    "ProtocolStep": "protocol",
    "Repeat": "protocol",
    "Until": "until",
    "Value": "material",
    "shipped_cases": "shipped",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"femna.case.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'femna.case' has no attribute '{name}'")
