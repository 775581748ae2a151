"""The control of a protocol step, by its mode."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from femna.circuit import controls
from femna.circuit.control_law import StepControlLaw
from femna.contract.cell_state import CellState

if TYPE_CHECKING:
    from femna.case.protocol import ProtocolStep

_registered: dict[str, type[StepControlLaw]] = {}


def register_control_law(law: type[StepControlLaw]) -> None:
    """Make the control of a mode known that is not part of femna."""
    _registered[law.mode] = law


@cache
def _own_laws() -> dict[str, type[StepControlLaw]]:
    """Those of the modules of `femna.circuit.controls`."""
    for info in pkgutil.iter_modules(controls.__path__):
        importlib.import_module(f"{controls.__name__}.{info.name}")
    return {law.mode: law for law in StepControlLaw.__subclasses__() if law.__module__.startswith(controls.__name__)}


def control_law(step: ProtocolStep, begin: CellState) -> StepControlLaw:
    """The control of a protocol step that begins where the cell stands.

    Raises:
        LookupError: a mode from outside femna has no control.
    """
    laws = _own_laws() | _registered
    if step.mode not in laws:
        raise LookupError(f"the mode '{step.mode}' has no control law; register one by register_control_law")
    return laws[step.mode](step, begin)
