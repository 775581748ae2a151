"""A uniform nested mesh: the part of a grid that linear systems use, on any number of ranks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from femna.mesh.lattice import Lattice
from femna.parallel import MPI, dolfinx

Array = NDArray[np.float64]


class LatticeGrid:
    """A box of roots, all halved down to the finest cells; the ranks share the roots by slabs along the last axis.

    Every edge has the conductance of the leaves about it, a quarter of each in 3D and a half in 2D.
    """

    def __init__(
        self, comm: MPI.Comm, roots: Sequence[int], root_level: int, size: float = 1.0, aspect: float = 1.0
    ) -> None:
        """Number of roots along each axis, edge of the finest cell in m and what it is along the last axis over it."""
        self.comm, self.dim = comm, len(roots)
        dim, cells = self.dim, np.array(roots) << root_level
        cuts = (np.arange(comm.size + 1) * roots[-1] // comm.size) << root_level
        first, last = cuts[comm.rank : comm.rank + 2]
        top = comm.rank == comm.size - 1
        layer = int(np.prod(cells[:-1] + 1))
        shape = (int(last - first) + 1, *(cells[:-1] + 1)[::-1])
        self.owned = layer * (shape[0] - (0 if top else 1))
        number = np.arange(int(np.prod(shape))).reshape(shape)
        self.size, self.total = number.size, layer * int(cells[-1] + 1)
        ghosts = np.arange(self.owned, self.size) + layer * first
        owners = np.full(len(ghosts), comm.rank + 1, dtype=np.int32)
        self.index_map = (
            dolfinx.common.IndexMap(comm, self.owned, ghosts.astype(np.int64), owners, 3)
            if comm.size > 1
            else dolfinx.common.IndexMap(comm, self.owned)
        )
        self._buffer = dolfinx.la.vector(self.index_map)
        self.global_index = (np.arange(self.size) + layer * first).astype(np.int32)
        self.is_owned = (np.arange(self.size) < self.owned).astype(float)
        places = np.stack(np.unravel_index(np.arange(self.size), shape)[::-1], axis=1)
        places[:, -1] += first
        cell = np.full(dim, size)
        cell[-1] *= aspect
        self.points = places * cell
        position = np.zeros((self.size, 3), dtype=np.int32)
        position[:, :dim] = places
        extent = tuple(int(n) for n in [*cells, 0, 0][:3])
        self.lattice = Lattice(position, np.zeros(self.size, dtype=np.int8), extent, root_level)
        # share of a node's dual cell in each leaf about it: halves per axis
        halves = [np.where((np.arange(n) == 0) | (np.arange(n) == n - 1), 0.5, 1.0) for n in shape[::-1]]
        edges, weights = [], []
        for axis in range(dim):
            along = dim - 1 - axis
            ends = [np.take(number, range(k, shape[along] - 1 + k), axis=along) for k in (0, 1)]
            face = np.ones(ends[0].shape)
            for other in range(dim):
                if other != axis:
                    profile = halves[other].reshape([-1 if k == dim - 1 - other else 1 for k in range(dim)])
                    face = face * profile * cell[other]
            edges.append(np.stack([end.ravel() for end in ends], axis=1))
            weights.append(face.ravel() / cell[axis])
        self.edges, self.weight = np.concatenate(edges).astype(np.int64), np.concatenate(weights)
        share = np.ones(shape)
        for axis in range(dim):
            profile = halves[axis].reshape([-1 if k == dim - 1 - axis else 1 for k in range(dim)])
            share = share * profile * cell[axis]
        self.volume = self.add_up(share.ravel())
        self.lower, self.upper = np.zeros(dim), cells * cell

    def add_up(self, nodal: Array) -> Array:
        """Sum the ranks' contributions to shared nodes."""
        self._buffer.array[:] = nodal
        self._buffer.scatter_reverse(dolfinx.la.InsertMode.add)
        self._buffer.scatter_forward()
        return np.array(self._buffer.array)

    def update(self, nodal: Array) -> Array:
        """Copy the values of owned nodes to their ghosts."""
        self._buffer.array[:] = nodal
        self._buffer.scatter_forward()
        nodal[:] = self._buffer.array
        return nodal

    def max(self, *values: float) -> Array:
        """Maxima over the ranks."""
        result = np.empty(len(values))
        self.comm.Allreduce(np.array(values, dtype=float), result, op=MPI.MAX)
        return result

    def sum(self, *values: float) -> Array:
        """Sums over the ranks."""
        return np.asarray(self.comm.allreduce(np.array(values, dtype=float), op=MPI.SUM))
