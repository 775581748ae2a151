"""Entries of the matrices on the coarse levels.

A flux p u_i - q u_j from i to j has a conductance s = (p+q)/2 and a drift d = (p-q)/2: it is s (u_i - u_j) +
d (u_i + u_j). Between bins conductances add up with the factors of `merging`, drifts as they are. Where drift exceeds
conductance the conductance is raised to it (upwinding): then p, q >= 0 on every level. What the equation of a node has
beside fluxes (a mass over a time step, a neighbour whose value is given) adds up over each bin.
"""

from __future__ import annotations

from typing import NamedTuple

from femna.kernels import kernel
from femna.linear_solvers.nested_multigrid.matrix_rows import Array, Indices, Rows, Singles
from femna.linear_solvers.nested_multigrid.merging import Transfer


class Entries(NamedTuple):
    """A rank's rows of the matrix of a level.

    Attributes:
        value: (nnz,), entries of the matrix; in double precision at the finest level.
        drift: (nnz,), d of each off-diagonal entry, which is -q; (0,) if the matrix is symmetric.
        mass: (n,), what the diagonal entries have beside the fluxes.
    """

    value: Array | Singles
    drift: Singles
    mass: Singles


@kernel
def row_sums(rows: Rows, value: Array, mass: Singles) -> None:
    """`Entries.mass` of a symmetric matrix."""
    for i in range(mass.size):
        total = 0.0
        for e in range(rows.start[i], rows.start[i + 1]):
            total += value[e]
        mass[i] = total


@kernel
def split(rows: Rows, value: Array, opposite: Indices, received: Array, entries: Entries) -> None:
    """`Entries.drift` and `.mass` of a matrix with drift.

    Args:
        rows: its pattern.
        value: (nnz,), its entries.
        opposite: (nnz,), for the entry (i, j) the place of (j, i), from nnz on in `received`.
        received: entries of rows of other ranks.
        entries: receives them.
    """
    count = value.size
    for i in range(entries.mass.size):
        total = 0.0
        for e in range(rows.start[i], rows.start[i + 1]):
            other = received[opposite[e] - count] if opposite[e] >= count else value[opposite[e]]
            total += other
            entries.drift[e] = 0.5 * (value[e] - other)
        entries.mass[i] = total


@kernel
def coarsen(rows: Rows, fine: Entries, transfer: Transfer, coarse_rows: Rows, coarse: Entries) -> None:
    """Set the entries of a coarse matrix from those of the next finer one.

    Args:
        rows: pattern of the finer one.
        fine: its entries.
        transfer: to the coarse level; the parent of a node that the coarse level has no part in is -1.
        coarse_rows: pattern of the coarse one; the diagonal entry is the first of a row.
        coarse: receives its entries.
    """
    drifts = fine.drift.size > 0
    for e in range(coarse.value.size):
        coarse.value[e] = 0.0
    for e in range(coarse.drift.size):
        coarse.drift[e] = 0.0
    for i in range(coarse.mass.size):
        coarse.mass[i] = 0.0
    for i in range(transfer.parent.size):
        if transfer.parent[i] < 0:
            continue
        coarse.mass[transfer.parent[i]] += fine.mass[i]
        for e in range(rows.start[i], rows.start[i + 1]):
            place = transfer.place[e]
            if place < 0:
                continue
            conductance = -fine.value[e]
            if drifts:
                conductance += fine.drift[e]
                coarse.drift[place] += fine.drift[e]
            coarse.value[place] += transfer.factor[e] * conductance
    for i in range(coarse.mass.size):
        diagonal = coarse.mass[i]
        for e in range(coarse_rows.start[i] + 1, coarse_rows.start[i + 1]):
            conductance = coarse.value[e]
            if drifts:
                drift = coarse.drift[e]
                conductance = max(conductance, abs(drift))
                coarse.value[e] = drift - conductance
                diagonal += conductance + drift
            else:
                coarse.value[e] = -conductance
                diagonal += conductance
        coarse.value[coarse_rows.start[i]] = diagonal
