"""Metal that is left where it does not belong: above the initial front, and cut off from the collector."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.analysis.snapshot import VTK_SIMPLEX, Snapshot, from_grid, snapshot, stored_time
from femna.analysis.stored_run import SAME_DIGITS
from femna.diagnostics.connection import reached
from femna.errors import BadInput
from femna.geometry.phases import conducting_layers

if TYPE_CHECKING:
    import pyvista

    from femna.analysis.stored_run import StoredRun

CELL_SIZE = ("Length", "Area", "Volume")
"""VTK's names of the sizes of lines, faces and solids."""


@dataclass(frozen=True)
class LeftMetal:
    """Volumes of metal, xi > 1/2, over the projected area.

    Args:
        disconnected: of the metal that the collector does not reach, m.
        above: of the metal above the initial front, m.
    """

    disconnected: float
    above: float


def disconnected(run: StoredRun, time: float | None = None) -> float | None:
    """Metal that the collector does not reach, in a stored output.

    Args:
        run: the run.
        time: simulated time of the output, s; None for the last one.

    Returns:
        Volume over projected area, m; None when no output is stored at that time, or when it or the case cannot
        be read.
    """
    try:
        moment = stored_time(run, time)
        if time is not None and abs(moment - time) > SAME_DIGITS * time:
            return None
        case = run.case
        return disconnected_metal(snapshot(run, moment), case.surface.position, conducting_layers(case)).disconnected
    except BadInput:
        return None


def disconnected_metal(
    output: Snapshot | pyvista.UnstructuredGrid, position: float, conducting: Collection[int] = ()
) -> LeftMetal:
    """What the collector (the lowest plane) does not reach through metal, and what lies above a height.

    The metal is xi > 1/2 with xi linear in each cell, so both volumes are exact for the stored field.

    Args:
        output: a stored output.
        position: height of the initial front above the collector plane, m.
        conducting: indices of the layers that carry electrons to the metal as well.

    Returns:
        The two volumes.
    """
    snap = output if isinstance(output, Snapshot) else from_grid(output, 0.0, "the mesh")
    xi = snap.values["xi"]
    cells = np.flatnonzero((xi[snap.cells] > 0.5).any(axis=1))
    if not len(cells):
        return LeftMetal(0.0, 0.0)
    # All metal of one cell is connected: its label is that of any node of metal.
    node = snap.cells[cells, xi[snap.cells[cells]].argmax(axis=1)]
    carries = np.isin(snap.layer, list(conducting))
    loose = ~reached(snap.points, snap.cells, xi > 0.5, carries)[node]
    # VTK's sizes of cells have an absolute threshold: lengths are counted in sizes of a cell
    unit = float(np.median(snap.measure)) ** (1.0 / snap.dim)
    metal = _grid(snap, cells, loose, unit).clip_scalar(scalars="xi", value=0.5, invert=False)
    above = metal.clip_scalar(scalars="height", value=position / unit, invert=False)
    per_area = unit**snap.dim / float(np.prod(np.ptp(snap.points[:, :-1], axis=0)))
    cut_off = _sizes(metal, snap.dim)[np.asarray(metal.cell_data["loose"], bool)]
    return LeftMetal(float(cut_off.sum()) * per_area, float(_sizes(above, snap.dim).sum()) * per_area)


def _grid(snap: Snapshot, cells: NDArray[np.int64], loose: NDArray[np.bool_], unit: float) -> pyvista.UnstructuredGrid:
    """Some cells (K,) of a snapshot as a mesh of VTK: lengths over `unit` (m), point arrays xi and height, cell array
    loose (K,)."""
    import pyvista

    padded = np.zeros((len(snap.points), 3))
    padded[:, : snap.dim] = snap.points / unit
    kind = next(vtk for vtk, dim in VTK_SIMPLEX.items() if dim == snap.dim)
    grid = pyvista.UnstructuredGrid({kind: snap.cells[cells]}, padded)
    grid.point_data.update({"xi": snap.values["xi"], "height": snap.points[:, -1] / unit})
    grid.cell_data["loose"] = loose.astype(np.uint8)
    return grid


def _sizes(grid: pyvista.UnstructuredGrid, dim: int) -> NDArray[np.float64]:
    """(M,) length, area or volume of the cells, in the unit of the mesh."""
    if not grid.n_cells:
        return np.zeros(0)
    wanted = {name.lower(): name == CELL_SIZE[dim - 1] for name in CELL_SIZE}
    return np.abs(np.asarray(grid.compute_cell_sizes(**wanted).cell_data[CELL_SIZE[dim - 1]]))
