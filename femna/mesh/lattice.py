"""Where the nodes of a nested mesh lie on the lattice of its finest cells.

The mesh is a box of roots, each a brick of 2^L finest cells along every axis, halved again and again into leaves. Its
nodes are the corners of the leaves. A geometric multigrid merges them by bins of the lattice, without a search.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Lattice:
    """Lattice coordinates of one rank's nodes.

    Bins of 2^k finest cells with k <= root_level lie inside one root, and each root belongs to one rank: it owns the
    nodes whose position, cut off to whole roots, is the root's, and at an upper face of the box those of the last root.
    The cells may be stretched: coordinates in m are those of the grid's points.

    Attributes:
        position: (N, 3), coordinates of the nodes in finest cells, owned nodes first, then ghosts; 0 along axes that
            the mesh has not.
        spacing: (N,), log2 of the edge of the smallest leaf at each node, in finest cells.
        extent: number of finest cells along each axis, 0 along axes that the mesh has not.
        root_level: log2 of the edge of a root in finest cells, L.
    """

    position: NDArray[np.int32]
    spacing: NDArray[np.int8]
    extent: tuple[int, int, int]
    root_level: int
