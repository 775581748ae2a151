"""What gmsh is asked for: the numbers of one stack and of the cells in it, without the case they come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SizeBox:
    """Between the heights `low` and `high` (m) triangles have edges of `size` (m); the size grows over `margin` (m)."""

    low: float
    high: float
    size: float
    margin: float


@dataclass(frozen=True)
class StackPlan:
    """One stack to be meshed. It travels to the process that meshes, so it holds plain numbers and texts alone.

    Attributes:
        case: the name of the case, for messages.
        layers: names of the layers, from the collector upwards.
        faces: (L+1,), heights of the collector, the faces of the layers and the counter, m.
        sides: lengths of the box along the lateral axes, m; empty in 1D.
        counts: number of cells along each lateral axis of a structured mesh; empty in 1D.
        planes: (L arrays), heights in m that cut each layer of a structured mesh into cells, ends included.
        boxes: sizes of the triangles of a 2D mesh.
        largest: the largest edge of a triangle, m.
    """

    case: str
    layers: tuple[str, ...]
    faces: tuple[float, ...]
    sides: tuple[float, ...]
    counts: tuple[int, ...]
    planes: tuple[Floats, ...]
    boxes: tuple[SizeBox, ...]
    largest: float

    @property
    def dim(self) -> int:
        """Number of dimensions."""
        return len(self.sides) + 1

    def lattice(self) -> list[Floats]:
        """The coordinates (m) of a structured mesh along each axis."""
        lateral = [np.linspace(0.0, size, count + 1) for size, count in zip(self.sides, self.counts, strict=True)]
        return [*lateral, np.unique(np.concatenate(self.planes))]


@dataclass(frozen=True)
class StackMesh:
    """The simplex mesh of a stack.

    Attributes:
        points: (N, d), coordinates in m; the growth direction is the last one.
        cells: (M, d+1), node numbers of positively oriented simplices.
        layer: (M,), index into `case.phases`: the layers, and after them the grain boundaries of layers with grains.
    """

    points: Floats
    cells: NDArray[np.int64]
    layer: NDArray[np.int32]
