"""Smallest and largest concentrations of the ions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from femna.columns import Column
from femna.contract.diagnostic import Diagnostic, Observation
from femna.contract.models import Model
from femna.mesh.grid import Grid

if TYPE_CHECKING:
    from femna.case.model import Case


class Concentrations(Diagnostic):
    """Extremes of c.

    Args:
        grid: the mesh.
        salt_concentration: c0, mol/m^3.
    """

    columns = (
        Column("Minimum concentration [mol.m-3]", "Smallest c where xi < 1/2"),
        Column("Minimum concentration anywhere [mol.m-3]", "Smallest c, in the metal too"),
        Column("Maximum concentration [mol.m-3]", "Largest c", summary_key="concentration_max_mol_m3"),
    )

    def __init__(self, grid: Grid, salt_concentration: float) -> None:
        self.grid, self.salt_concentration = grid, salt_concentration

    @classmethod
    def build(cls, case: Case, model: Model) -> Self:
        """By c0 of the case."""
        return cls(model.grid, case.salt_concentration)

    def row(self, observation: Observation) -> dict[str, float]:
        """Over the nodes of all ranks. Collective."""
        grid, state = self.grid, observation.state
        c, liquid = state["c"][: grid.owned], state["xi"][: grid.owned] < 0.5
        extremes = grid.max(-c[liquid].min(initial=np.inf), -c.min(initial=np.inf), c.max(initial=-np.inf))
        extremes = extremes * self.salt_concentration
        return {
            "Minimum concentration [mol.m-3]": -extremes[0],
            "Minimum concentration anywhere [mol.m-3]": -extremes[1],
            "Maximum concentration [mol.m-3]": extremes[2],
        }
