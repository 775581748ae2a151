"""Skeleton of the metal: its length and its branches."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import label
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from femna.morphology.thinning import thinned
from femna.morphology.voxel_axes import BoolArray, FloatArray, array_spacing


@dataclass(frozen=True)
class Skeleton:
    """What a skeleton measures.

    Args:
        length: total length of its lines, m, with what thinning takes off at free ends.
        branches: lines between ends and junctions, and closed loops.
        ends: free ends.
        junctions: places where three or more lines meet.
    """

    length: float
    branches: int
    ends: int
    junctions: int


def skeleton(metal: BoolArray, depths: FloatArray, voxel_size: ArrayLike) -> Skeleton:
    """Thin the metal to lines of one voxel and measure these.

    Thinning also eats a line from its ends. An end lies as deep in the metal as it is away from the tip, so its
    depth is added. Thinning counts voxels: on anisotropic ones a skeleton need not be central.

    Args:
        metal: (z, y, x).
        depths: distance of every metal voxel's centre to the surface, (z, y, x), m (`distance_transform.depth`).
        voxel_size: (3,), m, along x, y, z.

    Returns:
        Length, branches, ends and junctions.
    """
    lines = thinned(metal)
    pairs = _links(lines)
    places = np.argwhere(lines)
    if not len(places):
        return Skeleton(0.0, 0, 0, 0)
    spacing = np.array(array_spacing(voxel_size))
    length = float(np.linalg.norm((places[pairs[:, 0]] - places[pairs[:, 1]]) * spacing, axis=1).sum())
    degree = np.bincount(pairs.ravel(), minlength=len(places))
    ends = degree <= 1
    tips = depths[tuple(places[ends].T)]
    length += float(tips[np.isfinite(tips)].sum()) + float(tips[np.isfinite(tips) & (degree[ends] == 0)].sum())
    junction = degree >= 3
    clusters = label(_field(lines.shape, places[junction]), np.ones((3, 3, 3)))[1]
    return Skeleton(length, _branches(pairs, junction, len(places)), int((degree == 1).sum()), int(clusters))


def _links(lines: BoolArray) -> NDArray[np.int64]:
    """Pairs of neighbouring voxels of a skeleton, numbered as np.argwhere does, without the long side of a corner."""
    numbers = np.full(np.array(lines.shape) + 2, -1, dtype=np.int64)
    inner = numbers[1:-1, 1:-1, 1:-1]
    inner[lines] = np.arange(int(lines.sum()))
    places = np.argwhere(lines) + 1
    found = []
    for step in product((-1, 0, 1), repeat=3):
        if step <= (0, 0, 0):
            continue
        other = numbers[tuple((places + step).T)]
        shortcut = np.zeros(len(places), dtype=bool)
        for corner in product(*[(0, s) if s else (0,) for s in step]):
            if corner not in ((0, 0, 0), step):
                shortcut |= numbers[tuple((places + corner).T)] >= 0
        keep = (other >= 0) & ~shortcut
        found.append(np.column_stack([numbers[tuple(places.T)][keep], other[keep]]))
    return np.concatenate(found)


def _branches(pairs: NDArray[np.int64], junction: BoolArray, count: int) -> int:
    """Number of pieces that are left when the junctions are taken out."""
    free = ~junction[pairs].any(axis=1)
    graph = coo_array((np.ones(int(free.sum())), pairs[free].T), shape=(count, count))
    _, piece = connected_components(graph, directed=False)
    return len(np.unique(piece[~junction]))


def _field(shape: tuple[int, ...], places: NDArray[np.int64]) -> BoolArray:
    field = np.zeros(shape, dtype=bool)
    field[tuple(places.T)] = True
    return field
