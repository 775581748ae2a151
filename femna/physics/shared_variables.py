"""The variables that both models have."""

from __future__ import annotations

from femna.contract.variables import Variable
from femna.fields import Field

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

CONCENTRATION = Variable(
    Field(
        "c",
        "Na$^+$ concentration",
        r"$c$",
        unit="mol/m^3",
        shown_unit="mol/L",
        shown_scale=1e-3,
        colour_map="viridis",
        domain="electrolyte",
    ),
    initial=1.0,
)
"""c~ = c/c0 in the state, c in the files."""
