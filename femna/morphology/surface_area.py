"""Area of the surface by marching cubes on the grey field.

On a segmented volume marching cubes sees steps of half a voxel whatever the resolution: a ball's area is 8.7 % too
large, and counting faces gives 3/2 of it. On the grey field the error falls with the square of the voxel size.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter

from femna.morphology.image_library import measure_library
from femna.morphology.voxel_axes import BoolArray, FloatArray, array_spacing

LABEL_BLUR = 1.0
"""Standard deviation, in voxels, of the Gaussian that makes a grey field of a segmented volume."""


def smoothed(metal: BoolArray) -> FloatArray:
    """A grey field for a volume that has none: 0 and 1 with a Gaussian of one voxel; the surface is at 1/2.

    Args:
        metal: (z, y, x).

    Returns:
        The field, (z, y, x), float32.
    """
    return np.asarray(gaussian_filter(metal.astype(np.float32), LABEL_BLUR, mode="nearest"))


def surface_mesh(grey: FloatArray, level: float, voxel_size: ArrayLike) -> tuple[FloatArray, NDArray[np.integer[Any]]]:
    """Triangles of the surface where the grey field crosses the level, open at the faces of the volume.

    Args:
        grey: (z, y, x), not constant.
        level: grey value of the surface.
        voxel_size: (3,), m, along x, y, z.

    Returns:
        Vertices (V, 3), m, along z, y, x from the centre of the first voxel; triangles (T, 3). Both are empty where
        nothing crosses the level.
    """
    if min(grey.shape) < 2 or not grey.min() < level < grey.max():
        return np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64)
    spacing = array_spacing(voxel_size)
    finest = min(spacing)  # lengths near one: skimage computes in single precision
    scaled = tuple(size / finest for size in spacing)
    vertices, triangles, _, _ = measure_library().marching_cubes(
        grey.astype(np.float32, copy=False), level, spacing=scaled
    )
    return vertices.astype(float) * finest, triangles


def surface_area(vertices: FloatArray, triangles: NDArray[np.integer[Any]]) -> float:
    """Area of a surface of triangles.

    Args:
        vertices: (V, 3), m.
        triangles: (T, 3).

    Returns:
        The area, m^2.
    """
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    return 0.5 * float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum())
