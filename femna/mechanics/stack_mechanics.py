"""Stress of a stack while metal grows in it: one elastic solution after a time step (docs/theory/mechanics.md).

The mesh is that of the start. What plates is metal in place of what was there, and a growth strain n x n times what the
metal's share grows by, which lifts what lies above. Metal is plated at the strain of what it takes the place of, under
a pressure equal to the normal stress there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.process import Process, StepContext
from femna.contract.state import State
from femna.contract.variables import Scalar, Variable
from femna.fields import Field
from femna.mechanics.exact_stresses import Isotropic, wavy_deposit
from femna.mechanics.tensors import Laminate, dyad, isotropic, laminate, largest_principal, pressure, von_mises
from femna.physics.front_geometry import normals, signed_distance
from femna.physics.interpolation import INTERPOLATIONS

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]

DISPLACEMENT = Field(
    key="displacement",
    label="Displacement",
    symbol=r"$u$",
    unit="m",
    shown_unit="um",
    shown_scale=1e6,
    colour_map="viridis",
    least_range=1e-6,
)
STRESS_ZZ, PRESSURE, VON_MISES = (
    Field(
        key=key,
        label=label,
        symbol=symbol,
        unit="Pa",
        shown_unit="MPa",
        shown_scale=1e-6,
        colour_map=colours,
        least_range=1e-6,
    )
    for key, label, symbol, colours in (
        ("stress_zz", "Stress along the growth axis", r"$\sigma_{zz}$", "coolwarm"),
        ("pressure", "Pressure", "$p$", "coolwarm"),
        ("von_mises", "Von Mises stress", r"$\sigma_{vM}$", "magma"),
    )
)
HISTORY = Field(
    key="strain_history",
    label="Remembered strains",
    symbol="",
    unit="",
    shown_unit="",
    shown_scale=1.0,
    colour_map="viridis",
)

NORMAL_STRESS = Field(
    key="normal_stress",
    label="Normal stress of the front",
    symbol=r"$\sigma_{nn}$",
    unit="Pa",
    shown_unit="MPa",
    shown_scale=1e-6,
    colour_map="coolwarm",
)

ELASTIC = ("youngs_modulus", "poisson_ratio")

ALL_METAL = 0.5
"""Share of metal of a cell from which it counts as metal, and no longer as its layer."""

LEAST_SHARE = 1e-12
"""Share of metal below which a point has none."""

STABLE_SHARE = 0.5
"""Of the time of the fastest feedback: lagging it multiplies what is left of a wave by 1 - dt/tau in each step."""

STILL = 1.0
"""Scale to which the displacement refers, m: it is in equilibrium at every time and has no error in time."""


def upright(vectors: Array) -> Array:
    """Vectors (.., 3) made unit vectors; the growth axis where they are zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.where(length > 0.0, vectors / np.maximum(length, 1e-300), np.array([0.0, 0.0, 1.0]))


def fastest_feedback(case: Case) -> float:
    """Rate (1/s) at which stress flattens the shortest wave that a front of width l has, k = 1/l.

    f (V_m/zF)^2 chi k/R with the smallest resistance R that the reaction has, for every layer that may lie on metal.
    """
    metal = Isotropic(*(case.property(case.layer_names[0], key) for key in ELASTIC))
    resistances = [contact.resistance for contact in case.contacts.values()]
    if case.kinetics.exchange_current_density:
        resistances.append(case.thermal_voltage / case.kinetics.exchange_current_density)
    if not resistances:
        return 0.0
    pressing = [
        wavy_deposit(metal, Isotropic(*(case.property(name, key) for key in ELASTIC))).pressing
        for name in case.layer_names[1:]
    ]
    return max(pressing) / case.interface.width / case.metal_charge**2 / min(resistances)


def degree_of(dim: int) -> int:
    """Degree of the elements."""
    return 1 if dim == 3 else 2


def points_of_a_cell(dim: int) -> int:
    """Quadrature points of a cell."""
    return {1: 2, 2: 3, 3: 1}[dim]


class StackMechanics(Process):
    """Elastic layers under what grows between them.

    Remembered at every quadrature point are the growth strain, the strain at which the metal has no stress, and the
    strain of the last solution.
    """

    name = "mechanics"

    @classmethod
    def is_active(cls, case: Case) -> bool:
        """Where the case asks for it."""
        return case.mechanics.model != "none"

    @classmethod
    def properties_read(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """The moduli of every layer."""
        return ELASTIC

    @classmethod
    def optional_properties(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """What a layer is under at the start, and what it bears, for warnings."""
        return ("residual_stress", "strength")

    @classmethod
    def keys_read(cls, case: Case) -> tuple[str, ...]:
        """Its table."""
        return ("mechanics", "interface.width", "interface.interpolation")

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        """Displacement and stresses at the nodes, what is remembered in the cells."""
        dim, acting = case.geometry.dim, (Variable(NORMAL_STRESS, is_steady=True, is_output=False),)
        return (
            *(acting if case.mechanics.acts_on_kinetics else ()),
            Variable(DISPLACEMENT, is_vector=True, is_steady=True, magnitude=STILL),
            *(Variable(field, is_steady=True) for field in (STRESS_ZZ, PRESSURE, VON_MISES)),
            Variable(HISTORY, is_steady=True, is_output=False, cell_values=18 * points_of_a_cell(dim)),
        )

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        """The stack of a case. Collective."""
        return cls(case, grid)

    def __init__(self, case: Case, grid: Grid) -> None:
        from femna.mechanics.elasticity import AXES, ElasticSystem, Top

        keys = case.mechanics
        self.grid, self.width, self.interval = grid, case.interface.width, keys.interval
        self.interpolation = INTERPOLATIONS[case.interface.interpolation]
        self.axes, self.names = AXES[grid.dim], case.layer_names
        self.thickness = [layer.thickness for layer in case.layer.values()]
        self.acts, self.fastest = keys.acts_on_kinetics, fastest_feedback(case)
        self.recedes = case.counter.kind == "metal"
        top = Top(keys.top, keys.stack_pressure, keys.spring_stiffness)
        self.system = ElasticSystem(grid, top, degree_of(grid.dim))
        assert self.system.count == points_of_a_cell(grid.dim)
        self.area = float(np.prod((grid.upper - grid.lower)[:-1]))
        self.layer_of_cell = np.array([self.names.index(phase.layer) for phase in case.phases])[grid.layer]
        # what the metal leaves when it is stripped, or grows into, is the second layer
        filled = [max(1, number) for number in range(len(self.names))]
        moduli = [[case.property(self.names[number], key) for key in ELASTIC] for number in filled]
        residual = np.zeros((len(filled), 6))
        for number in filled:
            entry = case.materials[case.layer[self.names[number]].material].residual_stress
            residual[number, :2] = 0.0 if entry is None else entry.value
        at_points = (len(grid.layer), self.system.count)
        self.other = self._spread(isotropic(*np.array(moduli).T), at_points)
        self.residual = self._spread(residual, at_points)
        metal = isotropic(*(case.property(self.names[0], key) for key in ELASTIC))
        self.metal = np.broadcast_to(metal, (*at_points, 6, 6))
        self.compliance = np.linalg.inv(metal)

    def _spread(self, of_layers: Array, shape: tuple[int, int]) -> Array:
        """Values of layers at the quadrature points."""
        values = of_layers[self.layer_of_cell]
        return np.broadcast_to(values[:, None], (*shape, *values.shape[1:]))

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """What has been plated and how many steps ago the stress was solved for."""
        return (
            Scalar("plated_height", "m", "metal plated since the start over the projected area"),
            Scalar("steps_unsolved", "", "steps since the stress was last solved for"),
            Scalar("top_lift", "m", "mean displacement of the upper plane"),
        )

    def _unpacked(self, state: State) -> tuple[Array, Array, Array]:
        """Growth, strain of the metal without stress, strain; (M, q, 6) each."""
        history = state["strain_history"].reshape(len(self.grid.layer), 3, self.system.count, 6)
        return history[:, 0], history[:, 1], history[:, 2]

    def _shares(self, state: State) -> tuple[Array, Array]:
        """p of the metal (M, q) and its normals (M, q, 3)."""
        xi = state["xi"]
        share = self.system.at_points(self.interpolation.h(xi))
        vectors = np.zeros((*share.shape, 3))
        vectors[..., self.axes] = self.system.at_points(normals(self.grid, signed_distance(xi, self.width)))
        return share, vectors

    def mixture(self, state: State, shares: tuple[Array, Array] | None = None) -> Laminate:
        """The laminate of metal and layers in a state. Collective."""
        growth, free, _ = self._unpacked(state)
        share, vectors = self._shares(state) if shares is None else shares
        own_metal = np.einsum("mqij,mqj->mqi", self.metal, free)
        own_other = np.einsum("mqij,mqj->mqi", self.other, growth) - self.residual
        return laminate(share, vectors, self.metal, self.other, own_metal, own_other)

    def stresses(self, state: State) -> tuple[Array, Array, Array, Array]:
        """Stress of the mixture, of its metal and of its other phase, (M, q, 6) each, and p (M, q). Collective."""
        growth, free, strain = self._unpacked(state)
        mixed = self.mixture(state)
        in_metal, in_other = mixed.strains(strain)
        stress = np.einsum("mqij,mqj->mqi", mixed.stiffness, strain) - mixed.eigenstress
        of_metal = np.einsum("mqij,mqj->mqi", self.metal, in_metal - free)
        of_other = np.einsum("mqij,mqj->mqi", self.other, in_other - growth) + self.residual
        return np.asarray(stress), np.asarray(of_metal), np.asarray(of_other), mixed.share

    def _grown(self, old: State, new: State) -> None:
        """Bring what is remembered to the metal of a new state. Collective."""
        shares = self._shares(new)
        share, vectors = shares
        unit = upright(vectors)
        grown = self.system.at_points(new["xi"] - old["xi"])[..., None] * dyad(unit)
        growth, free, strain = self._unpacked(old)
        mixed = self.mixture(old)
        _, parent = mixed.strains(strain)
        stress = np.einsum("mqij,mqj->mqi", mixed.stiffness, strain) - mixed.eigenstress
        normal = (stress * dyad(unit)).sum(axis=-1)
        squeezed = normal[..., None] * np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
        born = parent - squeezed @ self.compliance
        added = np.maximum(share - mixed.share, 0.0)
        part = np.where(share > LEAST_SHARE, added / np.maximum(share, LEAST_SHARE), 1.0)[..., None]
        free = (1.0 - part) * free + part * born
        packed = np.stack([growth + grown, free + grown, strain], axis=1)
        new.fields["strain_history"] = packed.reshape(len(self.grid.layer), -1)

    def follow(self, context: StepContext) -> dict[str, Array]:
        """Displacement, stresses and what is remembered. Collective. Raises SolveFailed."""
        old, new = context.past[0], context.state
        is_new = new is not old
        if is_new:
            self._grown(old, new)
            plated = self.grid.integral(new["xi"] - old["xi"]) / self.area
            new.scalars["plated_height"] = old.scalars["plated_height"] + plated
            unsolved = round(old.scalars["steps_unsolved"]) + 1
            new.scalars["steps_unsolved"] = float(unsolved % self.interval)
            if unsolved < self.interval:
                return {"strain_history": new["strain_history"]}
        growth, free, _ = self._unpacked(new)
        mixed = self.mixture(new)
        before = self.system.strain()
        stress = np.einsum("mqij,mqj->mqi", mixed.stiffness, before) - mixed.eigenstress
        plate = new.scalars["plated_height"] if self.recedes else 0.0
        self.system.correct(mixed.stiffness, np.asarray(stress), plate=plate)
        new.scalars["top_lift"] = self.system.top_lift()
        packed = np.stack([growth, free, self.system.strain()], axis=1)
        new.fields["strain_history"] = packed.reshape(len(self.grid.layer), -1)
        return self._fields(new)

    def _fields(self, state: State) -> dict[str, Array]:
        """What is stored of a state. Collective."""
        stress = self.stresses(state)[0]

        def nodal(values: Array) -> Array:
            return np.asarray(self.grid.lumped(self.system.mean(values)) / self.grid.volume)

        normal = {}
        if self.acts:
            _, vectors = self._shares(state)
            normal["normal_stress"] = nodal((stress * dyad(upright(vectors))).sum(axis=-1))
        return normal | {
            "displacement": self.system.nodal_displacement(),
            "stress_zz": nodal(stress[..., 2]),
            "pressure": nodal(pressure(stress)),
            "von_mises": nodal(von_mises(stress)),
            "strain_history": state["strain_history"],
        }

    def time_step_limit(self, state: State) -> float:
        """Stress acts on the kinetics one step late: a step lasts half as long as the fastest feedback at the most."""
        return STABLE_SHARE / self.fastest if self.acts and self.fastest > 0.0 else math.inf

    def advance_scalars(self, context: StepContext) -> dict[str, float]:
        """As `follow` has left them."""
        return {scalar.name: context.state.scalars[scalar.name] for scalar in self.scalars}

    def measures(self, state: State) -> dict[str, float]:
        """Stack pressure (Pa), thickness of cell and layers (m), largest principal stresses (Pa) and mean strains of
        the layers along the growth axis, by the names of their columns. Collective."""
        grid, volume = self.grid, self.system.volume
        growth, _, strain = self._unpacked(state)
        stress, of_metal, of_other, share = self.stresses(state)
        is_metal = share > ALL_METAL
        largest = largest_principal(np.where(is_metal[..., None], of_metal, of_other))
        stretch = strain[..., 2] - growth[..., 2]
        in_layer = [self.layer_of_cell[:, None] == number for number in range(len(self.names))]
        sums: list[Any] = [float((volume * stress[..., 2]).sum()), float((volume * growth[..., 2]).sum())]
        peaks: list[Any] = []
        for number, inside in enumerate(in_layer):
            sums += [float((volume * inside * stretch).sum()), float((volume * inside).sum())]
            counts = is_metal if number == 0 else inside & ~is_metal
            peaks.append(float(largest[np.broadcast_to(counts, largest.shape)].max(initial=-np.inf)))
        total, most = grid.sum(*sums), grid.max(*peaks)
        plated = state.scalars["plated_height"]
        lift = state.scalars["top_lift"] - (plated if self.recedes else 0.0)
        row = {
            "Stack pressure [Pa]": -float(total[0] / np.prod(grid.upper - grid.lower)),
            "Cell thickness [m]": float(sum(self.thickness)) + lift,
        }
        for number, name in enumerate(self.names):
            stretched, whole = total[2 + 2 * number : 4 + 2 * number]
            thick = self.thickness[number] + (stretched + (total[1] if number == 0 else 0.0)) / self.area
            peak = most[number]
            row[f"Maximum principal stress in {name} [Pa]"] = float(peak) if np.isfinite(peak) else float("nan")
            row[f"Strain of {name} [-]"] = float(stretched / whole)
            row[f"Thickness of {name} [m]"] = float(thick)
        return row
