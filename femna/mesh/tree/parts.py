"""The edges of the leaves and their parts: what of an edge's weight lies in which phase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.mesh.tree.lattice_map import node_at
from femna.mesh.tree.leaves import Leaves, corner_offsets, middle_offsets
from femna.mesh.tree.roots import Int32s, Roots
from femna.mesh.tree.voronoi import leaf_edges

Array = NDArray[np.float64]


@dataclass(frozen=True)
class EdgeParts:
    """Edges between nodes, each in one part for every phase that it runs through or along.

    Attributes:
        edges: (E, 2), node numbers; the first is the lower one, and edges are sorted.
        edge: (P,), the edge of each part, ascending.
        phase: (P,), its phase.
        weight: (P,), what it has of g_ij, m^(d-2), positive.
        begins: (E,), whether the leaf that begins at the edge's lowest corner has it. There is one such leaf at most,
            so that over all ranks an edge counts once.
    """

    edges: Int32s
    edge: Int32s
    phase: Int32s
    weight: Array
    begins: NDArray[np.bool_]


@dataclass(frozen=True)
class _Templates:
    """The edges of every kind of leaf one after the other: `starts` (kinds + 1,), the others by edge. `upper` has a bit
    for each axis along which the whole edge lies in the upper face."""

    starts: NDArray[np.int64]
    first: NDArray[np.int8]
    second: NDArray[np.int8]
    weight: Array
    upper: NDArray[np.int8]


def edge_parts(roots: Roots, leaves: Leaves) -> EdgeParts:
    """The edges of some leaves. Raises ValueError for leaves too long for Voronoi's cells (`voronoi.leaf_edges`)."""
    rows = leaves.origin[:, roots.dim - 1] >> roots.levels
    shapes, kind_of_row = roots.kinds_of_rows
    key = kind_of_row[rows].astype(np.int64) << 32 | leaves.code
    kinds, template = np.unique(key, return_inverse=True)
    found = [leaf_edges(int(k & 0xFFFFFFFF), tuple(map(float, shapes[k >> 32]))) for k in kinds]
    first, second = (np.concatenate([getattr(edges, end) for edges in found]) for end in ("first", "second"))
    halves = np.concatenate([2 * corner_offsets(roots.dim), middle_offsets(roots.dim)])
    templates = _Templates(
        np.concatenate([[0], np.cumsum([len(edges.weight) for edges in found])]).astype(np.int64),
        first,
        second,
        np.concatenate([edges.weight for edges in found]),
        ((np.minimum(halves[first], halves[second]) == 2) @ np.array([1, 2, 4])).astype(np.int8),
    )
    numbers = leaves.numbers
    edges, edge, phase, weight, begins = _parts(
        (leaves.level, leaves.origin, leaves.code, leaves.corners),
        (roots.phase[rows].astype(np.int32), template.astype(np.int32)),
        (leaves.levels, len(leaves.position), roots.extent),
        (numbers.aligned, numbers.block, numbers.slots),
        (templates.starts, templates.first, templates.second, templates.weight, templates.upper),
        middle_offsets(leaves.dim),
    )
    return EdgeParts(edges, edge, phase, weight, begins)


@kernel
def _places(
    leaf: tuple[Int32s, Int32s, int, int],
    numbers: tuple[Int32s, Int32s, Int32s],
    middles: Int32s,
    ids: Int32s,
) -> None:
    """The nodes of a leaf by their places: its corners, and those that its lowest corner, its code and the logarithm of
    its size say."""
    corners, origin, code, shift = leaf
    aligned, block, slots = numbers
    for c in range(corners.size):
        ids[c] = corners[c]
    if code != 0:
        half = shift - 1
        x, y, z = origin[0], origin[1], origin[2]
        for b in range(middles.shape[0]):
            if (code >> b) & 1:
                dx, dy, dz = middles[b, 0] << half, middles[b, 1] << half, middles[b, 2] << half
                ids[corners.size + b] = node_at(aligned, block, slots, x + dx, y + dy, z + dz)


@kernel
def _parts(
    leaves: tuple[NDArray[np.int8], Int32s, Int32s, Int32s],
    kinds: tuple[Int32s, Int32s],
    tree: tuple[int, int, Int32s],
    numbers: tuple[Int32s, Int32s, Int32s],
    templates: tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.int8], Array, NDArray[np.int8]],
    middles: Int32s,
) -> tuple[Int32s, Int32s, Int32s, Array, NDArray[np.bool_]]:
    """Edges; edge, phase and weight of each part; which edges begin in a leaf. They are listed by their lower node,
    sorted there and added up."""
    level, origin, code, corners = leaves
    phase, template = kinds
    levels, nodes, extent = tree
    dim = 3 if corners.shape[1] == 8 else 2
    starts, first, second, size, above = templates
    ids = np.empty(corners.shape[1] + middles.shape[0], dtype=np.int32)
    begin = np.zeros(nodes + 1, dtype=np.int64)
    for leaf in range(level.size):
        _places((corners[leaf], origin[leaf], code[leaf], levels - level[leaf]), numbers, middles, ids)
        for e in range(starts[template[leaf]], starts[template[leaf] + 1]):
            begin[min(ids[first[e]], ids[second[e]]) + 1] += 1
    for node in range(nodes):
        begin[node + 1] += begin[node]
    upper = np.empty(begin[nodes], dtype=np.int32)
    part_of = np.empty(begin[nodes], dtype=np.int32)
    weight = np.empty(begin[nodes])
    begins = np.empty(begin[nodes], dtype=np.bool_)
    end = begin[:-1].copy()
    for leaf in range(level.size):
        _places((corners[leaf], origin[leaf], code[leaf], levels - level[leaf]), numbers, middles, ids)
        scale = 1.0 if dim == 2 else 1.0 / (1 << level[leaf])
        own = phase[leaf]
        at_end = 0
        for axis in range(dim):
            if origin[leaf, axis] + (1 << (levels - level[leaf])) == extent[axis]:
                at_end |= 1 << axis
        for e in range(starts[template[leaf]], starts[template[leaf] + 1]):
            a, b = ids[first[e]], ids[second[e]]
            if a > b:
                a, b = b, a
            q = end[a]
            while q > begin[a] and (upper[q - 1] > b or (upper[q - 1] == b and part_of[q - 1] > own)):
                q -= 1
            begins_here = above[e] & ~at_end == 0
            if q > begin[a] and upper[q - 1] == b and part_of[q - 1] == own:
                weight[q - 1] += scale * size[e]
                begins[q - 1] |= begins_here
                continue
            for r in range(end[a], q, -1):
                upper[r], part_of[r], weight[r], begins[r] = upper[r - 1], part_of[r - 1], weight[r - 1], begins[r - 1]
            upper[q], part_of[q], weight[q], begins[q] = b, own, scale * size[e], begins_here
            end[a] += 1
    parts, count = 0, 0
    for node in range(nodes):
        for q in range(begin[node], end[node]):
            if q == begin[node] or upper[q] != upper[q - 1]:
                count += 1
            parts += 1
    edges = np.empty((count, 2), dtype=np.int32)
    edge = np.empty(parts, dtype=np.int32)
    phases = np.empty(parts, dtype=np.int32)
    weights = np.empty(parts)
    whether = np.zeros(count, dtype=np.bool_)
    parts, count = 0, -1
    for node in range(nodes):
        for q in range(begin[node], end[node]):
            if q == begin[node] or upper[q] != upper[q - 1]:
                count += 1
                edges[count, 0], edges[count, 1] = node, upper[q]
            edge[parts], phases[parts], weights[parts] = count, part_of[q], weight[q]
            whether[count] |= begins[q]
            parts += 1
    return edges, edge, phases, weights, whether
