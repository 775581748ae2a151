"""Where a field has a meaning: in a picture, the rest is covered, hatched or left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from femna.analysis.snapshot import FIELD_STRENGTH, Snapshot
from femna.case.keys import KeyProblem
from femna.geometry.phases import conducting_layers
from femna.physics.interpolation import INTERPOLATIONS
from femna.physics.ion_transport.kinds import kind_of

if TYPE_CHECKING:
    from femna.case import Case

Array = np.ndarray[Any, Any]

CONCENTRATION, UPTAKE = "c", "uptake"
METAL_CURRENT_SHARE = 0.1
"""Of the current of the one potential: where metal carries more of it, the field is not that of an electrolyte."""
LEAST_FRACTION = 1e-12
"""xi, and 1 - xi, below which a distance from the front is cut off."""


@dataclass(frozen=True)
class Domains:
    """Which phases of a stack carry what.

    Args:
        conducting: phases that conduct electrons.
        saltless: phases without salt; the number that is stored there as a concentration is none.
        filling: phases that take up sodium.
        reach: of each phase, how far from the front xi = 1/2 metal still carries the current of the one potential, in
            units of the width l of the front; empty with two potentials, where no metal carries ions.
    """

    conducting: tuple[int, ...] = ()
    saltless: tuple[int, ...] = ()
    filling: tuple[int, ...] = ()
    reach: tuple[float, ...] = ()

    @classmethod
    def of(cls, case: Case) -> Self:
        """Those of a case. A kind of ion transport whose package is not there counts as one with salt everywhere."""
        # where metal of the first layer recedes, the second fills its room
        names = [case.layer_names[1], *(name for name, _ in case.phases[1:])]
        if case.model != "two_potential":
            return cls(reach=tuple(_reach(case, name) for name in names))
        filling = tuple(k for k, (name, _) in enumerate(case.phases) if name in case.filling_layers)
        try:
            kind = kind_of(case)
        except KeyProblem:
            return cls(conducting_layers(case), (), filling)
        saltless = tuple(k for k, name in enumerate(names) if kind.is_solid(case, name))
        return cls(conducting_layers(case), saltless, filling)

    def nodes(self, snap: Snapshot, key: str) -> Array:
        """The nodes where a field has a meaning.

        Args:
            snap: the output.
            key: name of the field.

        Returns:
            (N,) whether it has.
        """
        metal, bare = np.asarray(snap.values["xi"] >= 0.5), self.without(snap, key)
        within = np.zeros(len(snap.points), bool)
        within[snap.cells[~bare]] = True
        if snap.declaration(key).domain == "electron conductors":
            return metal | within
        if not bare.any():  # nodes beside what is shown count too
            within[:] = True
        return within & ~metal if self.ends_at_metal(snap, key) else within

    def ends_at_metal(self, snap: Snapshot, key: str) -> bool:
        """Whether a field has no meaning in metal."""
        return key == UPTAKE or snap.declaration(key).domain == "electrolyte"

    def without(self, snap: Snapshot, key: str) -> Array:
        """The cells of the phases in which a field has no meaning.

        Args:
            snap: the output.
            key: name of the field.

        Returns:
            (M,) whether it has none: no electrons, no salt, nothing that takes up sodium.
        """
        if snap.declaration(key).domain == "electron conductors":
            return ~np.isin(snap.layer, list(self.conducting))
        if key == UPTAKE and self.filling:
            return ~np.isin(snap.layer, list(self.filling))
        return np.isin(snap.layer, list(self.saltless if key == CONCENTRATION else ()))

    def free(self, snap: Snapshot) -> Array:
        """The cells whose field strength is that of an electrolyte.

        Args:
            snap: the output.

        Returns:
            (M,) whether all corners lie beyond the front, and beyond what metal shorts.
        """
        if not self.reach:
            return snap.liquid
        return np.asarray((distance(snap)[snap.cells] > self.reach_of(snap)[:, None]).all(axis=1) & snap.liquid)

    def reach_of(self, snap: Snapshot) -> Array:
        """How far from the front metal shorts the potential, in units of l, (M,)."""
        return np.asarray(self.reach or (0.0,) * (1 + snap.layer.max(initial=0)))[snap.layer]

    def counted(self, snap: Snapshot, key: str) -> Array:
        """Of a field, which of its values decide its scale: (N,) nodes, of the field strength (M,) cells."""
        if key == FIELD_STRENGTH.key:
            return self.free(snap)
        used = np.zeros(len(snap.points), bool)
        used[snap.cells] = True
        return np.asarray(self.nodes(snap, key) & used)


def distance(snap: Snapshot) -> Array:
    """The distance from the front in units of its width l, (N,), positive outside the metal: xi = (1 - tanh(n/l))/2."""
    xi = np.clip(snap.values["xi"], LEAST_FRACTION, 1.0 - LEAST_FRACTION)
    return np.asarray(np.arctanh(1.0 - 2.0 * xi))


def _reach(case: Case, layer: str) -> float:
    """n/l at which h(xi) sigma_metal = share (1 - h) sigma_layer, of what one potential conducts along."""
    metal = case.property(case.layer_names[0], "electronic_conductivity")
    ions = METAL_CURRENT_SHARE * case.property(layer, "ionic_conductivity")
    n = np.linspace(0.0, np.arctanh(1.0 - 2.0 * LEAST_FRACTION), 400)
    h = INTERPOLATIONS[case.interface.interpolation].h(0.5 * (1.0 - np.tanh(n)))
    carried = h * metal > (1.0 - h) * ions
    return float(n[carried].max(initial=0.0))
