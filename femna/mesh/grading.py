"""How large a cell may be at which height: fine where the front is and will be, geometrically coarser away from it.

The size is h(z) = min(cap, min over bands (size + SIZE_GROWTH * distance to the band)), piecewise linear in z. Because
it grows linearly with distance, neighbouring cells differ by the constant factor exp(SIZE_GROWTH) = 1.22.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput
from femna.geometry.initial_surface import front_range

if TYPE_CHECKING:
    from femna.case import Case

SIZE_GROWTH = 0.2
"""Growth of the cell size with distance from the fine zone, dh/dz."""
MAX_SIZE_RATIO = 8.0
"""Size of the largest cell, in fine cells."""
MAX_SIZE_RATIO_1D = 4.0
"""The same in 1D, where cells cost next to nothing: beside a salt that changes, the voltage of a cell of 200 um is good
to 0.04 % with it, with 8 to 0.07 %."""
MIN_CELLS_ABOVE_FINE_ZONE = 12
"""Smallest number of cells across the region above the fine zone."""
MIN_CELLS_PER_LAYER = 4
"""Smallest number of cells across a layer."""
FINE_ZONE_MARGIN = 4.0
"""Distance of the fine zone's ends from the initial front, in interface widths l; xi is 0 or 1 to 4e-4 there."""
MAX_CELLS = 20_000_000
"""Largest number of cells of a mesh that is made; a case that needs more is refused."""
SLOW_MESHING_CELLS = 500_000
"""Number of cells from which on meshing takes so long that the user is told."""

_TRIANGLES_PER_SQUARED_SIZE = 4.0 / np.sqrt(3.0)  # number of equilateral triangles per area, times edge length squared
_TETRAHEDRA_PER_BRICK = 6

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """Between the heights `low` and `high` (m) cells are at most `size` (m)."""

    low: float
    high: float
    size: float


@dataclass(frozen=True)
class Grading:
    """The cell size over the height 0 <= z <= height (m)."""

    height: float
    cap: float
    bands: tuple[Band, ...]

    def size(self, z: Floats) -> Floats:
        """Largest allowed cell at some heights.

        Args:
            z: (N,), heights in m.

        Returns:
            (N,), in m.
        """
        h = np.full(np.shape(z), self.cap)
        for band in self.bands:
            distance = np.maximum(np.maximum(band.low - z, z - band.high), 0.0)
            h = np.minimum(h, band.size + SIZE_GROWTH * distance)
        return h

    def kinks(self) -> Floats:
        """Heights (K,) in m, ascending, between which `size` is linear; first 0, last `height`."""
        # Every kink is an end of a band or the crossing of two of the lines (slope, intercept) that h is made of.
        lines = [(0.0, self.cap)]
        ends = [0.0, self.height]
        for b in self.bands:
            lines += [
                (0.0, b.size),
                (-SIZE_GROWTH, b.size + SIZE_GROWTH * b.low),
                (SIZE_GROWTH, b.size - SIZE_GROWTH * b.high),
            ]
            ends += [b.low, b.high]
        slope, intercept = np.array(lines).T
        i, j = np.nonzero(slope[:, None] < slope[None, :])
        crossings = (intercept[i] - intercept[j]) / (slope[j] - slope[i])
        z = np.concatenate([ends, crossings])
        return np.unique(z[(z >= 0.0) & (z <= self.height)])

    def planes(self, low: float, high: float) -> Floats:
        """Heights that cut an interval into cells no taller than `size`.

        The cells are equal parts of the integral of dz/h, which is exact on each linear piece of h.

        Args:
            low: lower end, m.
            high: upper end, m.

        Returns:
            (n+1,), in m, both ends included.
        """
        z = self.kinks()
        z = np.concatenate([[low], z[(z > low) & (z < high)], [high]])
        h = self.size(z)
        rate = np.diff(h) / np.diff(z)
        count = _pieces(z, h, 1)
        total = np.concatenate([[0.0], np.cumsum(count)])
        n = max(1, int(np.ceil(total[-1] - 1e-9)))
        wanted = np.linspace(0.0, total[-1], n + 1)[1:-1]
        piece = np.clip(np.searchsorted(total, wanted, side="right") - 1, 0, len(count) - 1)
        rest, s = wanted - total[piece], rate[piece]
        flat = np.abs(s) < 1e-12
        grown = np.where(flat, rest, np.expm1(s * rest) / np.where(flat, 1.0, s))
        return np.concatenate([[low], z[piece] + h[piece] * grown, [high]])

    def integral(self, power: int) -> float:
        """Integral of dz/h^power over the height.

        Args:
            power: 1 (the number of cells on a vertical line) or 2.

        Returns:
            The integral in m^(1 - power).
        """
        z = self.kinks()
        return float(_pieces(z, self.size(z), power).sum())


def _pieces(z: Floats, h: Floats, power: int) -> Floats:
    """Integrals of dz / h^power over the intervals between z (K,), on which h is linear."""
    length, a, b = np.diff(z), h[:-1], h[1:]
    if power == 2:
        return length / (a * b)
    change = (b - a) / a
    flat = np.abs(change) < 1e-12
    return length / a * np.where(flat, 1.0, np.log1p(change) / np.where(flat, 1.0, change))


def grading(case: Case) -> Grading:
    """The grading of a case's stack.

    Cells have the size `case.fine_cell` from FINE_ZONE_MARGIN interface widths below the lowest point of the initial
    front (from the collector when the protocol strips metal, or when a layer takes up sodium) up to
    `case.front_zone_top`, at least FINE_ZONE_MARGIN widths above the highest point. Beyond, they grow by SIZE_GROWTH up
    to MAX_SIZE_RATIO fine cells, in 1D MAX_SIZE_RATIO_1D. In 1D, where that takes 10 cells, they are fine at a metal
    counter beside a salt too: its concentration changes there as fast as at the front.

    Raises:
        BadInput: the initial front does not fit in the stack.
    """
    return _around(case, *front_range(case))


def _around(case: Case, lowest: float, highest: float) -> Grading:
    """The grading for an initial front between two heights, m."""
    fine, height = case.fine_cell, case.height
    tail = FINE_ZONE_MARGIN * case.interface.width
    strips = any(step.value is not None and step.value < 0 for step in case.steps())
    low = 0.0 if strips or case.filling_layers else max(0.0, lowest - tail)
    high = min(height, max(case.front_zone_top, highest + tail))
    bands = [Band(low, high, fine)]
    if high < height:
        bands.append(Band(high, height, max(fine, (height - high) / MIN_CELLS_ABOVE_FINE_ZONE)))
    if case.geometry.dim == 1 and case.counter.kind == "metal" and case.transport.kind != "single_ion":
        bands.append(Band(height, height, fine))
    for name in case.layer_names:
        z0, z1 = case.interval(name)
        bands.append(Band(z0, z1, (z1 - z0) / MIN_CELLS_PER_LAYER))
    cap = (MAX_SIZE_RATIO_1D if case.geometry.dim == 1 else MAX_SIZE_RATIO) * fine
    return Grading(height, cap, tuple(b for b in bands if b.size < cap))


def lateral_counts(case: Case) -> tuple[int, ...]:
    """Number of uniform cells along each lateral axis of a structured mesh."""
    sizes = (case.geometry.width, case.geometry.depth)[: case.geometry.dim - 1]
    return tuple(max(1, int(np.ceil(size / case.fine_cell - 1e-9))) for size in sizes)


def estimate_cells(case: Case, sizes: Grading) -> float:
    """Approximate number of cells of a stack's mesh, without building it; infinite where it exceeds all floats."""
    with np.errstate(all="ignore"):
        if case.geometry.dim == 2:
            return float(_TRIANGLES_PER_SQUARED_SIZE * case.geometry.width * sizes.integral(2))
        cells = sizes.integral(1)
        if case.geometry.dim == 3:
            sides = np.array([case.geometry.width, case.geometry.depth])
            cells *= float(_TETRAHEDRA_PER_BRICK * np.maximum(np.ceil(sides / case.fine_cell - 1e-9), 1.0).prod())
        return float(cells)


def bearable_grading(case: Case) -> Grading:
    """The grading of a case's stack, if the mesh can be made.

    The number of cells is estimated first with a flat front, for which no surface has to be computed.

    Raises:
        BadInput: the mesh would have more than MAX_CELLS cells, or the initial front does not fit in the stack.
    """
    _refuse_too_many(case, estimate_cells(case, _around(case, case.surface.position, case.surface.position)))
    sizes = grading(case)
    _refuse_too_many(case, estimate_cells(case, sizes))
    return sizes


def _refuse_too_many(case: Case, cells: float) -> None:
    """Raises BadInput for a mesh of more than MAX_CELLS cells."""
    if not cells <= MAX_CELLS:
        lateral = {1: "", 2: ", or a smaller geometry.width", 3: ", or a smaller geometry.width and .depth"}
        millions = f"{cells / 1e6:.0f}" if cells < 1e12 else f"{cells / 1e6:.2g}"
        raise BadInput(
            f"{case.name}: the mesh would have about {millions} million cells, more than the"
            f" {MAX_CELLS / 1e6:.0f} million allowed; choose a larger numerics.cell_size or a smaller"
            f" numerics.resolution, a lower geometry.front_zone{lateral[case.geometry.dim]}"
        )
