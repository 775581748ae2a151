"""Where electrons and ions meet: the sites of reactions, and the currents that pass there.

A current is positive where sodium ions leave the electrolyte. eta = phi_s - phi_l - U.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from femna.physics.interface_extrapolation import InterfaceExtrapolation
from femna.physics.kinetics import InterfacialKinetics
from femna.physics.salt_extrapolation import SaltExtrapolation

Array = NDArray[np.float64]

LIMITING_SHARE = 0.2
"""Share of metal, or of void, at a node below which what happens in that node slows down in proportion to it."""


@dataclass(frozen=True)
class Reaction:
    """A current from the electrolyte into a solid at the nodes, with its derivatives; (N,) each.

    Args:
        current: A m^(d-3).
        by_eta: derivative by the overpotential, A m^(d-3) V^-1.
        by_c: derivative by c~.
        by_extrapolated_eta: the part of `by_eta` whose overpotential has phi_l at the front's own place.
        by_salt_at_interface: derivative by the salt's diffusion variable at the front's own place.
        by_salt_change: derivative by that variable in the node, through its rate of change.
    """

    current: Array
    by_eta: Array
    by_c: Array
    by_extrapolated_eta: Array | float = 0.0
    by_salt_at_interface: Array | float = 0.0
    by_salt_change: Array | float = 0.0

    def __add__(self, other: Reaction) -> Reaction:
        return Reaction(
            self.current + other.current,
            self.by_eta + other.by_eta,
            self.by_c + other.by_c,
            self.by_extrapolated_eta + other.by_extrapolated_eta,
            self.by_salt_at_interface + other.by_salt_at_interface,
            self.by_salt_change + other.by_salt_change,
        )


class ReactionSite(ABC):
    """A place where a reaction takes place over a step, and the variable that its current fills."""

    fills: str
    """Name of the variable that grows by the current."""

    @abstractmethod
    def react(self, c: Array, phi_s: Array | float, phi_l: Array) -> Reaction:
        """The current at the nodes.

        Args:
            c: c~ at the nodes, (N,).
            phi_s: electronic potential, (N,) or one number, V.
            phi_l: ionic potential, (N,), V.
        """

    @property
    @abstractmethod
    def extent(self) -> Array:
        """How much of the site each node holds, (N,), in a unit of its own: where there is none, nothing reacts."""


@dataclass(frozen=True)
class MetalSite(ReactionSite):
    """A place where metal grows and dissolves: the moving front, or a face of the mesh.

    Where metal comes and goes in the node itself, and not by a front that moves on, the reaction ends with what the
    node has of it.

    Args:
        kinetics: current density of the interface.
        area: in each node's share, (N,) in m^(d-1).
        equilibrium_potential: U there, V, (N,) or one number.
        void_fraction: room for metal at the start of the step, (N,), 0 to 1; infinite where nothing bounds it.
        metal_fraction: metal at the start of the step, likewise.
        xi_per_current: change of xi in the step for each A m^(d-3) at the node; 0 where nothing bounds the reaction.
        extrapolation: of a front that reacts to phi_l at its own place.
        salt: of a front that reacts to the salt at its own place.
    """

    kinetics: InterfacialKinetics
    area: Array
    equilibrium_potential: Array | float
    void_fraction: Array | float = np.inf
    metal_fraction: Array | float = np.inf
    xi_per_current: Array | float = 0.0
    extrapolation: InterfaceExtrapolation | None = None
    salt: SaltExtrapolation | None = None

    fills = "xi"

    @property
    def extent(self) -> Array:
        """The area, (N,) in m^(d-1)."""
        return self.area

    def react(self, c: Array, phi_s: Array | float, phi_l: Array) -> Reaction:
        """The current at the nodes.

        What is left of void (or metal) at the end of the step slows it down by x = left/LIMITING_SHARE below 1: with z
        the change of xi without that, left = start - x z, so that x = start/(LIMITING_SHARE + z), and xi stays in
        [0, 1] for any step.
        """
        at_site = phi_l if self.extrapolation is None else self.extrapolation.potential(phi_l)
        eta = phi_s - at_site - self.equilibrium_potential
        at_interface = None if self.salt is None else self.salt.at_interface(c)
        if at_interface is not None:
            eta = eta - at_interface.potential
        current, by_eta, by_c = self.kinetics.current(eta, c if at_interface is None else at_interface.concentration)
        change = self.xi_per_current * self.area * np.abs(current)
        share = np.where(current > 0.0, self.void_fraction, self.metal_fraction) / (LIMITING_SHARE + change)
        slope = np.where(share < 1.0, share * LIMITING_SHARE / (LIMITING_SHARE + change), 1.0)
        by_eta, by_c = self.area * slope * by_eta, self.area * slope * by_c
        reaction = Reaction(
            current=self.area * np.minimum(share, 1.0) * current,
            by_eta=by_eta,
            by_c=by_c,
            by_extrapolated_eta=by_eta if self.extrapolation is not None else 0.0,
        )
        if self.salt is None or at_interface is None:
            return reaction
        by_interface = by_c * at_interface.rate - by_eta * at_interface.potential_by_interface
        return replace(
            reaction,
            by_c=by_eta * self.salt.anion_potential / c,
            by_salt_at_interface=by_interface,
            by_salt_change=-(by_interface * self.salt.unseen + by_eta * self.salt.stored) * self.salt.curvature_now,
        )
