"""Elastic problems on small grids: two materials mixed across a given front, and what they answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femna.mechanics.elasticity import AXES, ElasticSystem, Top
from femna.mechanics.exact_stresses import Isotropic
from femna.mechanics.tensors import Laminate, isotropic, laminate
from femna.mesh.grid import Grid

Array = NDArray[np.float64]

NA = Isotropic(4.6e9, 0.378)
NAF = Isotropic(76e9, 0.24)
NZSP = Isotropic(75.05e9, 0.26)
GEL = Isotropic(1e6, 0.45)
FREE = Top()


def stiffness(material: Isotropic, like: Array) -> Array:
    """C of a material at points (M, q)."""
    return np.broadcast_to(isotropic(*material), (*like.shape, 6, 6))


def free_strain(strain: float) -> Array:
    """Equal in all directions."""
    return np.array([strain, strain, strain, 0.0, 0.0, 0.0])


@dataclass
class Solved:
    """A solved problem: system, mixture, stress (M, q, 6) and strain of it, p (M, q)."""

    system: ElasticSystem
    mixture: Laminate
    stress: Array
    strain: Array
    share: Array

    def mean(self, values: Array, weight: Array | float = 1.0) -> float:
        """Weighted mean over the body of values (M, q). Collective."""
        volume = self.system.volume * weight
        weighted, whole = self.system.grid.sum(float((volume * values).sum()), float(volume.sum()))
        return float(weighted / whole)


def solve(
    grid: Grid,
    share: Array,
    normal: Callable[[Array], Array],
    materials: tuple[Isotropic, Isotropic],
    *,
    misfit: float = 0.0,
    growth: Array | None = None,
    top: Top = FREE,
    degree: int = 2,
    is_bonded: bool = True,
) -> Solved:
    """Two materials, p (N,) of the first, whose front has the normals of `normal`.

    misfit: free strain of the first in every direction; growth: strain (M, q, 6) of both without stress.
    """
    system = ElasticSystem(grid, top, degree, is_bonded=is_bonded)
    p, places = system.at_points(share), system.at_points(grid.points)
    normals = np.zeros((*p.shape, 3))
    normals[..., AXES[grid.dim]] = normal(places)
    a, b = (stiffness(material, p) for material in materials)
    mixture = laminate(p, normals, a, b, isotropic(*materials[0]) @ free_strain(misfit))
    grown = np.zeros((*p.shape, 6)) if growth is None else growth

    def stress() -> Array:
        elastic = system.strain() - grown
        return np.asarray(np.einsum("mqij,mqj->mqi", mixture.stiffness, elastic) - mixture.eigenstress)

    system.correct(mixture.stiffness, stress())
    return Solved(system, mixture, stress(), system.strain(), p)
