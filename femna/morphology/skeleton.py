"""Skeleton of the metal: its length and its branches."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import label
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from femna.morphology.thinning import thinned
from femna.morphology.voxel_axes import BoolArray, FloatArray, array_spacing

SMOOTHINGS = 5
"""Rounds of smoothing of the lines before their length is taken."""


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

    Thinning also eats a line from its ends. An end lies as deep in the metal as it is away from the tip, so its depth
    is added. Branches that reach no farther than a voxel out of the ball about their junction are taken off. Lengths
    are those of lines that are smoothed between ends and junctions, without the steps of the voxels. Thinning counts
    voxels: on anisotropic ones a skeleton need not be central.

    Args:
        metal: (z, y, x).
        depths: distance of every metal voxel's centre to the surface, (z, y, x), m (`distance_transform.depth`).
        voxel_size: (3,), m, along x, y, z.

    Returns:
        Length, branches, ends and junctions.
    """
    spacing = np.array(array_spacing(voxel_size))
    lines = thinned(metal)
    lines[tuple(_spurs(lines, depths, spacing).T)] = False
    pairs, places = _links(lines), np.argwhere(lines)
    if not len(places):
        return Skeleton(0.0, 0, 0, 0)
    degree = np.bincount(pairs.ravel(), minlength=len(places))
    length = float(_link_lengths(_smooth_places(pairs, degree, places * spacing), pairs).sum())
    tips = np.where(np.isfinite(depths), depths, 0.0)[tuple(places.T)]
    length += float(tips[degree == 1].sum()) + 2 * float(tips[degree == 0].sum())
    junction = degree >= 3
    clusters = label(_field(lines.shape, places[junction]), np.ones((3, 3, 3)))[1]
    branches = len(np.unique(_pieces(pairs, junction, len(places))[~junction]))
    return Skeleton(length, branches, int((degree == 1).sum()), int(clusters))


def _spurs(lines: BoolArray, depths: FloatArray, spacing: FloatArray) -> NDArray[np.int64]:
    """Voxels of branches with a free end that hardly stick out of the ball about their junction, (voxels, 3)."""
    pairs, places = _links(lines), np.argwhere(lines)
    if not len(pairs):
        return np.zeros((0, 3), dtype=np.int64)
    degree = np.bincount(pairs.ravel(), minlength=len(places))
    junction = degree >= 3
    piece = _pieces(pairs, junction, len(places))
    count = int(piece.max()) + 1
    lengths, depth = _link_lengths(places * spacing, pairs), depths[tuple(places.T)].astype(float)
    reach, room = np.zeros(count), np.full(count, -np.inf)
    for one, other in (pairs.T, pairs.T[::-1]):
        outside = ~junction[one] & junction[other]  # the link that joins a piece to its junction
        np.add.at(reach, piece[one[outside]], lengths[outside])
        np.maximum.at(room, piece[one[outside]], depth[other[outside]])
    inside = ~junction[pairs].any(axis=1)
    np.add.at(reach, piece[pairs[inside, 0]], lengths[inside])
    ends = (degree == 1) & ~junction
    np.add.at(reach, piece[ends], depth[ends])
    free = np.bincount(piece[ends], minlength=count) == 1
    return np.asarray(places[(free & (reach <= room + spacing.max()))[piece] & ~junction])


def _link_lengths(points: FloatArray, pairs: NDArray[np.int64]) -> FloatArray:
    return np.asarray(np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1))


def _smooth_places(pairs: NDArray[np.int64], degree: NDArray[np.int64], points: FloatArray) -> FloatArray:
    """Points with those that have two neighbours moved to the mean of the three, some times."""
    count = len(points)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    neighbours = csr_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(count, count))
    moves = (degree == 2)[:, None]
    for _ in range(SMOOTHINGS):
        points = np.where(moves, (points + neighbours @ points) / 3, points)
    return points


def _pieces(pairs: NDArray[np.int64], junction: BoolArray, count: int) -> NDArray[np.int32]:
    """Number of the piece that each voxel belongs to when the junctions are taken out; each of these is one, too."""
    free = ~junction[pairs].any(axis=1)
    graph = coo_array((np.ones(int(free.sum())), pairs[free].T), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1])


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


def _field(shape: tuple[int, ...], places: NDArray[np.int64]) -> BoolArray:
    field = np.zeros(shape, dtype=bool)
    field[tuple(places.T)] = True
    return field
