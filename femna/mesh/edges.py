"""Sums over the edges of the mesh: the kernels that every transport term is made of.

A conservative two-point flux from node i to node j is written p_ij u_i - q_ij u_j with rates p, q >= 0: plain
conduction has p = q = a g_ij; drift and diffusion has the rates of Scharfetter and Gummel (IEEE Trans. Electron
Devices 16 (1969) 64). What leaves i enters j, so such a term conserves to rounding whatever the rates are.
"""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SERIES_LIMIT = 1e-3
"""Argument below which Bernoulli's function and the logarithmic mean are taken from their series, without unit."""

EXPONENT_LIMIT = 300.0
"""Argument beyond which Bernoulli's function equals its asymptote in double precision, without unit."""


@kernel
def flux_divergence(edges: Ints, p: Array, q: Array, u: Array) -> Array:
    """Net flux out of each node, for fluxes p u_i - q u_j from i to j along the edges.

    Args:
        edges: (E, 2), node numbers; more than there are rates do not count.
        p: (E,), rates of u at the first node.
        q: (E,), rates of u at the second node.
        u: (N,), nodal values.

    Returns:
        (N,), this rank's share, in the unit of p times that of u.
    """
    result = np.zeros(u.size)
    for e in range(p.size):
        i, j = edges[e, 0], edges[e, 1]
        flux = p[e] * u[i] - q[e] * u[j]
        result[i] += flux
        result[j] -= flux
    return result


@kernel
def divergence(edges: Ints, flux: Array, size: int) -> Array:
    """Net flux out of each node, for given fluxes.

    Args:
        edges: (E, 2), node numbers.
        flux: (E,), from the first node to the second.
        size: number of nodes N.

    Returns:
        (N,), this rank's share, in the unit of the flux.
    """
    result = np.zeros(size)
    for e in range(edges.shape[0]):
        result[edges[e, 0]] += flux[e]
        result[edges[e, 1]] -= flux[e]
    return result


@kernel
def diagonal(edges: Ints, p: Array, q: Array, size: int) -> Array:
    """Diagonal of the matrix of `flux_divergence`.

    Args:
        edges: (E, 2), node numbers; more than there are rates do not count.
        p: (E,), rates of the first node.
        q: (E,), rates of the second node.
        size: number of nodes N.

    Returns:
        (N,), this rank's share, in the unit of the rates.
    """
    result = np.zeros(size)
    for e in range(p.size):
        result[edges[e, 0]] += p[e]
        result[edges[e, 1]] += q[e]
    return result


@kernel
def matrix_entries(edges: Ints, fixed: Bools, local: Array, p: Array, q: Array, entries: Array) -> float:
    """Entries of the matrix of `flux_divergence` with a nodal part, in the order of a list of the pattern.

    Args:
        edges: (E, 2), node numbers.
        fixed: (N,), nodes without a row and a column of their own: no edge couples them to others.
        local: (N,), the nodal part of the diagonal.
        p: (E,), rates of the first node.
        q: (E,), rates of the second node.
        entries: (N + 2 E,), receives the diagonal, then the entries (i, j) of all edges, then the entries (j, i).

    Returns:
        The largest entry of the diagonal, of fixed nodes too, and 0 at least; NaN where one is not finite.
    """
    size, count = local.size, edges.shape[0]
    entries[:size] = local
    for e in range(count):
        i, j = edges[e, 0], edges[e, 1]
        entries[i] += p[e]
        entries[j] += q[e]
        coupled = not (fixed[i] or fixed[j])
        entries[size + e] = -q[e] if coupled else 0.0
        entries[size + count + e] = -p[e] if coupled else 0.0
    largest, nothing = 0.0, 0.0
    for i in range(size):
        largest = max(largest, entries[i])
        nothing += 0.0 * entries[i]  # unless one is no finite number
    return largest + nothing


@kernel
def tanh_middle(edges: Ints, xi: Array) -> Array:
    """Order parameter in the middle of each edge, on the tanh profile through the values at its two ends.

    On such a profile log(xi / (1 - xi)) is linear in space, so that the middle is exact where the front is flat; the
    mean of the two values is of second order only. Values outside [0, 1] count as 0 or 1.

    Args:
        edges: (E, 2), node numbers.
        xi: (N,), nodal values.

    Returns:
        (E,), between 0 and 1.
    """
    result = np.empty(edges.shape[0])
    for e in range(edges.shape[0]):
        a = min(max(xi[edges[e, 0]], 0.0), 1.0)
        b = min(max(xi[edges[e, 1]], 0.0), 1.0)
        metal, liquid = sqrt(a * b), sqrt((1.0 - a) * (1.0 - b))
        result[e] = metal / (metal + liquid) if metal + liquid > 0.0 else 0.5
    return result


@kernel
def bernoulli(z: float) -> float:
    """Bernoulli's function B(z) = z / (exp(z) - 1), by its series where the quotient would cancel."""
    if abs(z) < SERIES_LIMIT:
        return 1.0 - 0.5 * z + z * z / 12.0
    if z > EXPONENT_LIMIT:
        return 0.0
    if z < -EXPONENT_LIMIT:
        return -z
    return z / (exp(z) - 1.0)


@kernel
def bernoulli_slope(z: float) -> float:
    """Derivative B'(z) = B (1 - z - B)/z of Bernoulli's function, by its series where the quotient would cancel."""
    if abs(z) < SERIES_LIMIT:
        return -0.5 + z / 6.0
    b = bernoulli(z)
    return b * (1.0 - z - b) / z


@kernel
def scharfetter_gummel_rates(edges: Ints, a: Array, potential: Array) -> tuple[Array, Array]:
    """Scharfetter-Gummel rates of the flux -a (grad c + c grad u), u being a dimensionless potential.

    The flux p c_i - q c_j vanishes exactly for the Boltzmann distribution c ~ exp(-u).

    Args:
        edges: (E, 2), node numbers.
        a: (E,), coefficient times edge weight.
        potential: (N,), u.

    Returns:
        The rates p and q, (E,) each, not negative, in the unit of a.
    """
    p, q = np.empty(a.size), np.empty(a.size)
    for e in range(a.size):
        z = potential[edges[e, 1]] - potential[edges[e, 0]]
        smaller = a[e] * bernoulli(abs(z))
        larger = smaller + a[e] * abs(z)  # B(-z) = B(z) + z
        p[e], q[e] = (smaller, larger) if z > 0.0 else (larger, smaller)
    return p, q
