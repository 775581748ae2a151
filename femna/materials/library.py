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


COMPOSITION = "composition"
"""Key of the entry whose value is a formula and no quantity: what X-rays see, with the density."""

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
        if COMPOSITION not in table:
            raise ValueError(f"{name}.toml: has no composition")
        if unknown := table.keys() - PROPERTIES.keys() - {COMPOSITION}:
            raise ValueError(f"{name}.toml: {min(unknown)} is no declared property of a material")
    return library


def load_library() -> dict[str, dict[str, Entry]]:
    """The quantities of the library as written.

    Returns:
        Material name -> property -> entry, a copy that the caller may change.

    Raises:
        ValueError: a shipped file has a property that is not declared.
    """
    return {
        name: {key: copy.deepcopy(entry) for key, entry in table.items() if key != COMPOSITION}
        for name, table in _read().items()
    }


def load_compositions() -> dict[str, Entry]:
    """The elements of the shipped materials.

    Returns:
        Material name -> entry, whose value is a chemical formula such as "Na3Zr2Si2PO12" or "NaPF6(C3H6O2)13.12".
    """
    return {name: copy.deepcopy(table[COMPOSITION]) for name, table in _read().items()}
