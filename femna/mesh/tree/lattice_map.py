"""Numbers of nodes by their lattice coordinates, without a hash: some 13 bytes a node.

Nodes whose coordinates are all multiples of 8 stand in an array over such points. The others stand in blocks of 8 x 8
(x 8) points, of which only those with a node exist.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel

Int32s = NDArray[np.int32]

SHIFT = 3
"""Blocks are 2^SHIFT points wide."""


@dataclass
class LatticeMap:
    """Node numbers of lattice points.

    Attributes:
        aligned: node at each point with coordinates that are multiples of 8, -1 for none.
        block: number of the block of the other points from there on, -1 for none.
        slots: (blocks, 8^d), node at each point of a block, -1 for none.
    """

    aligned: Int32s
    block: Int32s
    slots: Int32s

    def find(self, position: Int32s) -> Int32s:
        """Node numbers of lattice points, (N, 3); -1 where there is no node. Points outside the box are none."""
        result: Int32s = _find(self.aligned, self.block, self.slots, np.ascontiguousarray(position))
        return result


@kernel
def node_at(aligned: Int32s, block: Int32s, slots: Int32s, x: int, y: int, z: int) -> int:
    """The node at a lattice point, -1 for none."""
    a, b, c = x >> 3, y >> 3, z >> 3
    if ((x | y | z) & 7) == 0:
        return int(aligned[a, b, c])
    number = block[a, b, c]
    if number < 0:
        return -1
    return int(slots[number, (x & 7) | ((y & 7) << 3) | ((z & 7) << 6)])


@kernel
def _find(aligned: Int32s, block: Int32s, slots: Int32s, position: Int32s) -> Int32s:
    result = np.full(position.shape[0], -1, dtype=np.int32)
    for n in range(position.shape[0]):
        x, y, z = position[n, 0], position[n, 1], position[n, 2]
        inside = x >= 0 and y >= 0 and z >= 0
        if inside and x >> 3 < aligned.shape[0] and y >> 3 < aligned.shape[1] and z >> 3 < aligned.shape[2]:
            result[n] = node_at(aligned, block, slots, x, y, z)
    return result
