"""The metals that femna knows by name: how texts and figures call them and their ions."""

from __future__ import annotations

from dataclasses import dataclass

KNOWN: dict[str, tuple[str, str]] = {
    "na": ("Na", "sodium"),
    "li": ("Li", "lithium"),
    "k": ("K", "potassium"),
    "zn": ("Zn", "zinc"),
}
"""Symbol and name of the metals of the library, by the name of their material."""

DEFAULT_METAL = "na"
"""The metal of a case that names none."""


@dataclass(frozen=True)
class Metal:
    """A metal as texts and figures call it.

    Args:
        material: name of its material.
        valence: z, the charge number of its ion.
    """

    material: str
    valence: int

    @property
    def symbol(self) -> str:
        """ "Na"; the material's name for a metal that is not of the library."""
        return KNOWN[self.material][0] if self.material in KNOWN else self.material

    @property
    def name(self) -> str:
        """ "sodium"; the material's name for a metal that is not of the library."""
        return KNOWN[self.material][1] if self.material in KNOWN else self.material

    @property
    def ion(self) -> str:
        """ "Na+" or "Zn2+"."""
        return f"{self.symbol}{self.valence if self.valence > 1 else ''}+"

    @property
    def ion_label(self) -> str:
        """The ion as matplotlib sets it: "Na$^+$", "Zn$^{2+}$"."""
        charge = f"{{{self.valence}+}}" if self.valence > 1 else "+"
        return f"{self.symbol}$^{charge}$"
