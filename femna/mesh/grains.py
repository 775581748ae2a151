"""Grains of a ceramic: Voronoi cells of points drawn from a seed, and which cells of the mesh are grain boundary.

A grain boundary, some nanometres wide in nature, is a band of cells here. Only conductivity times width (along it) and
width over conductivity (across it) matter. Apart from the edge of the band nothing depends on the mesh or on the ranks.
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

SEED_POINT_MARGIN = 2.0
"""Distance by which points are drawn beyond layer and box, in grain sizes: their faces then cut grains as any plane."""
NEAREST_POINTS = 24
"""Number of nearest points among which the grains on both sides of the nearest boundary are sought."""
_POINTS_AT_A_TIME = 65536  # bounds the memory


@dataclass(frozen=True)
class Polycrystal:
    """Grains of one layer. points (n, d) in m: each grain is what lies nearer to its point than to any other."""

    points: Floats

    def boundary_distance(self, places: Floats) -> Floats:
        """Distance to the nearest grain boundary.

        Args:
            places: (N, d), in m.

        Returns:
            (N,), in m; infinite where there is only one grain.
        """
        from scipy.spatial import cKDTree  # slow to load

        count = min(NEAREST_POINTS, len(self.points))
        result = np.full(len(places), np.inf)
        if count < 2:
            return result
        tree = cKDTree(self.points)
        for start in range(0, len(places), _POINTS_AT_A_TIME):
            part = slice(start, start + _POINTS_AT_A_TIME)
            squares, which = tree.query(places[part], count)
            squares = squares**2
            apart = np.linalg.norm(self.points[which[:, 1:]] - self.points[which[:, :1]], axis=2)
            # The boundary of two grains is the plane half-way between their points.
            result[part] = ((squares[:, 1:] - squares[:, :1]) / (2.0 * apart)).min(axis=1)
        return result


def polycrystal(case: Case, layer_name: str) -> Polycrystal:
    """The grains of a layer: points of a uniform random process, one for each mean volume size^d of a grain.

    Args:
        case: its `random_seed` and the layer's `grains.seed` determine the points.
        layer_name: a layer with grains.
    """
    grains = case.layer[layer_name].grains
    assert grains is not None
    low, high = case.interval(layer_name)
    lateral = (case.geometry.width, case.geometry.depth)[: case.geometry.dim - 1]
    margin = SEED_POINT_MARGIN * grains.size
    lower = np.array([-margin] * len(lateral) + [low - margin])
    upper = np.array([size + margin for size in lateral] + [high + margin])
    count = max(1, round(float(np.prod((upper - lower) / grains.size))))
    generator = np.random.default_rng([case.random_seed, grains.seed])
    return Polycrystal(lower + generator.random((count, len(lower))) * (upper - lower))


def with_boundaries(case: Case, points: Floats, cells: Ints, layer: NDArray[np.int32]) -> NDArray[np.int32]:
    """Mark the cells of grain boundaries: those whose centre is nearer to one than half of `grains.boundary_width`.

    Args:
        case: the case; its `phases` are the layers, and after them the grain boundaries of layers with grains.
        points: (N, d), coordinates in m.
        cells: (M, d+1), node numbers.
        layer: (M,), index of each cell's layer.

    Returns:
        (M,), index of each cell's phase.
    """
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
