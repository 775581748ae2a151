"""An electroneutral salt in the layers that hold one; every other layer conducts the metal's ions alone.

D+ and D- are the ions' diffusivities, z and z- their charge numbers, nu = 1 + z/|z-| the salt's ions for each of the
metal's. The anion enters by D' = D- |z-|/z. phi_l is here the potential of a reference electrode of the metal,
phi + V_T ln c~ with V_T = RT/(zF), which is continuous from layer to layer (Newman and Thomas-Alyea, Electrochemical
Systems, ch. 12; docs/theory/ions.md derives it):

    i = -sigma c~ [grad phi_l - nu V_T (1 - t+) grad ln c~],   sigma = z F c0 (D+ + D')/V_T,   t+ = D+/(D+ + D'),
    salt: eps dc/dt = div(eps D_a grad c) - (1 - t+) (what reacts, or enters a layer without salt)/(z F),
    D_a = nu D+ D'/(D+ + D') = (z + |z-|) D+ D-/(z D+ + |z-| D-).

With z = |z-| = 1 these are D' = D- and nu = 2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.materials import nernst_einstein
from femna.physics.ion_transport.diffusion_variable import (
    FAINT_CONCENTRATION,
    LEAST_CONCENTRATION,
    concentration_of,
    mean_mobility,
    rate_of,
    variable_of,
)
from femna.physics.ion_transport.ions import EdgeFlux, Ions
from femna.physics.salt_extrapolation import SaltBesideFront

if TYPE_CHECKING:
    from femna.case.model import Case

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

LINEAR_CHANGE = 0.1
"""Relative change of c~ over which the logarithm of c~ is a straight line for Newton's method."""


@kernel
def _binary_current(
    edges: Ints,
    weights: tuple[Array, Array, Array],
    constants: tuple[float, float, float, float],
    c: Array,
    u: Array,
    phi: Array,
) -> tuple[Array, Array, Array, Array]:
    n = edges.shape[0]
    solid, salt, metal = weights
    both, drop, least, faint = constants
    flux, c_first, c_second, by_phi = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for e in range(n):
        i, j = edges[e, 0], edges[e, 1]
        step = phi[i] - phi[j]
        mean, d_i, d_j = mean_mobility(c[i], c[j], least)
        middle = 0.5 * (u[i] + u[j])
        extra = metal[e] * faint * faint * faint / (faint * faint + middle * middle)
        slope = -middle * extra / (faint * faint + middle * middle)  # by either end
        anions = step - both * math.log(c[i] / c[j])
        flux[e] = (solid[e] + salt[e] * mean) * step - salt[e] * drop * (u[i] - u[j]) + salt[e] * extra * anions
        c_first[e] = salt[e] * (d_i * step - drop + slope * anions - extra * both / (c[i] + least * least / c[i]))
        c_second[e] = salt[e] * (d_j * step + drop + slope * anions + extra * both / (c[j] + least * least / c[j]))
        by_phi[e] = solid[e] + salt[e] * (mean + extra)
    return flux, c_first, c_second, by_phi


def ambipolar(cation: float, anion: float, ions_per_cation: float = 2.0) -> float:
    """Diffusivity of a salt, nu D+ D'/(D+ + D'), from D+ and D' of its ions, m^2/s."""
    return ions_per_cation * cation * anion / (cation + anion)


def anion_valence(case: Case, layer_name: str) -> int:
    """|z-| of a layer's salt; 1 where its material does not say."""
    entry = case.materials[case.layer[layer_name].material].anion_valence
    return 1 if entry is None else round(entry.value)


def ions_per_cation(case: Case, layer_name: str) -> float:
    """nu = 1 + z/|z-| of a layer's salt."""
    return 1.0 + case.valence / anion_valence(case, layer_name)


def salt_conductivity(case: Case, layer_name: str) -> float:
    """Conductivity of the salt that a layer holds at c0, S/m: (z F)^2 (D+ + D') c0/(RT); 0 where it holds none.

    Raises BadInput.
    """
    both = sum(BinarySalt.diffusivities(case, layer_name)) if BinarySalt.holds_salt(case, layer_name) else 0.0
    return nernst_einstein(both, case.salt_concentration, case.temperature, case.valence)


def salt_diffusivities(case: Case, layer_name: str) -> tuple[float, float]:
    """D+ and D' = D- |z-|/z of a salt in a layer, m^2/s; 0 for both where its material has no anion.

    D' = D+ (1 - t+)/t+ where only the transference number is given. Raises BadInput.
    """
    material = case.materials[case.layer[layer_name].material]
    share = material.transference_number.value if material.transference_number else 1.0
    if material.anion_diffusivity is not None:
        anion = case.property(layer_name, "anion_diffusivity") * anion_valence(case, layer_name) / case.valence
        return case.property(layer_name, "diffusivity"), anion
    if not 0.0 < share < 1.0:
        return 0.0, 0.0
    cation = case.property(layer_name, "diffusivity")
    return cation, cation * (1.0 - share) / share


class BinarySalt(Ions):
    """Ions of an electroneutral binary salt, and of solids beside it."""

    key = "binary"
    order_in_time = 3  # what moves is the anions' inventory, which no reaction touches

    @classmethod
    def holds_salt(cls, case: Case, layer_name: str) -> bool:
        """Whether a layer's material has an anion, or 0 < t+ < 1; the last layer's by default."""
        material = case.materials[case.layer[layer_name].material]
        share, names = material.transference_number, case.layer_names
        unsaid = layer_name == names[-1] and share is None
        given = material.anion_diffusivity is not None or (share is not None and 0.0 < share.value < 1.0)
        return layer_name != names[0] and (unsaid or given)

    @classmethod
    def is_solid(cls, case: Case, layer_name: str) -> bool:
        """Whether a layer holds no salt."""
        return not cls.diffusivities(case, layer_name)[1]

    @classmethod
    def layer_properties(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """The ions' diffusivities where the layer holds a salt, elsewhere the conductivity."""
        if not cls.holds_salt(case, layer_name):
            return ("ionic_conductivity",)
        material = case.materials[case.layer[layer_name].material]
        only_share = material.transference_number is not None and material.anion_diffusivity is None
        return ("diffusivity",) if only_share else ("diffusivity", "anion_diffusivity")

    @classmethod
    def optional_properties(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """The transference number, which stands for an anion's diffusivity or tells that there is no anion; the charge
        of the anion."""
        salted = ("anion_valence",) if cls.holds_salt(case, layer_name) else ()
        return () if layer_name == case.layer_names[0] else ("transference_number", "anion_diffusivity", *salted)

    @classmethod
    def diffusivities(cls, case: Case, layer_name: str) -> tuple[float, float]:
        """Those of the salt's ions; 0 where the layer holds none."""
        return (0.0, 0.0) if layer_name == case.layer_names[0] else salt_diffusivities(case, layer_name)

    @classmethod
    def levelling(cls, case: Case) -> tuple[float, float]:
        """The ambipolar diffusivity and t+; nothing levels where the last layer is a solid."""
        cation, anion = cls.diffusivities(case, case.layer_names[-1])
        if not anion:
            return math.inf, 1.0
        return ambipolar(cation, anion, cls.ions_per_cation_of(case)), cation / (cation + anion)

    @classmethod
    def ions_per_cation_of(cls, case: Case) -> float:
        """nu of the salt, which all layers that hold one share."""
        salted = [name for name in case.layer_names if cls.holds_salt(case, name)]
        return ions_per_cation(case, salted[-1]) if salted else 2.0

    @classmethod
    def reaction_orders(cls, beta: float) -> tuple[float, float]:
        """1 - beta in both: phi_l is a reference electrode's."""
        return 1.0 - beta, 1.0 - beta

    def salted_cells(self, diffusivity: Array, anion: Array) -> Mask:
        """The cells with an anion."""
        return np.asarray(anion > 0.0)

    def set_coefficients(self, conductivity: Array, diffusivity: Array, anion: Array) -> None:
        """Weight the edges by solids' conductivity, and by the salt's conductivity and diffusivity. Collective."""
        grid, salted, both = self.grid, self.salted, diffusivity + anion
        self._solid = grid.edge_weight(np.where(salted, 0.0, conductivity.T).T)
        self._salt = grid.edge_weight(np.where(salted, self.charge / self.thermal_voltage * both, 0.0))
        ambipolar = self.ions_per_cation * diffusivity * anion / np.maximum(both, 1e-300)
        self._diffusion = grid.edge_weight(np.where(salted, ambipolar, 0.0))
        self._ambipolar = grid.lumped(np.where(salted, ambipolar, 0.0)) / np.maximum(self.salt_volume, 1e-300)
        shares = diffusivity[salted] / both[salted]
        self.transference = float(grid.max(shares.max(initial=0.0))[0])

    @property
    def anion_share(self) -> float:
        """1 - t+."""
        return 1.0 - self.transference

    def current(self, electrolyte_fraction: Array, c: Array, phi: Array) -> EdgeFlux:
        """Ohm's law of the solids and of the salt, with its diffusion potential, A m^(d-3)."""
        share = self.edge_share(electrolyte_fraction)
        both = self.anion_potential
        constants = (both, both * (1.0 - self.transference), LEAST_CONCENTRATION, FAINT_CONCENTRATION)
        weights = (self._solid * share, self._salt * share, 1.0 - share)
        return EdgeFlux(*_binary_current(self.grid.edges, weights, constants, c, variable_of(c), phi))

    def salt(self, electrolyte_fraction: Array, c: Array, phi: Array) -> EdgeFlux:
        """Diffusion of the salt, and what layers without salt draw from it, in units of c0, m^d/s."""
        first, second = self.grid.edges.T
        share = self.edge_share(electrolyte_fraction)
        diffusion = self._diffusion * share
        drawn = self.anion_share / self.charge * self._solid * share
        u = variable_of(c)
        flux = diffusion * (u[first] - u[second]) + drawn * (phi[first] - phi[second])
        return EdgeFlux(flux, diffusion, -diffusion, drawn)

    def diffusion_variable(self, c: Array) -> Array:
        """u of c~, in which diffusion is linear."""
        return variable_of(c)

    def concentration(self, u: Array) -> Array:
        """c~ of u."""
        return concentration_of(u)[0]

    def concentration_rate(self, c: Array) -> Array:
        """dc~/du."""
        return rate_of(c)

    def potential_difference(self, c: Array, other: Array) -> Array | float:
        """nu V_T ln(c'/c)."""
        return np.asarray(self.anion_potential * np.log(other / c))

    def potential_change(self, c: Array, change: Array) -> Array | float:
        """nu V_T du/(c + c_m^2/c), where that is more than LINEAR_CHANGE of nu V_T."""
        relative = change * rate_of(c) / c
        return np.where(np.abs(relative) > LINEAR_CHANGE, self.anion_potential * relative, 0.0)

    def beside_front(self) -> SaltBesideFront:
        """The salt, for the nodes all around which there is some."""
        return SaltBesideFront(
            where=np.asarray(self.salt_volume > (1.0 - 1e-9) * self.grid.volume),
            diffusivity=self._ambipolar,
            anion_potential=self.anion_potential,
            transference=self.transference,
        )

    def electrostatic(self, c: Array, phi: Array) -> Array:
        """phi_l - V_T ln c~, V."""
        return np.asarray(phi - self.thermal_voltage * np.log(c))
