"""Effective conductivity and tortuosity of what is not metal: Laplace's equation on the voxels.

div(sigma grad phi) = 0 with phi = 1 and 0 on the two faces across an axis, no flux through the others; finite volumes
with the harmonic mean of the conductivities of two voxels at their common face, so that fluxes through layers are
exact. The tortuosity factor is tau = e sigma/sigma_eff, e the share of the phase (Tjaden et al., Current Opinion in
Chemical Engineering 12 (2016) 44). Needs PETSc.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import label

from femna.linear_solvers.voxel_laplace import VoxelConductances, solve_voxel_laplace
from femna.morphology.voxel_axes import BoolArray, FloatArray, array_spacing

RTOL = 1e-7
"""Relative tolerance of the solve; the conductivity's error is of the order of its square times the contrast."""


@dataclass(frozen=True)
class Conduction:
    """Effective transport along an axis.

    Args:
        relative_conductivity: sigma_eff over the conductivity of the phase; 0 where no way leads through.
        tortuosity: tortuosity factor; infinite where no way leads through, nan where there is nothing of the phase.
    """

    relative_conductivity: float
    tortuosity: float


def effective_conduction(share: FloatArray | BoolArray, voxel_size: ArrayLike, axis: int) -> Conduction:
    """Solve for the effective conductivity of a phase.

    Args:
        share: (z, y, x), share of each voxel that conducts, 0 to 1 (or bool); it is the voxel's conductivity over that
            of the phase.
        voxel_size: (3,), m, along x, y, z.
        axis: 0, 1, 2 for z, y, x.

    Returns:
        Relative conductivity and tortuosity factor.

    Raises:
        SolveFailed: the solver did not converge.
    """
    sigma = np.moveaxis(np.asarray(share, dtype=float), axis, 0)
    sizes = np.array(array_spacing(voxel_size))[[axis, *(k for k in range(3) if k != axis)]]
    volume_share = float(sigma.mean())
    sigma = np.where(_through(sigma > 0), sigma, 0.0)
    if not sigma.any():
        return Conduction(0.0, float("inf") if volume_share > 0 else float("nan"))
    relative = _solve(sigma, sizes)
    return Conduction(relative, volume_share / relative)


def _through(phase: BoolArray) -> BoolArray:
    """The parts of a phase that reach both the first and the last layer."""
    parts, count = label(phase)
    first, last = np.zeros((2, count + 1), dtype=bool)
    first[parts[0]] = last[parts[-1]] = True
    both = first & last
    both[0] = False
    return np.asarray(both[parts])


def _solve(sigma: FloatArray, sizes: FloatArray) -> float:
    """sigma_eff along axis 0 of conductivities (n, ., .) that hang together with both ends; phi = 1 at index 0."""
    finest = float(sizes.min())
    rates = [float(np.prod(sizes)) / size**2 / finest for size in sizes]  # area of a face over its distance
    faces = np.zeros((3, *sigma.shape))
    for axis in range(3):
        lower = tuple(slice(None, -1) if k == axis else slice(None) for k in range(3))
        upper = tuple(slice(1, None) if k == axis else slice(None) for k in range(3))
        a, b = sigma[lower], sigma[upper]
        np.divide(2 * rates[axis] * a * b, a + b, out=faces[axis][lower], where=a + b > 0)
    ground = np.zeros(sigma.shape)
    source = np.zeros(sigma.shape)
    source[0] = 2 * rates[0] * sigma[0]  # half a voxel to the face
    ground[0] = source[0]
    ground[-1] += 2 * rates[0] * sigma[-1]
    conductances = VoxelConductances(faces, ground)
    potential, _ = solve_voxel_laplace(conductances, source, RTOL)
    current = float((2 * rates[0] * sigma[-1] * potential[-1]).sum())
    return float(current * len(sigma) / (rates[0] * sigma[0].size))
