"""Height, roughness and length of the front xi = 1/2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from femna.columns import Column
from femna.contract.diagnostic import Diagnostic, FrontShape, Observation
from femna.contract.models import Model
from femna.contract.state import State
from femna.diagnostics.height_map import LateralGrid, height_statistics, rasterise
from femna.diagnostics.marching import front_measure, front_simplices
from femna.parallel import MPI

if TYPE_CHECKING:
    from femna.case.model import Case

Array = NDArray[np.float64]


class FrontMeter:
    """Measures the front of the states of a model.

    Args:
        case: the case; its finest cells are the columns of the height map.
        model: its model.
    """

    def __init__(self, case: Case, model: Model) -> None:
        self.model, self.height = model, case.height
        grid = model.grid
        self.columns = LateralGrid.cover(grid.lower[:-1], grid.upper[:-1], case.fine_cell)

    def shape(self, state: State) -> FrontShape:
        """Shape of the front of a state. Collective."""
        grid, xi = self.model.grid, state["xi"]
        simplices = front_simplices(self.model.places(state), grid.cells, xi)
        heights = rasterise(simplices, self.columns)
        grid.comm.Allreduce(MPI.IN_PLACE, heights, op=MPI.MAX)
        ratio = float(grid.sum(front_measure(simplices))[0]) / self.model.area
        return FrontShape(**height_statistics(np.where(self._full(xi), self.height, heights)), ratio=ratio)

    def _full(self, xi: Array) -> Array | bool:
        """Columns that are metal up to the counter, whatever they cross below: a film has an underside. Collective."""
        grid, at_top = self.model.grid, self.model.counter[: self.model.grid.owned]
        if grid.max(xi[: grid.owned][at_top].max(initial=0.0))[0] < 0.5:
            return False
        from scipy.spatial import cKDTree  # rarely wanted, and slow to load

        parts = grid.comm.allgather((grid.points[: grid.owned][at_top, :-1], xi[: grid.owned][at_top]))
        places, top = (np.concatenate(part) for part in zip(*parts, strict=True))
        nearest = cKDTree(places).query(self.columns.columns)[1] if grid.dim > 1 else np.zeros(1, dtype=int)
        return np.asarray(top[nearest] >= 0.5)


class FrontColumns(Diagnostic):
    """The columns of the front."""

    columns = (
        Column("Mean height [m]", "Mean height of the front above the collector plane", summary_key="height_mean_m"),
        Column("Maximum height [m]", "Height of its highest tip", summary_key="height_max_m"),
        Column("Minimum height [m]", "Height of its deepest valley; 0 where a column has no metal"),
        Column("Roughness Sq [m]", "Root mean square of the heights about their mean", summary_key="roughness_sq_m"),
        Column(
            "Front length ratio [-]", "Length or area of the front over a flat one's", summary_key="front_length_ratio"
        ),
    )

    @classmethod
    def build(cls, case: Case, model: Model) -> Self:
        """Needs nothing of the case."""
        return cls()

    def row(self, observation: Observation) -> dict[str, float]:
        """The shape that was measured."""
        front = observation.front
        return {
            "Mean height [m]": front.mean,
            "Maximum height [m]": front.maximum,
            "Minimum height [m]": front.minimum,
            "Roughness Sq [m]": front.sq,
            "Front length ratio [-]": front.ratio,
        }
