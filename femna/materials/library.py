"""The shipped materials: one TOML file each, every value with its unit, its source and its provenance.

A value is `measured` (read from a publication), `derived` (computed from measured values, the way is said) or `assumed`
(everything else, and everything computed from an assumed value; the source then says why this number).
"""

from __future__ import annotations

import copy
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from femna.materials.properties import PROPERTIES

PROVENANCES: tuple[str, ...] = ("measured", "derived", "assumed")
"""How a shipped value is known; a case file adds `user` for a bare value of its own."""


Entry = dict[str, Any]
"""One value as written: {"value", "source", "provenance"}; a value is a text with its unit, or a number without one."""


@cache
def _read() -> dict[str, dict[str, Entry]]:
    files = sorted(resources.files(__package__).iterdir(), key=lambda file: file.name)
    library: dict[str, dict[str, Entry]] = {}
    for file in files:
        if file.name.endswith(".toml"):
            library[file.name.removesuffix(".toml")] = tomllib.loads(file.read_text(encoding="utf-8"))
    for name, table in library.items():
        if unknown := table.keys() - PROPERTIES.keys():
            raise ValueError(f"{name}.toml: {min(unknown)} is no declared property of a material")
    return library


def load_library() -> dict[str, dict[str, Entry]]:
    """The library as written.

    Returns:
        Material name -> property -> entry, a copy that the caller may change.

    Raises:
        ValueError: a shipped file has a property that is not declared.
    """
    return copy.deepcopy(_read())
