"""Transport of the metal's ions: the Nernst-Planck equation of paper A, equation (5), its left side put right (dc/dt).

    d c/dt = div[D (grad c + (zF/RT) c grad phi)] - c_s ds/dt,   D = (1 - h) D_layer + h D_metal

s is the metal content whose growth takes ions out of solution: xi itself (equation (5)) or h(xi) (charge-consistent).
The flux is edge-averaged (Scharfetter-Gummel): c stays non-negative where the sink does not exceed what is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.process import Process
from femna.contract.state import State
from femna.contract.variables import Conserved, Scalar, Variable
from femna.fields import Field
from femna.geometry.initial_surface import initial_metal
from femna.mesh import edges
from femna.physics.interpolation import INTERPOLATIONS, LINEAR, Interpolation
from femna.physics.layer_properties import of_layers
from femna.physics.shared_variables import concentration

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]


CONTENT = Field(
    "content", "Metal content", r"$s$", unit="1", shown_unit="", shown_scale=1.0, colour_map="bone_r", limits=(0.0, 1.0)
)


class Transport(Process):
    """The terms of equation (5) on a grid, for the relative concentration c~ = c/c0.

    layer_diffusivity: D of each cell's layer, (M,) in m^2/s; metal_diffusivity in m^2/s; thermal_voltage RT/(zF) in V;
    site_ratio c_s/c0.
    """

    name = "Nernst-Planck transport"

    def __init__(
        self,
        grid: Grid,
        *,
        layer_diffusivity: Array,
        metal_diffusivity: float,
        thermal_voltage: float,
        site_ratio: float,
        content: Interpolation = LINEAR,
        concentration: float = 1.0,
        start: Array | None = None,
    ) -> None:
        """Args as above; content: s(xi); concentration: c0 in mol/m^3, for the output; start: c~ at the start, (N,)."""
        self.grid, self.content = grid, content
        self.concentration, self.start = concentration, start
        self.thermal_voltage = thermal_voltage
        self.site_ratio = site_ratio
        self._in_layers = grid.edge_weight(layer_diffusivity)
        self._at_nodes = grid.lumped(layer_diffusivity) / grid.volume
        self._metal = metal_diffusivity
        self._metal_excess = metal_diffusivity * grid.weight - self._in_layers

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        """c~ and the metal content s."""
        return concentration(case), Variable(CONTENT, is_output=False)

    @classmethod
    def properties_read(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """The diffusivity of every layer, the metal's molar volume, c0 of the last layer."""
        first, *_, last = case.layer_names
        keys = ("molar_volume", "diffusivity") if layer_name == first else ("diffusivity",)
        return (*keys, "concentration") if layer_name == last else keys

    @classmethod
    def keys_read(cls, case: Case) -> tuple[str, ...]:
        """What the reaction takes from the ions."""
        return ("transport.sink",)

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        """The transport of a case: c0 in the electrolyte at the start, 0 in the metal (paper A, 2.4.2)."""
        interpolation = INTERPOLATIONS[case.interface.interpolation]
        return cls(
            grid,
            layer_diffusivity=of_layers(case, grid, "diffusivity"),
            metal_diffusivity=case.property(case.layer_names[0], "diffusivity"),
            thermal_voltage=case.thermal_voltage,
            site_ratio=case.site_density / case.salt_concentration,
            content=LINEAR if case.transport.sink == "xi" else interpolation,
            concentration=case.salt_concentration,
            start=1.0 - interpolation.h(initial_metal(case, grid.points)),
        )

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """Ions that have entered."""
        return (Scalar("ions_in", "c0 m^d", "the metal's ions that entered through the boundary since the start"),)

    def initial(self) -> dict[str, Array]:
        """c~ at the start."""
        return {} if self.start is None else {"c": self.start}

    def conserved(self) -> tuple[Conserved, ...]:
        """The metal: c~ + (c_s/c0) s, in c0 m^d."""
        return (Conserved("sodium", "c0 m", self._sodium, lambda state: state.scalars["ions_in"]),)

    def _sodium(self, state: State) -> float:
        return self.grid.integral(state["c"] + self.site_ratio * state["content"])

    def output(self, state: State) -> dict[str, Array]:
        """c in mol/m^3."""
        return {"c": state["c"] * self.concentration}

    def rates(self, fraction: Array, potential: Array) -> tuple[Array, Array]:
        """Edge rates of drift and diffusion.

        Args:
            fraction: (E,), the metal fraction h on the edges.
            potential: (N,), phi in V.

        Returns:
            p and q of the flux p c_i - q c_j, (E,) each in m^d/s.
        """
        diffusivity = self._in_layers + fraction * self._metal_excess
        return edges.scharfetter_gummel_rates(self.grid.edges, diffusivity, potential / self.thermal_voltage)

    def nodal_diffusivity(self, fraction: Array) -> Array:
        """D at the nodes, (N,) in m^2/s, for the nodal metal fraction h: the mean of the cells around."""
        return (1.0 - fraction) * self._at_nodes + fraction * self._metal

    def terms(self, c: Array, rates: tuple[Array, Array], content_rate: Array) -> dict[str, Array]:
        """The terms of the equation as nodal sums, whose total is volume * d c~/dt.

        Args:
            c: (N,), c~.
            rates: p and q, (E,) each in m^d/s.
            content_rate: (N,), ds/dt, 1/s.

        Returns:
            For each term this rank's share, (N,) in m^d/s.
        """
        return {
            "drift and diffusion": -edges.flux_divergence(self.grid.edges, *rates, c),
            "deposition": -self.grid.owned_volume * self.site_ratio * content_rate,
        }
