"""The levels of a nested mesh: what a multigrid needs of the mesh and of the pattern of its matrices.

Up to the size of the roots the bins of a rank's nodes hold nodes of this rank only: a transfer needs no message. The
level of the roots is gathered: it and the coarser ones are held, and solved, by every rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from femna.linear_solvers.nested_multigrid.matrix_rows import Indices, Rows
from femna.linear_solvers.nested_multigrid.merging import Nodes, Transfer, coarse_pattern, merge, pair_rows
from femna.linear_solvers.nested_multigrid.padded_rows import padded_pattern
from femna.mesh.grid import Grid
from femna.parallel import MPI, dolfinx

Array = NDArray[np.float64]

MAX_COARSEST_NODES = 64
"""Nodes of a level that is solved by the inverse of its matrix."""


class NodalPattern(Protocol):
    """Pattern of a rank's rows of a matrix with one unknown a node: as `MatrixRows` has it."""

    owned: int
    rows: Rows
    index_map: Any


@dataclass(frozen=True)
class Level:
    """One level, on this rank.

    Attributes:
        rows: pattern of the owned rows.
        padded: the pattern padded, the first three of `PaddedRows`.
        index_map: of the nodes, ghosts included; None where every rank holds the whole level.
        transfer: to the next coarser level; None at the coarsest one and where the level is gathered.
    """

    rows: Rows
    padded: tuple[Indices, Indices, Indices]
    index_map: Any
    transfer: Transfer | None

    @property
    def owned(self) -> int:
        """Number of the rank's nodes."""
        return len(self.rows.start) - 1


class Hierarchy:
    """The levels of a grid for the matrices of one pattern.

    Attributes:
        comm: the ranks.
        pattern: of the matrices on the grid.
        shared: levels that the ranks share, the finest first; the last one is the level of the roots.
        gathered: the level of the roots and the coarser ones, the whole of each.
        nodes, entries: of each rank in the level of the roots.
        before: nodes of the ranks before this one in the level of the roots.
    """

    def __init__(self, grid: Grid, pattern: NodalPattern) -> None:
        """Merge the nodes level by level. Collective.

        Args:
            grid: a nested mesh: it has a lattice.
            pattern: of the matrices on its edges, in the grid's numbering.
        """
        assert grid.lattice is not None
        self.comm, self.pattern = grid.comm, pattern
        lattice, owned = grid.lattice, pattern.owned
        nodes = Nodes(
            np.ascontiguousarray(lattice.position[:owned], dtype=np.int32),
            np.ascontiguousarray(lattice.spacing[:owned], dtype=np.int8),
            np.ascontiguousarray(grid.points[:owned]),
            np.ascontiguousarray(grid.volume[:owned]),
        )
        self.shared: list[Level] = []
        rows, index_map = pattern.rows, pattern.index_map
        points = _with_ghosts(index_map, nodes.points)
        for level in range(lattice.root_level):
            own_parent, coarse = merge(nodes, level)
            coarse_map, parent = self._coarse_map(index_map, own_parent, len(coarse.volume))
            coarse_points = _with_ghosts(coarse_map, coarse.points)
            coarse_rows, place, factor = coarse_pattern(rows, points, parent, coarse_points, len(coarse.volume))
            self.shared.append(Level(rows, padded_pattern(rows), index_map, Transfer(own_parent, place, factor)))
            rows, index_map, nodes, points = coarse_rows, coarse_map, coarse, coarse_points
        self.shared.append(Level(rows, padded_pattern(rows), index_map, None))
        self.nodes = self.comm.allgather(len(nodes.volume))
        self.entries = self.comm.allgather(len(rows.column))
        self.before = sum(self.nodes[: self.comm.rank])
        columns = index_map.local_to_global(rows.column).astype(np.int32)
        sides = (grid.upper - grid.lower)[:-1] / lattice.extent[: grid.dim - 1]
        lengths = np.diff(rows.start).astype(np.int32)
        self.gathered = self._whole_levels(lattice.root_level, float(sides.max()), Rows(lengths, columns), nodes)

    def _coarse_map(self, index_map: Any, parent: Indices, count: int) -> tuple[Any, Indices]:
        """The index map of the coarse nodes, and the coarse node of each node with those of ghosts. Collective."""
        if self.comm.size == 1:
            return dolfinx.common.IndexMap(self.comm, count), parent
        before = sum(self.comm.allgather(count)[: self.comm.rank])
        numbers = dolfinx.la.vector(index_map, 1, np.int64)
        owned = len(parent)
        numbers.array[:owned] = parent + before
        numbers.scatter_forward()
        ghosts, first, of_ghost = np.unique(numbers.array[owned:], return_index=True, return_inverse=True)
        owners = np.ascontiguousarray(index_map.owners[first])
        coarse_map = dolfinx.common.IndexMap(self.comm, count, ghosts, owners, 1)
        return coarse_map, np.concatenate([parent, (count + of_ghost).astype(np.int32)])

    def _whole_levels(self, level: int, cell: float, lengths_and_columns: Rows, nodes: Nodes) -> list[Level]:
        """The level of the roots, gathered, and the coarser ones; finest cells are `cell` wide (m). Collective."""
        lengths, columns = (self._gather(part) for part in lengths_and_columns)
        rows = Rows(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32), columns)
        nodes = Nodes(*(self._gather(part) for part in nodes))
        levels = []
        while len(nodes.volume) > MAX_COARSEST_NODES:
            parent, coarse = merge(pair_rows(nodes, level, cell * 2**level), level)
            count = len(coarse.volume)
            coarse_rows, place, factor = coarse_pattern(rows, nodes.points, parent, coarse.points, count)
            levels.append(Level(rows, padded_pattern(rows), None, Transfer(parent, place, factor)))
            rows, nodes, level = coarse_rows, coarse, level + 1
        return [*levels, Level(rows, padded_pattern(rows), None, None)]

    def _gather(self, part: Any) -> Any:
        """The arrays of all ranks, one after the other. Collective."""
        return np.ascontiguousarray(np.concatenate(self.comm.allgather(part)))

    def gather_singles(self, part: NDArray[np.float32], counts: Sequence[int]) -> NDArray[np.float32]:
        """The arrays of all ranks of a quantity at the level of the roots, one after the other. Collective."""
        if self.comm.size == 1:
            return part
        whole = np.empty(sum(counts), dtype=np.float32)
        self.comm.Allgatherv(part, [whole, list(counts), MPI.FLOAT])
        return whole


def _with_ghosts(index_map: Any, owned_points: Array) -> Array:
    """Coordinates of owned nodes and of ghosts. Collective."""
    count, dim = owned_points.shape
    vector = dolfinx.la.vector(index_map, dim)
    vector.array[: count * dim] = owned_points.ravel()
    vector.scatter_forward()
    return np.array(vector.array.reshape(-1, dim))


_HIERARCHIES: WeakKeyDictionary[Grid, dict[int, Hierarchy]] = WeakKeyDictionary()


def hierarchy_of(grid: Grid, pattern: NodalPattern) -> Hierarchy:
    """The hierarchy of a grid, made at the first call for a pattern. Collective.

    Args:
        grid: a nested mesh.
        pattern: of a matrix coupled along the grid's edges; two patterns on one grid differ in the number of entries.
    """
    made = _HIERARCHIES.setdefault(grid, {})
    entries = int(grid.comm.allreduce(len(pattern.rows.column)))
    if entries not in made:
        made[entries] = Hierarchy(grid, pattern)
    return made[entries]
