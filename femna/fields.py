"""One table of fields: what the solver computes, the files store and the pictures show.

Every room of the house looks a field up here, by its key; nothing else knows a unit or a label.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One field of the solution.

    key: name in code and files; symbol: TeX, for labels; unit: of the stored SI values; shown_unit and shown_scale:
    unit in pictures and the factor from SI to it; colour_map: of matplotlib and pyvista alike; limits: fixed range in
    the shown unit, or None for the data's own.
    """

    key: str
    label: str
    symbol: str
    unit: str
    shown_unit: str
    shown_scale: float
    colour_map: str
    limits: tuple[float, float] | None = None


FIELDS: dict[str, Field] = {
    f.key: f
    for f in (
        Field("xi", "Order parameter", r"$\xi$", "1", "", 1.0, "bone_r", (0.0, 1.0)),
        Field("c", "Na$^+$ concentration", r"$c$", "mol/m^3", "mol/L", 1e-3, "viridis"),
        Field("phi", "Potential", r"$\phi$", "V", "V", 1.0, "cividis"),
        Field("phi_l", "Ionic potential", r"$\phi_l$", "V", "mV", 1e3, "cividis"),
        Field("phi_s", "Electronic potential", r"$\phi_s$", "V", "mV", 1e3, "cividis"),
        Field("uptake", "Sodium in the layer", r"$u$", "1", "", 1.0, "YlGnBu", (0.0, 1.0)),
        Field("field", "Field strength", r"$|\nabla\phi|$", "V/m", "mV/µm", 1e-3, "magma"),
        Field("material", "Layer", "", "1", "", 1.0, "Pastel2"),
    )
}

UNKNOWNS = {"single_potential": ("xi", "c", "phi"), "two_potential": ("xi", "c", "phi_l", "phi_s")}
"""The fields each model solves for, in the order in which they are stored."""

UPTAKE = "uptake"
"""Solved for besides where a layer takes up sodium."""
