"""Fields from the leaves of one time to those of another.

A node that both have keeps its value, bit for bit. A new one lies in the middle of an edge, a face or a cell that has
been cut, and gets the mean of the two, four or eight corners around it, which are nodes and have values already: no
value leaves the range of those about it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.mesh.tree.lattice_map import node_at
from femna.mesh.tree.roots import Int32s
from femna.mesh.tree.tree_grid import TreeGrid

Array = NDArray[np.float64]


def transferred(old: TreeGrid, new: TreeGrid, fields: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Fields on the leaves of the same bricks, cut in another way. Collective.

    Args:
        old: the grid of before.
        new: the present one, on the same ranks.
        fields: (N_old, F), ghosts included.

    Returns:
        (N, F), ghosts included; and the nodes that both grids have, (N,).
    """
    position = new.leaves.position
    asked_of = old.owner(position)
    order = np.argsort(asked_of, kind="stable")
    parts = np.split(position[order], np.searchsorted(asked_of[order], np.arange(1, new.comm.size)))
    asked = [position] if new.comm.size == 1 else new.comm.alltoall(parts)
    answers = []
    for places in asked:
        nodes = old.leaves.numbers.find(places)
        values = fields[nodes]
        values[nodes < 0] = np.nan
        answers.append(values)
    if new.comm.size == 1:
        found = answers[0]
    else:
        found = np.empty((len(position), fields.shape[1]))
        found[order] = np.concatenate(new.comm.alltoall(answers))
    known = ~np.isnan(found[:, 0])
    numbers = new.leaves.numbers
    _fill(found, position, new.roots.levels, (numbers.aligned, numbers.block, numbers.slots))
    return found, known


@kernel
def _fill(values: Array, position: Int32s, levels: int, numbers: tuple[Int32s, Int32s, Int32s]) -> None:
    """Values of the nodes that have none: those of the coarsest lattice first."""
    aligned, block, slots = numbers
    missing = np.empty(position.shape[0], dtype=np.int32)
    count = 0
    for node in range(position.shape[0]):
        if np.isnan(values[node, 0]):
            missing[count] = node
            count += 1
    for power in range(levels - 1, -1, -1):
        size = 1 << power
        for m in range(count):
            node = missing[m]
            x, y, z = position[node, 0], position[node, 1], position[node, 2]
            if (x | y | z) & (2 * size - 1) == 0 or (x | y | z) & (size - 1) != 0:
                continue
            odd_x, odd_y, odd_z = (x >> power) & 1, (y >> power) & 1, (z >> power) & 1
            for field in range(values.shape[1]):
                values[node, field] = 0.0
            corners = 0
            for side in range(8):
                a, b, c = side & 1, (side >> 1) & 1, side >> 2
                if (a and not odd_x) or (b and not odd_y) or (c and not odd_z):
                    continue
                corner = node_at(
                    aligned,
                    block,
                    slots,
                    x + (2 * a - 1) * odd_x * size,
                    y + (2 * b - 1) * odd_y * size,
                    z + (2 * c - 1) * odd_z * size,
                )
                corners += 1
                for field in range(values.shape[1]):
                    values[node, field] += values[corner, field]
            for field in range(values.shape[1]):
                values[node, field] /= corners
