"""Coarse nodes of a nested mesh by bins of its lattice, and the pattern of the matrix on them.

Level k merges the nodes whose spacing is at most 2^k finest cells by bins of 2^(k+1), and keeps the others. A
conductance g between nodes i and j of two bins I and J enters the one between the bins as

    g (x_j - x_i).(x_J - x_I) / |x_J - x_I|^2,

with the centroids x_I of the bins: the current that a constant gradient along x_J - x_I drives through it. On a uniform
mesh that is one half, without which a piecewise constant transfer has twice the conductance that it should.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.linear_solvers.nested_multigrid.matrix_rows import Indices, Rows, Singles

Array = NDArray[np.float64]


class Nodes(NamedTuple):
    """The nodes of a level that a rank owns.

    Attributes:
        position: (n, 3), of the node on the lattice, or of its bin's lowest corner, in finest cells.
        spacing: (n,), log2 of the smallest leaf at the node, in finest cells.
        points: (n, d), coordinates of the node, or of the bin's centroid, m.
        volume: (n,), m^d.
    """

    position: Indices
    spacing: NDArray[np.int8]
    points: Array
    volume: Array


class Transfer(NamedTuple):
    """How a level passes to the next coarser one.

    Attributes:
        parent: (n,), the coarse node of each owned node.
        place: (nnz,), the entry of the coarse matrix to which each entry contributes; -1 within a bin.
        factor: (nnz,), the part of its conductance that it contributes, without unit.
    """

    parent: Indices
    place: Indices
    factor: Singles


LONGEST_BIN = 1.5
"""Largest distance of two rows of bins along the growth direction that are merged, in lateral distances."""


def pair_rows(nodes: Nodes, level: int, lateral: float) -> Nodes:
    """The nodes with rows along the growth direction, the last axis, numbered so that `merge` joins near ones only.

    Bricks above the front are higher than wide. There the lateral neighbours are coupled most: bins must become as wide
    as high before they grow in height.

    Args:
        nodes: of one rank, of a level on which the nodes of a row have the same lattice coordinate.
        level: the level.
        lateral: distance of the nodes along the other axes, m.
    """
    axis = nodes.points.shape[1] - 1
    _, row = np.unique(nodes.position[:, axis], return_inverse=True)
    height = np.bincount(row, nodes.volume * nodes.points[:, axis]) / np.bincount(row, nodes.volume)
    number = np.zeros(len(height), dtype=np.int32)
    alone = True
    for k in range(1, len(height)):
        alone = not (alone and height[k] - height[k - 1] <= LONGEST_BIN * lateral)
        number[k] = number[k - 1] + alone
    position = nodes.position.copy()
    position[:, axis] = number[row] << (level + 1)
    return nodes._replace(position=position)


def merge(nodes: Nodes, level: int) -> tuple[Indices, Nodes]:
    """Merge the nodes of one rank by bins of 2^(level+1) finest cells.

    Takes a table of the bins in the rank's bounding box.

    Returns:
        The coarse node of each node, (n,), and the coarse nodes.
    """
    if len(nodes.position) == 0:
        return np.zeros(0, dtype=np.int32), nodes
    lower = (nodes.position.min(axis=0) >> (level + 1)).astype(np.int32)
    upper = nodes.position.max(axis=0) >> (level + 1)
    table = np.full(tuple(upper - lower + 1), -1, dtype=np.int32)
    parent, count = _number(nodes.position, nodes.spacing, level, table, lower)
    return parent, _coarse_nodes(nodes, level, parent, count)


@kernel
def _number(
    position: Indices, spacing: NDArray[np.int8], level: int, table: Indices, lower: Indices
) -> tuple[Indices, int]:
    """The coarse node of each node, in the order in which they first occur, and their number."""
    parent = np.empty(spacing.size, np.int32)
    count = 0
    for i in range(spacing.size):
        if spacing[i] > level:
            parent[i] = count
            count += 1
            continue
        a = (position[i, 0] >> (level + 1)) - lower[0]
        b = (position[i, 1] >> (level + 1)) - lower[1]
        c = (position[i, 2] >> (level + 1)) - lower[2]
        number = table[a, b, c]
        if number < 0:
            number = count
            table[a, b, c] = count
            count += 1
        parent[i] = number
    return parent, count


@kernel
def _coarse_nodes(nodes: Nodes, level: int, parent: Indices, count: int) -> Nodes:
    dim = nodes.points.shape[1]
    position = np.empty((count, 3), np.int32)
    spacing = np.empty(count, np.int8)
    points = np.zeros((count, dim))
    volume = np.zeros(count)
    for i in range(parent.size):
        coarse = parent[i]
        volume[coarse] += nodes.volume[i]
        for a in range(dim):
            points[coarse, a] += nodes.volume[i] * nodes.points[i, a]
        merged = nodes.spacing[i] <= level
        spacing[coarse] = level + 1 if merged else nodes.spacing[i]
        for a in range(3):
            x = nodes.position[i, a]
            position[coarse, a] = (x >> (level + 1)) << (level + 1) if merged else x
    for coarse in range(count):
        for a in range(dim):
            points[coarse, a] /= volume[coarse]
    return Nodes(position, spacing, points, volume)


@kernel
def coarse_pattern(
    rows: Rows, points: Array, parent: Indices, coarse_points: Array, count: int
) -> tuple[Rows, Indices, Singles]:
    """Pattern of the coarse matrix, and where and by what part each entry contributes to it.

    Args:
        rows: pattern of the owned rows, (n).
        points: (n + ghosts, d), coordinates of rows and columns, m.
        parent: (n + ghosts,), the coarse node of each.
        coarse_points: coordinates of the coarse nodes, ghosts included, m.
        count: number of coarse nodes that this rank owns.

    Returns:
        The pattern of the coarse rows, each beginning with its diagonal entry, and `place` and `factor` of `Transfer`.
    """
    size = rows.start.size - 1
    first = np.zeros(count + 1, np.int32)
    for i in range(size):
        first[parent[i] + 1] += 1
    for coarse in range(count):
        first[coarse + 1] += first[coarse]
    member = np.empty(size, np.int32)
    cursor = first[:-1].copy()
    for i in range(size):
        member[cursor[parent[i]]] = i
        cursor[parent[i]] += 1
    place = np.full(rows.column.size, -1, np.int32)
    factor = np.zeros(rows.column.size, np.float32)
    start = np.zeros(count + 1, np.int32)
    column = np.empty(rows.column.size + count, np.int32)
    last_place = np.full(coarse_points.shape[0], -1, np.int32)
    filled = 0
    for here in range(count):
        begin = filled
        column[filled] = here
        filled += 1
        for m in range(first[here], first[here + 1]):
            i = member[m]
            for e in range(rows.start[i], rows.start[i + 1]):
                j = rows.column[e]
                there = parent[j]
                if there == here:
                    continue
                if last_place[there] < begin:
                    column[filled] = there
                    last_place[there] = filled
                    filled += 1
                place[e] = last_place[there]
                along, square = 0.0, 0.0
                for a in range(points.shape[1]):
                    distance = coarse_points[there, a] - coarse_points[here, a]
                    square += distance * distance
                    along += distance * (points[j, a] - points[i, a])
                factor[e] = max(along / square, 0.0)
        start[here + 1] = filled
    return Rows(start, column[:filled].copy()), place, factor
