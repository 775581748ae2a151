"""The rows of a matrix with several unknowns a node, seen field by field."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.linear_solvers.nested_multigrid.matrix_rows import Array, Indices, MatrixRows, Rows
from femna.parallel import PETSc, dolfinx

Mask = NDArray[np.bool_]


class BlockRows:
    """Pattern of a rank's rows, and where each field's own matrix lies in it.

    Every field has the same pattern in its own equation. The unknowns of a node are consecutive.

    Attributes:
        owned: number of owned nodes.
        rows: pattern of a field's own matrix, by nodes.
        index_map: of the nodes, ghosts included.
        block: the rows of the whole matrix.
        place: of each field, the places of its own entries in the whole matrix, (nnz,).
        couplings: of each field to the fields before it.
    """

    def __init__(self, matrix: PETSc.Mat, size: int) -> None:
        """Read the pattern of a matrix with `size` unknowns a node. Collective."""
        self.block = block = MatrixRows(matrix)
        self.owned = owned = block.owned // size
        comm = block.index_map.comm
        ghosts = block.index_map.ghosts
        nodes, first, of_ghost = np.unique(ghosts // size, return_index=True, return_inverse=True)
        if comm.size == 1:
            self.index_map = dolfinx.common.IndexMap(comm, owned)
        else:
            owners = np.ascontiguousarray(block.index_map.owners[first])
            self.index_map = dolfinx.common.IndexMap(comm, owned, nodes, owners, 4)
        own = np.arange(block.owned)
        node = np.concatenate([own // size, owned + of_ghost]).astype(np.int32)
        field = np.concatenate([own % size, ghosts % size]).astype(np.int32)
        alone = [FieldEntries(*_entries(block.rows, field == k, k, size)) for k in range(size)]
        self.rows = Rows(alone[0].start, node[alone[0].column])
        self.place = [entries.place for entries in alone]
        self.couplings = [FieldEntries(*_entries(block.rows, field < k, k, size)) for k in range(size)]


class FieldEntries(NamedTuple):
    """Entries of a matrix in the rows of one field: its own, or those that couple it to the fields before it.

    Attributes:
        start: (n+1,), first of the entries of each node.
        column: columns of the whole matrix.
        place: their places among its entries.
    """

    start: Indices
    column: Indices
    place: Indices


@kernel
def _entries(rows: Rows, chosen: Mask, k: int, size: int) -> tuple[Indices, Indices, Indices]:
    """First entry of each node, columns and places of the entries in the rows of field k and in chosen columns."""
    owned = (rows.start.size - 1) // size
    start = np.zeros(owned + 1, np.int32)
    column = np.empty(rows.column.size, np.int32)
    place = np.empty(rows.column.size, np.int32)
    count = 0
    for i in range(owned):
        for e in range(rows.start[size * i + k], rows.start[size * i + k + 1]):
            if chosen[rows.column[e]]:
                column[count] = rows.column[e]
                place[count] = e
                count += 1
        start[i + 1] = count
    return start, column[:count].copy(), place[:count].copy()


@kernel
def subtract(coupling: FieldEntries, values: Array, x: Array, right: Array) -> None:
    """Take from a right side, (n,), what the couplings bring to it from the solutions x of the whole matrix."""
    for i in range(right.size):
        total = 0.0
        for e in range(coupling.start[i], coupling.start[i + 1]):
            total += values[coupling.place[e]] * x[coupling.column[e]]
        right[i] -= total
