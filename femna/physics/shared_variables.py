"""The variables that both models have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from femna.contract.variables import Variable
from femna.fields import Field

if TYPE_CHECKING:
    from femna.case.model import Case

ORDER_PARAMETER = Variable(
    Field(
        "xi",
        "Order parameter",
        r"$\xi$",
        unit="1",
        shown_unit="",
        shown_scale=1.0,
        colour_map="bone_r",
        limits=(0.0, 1.0),
    ),
    bounds=(0.0, 1.0),
    slack=1e-3,
)
"""xi: 1 in the metal, 0 elsewhere."""


def concentration(case: Case) -> Variable:
    """c~ = c/c0 of the metal's ions in the state, c in the files."""
    return Variable(
        Field(
            "c",
            f"{case.metal_names.ion_label} concentration",
            r"$c$",
            unit="mol/m^3",
            shown_unit="mol/L",
            shown_scale=1e-3,
            colour_map="viridis",
            domain="electrolyte",
        ),
        initial=1.0,
    )
