"""For every entry (i, j) of a matrix the entry (j, i), also where row j is on another rank."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from femna.kernels import kernel
from femna.linear_solvers.nested_multigrid.hierarchy import NodalPattern
from femna.linear_solvers.nested_multigrid.matrix_rows import Array, Indices, Rows
from femna.parallel import dolfinx


class OppositeEntries:
    """Places of the opposite entries of a matrix whose pattern is symmetric.

    The entries in columns of other ranks are the owned items of an index map, and their opposites its ghosts, so that
    one update of ghosts brings the values. Both ranks sort the pairs of nodes that they share in the same order.

    Attributes:
        place: (nnz,), place of the opposite entry among this rank's entries, or nnz plus its place in what `exchange`
            returns.
    """

    def __init__(self, pattern: NodalPattern) -> None:
        """Find them. Collective."""
        rows, index_map, owned = pattern.rows, pattern.index_map, pattern.owned
        self.place = _own_places(rows)
        self._outer = np.flatnonzero(rows.column >= owned)
        self._vector = None
        comm = index_map.comm
        if comm.size == 1:
            return
        row = np.searchsorted(rows.start, self._outer, side="right") - 1
        here = index_map.local_to_global(row.astype(np.int32))
        there = index_map.local_to_global(rows.column[self._outer])
        owner = index_map.owners[rows.column[self._outer] - owned]
        order = np.lexsort((np.maximum(here, there), np.minimum(here, there), owner))
        self._outer = self._outer[order]
        count = np.bincount(owner, minlength=comm.size)
        begin = sum(comm.allgather(len(order))[: comm.rank]) + np.concatenate([[0], np.cumsum(count)[:-1]])
        begin_there = comm.alltoall(begin.tolist())
        ghosts = [np.arange(first, first + number) for first, number in zip(begin_there, count, strict=True)]
        owners = np.repeat(np.arange(comm.size), count).astype(np.int32)
        pairs = dolfinx.common.IndexMap(comm, len(order), np.concatenate(ghosts).astype(np.int64), owners, 2)
        self._vector = dolfinx.la.vector(pairs)
        self.place[self._outer] = len(rows.column) + np.arange(len(order), dtype=np.int32)

    def exchange(self, values: Array) -> Array:
        """Opposites of the entries in columns of other ranks, in the order of `place`. Collective.

        Args:
            values: (nnz,), this rank's entries.
        """
        if self._vector is None:
            return np.zeros(0)
        count = len(self._outer)
        self._vector.array[:count] = values[self._outer]
        self._vector.scatter_forward()
        return np.asarray(self._vector.array[count:])


@kernel
def _own_places(rows: Rows) -> Indices:
    """Places of the opposites of the entries in owned columns; -1 for the others.

    Rows are passed in ascending order, and so are the entries of every row that lie opposite to theirs.
    """
    size = rows.start.size - 1
    place = np.full(rows.column.size, -1, np.int32)
    cursor = rows.start[:-1].copy()
    for i in range(size):
        for e in range(rows.start[i], rows.start[i + 1]):
            j = rows.column[e]
            if j < size:
                place[e] = cursor[j]
                cursor[j] += 1
    return place


_OPPOSITES: WeakKeyDictionary[NodalPattern, OppositeEntries] = WeakKeyDictionary()


def opposite_entries(pattern: NodalPattern) -> OppositeEntries:
    """The opposites of a pattern, found at the first call. Collective."""
    if pattern not in _OPPOSITES:
        _OPPOSITES[pattern] = OppositeEntries(pattern)
    return _OPPOSITES[pattern]
