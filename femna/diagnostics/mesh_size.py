"""Size of the mesh."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from femna.columns import Column
from femna.contract.diagnostic import Diagnostic, Observation
from femna.contract.models import Model

if TYPE_CHECKING:
    from femna.case.model import Case


class MeshSize(Diagnostic):
    """Number of nodes.

    Args:
        nodes: of the whole mesh.
    """

    columns = (Column("Nodes [-]", "Nodes of the whole mesh", is_count=True),)

    def __init__(self, nodes: int) -> None:
        self.nodes = nodes

    @classmethod
    def build(cls, case: Case, model: Model) -> Self:
        """Of the model's grid."""
        return cls(model.grid.total)

    def row(self, observation: Observation) -> dict[str, float]:
        """The number."""
        return {"Nodes [-]": float(self.nodes)}
