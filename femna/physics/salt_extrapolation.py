"""What a diffuse front beside a salt reacts to: the concentration at the sharp front, and phi_l that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.physics.interface_extrapolation import NodalDifferences
from femna.physics.ion_transport.diffusion_variable import FAINT_CONCENTRATION, concentration_of, variable_of
from femna.physics.stored_salt import storage_profile

if TYPE_CHECKING:
    from femna.mesh.grid import Grid
    from femna.physics.interpolation import Interpolation

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SALT_DISTANCE = 6.0
"""Largest distance from the front, in units of l, over which a salt is extrapolated."""

FRONT_REACH = 2.0
"""How far ahead of the front its reaction reaches, in units of l."""

SETTLING_TIME = 0.5
"""Time in which the salt across a front comes to the profile that a change of the salt beside it asks for, in l^2/D."""


@dataclass(frozen=True)
class ChangingSalt:
    """How the salt changes over a step, (N,) each.

    Attributes:
        before: c~ at its start.
        rate_now: weight of u, the variable in which it diffuses, at its end in du/dt there, 1/s.
        rate_past: what earlier values give to du/dt, 1/s.
    """

    before: Array
    rate_now: float
    rate_past: Array


@dataclass(frozen=True)
class SaltBesideFront:
    """A binary salt as a front sees it.

    Attributes:
        where: (N,), nodes at which the front reacts to the salt at its own place.
        diffusivity: (N,), D_a of the salt, m^2/s; anything elsewhere.
        anion_potential: nu V_T, V: phi_l rises by it with ln c~ where the anions are at equilibrium.
        transference: t+.
    """

    where: Mask
    diffusivity: Array
    anion_potential: float
    transference: float


@dataclass(frozen=True)
class SaltAtInterface:
    """The salt at the sharp front as the nodes see it, with derivatives; (N,) each.

    Attributes:
        concentration: c~ there.
        rate: its derivative by u there.
        potential: phi_l there less that of the node, V.
        potential_by_interface: derivative of `potential` by u at the front, V.
    """

    concentration: Array
    rate: Array
    potential: Array
    potential_by_interface: Array


@dataclass(frozen=True)
class SaltExtrapolation:
    """Extrapolation of a salt from each node to the interface, of second order in the front's width.

    u - k V is a straight line along the normal, k = (du/dt)/D (physics/stored_salt.py); the anions, which move to be
    stored, take nu V_T t+ k V/c~ from phi_l beside the nu V_T ln c~ of their equilibrium.

    Attributes:
        slope: psi dn of the variable u in which the salt diffuses (ion_transport/diffusion_variable.py).
        anion_potential: nu V_T, V.
        curvature_now: (N,), weight of u in k, 1/m^2.
        curvature_past: (N,), what earlier values give to k, 1/m^2.
        unseen: (N,), V less its own slope to the interface, m^2: by k times it a straight line through u is off.
        stored: (N,), nu V_T t+ V/c~ with c~ of the front at the start of the step, V m^2.
    """

    slope: NodalDifferences
    anion_potential: float
    curvature_now: Array | float = 0.0
    curvature_past: Array | float = 0.0
    unseen: Array | float = 0.0
    stored: Array | float = 0.0

    @classmethod
    def of(
        cls,
        grid: Grid,
        interface_normal: Array,
        distance: Array,
        *,
        width: float,
        interpolation: Interpolation,
        beside: SaltBesideFront,
        change: ChangingSalt | None,
        where: Mask,
    ) -> SaltExtrapolation:
        """The extrapolation to a front. Collective.

        The salt takes its time to come to the profile k V: in a step that is short against l^2/D, k counts less. So it
        does where c~ at the front is not large against its change across the front, or FAINT_CONCENTRATION.

        Args:
            grid: the mesh.
            interface_normal: (N, d), unit vectors into the metal, or zero.
            distance: (N,), psi: signed distance to the front in m.
            width: l, in m.
            interpolation: p of the order parameter.
            beside: the salt.
            change: of the salt in the step; None at an instant, where it is taken for a straight line.
            where: (N,), the nodes that extrapolate; the others have their own values.
        """
        near = where & (np.abs(distance) < 2.0 * SALT_DISTANCE * width)
        reach = np.where(near, np.clip(distance, -SALT_DISTANCE * width, SALT_DISTANCE * width), 0.0)
        per_length = NodalDifferences(grid, *grid.slopes(interface_normal, distance, near))
        slope = per_length.times(reach)
        if change is None:
            return cls(slope, beside.anion_potential)
        u = variable_of(change.before)
        left = concentration_of(u - slope.of(u))[0]
        bends = where & (np.abs(distance) < SALT_DISTANCE * width)
        across = FRONT_REACH * width * per_length.of(u)
        per_rate = np.where(bends, left**2 / (left**2 + across**2 + FAINT_CONCENTRATION**2), 0.0)
        diffusivity = beside.diffusivity[bends]
        per_rate[bends] /= diffusivity * (1.0 + (SETTLING_TIME * change.rate_now * width**2 / diffusivity) ** 2)
        profile = width**2 * storage_profile(interpolation, distance / width)
        return cls(
            slope=slope,
            anion_potential=beside.anion_potential,
            curvature_now=per_rate * change.rate_now,
            curvature_past=per_rate * change.rate_past,
            unseen=profile - slope.of(profile),
            stored=beside.anion_potential * beside.transference * profile / left,
        )

    def at_interface(self, c: Array) -> SaltAtInterface:
        """The salt at the interface. Collective.

        Args:
            c: c~ at the nodes, (N,).
        """
        u = variable_of(c)
        curvature = self.curvature_now * u + self.curvature_past
        there, rate = concentration_of(u - self.slope.of(u) - curvature * self.unseen)
        potential = self.anion_potential * np.log(there / c) + self.stored * curvature
        return SaltAtInterface(there, rate, potential, self.anion_potential * rate / there)
