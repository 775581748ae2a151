"""Electrons of the two-potential model: div(sigma_s grad phi_s) = -(reaction), in the metal and where layers conduct.

The front's reaction needs electrons as far out as its tail reaches, and takes them at the metal's potential. In a layer
that conducts none they follow the metal's share p. In one that does, so would the current to its other face, by a path
that the tail has shortened: there the metal's conductivity reaches to TAIL_REACH beyond xi = 1/2, and the resistance
that this takes away is laid behind it, over as much again. The path is then as long as from xi = 1/2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.process import Process
from femna.contract.variables import Variable
from femna.fields import Field
from femna.geometry.phases import CONDUCTS, electronic_conductivities
from femna.kernels import kernel
from femna.physics.cell_stack import bearing_heights
from femna.physics.ion_transport.kinds import best_ionic_conductivity

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

LEAST_CONDUCTIVITY = 1e-9
"""Electronic conductivity (S/m) of what conducts no electrons: a grain of metal without contact stays without."""

LARGEST_CONTRAST = 1e4
"""The metal conducts so much better than the best ionic conductor: enough to be an equipotential (2e-5 of its drop)."""

TAIL_REACH = 2.0
"""How far beyond xi = 1/2 the front's reaction is served in a layer that conducts electrons, in units of l: there is
1e-3 of it (cubic p) beyond."""

FACE_REACH = 1e-3
"""The same beside a face: the metal ends at xi = 1/2."""


@kernel
def _resistivities(edges: Ints, distance: Array, reaches: Array, metal: float, layer: float) -> Array:
    """Mean resistivity along each edge, (E,) in ohm m, of 1/metal, 2/layer and 1/layer beyond -reach and -2 reach."""
    result = np.empty(edges.shape[0])
    for e in range(edges.shape[0]):
        reach = reaches[e]
        low, high = distance[edges[e, 0]], distance[edges[e, 1]]
        if low > high:
            low, high = high, low
        # each zone apart: of ends that lie close together differences are rounding, which the metal's 1e-9 ohm m show
        if low >= -reach:
            result[e] = 1.0 / metal
        elif high <= -2.0 * reach:
            result[e] = 1.0 / layer
        elif high <= -reach and low >= -2.0 * reach:
            result[e] = 2.0 / layer
        else:
            inside = max(high + reach, 0.0)
            beyond = max(-2.0 * reach - low, 0.0)
            between = min(high, -reach) - max(low, -2.0 * reach)
            result[e] = (inside / metal + 2.0 * between / layer + beyond / layer) / (high - low)
    return result


PHI_S = Field(
    "phi_s",
    "Electronic potential",
    r"$\phi_s$",
    unit="V",
    shown_unit="mV",
    shown_scale=1e3,
    colour_map="cividis",
    limits=None,
    domain="electron conductors",
    least_range=0.02,
)


class Electrons(Process):
    """Conductances on a grid. What forms on a face is no tail of a front, and the layer serves it where it is: little
    of it is no sheet of metal yet.

    Args:
        grid: the mesh.
        metal: electronic conductivity of the metal, S/m.
        conductivity: electronic, of each phase as `grid.layer` counts them, S/m.
        leads: which of the phases conduct electrons to where metal may grow.
        best_ionic: conductivity of the best ionic conductor, S/m.
        width: l of the front, m.
        faces: nodes on whose layer metal may grow, (N,); none by default.
    """

    name = "electrons"

    def __init__(
        self,
        grid: Grid,
        *,
        metal: float,
        conductivity: Array,
        leads: Mask,
        best_ionic: float,
        width: float,
        faces: Mask | None = None,
    ) -> None:
        self.grid, self.metal = grid, min(metal, LARGEST_CONTRAST * best_ionic)
        on_face = np.zeros(grid.size, dtype=bool) if faces is None else faces
        self._phases = []
        self._reaches = np.where(on_face[grid.edges].any(axis=1), FACE_REACH * width, TAIL_REACH * width)
        for index, (sigma, leading) in enumerate(zip(conductivity, leads, strict=True)):
            weight = grid.edge_weight((grid.layer == index).astype(float))
            self._phases.append((weight, min(max(float(sigma), LEAST_CONDUCTIVITY), self.metal), bool(leading)))

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        """The electronic potential."""
        return (Variable(PHI_S),)

    @classmethod
    def properties_read(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """The metal's electronic conductivity."""
        return ("electronic_conductivity",) if layer_name == case.layer_names[0] else ()

    @classmethod
    def optional_properties(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """The electronic conductivity of every layer; a layer without one has none."""
        return ("electronic_conductivity",)

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        """The electrons of a case."""
        electronic, near = np.array(electronic_conductivities(case)), 1e-9 * case.height
        floors = np.round(np.array(bearing_heights(case)) / near)
        return cls(
            grid,
            metal=case.property(case.layer_names[0], "electronic_conductivity"),
            conductivity=electronic,
            leads=electronic > CONDUCTS,
            best_ionic=best_ionic_conductivity(case),
            width=case.interface.width,
            faces=np.isin(np.round(grid.points[:, -1] / near), floors),
        )

    def conductances(self, fraction: Array, distance: Array) -> Array:
        """Edge conductances, (E,) in S m^(d-2), for the metal fraction p and the signed distance at the nodes."""
        edges = self.grid.edges
        share = 0.5 * (fraction[edges[:, 0]] + fraction[edges[:, 1]])
        total = np.zeros(len(edges))
        for weight, sigma, leads in self._phases:
            if leads:
                total += weight / _resistivities(edges, distance, self._reaches, self.metal, sigma)
            else:
                total += weight * (share * self.metal + (1.0 - share) * sigma)
        return total
