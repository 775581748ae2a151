"""Matrix rows padded to the six neighbours of a regular node, the rest apart; sweeps of Gauss-Seidel and transfers.

Rows of equal length need no inner loop: a sweep takes half the time that it takes in compressed rows. In single
precision, which halves what is read from memory; a preconditioner needs no more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.linear_solvers.nested_multigrid.coarse_values import Entries
from femna.linear_solvers.nested_multigrid.matrix_rows import Indices, Rows, Singles

WIDTH = 6
"""Neighbours that a padded row holds."""


class PaddedRows(NamedTuple):
    """Off-diagonal entries of the rows of a matrix, and the inverse of its diagonal.

    Attributes:
        neighbour: (n, 6), columns; the row itself where it has fewer.
        overflow_start: (n+1,), first of the further entries of each row.
        overflow_neighbour: (m,), their columns.
        entry: (n, 6), entries; 0 where there is none.
        overflow_entry: (m,), the further ones.
        inverse: (n,), inverse of the diagonal.
    """

    neighbour: Indices
    overflow_start: Indices
    overflow_neighbour: Indices
    entry: Singles
    overflow_entry: Singles
    inverse: Singles


@kernel
def padded_pattern(rows: Rows) -> tuple[Indices, Indices, Indices]:
    """The first three of `PaddedRows`."""
    size = rows.start.size - 1
    neighbour = np.empty((size, WIDTH), np.int32)
    overflow_start = np.zeros(size + 1, np.int32)
    overflow_neighbour = np.empty(rows.column.size, np.int32)
    count = 0
    for i in range(size):
        slot = 0
        for e in range(rows.start[i], rows.start[i + 1]):
            j = rows.column[e]
            if j == i:
                continue
            if slot < WIDTH:
                neighbour[i, slot] = j
                slot += 1
            else:
                overflow_neighbour[count] = j
                count += 1
        while slot < WIDTH:
            neighbour[i, slot] = i
            slot += 1
        overflow_start[i + 1] = count
    return neighbour, overflow_start, overflow_neighbour[:count].copy()


@kernel
def fill(rows: Rows, entries: Entries, padded: PaddedRows, parent: Indices, corrected: Indices) -> None:
    """Set the entries of padded rows.

    Args:
        rows: their pattern.
        entries: the matrix's entries.
        padded: receives them.
        parent: (n,), the coarse nodes.
        corrected: (n,), receives the coarse nodes, and -1 for nodes without a coupling, such as Dirichlet nodes: a
            sweep solves their equations.
    """
    drifts = entries.drift.size > 0
    for i in range(parent.size):
        slot, further, coupled = 0, padded.overflow_start[i], False
        padded.inverse[i] = 0.0
        for e in range(rows.start[i], rows.start[i + 1]):
            value = entries.value[e]
            if rows.column[e] == i:
                if value != 0.0:
                    padded.inverse[i] = 1.0 / value
                continue
            coupled = coupled or value != 0.0 or (drifts and entries.drift[e] != 0.0)
            if slot < WIDTH:
                padded.entry[i, slot] = value
                slot += 1
            else:
                padded.overflow_entry[further] = value
                further += 1
        while slot < WIDTH:
            padded.entry[i, slot] = 0.0
            slot += 1
        corrected[i] = parent[i] if coupled else -1


# The sum over a row stands in each loop: as a function of its own it would count references to the arrays at every row.


@kernel
def sweep_forward(rows: PaddedRows, right: Singles, x: Singles, sweeps: int) -> None:
    """Sweeps of Gauss-Seidel over the owned rows, in place."""
    near, start, far, entry, further, inverse = rows
    for _ in range(sweeps):
        for i in range(inverse.size):
            total = entry[i, 0] * x[near[i, 0]] + entry[i, 1] * x[near[i, 1]] + entry[i, 2] * x[near[i, 2]]
            total += entry[i, 3] * x[near[i, 3]] + entry[i, 4] * x[near[i, 4]] + entry[i, 5] * x[near[i, 5]]
            for e in range(start[i], start[i + 1]):
                total += further[e] * x[far[e]]
            x[i] = (right[i] - total) * inverse[i]


@kernel
def sweep_backward(rows: PaddedRows, right: Singles, x: Singles, sweeps: int) -> None:
    """The same in the opposite order."""
    near, start, far, entry, further, inverse = rows
    for _ in range(sweeps):
        for i in range(inverse.size - 1, -1, -1):
            total = entry[i, 0] * x[near[i, 0]] + entry[i, 1] * x[near[i, 1]] + entry[i, 2] * x[near[i, 2]]
            total += entry[i, 3] * x[near[i, 3]] + entry[i, 4] * x[near[i, 4]] + entry[i, 5] * x[near[i, 5]]
            for e in range(start[i], start[i + 1]):
                total += further[e] * x[far[e]]
            x[i] = (right[i] - total) * inverse[i]


@kernel
def restrict(rows: PaddedRows, right: Singles, x: Singles, parent: Indices, coarse_right: Singles) -> None:
    """Sum the residual over the members of each coarse node; nodes without one (-1) have none to give."""
    near, start, far, entry, further, inverse = rows
    for coarse in range(coarse_right.size):
        coarse_right[coarse] = 0.0
    for i in range(inverse.size):
        if parent[i] < 0 or inverse[i] == 0.0:
            continue
        total = entry[i, 0] * x[near[i, 0]] + entry[i, 1] * x[near[i, 1]] + entry[i, 2] * x[near[i, 2]]
        total += entry[i, 3] * x[near[i, 3]] + entry[i, 4] * x[near[i, 4]] + entry[i, 5] * x[near[i, 5]]
        for e in range(start[i], start[i + 1]):
            total += further[e] * x[far[e]]
        coarse_right[parent[i]] += right[i] - total - x[i] / inverse[i]


@kernel
def prolong(x: Singles, parent: Indices, coarse: Singles) -> None:
    """Add to each node the correction of its coarse node."""
    for i in range(parent.size):
        if parent[i] >= 0:
            x[i] += coarse[parent[i]]


@kernel
def scaled(source: NDArray[np.floating], factor: float, target: NDArray[np.floating]) -> None:
    """Set target to factor times source; they may differ in precision."""
    for i in range(target.size):
        target[i] = factor * source[i]
