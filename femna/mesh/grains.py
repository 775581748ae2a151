"""Grains of a ceramic: Voronoi cells of points drawn from a seed, and which cells of the mesh are grain boundary.

A boundary, some nanometres in nature, is a band of cells here: what counts of it is conductivity times width along it,
and width over conductivity across it. Nothing depends on the mesh or on ranks but the edge of the band.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from femna.case import Case

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MARGIN = 2.0
"""Points are drawn this many grain sizes beyond layer and box, whose faces then cut grains as any plane does."""
NEIGHBOURS = 24
"""Nearest points among which the two sides of the nearest boundary are sought."""
_CHUNK = 65536  # points evaluated at a time, to bound memory


@dataclass(frozen=True)
class Polycrystal:
    """Grains of one layer. points (n, d) in m: each grain is what lies nearer to its point than to any other."""

    points: Floats

    def boundary_distance(self, places: Floats) -> Floats:
        """Distance (N,) in m of places (N, d) to the nearest grain boundary; infinite where there is one grain."""
        from scipy.spatial import cKDTree  # slow to load

        count = min(NEIGHBOURS, len(self.points))
        result = np.full(len(places), np.inf)
        if count < 2:
            return result
        tree = cKDTree(self.points)
        for start in range(0, len(places), _CHUNK):
            part = slice(start, start + _CHUNK)
            squares, which = tree.query(places[part], count)
            squares = squares**2
            apart = np.linalg.norm(self.points[which[:, 1:]] - self.points[which[:, :1]], axis=2)
            # the boundary of two grains is the plane half-way between their points
            result[part] = ((squares[:, 1:] - squares[:, :1]) / (2.0 * apart)).min(axis=1)
        return result


def polycrystal(case: Case, layer_name: str) -> Polycrystal:
    """The grains of a layer: points of a uniform random process, one a grain's mean volume (size^d), by `seed`."""
    grains = case.layer[layer_name].grains
    assert grains is not None
    low, high = case.interval(layer_name)
    lateral = (case.geometry.width, case.geometry.depth)[: case.geometry.dim - 1]
    margin = MARGIN * grains.size
    lower = np.array([-margin] * len(lateral) + [low - margin])
    upper = np.array([size + margin for size in lateral] + [high + margin])
    count = max(1, round(float(np.prod((upper - lower) / grains.size))))
    generator = np.random.default_rng([case.random_seed, grains.seed])
    return Polycrystal(lower + generator.random((count, len(lower))) * (upper - lower))


def with_boundaries(case: Case, points: Floats, cells: Ints, layer: NDArray[np.int32]) -> NDArray[np.int32]:
    """The numbers (M,) of the cells' phases (`case.phases`) from those of their layers: a cell is boundary where its
    centre is nearer to one than half of `boundary_width`."""
    phase = layer.copy()
    first = len(case.layer_names)
    for number, (name, _) in enumerate(case.phases[first:], first):
        grains = case.layer[name].grains
        assert grains is not None
        inside = np.flatnonzero(layer == case.layer_names.index(name))
        centres = points[cells[inside]].mean(axis=1)
        near = polycrystal(case, name).boundary_distance(centres) < 0.5 * grains.boundary_width
        phase[inside[near]] = number
    return phase
