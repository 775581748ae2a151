"""The leaves of some bricks and the nodes at their corners, and where finer neighbours meet them.

A node that lies in the middle of an edge or a face of a larger leaf is a node like any other: it has its own share of
the volume and its own edges, and is not tied to its neighbours. Which of the 18 (2D: 4) such places of a leaf have a
node follows from the flags alone, so that a rank needs no leaves of others.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.mesh.tree.lattice_map import LatticeMap
from femna.mesh.tree.refinement import CutCells, Refinement, is_cut
from femna.mesh.tree.roots import AXES, Int32s


def corner_offsets(dim: int) -> Int32s:
    """The corners of a leaf in units of its size, (2^d, 3); the first axis runs fastest."""
    offsets = [(c & 1, (c >> 1) & 1, (c >> 2) & 1) for c in range(1 << dim)]
    return np.array(offsets, dtype=np.int32)


def middle_offsets(dim: int) -> Int32s:
    """The middles of the edges and faces of a leaf in units of half its size, (18, 3) or (4, 3)."""
    places = itertools.product((0, 1, 2), repeat=dim)
    middles = [place for place in places if 0 < sum(x != 1 for x in place) < dim]
    return np.array([(*place, *[0] * (AXES - dim)) for place in middles], dtype=np.int32)


@dataclass(frozen=True)
class Leaves:
    """The leaves of a rank's bricks and their nodes.

    Attributes:
        level: (M,), 0 for a whole brick.
        origin: (M, 3), lowest corner in finest leaves.
        code: (M,), one bit for each place of `middle_offsets` that has a node.
        corners: (M, 2^d), nodes at the corners, in the order of `corner_offsets`.
        position: (N, 3), lattice coordinates of the nodes.
        spacing: (N,), binary logarithm of the size of the smallest leaf at each node, of these leaves.
        numbers: the nodes by their coordinates.
        levels: L.
    """

    level: NDArray[np.int8]
    origin: Int32s
    code: Int32s
    corners: Int32s
    position: Int32s
    spacing: NDArray[np.int8]
    numbers: LatticeMap
    levels: int

    @property
    def dim(self) -> int:
        """Number of dimensions d."""
        return 3 if self.corners.shape[1] == 8 else 2


def leaves_of(bricks: Int32s, refinement: Refinement, count: int) -> Leaves:
    """The leaves of some bricks.

    Args:
        bricks: (B, 3), their numbers; nodes are numbered in this order.
        refinement: what is cut.
        count: number of their leaves (`Refinement.leaves_in_bricks`).
    """
    dim, levels = refinement.dim, refinement.levels
    corners, middles = corner_offsets(dim), middle_offsets(dim)
    level, origin, code = _leaves(bricks, refinement.cut, dim, count, middles)
    size = [(int(n) << levels) // 8 + 1 if axis < dim else 1 for axis, n in enumerate(refinement.counts)]
    aligned, block = np.full(size, -1, dtype=np.int32), np.full(size, -1, dtype=np.int32)
    corner_nodes, position, spacing, slots = _nodes((level, origin, code), levels, (aligned, block), (corners, middles))
    return Leaves(
        level=level,
        origin=origin,
        code=code,
        corners=corner_nodes,
        position=position,
        spacing=spacing,
        numbers=LatticeMap(aligned, block, slots),
        levels=levels,
    )


@kernel
def _leaves(
    bricks: Int32s, cut: CutCells, dim: int, count: int, middles: Int32s
) -> tuple[NDArray[np.int8], Int32s, Int32s]:
    """Level, origin and code of each leaf, depth first."""
    levels, halves = cut[1].size - 1, 1 << dim
    level_of = np.empty(count, dtype=np.int8)
    origin = np.empty((count, 3), dtype=np.int32)
    code = np.zeros(count, dtype=np.int32)
    stack = np.empty((halves * (levels + 1), 4), dtype=np.int64)
    found = 0
    for brick in range(bricks.shape[0]):
        top = 1
        stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = 0, bricks[brick, 0], bricks[brick, 1], bricks[brick, 2]
        while top > 0:
            top -= 1
            level, i, j, k = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
            if is_cut(cut, dim, level, i, j, k):
                for half in range(halves - 1, -1, -1):
                    stack[top, 0] = level + 1
                    stack[top, 1] = 2 * i + (half & 1)
                    stack[top, 2] = 2 * j + ((half >> 1) & 1)
                    stack[top, 3] = 2 * k + (half >> 2) if dim == 3 else 0
                    top += 1
                continue
            shift = levels - level
            level_of[found] = level
            origin[found, 0], origin[found, 1], origin[found, 2] = i << shift, j << shift, k << shift
            if level < levels:
                bits = 0
                for b in range(middles.shape[0]):
                    a0, a1 = middles[b, 0] - 1, middles[b, 1] - 1
                    a2 = middles[b, 2] - 1 if dim == 3 else 0
                    for part in range(1, 8):  # the neighbours across the edge or face that the place is the middle of
                        d0, d1, d2 = a0 * (part & 1), a1 * ((part >> 1) & 1), a2 * (part >> 2)
                        beside = d0 != 0 or d1 != 0 or d2 != 0
                        if beside and is_cut(cut, dim, level, i + d0, j + d1, k + d2):
                            bits |= 1 << b
                            break
                code[found] = bits
            found += 1
    return level_of[:found], origin[:found], code[:found]


@kernel
def _nodes(
    leaves: tuple[NDArray[np.int8], Int32s, Int32s],
    levels: int,
    numbers: tuple[Int32s, Int32s],
    places: tuple[Int32s, Int32s],
) -> tuple[Int32s, Int32s, NDArray[np.int8], Int32s]:
    """Corners of the leaves, position and spacing of the nodes, and the blocks of their numbers; fills `aligned` and
    `block`."""
    level, origin, code = leaves
    aligned, block = numbers
    corners, middles = places
    width = 512 if corners.shape[0] == 8 else 64
    slots = np.full((256, width), -1, dtype=np.int32)
    found = np.empty((level.size, corners.shape[0]), dtype=np.int32)
    blocks = 0
    position = np.empty((max(1024, 2 * level.size), 3), dtype=np.int32)
    spacing = np.empty(position.shape[0], dtype=np.int8)
    nodes = 0
    for leaf in range(level.size):
        shift = levels - level[leaf]
        for place in range(corners.shape[0] + (middles.shape[0] if code[leaf] != 0 else 0)):
            if place < corners.shape[0]:
                x = origin[leaf, 0] + (corners[place, 0] << shift)
                y = origin[leaf, 1] + (corners[place, 1] << shift)
                z = origin[leaf, 2] + (corners[place, 2] << shift)
            else:
                b = place - corners.shape[0]
                if (code[leaf] >> b) & 1 == 0:
                    continue
                x = origin[leaf, 0] + (middles[b, 0] << (shift - 1))
                y = origin[leaf, 1] + (middles[b, 1] << (shift - 1))
                z = origin[leaf, 2] + (middles[b, 2] << (shift - 1))
            finest = shift if place < corners.shape[0] else shift - 1
            a, b0, c = x >> 3, y >> 3, z >> 3
            is_aligned = ((x | y | z) & 7) == 0
            inside = (x & 7) | ((y & 7) << 3) | ((z & 7) << 6)
            if is_aligned:
                node = aligned[a, b0, c]
            else:
                if block[a, b0, c] < 0:
                    if blocks == slots.shape[0]:
                        larger = np.full((2 * blocks, width), -1, dtype=np.int32)
                        larger[:blocks] = slots
                        slots = larger
                    block[a, b0, c] = blocks
                    blocks += 1
                node = slots[block[a, b0, c], inside]
            if node >= 0:
                spacing[node] = min(spacing[node], finest)
                if place < corners.shape[0]:
                    found[leaf, place] = node
                continue
            if nodes == position.shape[0]:
                more = np.empty((2 * nodes, 3), dtype=np.int32)
                more[:nodes] = position
                position = more
                wider = np.empty(2 * nodes, dtype=np.int8)
                wider[:nodes] = spacing
                spacing = wider
            position[nodes, 0], position[nodes, 1], position[nodes, 2] = x, y, z
            spacing[nodes] = finest
            if is_aligned:
                aligned[a, b0, c] = nodes
            else:
                slots[block[a, b0, c], inside] = nodes
            if place < corners.shape[0]:
                found[leaf, place] = nodes
            nodes += 1
    return found, position[:nodes].copy(), spacing[:nodes].copy(), slots[:blocks].copy()
