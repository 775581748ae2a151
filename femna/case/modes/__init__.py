"""The modes of a protocol step, one file each.

A mode says what the value of its steps is, what it prescribes to the cell and what may end it. Every module of this
package is imported, so that a new mode is a new file here and its control in `femna.circuit`; `register` takes modes
from elsewhere.
"""

from __future__ import annotations

import importlib
import pkgutil

from femna.case.modes.protocol_mode import MODES, ProtocolMode, register

__all__ = ["ProtocolMode", "mode_named", "mode_names", "register"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")


def mode_names(model: str = "") -> tuple[str, ...]:
    """Names of the registered modes, in the order of their ranks; of those that a model can take, if one is named."""
    modes = sorted(MODES.values(), key=lambda mode: mode.rank)
    return tuple(mode.name for mode in modes if not model or model in mode.models)


def mode_named(name: str) -> ProtocolMode:
    """The mode of a name. Raises KeyError."""
    return MODES[name]
