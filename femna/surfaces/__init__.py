"""The kinds of surface that the metal may have at the start of a run, one file each.

A kind declares its keys, what they mean and the heights that follow. Every module of this package is imported, so that
a new kind is a new file; `register` takes kinds from elsewhere.
"""

from __future__ import annotations

import importlib
import pkgutil

from femna.surfaces.surface_kind import KINDS, Box, Finding, SurfaceKind, UnusableSurface, register

__all__ = [
    "Box",
    "Finding",
    "SurfaceKind",
    "UnusableSurface",
    "file_keys",
    "kind_keys",
    "register",
    "surface_kinds",
]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")


def surface_kinds() -> tuple[type[SurfaceKind], ...]:
    """The registered kinds, in the order of their ranks."""
    return tuple(sorted(KINDS.values(), key=lambda kind: kind.rank))


def kind_keys() -> dict[str, type[SurfaceKind]]:
    """The keys of all kinds, each with a kind that has it; keys of one kind stay in the order of that kind."""
    order: list[str] = []
    owner: dict[str, type[SurfaceKind]] = {}
    for kind in surface_kinds():
        place = len(order)
        for key in reversed(kind.model_fields):
            if key in owner:
                place = order.index(key)
            else:
                order.insert(place, key)
                owner[key] = kind
    return {key: owner[key] for key in order}


def file_keys() -> tuple[str, ...]:
    """The keys that name files."""
    return tuple(dict.fromkeys(key for kind in surface_kinds() for key in kind.files))
