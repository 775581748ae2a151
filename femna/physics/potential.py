"""The one potential of paper A: current continuity with the deposition reaction as its sink.

    div(sigma grad phi) = z F c_s ds/dt,   sigma = (1 - h) sigma_layer + h sigma_metal

(paper A below equation (5); its "R = csz eta F" is z c_s F.) phi is fixed at the collector and at the counter side.
Because one potential spans metal and electrolyte, it is shorted through the diffuse front: the Faradaic and the ohmic
current differ. That is a property of the model, which the charge balance of the history shows (docs/theory/potential.md
has the numbers).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.process import Process
from femna.contract.variables import Variable
from femna.fields import Field
from femna.mesh import edges
from femna.physics.layer_properties import of_layers

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]


PHI = Field(
    "phi", "Potential", r"$\phi$", unit="V", shown_unit="V", shown_scale=1.0, colour_map="cividis", least_range=2e-5
)


class Potential(Process):
    """The terms of current continuity on a grid.

    layer_conductivity: sigma of each cell's layer, (M,) in S/m; metal_conductivity in S/m; charge_density z F c_s in
    C/m^3.
    """

    name = "conduction"

    def __init__(
        self, grid: Grid, *, layer_conductivity: Array, metal_conductivity: float, charge_density: float
    ) -> None:
        self.grid = grid
        self.charge_density = charge_density
        self._in_layers = grid.edge_weight(layer_conductivity)
        self._metal_excess = metal_conductivity * grid.weight - self._in_layers

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        """The potential."""
        return (Variable(PHI),)

    @classmethod
    def properties_read(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """The metal's electronic conductivity, the ionic one of every other layer."""
        return ("electronic_conductivity",) if layer_name == case.layer_names[0] else ("ionic_conductivity",)

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        """The conduction of a case."""
        return cls(
            grid,
            layer_conductivity=of_layers(case, grid, "ionic_conductivity"),
            metal_conductivity=case.property(case.layer_names[0], "electronic_conductivity"),
            charge_density=case.metal_charge,
        )

    def rates(self, fraction: Array) -> Array:
        """Edge conductances.

        Args:
            fraction: (E,), the metal fraction h on the edges.

        Returns:
            (E,), in S m^(d-2).
        """
        return self._in_layers + fraction * self._metal_excess

    def terms(self, phi: Array, rates: Array, content_rate: Array) -> dict[str, Array]:
        """The terms of the equation as nodal sums; their total is zero where phi is free.

        Args:
            phi: (N,), potential, V.
            rates: (E,), edge conductances, S m^(d-2).
            content_rate: (N,), ds/dt, 1/s.

        Returns:
            For each term this rank's share, (N,) in A m^(d-3).
        """
        return {
            "conduction": -edges.flux_divergence(self.grid.edges, rates, rates, phi),
            "deposition": -self.grid.owned_volume * self.charge_density * content_rate,
        }
