"""Stiffness of isotropic phases, and of two phases that share a cell of the mesh across a front.

Symmetric tensors are six-vectors in the order xx, yy, zz, yz, xz, xy; shear strains are twice the tensor's components
(Voigt). z is the growth axis. Tension is positive.

Two phases that share a cell are a laminate of rank one, layered along the front's normal n (docs/theory/mechanics.md):
their strains differ by sym(a x n), and the traction on n is the same in both. A flat front then carries what a sharp
one carries, whatever its width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
"""Axes of the components."""


def isotropic(youngs_modulus: Array | float, poisson_ratio: Array | float) -> Array:
    """Stiffness of isotropic materials.

    Args:
        youngs_modulus: E, any shape, Pa.
        poisson_ratio: nu, of the same shape, less than 1/2.

    Returns:
        (.., 6, 6), Pa.
    """
    e, nu = np.broadcast_arrays(np.asarray(youngs_modulus, dtype=float), np.asarray(poisson_ratio, dtype=float))
    lame, shear = e * nu / ((1.0 + nu) * (1.0 - 2.0 * nu)), e / (2.0 * (1.0 + nu))
    stiffness = np.zeros((*e.shape, 6, 6))
    stiffness[..., :3, :3] = lame[..., None, None]
    for k in range(6):
        stiffness[..., k, k] += (2.0 if k < 3 else 1.0) * shear
    return stiffness


def dyad(normal: Array) -> Array:
    """n x n of unit vectors (.., 3) as strains, (.., 6)."""
    first, second = np.array(VOIGT).T
    return np.asarray(normal[..., first] * normal[..., second] * np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0]))


def across(normal: Array) -> Array:
    """The matrix N that makes strains sym(a x n) of vectors a, (.., 6, 3), for normals (.., 3)."""
    result = np.zeros((*normal.shape[:-1], 6, 3))
    for k, (i, j) in enumerate(VOIGT):
        result[..., k, i] += normal[..., j]
        if i != j:
            result[..., k, j] += normal[..., i]
    return result


@dataclass(frozen=True)
class Laminate:
    """Two phases A and B that share cells: sigma = stiffness strain - eigenstress.

    Args:
        stiffness: C = p C_A + (1-p) C_B - p(1-p) D N K^-1 N^T D, (.., 6, 6) in Pa.
        jump: J with a = J strain - jump_offset, the strains being e + (1-p) N a in A and e - p N a in B, (.., 3, 6).
        eigenstress: s0, (.., 6) in Pa.
        jump_offset: (.., 3).
        lift: N, (.., 6, 3).
        share: p of A, (..).
    """

    stiffness: Array
    jump: Array
    eigenstress: Array
    jump_offset: Array
    lift: Array
    share: Array

    def strains(self, strain: Array) -> tuple[Array, Array]:
        """Strains in A and in B, (.., 6) each, of the mixture's strain."""
        a = np.einsum("...ij,...j->...i", self.jump, strain) - self.jump_offset
        apart = np.einsum("...ij,...j->...i", self.lift, a)
        p = self.share[..., None]
        return np.asarray(strain + (1.0 - p) * apart), np.asarray(strain - p * apart)


def laminate(
    share: Array, normal: Array, a: Array, b: Array, own_a: Array | float = 0.0, own_b: Array | float = 0.0
) -> Laminate:
    """The laminate of two phases, rank one, along the normals of the front.

    With N a = sym(a x n), K = N^T [(1-p) C_A + p C_B] N and D = C_A - C_B the tractions agree where
    K a = -N^T (D e - s_A + s_B).

    Args:
        share: p of A, (..), from 0 to 1.
        normal: n, unit vectors (.., 3); where they are zero the growth axis is taken.
        a, b: stiffness of the phases, (.., 6, 6) in Pa.
        own_a, own_b: eigenstress of the phases, (.., 6) in Pa: sigma_A = C_A e_A - own_a.

    Returns:
        The mixture.
    """
    length = np.linalg.norm(normal, axis=-1, keepdims=True)
    unit = np.where(length > 0.0, normal / np.maximum(length, 1e-300), np.array([0.0, 0.0, 1.0]))
    lift, p = across(unit), share[..., None, None]
    turned = np.swapaxes(lift, -1, -2)
    difference = a - b
    inner = turned @ ((1.0 - p) * a + p * b) @ lift
    jump = -np.linalg.solve(inner, turned @ difference)
    mean = p * a + (1.0 - p) * b
    stiffness = mean + p * (1.0 - p) * difference @ lift @ jump
    apart = np.broadcast_to(np.asarray(own_a) - np.asarray(own_b), stiffness.shape[:-1])
    offset = -np.linalg.solve(inner, turned @ apart[..., None])[..., 0]
    pulled = ((difference @ lift) @ offset[..., None])[..., 0]
    p = share[..., None]
    eigenstress = p * own_a + (1.0 - p) * own_b + p * (1.0 - p) * pulled
    return Laminate(np.asarray(stiffness), jump, np.asarray(eigenstress), offset, lift, share)


def von_mises(stress: Array) -> Array:
    """Von Mises' equivalent stress, (..), of stresses (.., 6)."""
    x, y, z, yz, xz, xy = np.moveaxis(stress, -1, 0)
    normal = (x - y) ** 2 + (y - z) ** 2 + (z - x) ** 2
    return np.asarray(np.sqrt(0.5 * normal + 3.0 * (yz**2 + xz**2 + xy**2)))


def pressure(stress: Array) -> Array:
    """-tr sigma/3, (..), of stresses (.., 6); positive where squeezed."""
    return np.asarray(-stress[..., :3].mean(axis=-1))


def largest_principal(stress: Array) -> Array:
    """The largest principal stress, (..), of stresses (.., 6)."""
    tensor = np.empty((*stress.shape[:-1], 3, 3))
    for k, (i, j) in enumerate(VOIGT):
        tensor[..., i, j] = tensor[..., j, i] = stress[..., k]
    return np.asarray(np.linalg.eigvalsh(tensor)[..., -1])
