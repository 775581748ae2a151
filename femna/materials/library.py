"""The shipped materials: one TOML file each, every value with its unit, its source and its provenance.

A value is `measured` (read from a publication), `derived` (computed from measured values, the way is said) or `assumed`
(everything else, and everything computed from an assumed value; the source then says why this number).
"""

from __future__ import annotations

import copy
import tomllib
from functools import cache
from importlib import resources

PROPERTIES: dict[str, str] = {
    "diffusivity": "m^2/s",
    "anion_diffusivity": "m^2/s",
    "transference_number": "1",
    "ionic_conductivity": "S/m",
    "electronic_conductivity": "S/m",
    "concentration": "mol/m^3",
    "molar_volume": "m^3/mol",
    "activation_energy": "J/mol",
    "reference_temperature": "K",
    "sodium_capacity": "mol/m^3",
    "sodium_potential": "V",
    "uptake_exchange_current": "A/m^3",
    "youngs_modulus": "Pa",
    "poisson_ratio": "1",
}
"""The properties a material may have, and their SI units."""

PROVENANCES: tuple[str, ...] = ("measured", "derived", "assumed")
"""How a shipped value is known; a case file adds `user` for a bare value of its own."""

type Library = dict[str, dict[str, dict[str, str | float]]]
"""Material name -> property -> {"value", "source", "provenance"}."""


@cache
def _read() -> Library:
    files = sorted(resources.files(__package__).iterdir(), key=lambda file: file.name)
    tables = [file for file in files if file.name.endswith(".toml")]
    return {table.name.removesuffix(".toml"): tomllib.loads(table.read_text(encoding="utf-8")) for table in tables}


def load_library() -> Library:
    """The library as written: material name -> property -> {"value", "source", "provenance"}.

    A value is a string with its unit ("1e-10 m^2/s"), or a bare number where the property has none. The caller gets a
    copy that it may change.
    """
    return copy.deepcopy(_read())
