"""Weights of the edges of a leaf by Voronoi's cells of its nodes.

The flux of a gradient through the face between two Voronoi cells is the face's area over the distance of their nodes
times the difference of the values: g = A/d >= 0, symmetric, exact where the solution is linear. Leaf by leaf it is the
part of the face within the leaf: Voronoi's cells of a leaf's nodes and of their mirror images behind its faces. On a
leaf without nodes between its corners these are the weights of the 5- or 7-point stencil.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femna.mesh.tree.leaves import corner_offsets, middle_offsets

Array = NDArray[np.float64]

LEAST_WEIGHT = 1e-9
"""Weight, in those of the whole leaf, below which an edge is the rounding of one that does not exist."""

VOLUME_TOLERANCE = 1e-9
"""By how much the nodes' shares of a leaf may miss its volume, relative."""


@dataclass(frozen=True)
class LeafEdges:
    """The edges in a leaf.

    Attributes:
        first, second: (e,), places in the leaf: its corners, then the places of `middle_offsets`.
        weight: (e,), in m^(d-2), of a leaf as large as a brick.
    """

    first: NDArray[np.int8]
    second: NDArray[np.int8]
    weight: Array


@functools.lru_cache(maxsize=4096)
def leaf_edges(code: int, shape: tuple[float, ...]) -> LeafEdges:
    """The edges in a leaf.

    Args:
        code: one bit for each place of `middle_offsets` that has a node.
        shape: size of a brick along each axis, m.

    Raises:
        ValueError: the leaf is so long that a node's cell reaches beyond the mirror images of its neighbours.
    """
    mirrored = [
        (
            sum(
                int(code >> b & 1) << int(place) for b, place in enumerate(images[2 ** len(shape) :] - 2 ** len(shape))
            ),
            n,
        )
        for n, images in enumerate(_mirrors(len(shape)))
    ]
    least, mirror = min(mirrored)
    edges = _edges_of(least, shape)
    images = _mirrors(len(shape))[mirror]
    return LeafEdges(images[edges.first].astype(np.int8), images[edges.second].astype(np.int8), edges.weight)


@functools.lru_cache(maxsize=2)
def _mirrors(dim: int) -> tuple[NDArray[np.int64], ...]:
    """Where each place of a leaf goes by each of its mirror images, which are their own inverses."""
    halves = np.concatenate([2 * corner_offsets(dim), middle_offsets(dim)])[:, :dim]
    number = {tuple(map(int, place)): n for n, place in enumerate(halves)}
    images = []
    for flips in itertools.product((False, True), repeat=dim):
        flipped = np.where(np.array(flips), 2 - halves, halves)
        images.append(np.array([number[tuple(map(int, place))] for place in flipped]))
    return tuple(images)


@functools.lru_cache(maxsize=1024)
def _edges_of(code: int, shape: tuple[float, ...]) -> LeafEdges:
    """`leaf_edges` of one leaf out of its mirror images."""
    dim = len(shape)
    corners, middles = 2 * corner_offsets(dim)[:, :dim], middle_offsets(dim)[:, :dim]
    chosen = [b for b in range(len(middles)) if code >> b & 1]
    places = np.concatenate([np.arange(len(corners)), len(corners) + np.array(chosen, dtype=int)])
    halves = np.concatenate([corners, middles[chosen]])
    first, second, weight = _within_leaf(halves, np.array(shape))
    names = places[np.stack([first, second])]
    return LeafEdges(names[0].astype(np.int8), names[1].astype(np.int8), weight)


def _within_leaf(halves: NDArray[np.int32], shape: Array) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """The edges between nodes of a leaf and their weights; `halves`: (n, d), places in units of half the leaf."""
    from scipy.spatial import Voronoi

    dim, unit = len(shape), shape / np.abs(shape).prod() ** (1.0 / len(shape))
    points: dict[tuple[int, ...], int] = {tuple(map(int, place)): n for n, place in enumerate(halves)}
    for mirror in itertools.product((-1, 0, 1), repeat=dim):
        for place in halves:
            image = tuple(int(p if m == 0 else -p if m < 0 else 4 - p) for p, m in zip(place, mirror, strict=True))
            points.setdefault(image, -1)
    places, numbers = np.array(list(points)), list(points.values())
    diagram = Voronoi(places * 0.5 * unit)
    first, second, weight = [], [], []
    volume = 0.0
    for (a, b), vertices in zip(diagram.ridge_points, diagram.ridge_vertices, strict=True):
        if numbers[a] < 0 or numbers[b] < 0:
            continue
        step = (places[b] - places[a]) * 0.5 * unit
        distance = float(np.sqrt(step @ step))
        # what lies in a face of the leaf is shared with its mirror image
        shared = sum(places[a][k] == places[b][k] and places[a][k] in (0, 2) for k in range(dim))
        area = _area(diagram.vertices[vertices], step / distance) / 2.0**shared
        volume += area * distance / dim
        if area / distance > LEAST_WEIGHT:
            first.append(numbers[a])
            second.append(numbers[b])
            weight.append(area / distance)
    if abs(volume - 1.0) > VOLUME_TOLERANCE:
        raise ValueError(f"leaves of shape {tuple(shape)} have no Voronoi cells of their own")
    scale = float(np.abs(shape).prod() ** ((dim - 2.0) / dim))
    return np.array(first), np.array(second), np.array(weight) * scale


def _area(corners: Array, normal: Array) -> float:
    """Length (2D) or area (3D) of a flat convex face with these corners, (n, d)."""
    if corners.shape[1] == 2:
        return float(np.sqrt(((corners[1] - corners[0]) ** 2).sum()))
    across = np.cross(normal, np.eye(3)[np.argmin(np.abs(normal))])
    across /= np.sqrt(across @ across)
    along = np.cross(normal, across)
    centre = corners.mean(axis=0)
    u, v = (corners - centre) @ across, (corners - centre) @ along
    order = np.argsort(np.arctan2(v, u))
    u, v = u[order], v[order]
    return float(0.5 * abs((u * np.roll(v, -1) - np.roll(u, -1) * v).sum()))
