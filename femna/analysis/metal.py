"""Metal that is left where it does not belong: above the front of the start, and cut off from the collector."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from femna.analysis.snapshot import Snapshot, from_grid
from femna.diagnostics.connection import reached

if TYPE_CHECKING:
    import pyvista

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class LeftMetal:
    """Volumes of xi > 1/2 over the projected area, m: cut off from the collector, and above the front of the start."""

    disconnected: float
    above: float


def disconnected_metal(
    output: Snapshot | pyvista.UnstructuredGrid, position: float, conducting: Collection[int] = ()
) -> LeftMetal:
    """What the collector (the lowest plane) does not reach through metal, and what lies above `position` (m).

    The metal is xi > 1/2 with xi linear in each cell, so both are exact for the stored field. conducting: layers that
    carry electrons to the metal as well.
    """
    snap = output if isinstance(output, Snapshot) else from_grid(output, 0.0, "the mesh")
    xi = snap.values["xi"]
    cells = np.flatnonzero((xi[snap.cells] > 0.5).any(axis=1))
    corners = np.concatenate([snap.points, xi[:, None]], axis=1)[snap.cells[cells]]
    metal, origin = clip(corners, snap.dim, 0.5)
    # every node of a cell that is metal has the one label of that cell's metal
    node = snap.cells[cells, xi[snap.cells[cells]].argmax(axis=1)]
    carries = np.isin(snap.layer, list(conducting))
    loose = ~reached(snap.points, snap.cells, xi > 0.5, carries)[node]
    volume = measure(metal, snap.dim)
    above = measure(clip(metal, snap.dim - 1, position)[0], snap.dim).sum()
    area = float(np.prod(np.ptp(snap.points[:, :-1], axis=0)))
    return LeftMetal(float(volume[loose[origin]].sum()) / area, float(above) / area)


def clip(simplices: Array, column: int, level: float) -> tuple[Array, Array]:
    """The parts of simplices (M, d+1, n) in which coordinate `column` exceeds `level`: (K, d+1, n), and whose they are.

    Everything else is linear in the simplices. A cut one is halved at the level, edge by edge, until none is left.
    """
    kept, origins, origin = [], [], np.arange(len(simplices))
    while True:
        gap = simplices[..., column] - level
        some = (gap > 0).any(axis=1)
        cut = some & (gap < 0).any(axis=1)
        kept.append(simplices[some & ~cut])
        origins.append(origin[some & ~cut])
        if not cut.any():
            return np.concatenate(kept), np.concatenate(origins)
        simplices, origin, gap = simplices[cut], origin[cut], gap[cut]
        row, high, low = np.arange(len(gap)), gap.argmax(axis=1), gap.argmin(axis=1)
        top, bottom = simplices[row, high], simplices[row, low]
        middle = top + (gap[row, high] / (gap[row, high] - gap[row, low]))[:, None] * (bottom - top)
        middle[:, column] = level
        upper, lower = simplices.copy(), simplices.copy()
        upper[row, low], lower[row, high] = middle, middle
        simplices, origin = np.concatenate([upper, lower]), np.tile(origin, 2)


def measure(simplices: Array, dim: int) -> Array:
    """(M,) length, area or volume of simplices (M, dim+1, >= dim), m^dim."""
    edges = simplices[:, 1:, :dim] - simplices[:, :1, :dim]
    return np.asarray(np.abs(np.linalg.det(edges)) / math.factorial(dim))
