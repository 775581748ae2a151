"""What a diffuse front reacts to: phi_l, extrapolated along the normal to the sharp interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.physics.front_geometry import steps_inward

if TYPE_CHECKING:
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

EXTRAPOLATION_REACH = 3.0
"""Largest distance from the front, in units of l, over which a potential is extrapolated; beyond, next to nothing
reacts."""

SLOPE_SOURCE = 0.5
"""How far ahead of xi = 1/2, in units of l, the slope is taken that holds behind it. From there on outwards an error of
that slope leaves less than a tenth of itself in the next one, whatever the exchange current and the wavelength."""

EXTENSION_ROUNDS = 100
"""Largest number of rounds, each over one more row of edges, in which values are carried along the normals."""

SLOPE_TOLERANCE = 1e-5
"""By how much the potential that the slope behind the front makes up may differ from that of another potential,
relative to the largest of it."""


@dataclass(frozen=True)
class NodalDifferences:
    """Sums of differences at the nodes, each of the edges that meet there with a weight of its own.

    Attributes:
        grid: the mesh.
        first: (E + W,), weight of u_j - u_i of an edge (i, j) of `Grid.cell_edges` in the sum at i; this rank's share.
        second: (E + W,), weight of u_i - u_j in the sum at j; this rank's share.
    """

    grid: Grid
    first: Array
    second: Array

    def times(self, nodal: Array) -> NodalDifferences:
        """The same with a factor at each node, (N,)."""
        i, j = self.grid.cell_edges.T
        return NodalDifferences(self.grid, nodal[i] * self.first, nodal[j] * self.second)

    def of(self, u: Array) -> Array:
        """The sums of a field u, (N,). Collective."""
        i, j = self.grid.cell_edges.T
        rise = u[j] - u[i]
        sums = np.bincount(i, self.first * rise, self.grid.size) - np.bincount(j, self.second * rise, self.grid.size)
        return self.grid.add_up(sums)

    def derivatives(self, by: Array) -> tuple[Array, Array, Array]:
        """Derivatives of nodal currents that depend on u less these sums.

        Args:
            by: (N,), derivative of the current by u less the sums, in a unit of the current by one of u.

        Returns:
            Two arrays (E + W,) with the derivatives, of opposite sign, by u at the first and second end of each edge of
            the cells, as fluxes from the first to the second (`BlockSystem.assemble`), and one (N,) with those that are
            left at the nodes.
        """
        first, second = self.grid.cell_edges.T
        of_first, of_second = by[first] * self.first, by[second] * self.second
        excess = of_second - of_first
        at_node = np.bincount(first, excess, self.grid.size) - np.bincount(second, excess, self.grid.size)
        return -of_second, of_first, at_node


@dataclass(frozen=True)
class InwardExtension:
    """Values carried along the normals into the metal: at each node the mean of those before it.

    Attributes:
        grid: the mesh.
        source: (N,), nodes whose values are carried.
        before, after: (e,), node numbers: edges, each into the metal.
        weight: (e,), of the value before an edge in the mean after it; this rank's share.
    """

    grid: Grid
    source: Mask
    before: Ints
    after: Ints
    weight: Array

    @classmethod
    def along(cls, grid: Grid, interface_normal: Array, source: Mask, within: Mask) -> InwardExtension:
        """From the nodes `source`, (N,), along unit vectors (N, d), over edges with both ends `within`, (N,)."""
        steps = np.where(within[grid.edges].all(axis=1), steps_inward(grid.edges, grid.points, interface_normal), 0.0)
        # the positive parts, cell by cell, so that an edge between two ranks has the same weight as within one
        weight = grid.positive_weight * np.abs(steps)
        used = weight > 0.0
        before, after = np.where((steps > 0.0)[:, None], grid.edges, grid.edges[:, ::-1])[used].T
        return cls(grid, source, before, after, weight[used])

    def of(self, values: Array) -> tuple[Array, Mask]:
        """The values, (N,), 0 where none have been carried to, and where there are some, (N,). Collective."""
        grid, known = self.grid, self.source.copy()
        values = np.where(known, values, 0.0)
        for _ in range(EXTENSION_ROUNDS):
            carried = self.weight * known[self.before]
            whole = grid.add_up(np.bincount(self.after, carried, grid.size))
            sums = grid.add_up(np.bincount(self.after, carried * values[self.before], grid.size))
            reached = ~known & (whole > 0.0)
            if not grid.max(float(reached.any()))[0]:
                break
            values = np.where(reached, sums / np.where(reached, whole, 1.0), values)
            known |= reached
        return values, known


@dataclass(frozen=True)
class InterfaceExtrapolation:
    """Extrapolation of a potential from each node to the interface: u - psi dn u, with psi the signed distance.

    Through a flat front the ionic potential is linear, with the gradient i/sigma, because the conductivity has 1 - p.
    All of the front then reacts at one overpotential, that of the sharp front, however wide it is.

    Ahead of xi = 1/2 the derivative dn u is taken in the cell on the side away from the front: all weights then have
    the same sign, which a multigrid needs. Behind it such a derivative would be worth nothing: beyond psi = sigma
    RT/(F i0) the equations let it have any value, and with it the reaction's resistance. There it is the derivative
    ahead of the front, in the potential of before, carried along the normals.

    Attributes:
        slope: dn u at the nodes ahead of xi = 1/2.
        ahead: psi dn u there.
        inward: carries slopes from ahead of the front to behind it.
        reach: (N,), psi behind xi = 1/2, m; 0 elsewhere.
        behind: (N,), psi dn u there, by the potential of before, V.
    """

    slope: NodalDifferences
    ahead: NodalDifferences
    inward: InwardExtension
    reach: Array
    behind: Array

    @classmethod
    def of(
        cls, grid: Grid, interface_normal: Array, distance: Array, *, width: float, where: Mask, before: Array
    ) -> InterfaceExtrapolation:
        """The extrapolation to a front. Collective.

        Args:
            grid: the mesh.
            interface_normal: (N, d), unit vectors into the metal, or zero.
            distance: (N,), signed distance to the front in m.
            width: l, in m.
            where: (N,), the nodes whose potential is extrapolated; the others keep their own.
            before: (N,), the potential of before, V.
        """
        near = where & (np.abs(distance) < 2.0 * EXTRAPOLATION_REACH * width)
        reach = np.where(near, np.clip(distance, -EXTRAPOLATION_REACH * width, EXTRAPOLATION_REACH * width), 0.0)
        slope = NodalDifferences(grid, *grid.slopes(interface_normal, distance, near & (distance < 0.0)))
        source = near & (distance < -SLOPE_SOURCE * width)
        inward = InwardExtension.along(grid, interface_normal, source, near)
        into_metal = np.maximum(reach, 0.0)
        return cls(slope, slope.times(reach), inward, into_metal, _behind(slope, inward, into_metal, before))

    def potential(self, u: Array) -> Array:
        """The potential at the interface, as each node sees it. Collective.

        Args:
            u: (N,), the potential at the nodes, V.

        Returns:
            (N,), in V.
        """
        return u - self.ahead.of(u) - self.behind

    def stands(self, u: Array) -> bool:
        """Whether a potential u, (N,) in V, has the slope that holds behind the front. Collective."""
        now = _behind(self.slope, self.inward, self.reach, u)
        change = np.abs(now - self.behind).max(initial=0.0)
        change, size = self.slope.grid.max(change, np.abs(now).max(initial=0.0))
        return bool(change <= SLOPE_TOLERANCE * size)

    def derivatives(self, by_eta: Array) -> tuple[Array, Array, Array]:
        """Derivatives of a nodal current by the potentials from which its overpotential is extrapolated.

        Args:
            by_eta: (N,), derivative of the current by the overpotential, A m^(d-3) V^-1.

        Returns:
            Two arrays (E + W,) with the derivatives by the potentials at the first and second end of each edge of the
            cells, as fluxes from the first to the second (`BlockSystem.assemble`), and one (N,) with those that are
            left at the nodes.
        """
        return self.ahead.derivatives(by_eta)


def _behind(slope: NodalDifferences, inward: InwardExtension, reach: Array, u: Array) -> Array:
    """psi dn u behind the front, (N,) in V, with the slope that a potential u, (N,) in V, has ahead of it."""
    values, known = inward.of(slope.of(u))
    return np.where(known, reach * values, 0.0)
