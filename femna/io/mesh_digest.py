"""The digest by which a stored state or output is known to belong to a mesh."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def mesh_digest(points: NDArray[np.floating], cells: NDArray[np.integer], layer: NDArray[np.integer]) -> str:
    """Digest of the numbers and shapes of a mesh, the same on every machine.

    Args:
        points: coordinates of the nodes, (N, dim), m.
        cells: nodes of the simplices, (M, dim + 1).
        layer: index of the layer of each cell, (M,).

    Returns:
        The SHA-256 in hexadecimal digits.
    """
    digest = hashlib.sha256()
    for array, kind in ((points, "<f8"), (cells, "<i8"), (layer, "<i4")):
        plain = np.ascontiguousarray(array, dtype=kind)
        digest.update(f"{kind}{plain.shape}".encode())
        digest.update(plain.data)
    return digest.hexdigest()
