"""Columns along the growth axis: multilinear functions of the lateral coordinates on a regular lattice."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class LateralHats:
    """Hat functions over the lateral extent of a mesh, in 1D the constant 1, and their values at its nodes.

    Args:
        measure: integral of each function, (K,) in m^(d-1).
        place: the functions that are not 0 at each node, (N, 2^(d-1)).
        value: what they are there, (N, 2^(d-1)); their sum is 1.
    """

    measure: Array
    place: Ints
    value: Array

    @classmethod
    def over(cls, grid: Grid, spacing: float) -> Self:
        """The functions on a lattice over a mesh.

        Args:
            grid: the mesh.
            spacing: about the distance of the lattice's points, m.
        """
        low, extent = grid.lower[:-1], (grid.upper - grid.lower)[:-1]
        bins = np.maximum(1, np.rint(extent / spacing)).astype(np.int64)
        measure = np.ones(1)
        for width, count in zip(extent, bins, strict=True):
            share = np.full(count + 1, width / count)
            share[[0, -1]] *= 0.5
            measure = np.outer(measure, share).ravel()
        position = (grid.points[:, :-1] - low) / extent * bins
        cell = np.clip(np.floor(position).astype(np.int64), 0, bins - 1)
        beyond = position - cell
        strides = np.array([int(np.prod(bins[axis + 1 :] + 1)) for axis in range(len(bins))], dtype=np.int64)
        corners = [np.array(corner, dtype=np.int64) for corner in itertools.product((0, 1), repeat=len(bins))]
        place = np.stack([((cell + corner) * strides).sum(axis=1) for corner in corners], axis=1)
        value = np.stack([np.where(corner, beyond, 1.0 - beyond).prod(axis=1) for corner in corners], axis=1)
        return cls(measure, place, value)

    def heights(self, grid: Grid, volumes: Array) -> Array:
        """Height over each lattice point of what lies in the mesh, (K,) in m; what is there is kept. Collective.

        Args:
            grid: the mesh.
            volumes: what each node has of it, (N,) in m^d; 0 at ghosts.
        """
        sums = np.bincount(self.place.ravel(), (self.value * volumes[:, None]).ravel(), len(self.measure))
        return np.asarray(grid.comm.allreduce(sums) / self.measure)

    def interpolated(self, heights: Array) -> Array:
        """A function of the lateral coordinates at the nodes, (N,), by its values at the lattice's points, (K,)."""
        return np.asarray((heights[self.place] * self.value).sum(axis=1))
