"""Ions of the two-potential model: their fluxes and the ionic current along the edges, in three kinds of transport.

single_ion: a ceramic. Only Na+ moves, its concentration is fixed: i = -sigma grad phi_l.

nernst_planck: paper A's equation (5) with ohmic conduction beside it (not electroneutral):
    N = -D (grad c + c grad phi_l/V_T),   i = -sigma grad phi_l,   V_T = RT/F.

binary: an electroneutral salt in the layers that hold one, D+ and D- its ions' diffusivities; every other layer
conducts Na+ alone. phi_l is here the potential of a sodium reference electrode, phi + V_T ln c~, which is continuous
from layer to layer (Newman and Thomas-Alyea, Electrochemical Systems, ch. 12):
    i = -sigma c~ [grad phi_l - 2 V_T (1 - t+) grad ln c~],   sigma = F^2 (D+ + D-) c0/RT,   t+ = D+/(D+ + D-),
    salt: eps dc/dt = div(eps D_a grad c) - (1 - t+) (what reacts, or enters a layer without salt)/F,
    D_a = 2 D+ D-/(D+ + D-).

All coefficients carry the share 1 - p that the metal leaves, by its mean over the ends of an edge: with a reaction
spread by |grad p| the potential through a flat front is then exact on any mesh.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.mesh.edges import bernoulli, bernoulli_slope, log_mean
from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

FLOOR = 1e-9
"""Of the share 1 - p: what is left of the ions' paths in metal, small enough that a closed film leaks nothing."""


@dataclass
class EdgeFlux:
    """A flux from i to j along each edge with its derivatives, (E,) each: by c~_i, c~_j and by phi_i = -by phi_j."""

    flux: Array
    c_first: Array
    c_second: Array
    phi: Array


@kernel
def _binary_current(
    edges: Ints, solid: Array, salt: Array, drop: float, c: Array, phi: Array
) -> tuple[Array, Array, Array, Array]:
    n = edges.shape[0]
    flux, c_first, c_second, by_phi = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for e in range(n):
        i, j = edges[e, 0], edges[e, 1]
        step = phi[i] - phi[j]
        mean, d_i, d_j = log_mean(c[i], c[j])
        flux[e] = (solid[e] + salt[e] * mean) * step - salt[e] * drop * (c[i] - c[j])
        c_first[e] = salt[e] * (d_i * step - drop)
        c_second[e] = salt[e] * (d_j * step + drop)
        by_phi[e] = solid[e] + salt[e] * mean
    return flux, c_first, c_second, by_phi


@kernel
def _drift(edges: Ints, diffusion: Array, thermal: float, c: Array, phi: Array) -> tuple[Array, Array, Array, Array]:
    n = edges.shape[0]
    flux, c_first, c_second, by_phi = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for e in range(n):
        i, j = edges[e, 0], edges[e, 1]
        z = (phi[j] - phi[i]) / thermal
        # flux = D g [B(z) c_i - B(-z) c_j], B(-z) = B(z) + z
        b, slope = bernoulli(z), bernoulli_slope(z)
        flux[e] = diffusion[e] * (b * c[i] - (b + z) * c[j])
        c_first[e] = diffusion[e] * b
        c_second[e] = -diffusion[e] * (b + z)
        by_phi[e] = -diffusion[e] * (slope * c[i] - (slope + 1.0) * c[j]) / thermal
    return flux, c_first, c_second, by_phi


class Ions:
    """The ionic fluxes of one kind of transport on a grid, for c~ = c/c0 and phi_l.

    kind: single_ion, nernst_planck or binary. conductivity: sigma of each cell, (M,), or of each of its edges,
    (M, d(d+1)/2), in S/m (in binary of the layers without salt). diffusivity: D+ of each cell, (M,) in m^2/s; anion: D-
    in m^2/s, 0 where a layer holds no salt (binary). thermal_voltage RT/F in V; charge: F c0 in C/m^3.
    """

    def __init__(
        self,
        grid: Grid,
        kind: str,
        conductivity: Array,
        diffusivity: Array,
        anion: Array,
        thermal_voltage: float,
        charge: float,
    ) -> None:
        self.grid, self.kind, self.thermal_voltage, self.charge = grid, kind, thermal_voltage, charge
        salted = anion > 0.0 if kind == "binary" else np.full(len(conductivity), kind == "nernst_planck")
        both = diffusivity + anion
        cell_volume = np.repeat(grid.cell_volume * salted / (grid.dim + 1), grid.dim + 1)
        self.salt_volume = grid.add_up(np.bincount(grid.cells.ravel(), weights=cell_volume, minlength=grid.size))
        """Lumped volume of the salt's layers, (N,) in m^d; no concentration where it is 0."""
        self.without_salt = self.salt_volume < 1e-12 * grid.volume
        self.transference = 0.0
        if kind == "binary":
            self._solid = grid.edge_weight(np.where(salted, 0.0, conductivity.T).T)
            self._salt = grid.edge_weight(np.where(salted, charge / thermal_voltage * both, 0.0))
            self._diffusion = grid.edge_weight(
                np.where(salted, 2.0 * diffusivity * anion / np.maximum(both, 1e-300), 0.0)
            )
            shares = diffusivity[salted] / both[salted]
            self.transference = float(grid.max(shares.max(initial=0.0))[0])
        else:
            self._solid = grid.edge_weight(conductivity)
            self._salt = np.zeros(len(grid.edges))
            self._diffusion = grid.edge_weight(np.where(salted, diffusivity, 0.0))

    @property
    def anion_share(self) -> float:
        """Of a reaction's current, what the salt has to make up by diffusion: 1 - t+, or all of it."""
        return 1.0 - self.transference if self.kind == "binary" else 1.0

    def electrolyte_fraction(self, fraction: Array) -> Array:
        """1 - p at the nodes, not quite 0 in metal, (N,)."""
        return (1.0 - fraction) + FLOOR * fraction

    def current(self, electrolyte_fraction: Array, c: Array, phi: Array) -> EdgeFlux:
        """Ionic current along the edges, A m^(d-3)."""
        share = 0.5 * (electrolyte_fraction[self.grid.edges[:, 0]] + electrolyte_fraction[self.grid.edges[:, 1]])
        drop = 2.0 * self.thermal_voltage * (1.0 - self.transference) if self.kind == "binary" else 0.0
        return EdgeFlux(*_binary_current(self.grid.edges, self._solid * share, self._salt * share, drop, c, phi))

    def salt(self, electrolyte_fraction: Array, c: Array, phi: Array) -> EdgeFlux:
        """Flux along the edges of what obeys the salt's balance, in units of c0, m^d/s.

        nernst_planck: Na+. binary: diffusion of the salt, and what layers without salt draw from it.
        """
        edges = self.grid.edges
        share = 0.5 * (electrolyte_fraction[edges[:, 0]] + electrolyte_fraction[edges[:, 1]])
        if self.kind == "nernst_planck":
            return EdgeFlux(*_drift(edges, self._diffusion * share, self.thermal_voltage, c, phi))
        diffusion = self._diffusion * share
        drawn = self.anion_share / self.charge * self._solid * share
        flux = diffusion * (c[edges[:, 0]] - c[edges[:, 1]]) + drawn * (phi[edges[:, 0]] - phi[edges[:, 1]])
        return EdgeFlux(flux, diffusion, -diffusion, drawn)

    def electrostatic(self, c: Array, phi: Array) -> Array:
        """The electrostatic potential, (N,) in V: what eta = phi_s - phi_l - U refers to."""
        return phi - self.thermal_voltage * np.log(c) if self.kind == "binary" else phi
