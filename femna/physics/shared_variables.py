"""The variables that both models have."""

from __future__ import annotations

from femna.contract.variables import Variable
from femna.fields import Field

ORDER_PARAMETER = Variable(
    Field("xi", "Order parameter", r"$\xi$", "1", "", 1.0, "bone_r", (0.0, 1.0)), bounds=(0.0, 1.0), slack=1e-3
)
"""xi: 1 in the metal, 0 elsewhere."""

CONCENTRATION = Variable(
    Field("c", "Na$^+$ concentration", r"$c$", "mol/m^3", "mol/L", 1e-3, "viridis", domain="electrolyte"), initial=1.0
)
"""c~ = c/c0 in the state, c in the files."""
