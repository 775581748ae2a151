"""The charge-consistent model on a grid: ions, electrons, and the sites where they meet.

    div i_l = -sum a j,   div i_s = sum a j,   d xi/dt = (V_m/F) sum a j,   j = j(phi_s - phi_l - U, c~) > 0 deposits

a is the area of a site per volume: |grad p| of the moving front, a face of the mesh, or what a porous layer declares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.models import Model
from femna.contract.process import Process
from femna.contract.state import State
from femna.models.boundary import Mask, electrode_nodes
from femna.physics.counter_electrode import CounterElectrode
from femna.physics.deposition import MetalDeposition
from femna.physics.electrons import Electrons
from femna.physics.front_geometry import signed_distance
from femna.physics.ion_transport.ions import Ions
from femna.physics.ion_transport.kinds import kind_of
from femna.physics.lifted_layers import LiftedLayers
from femna.physics.reaction_sites import MetalSite, ReactionSite
from femna.physics.salt_extrapolation import ChangingSalt
from femna.physics.sodiation import Sodiation, SodiationStep

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LaggedCoefficients:
    """What depends on the front and is held over a step, taken at its middle.

    Args:
        electrolyte_fraction: 1 - p at the middle of the step, (N,).
        electrolyte_fraction_at_end: at its end, (N,): the room that the salt has there.
        electrons: electronic conductances of the edges, (E,) in S m^(d-2).
        front: the moving front.
        faces: the other sites where metal grows.
        sodiation: of the layers that take up sodium, None where no layer does.
    """

    electrolyte_fraction: Array
    electrolyte_fraction_at_end: Array
    electrons: Array
    front: MetalSite
    faces: tuple[MetalSite, ...]
    sodiation: SodiationStep | None = None

    @property
    def metal_sites(self) -> tuple[MetalSite, ...]:
        """The front and the faces."""
        return (self.front, *self.faces)

    @property
    def sites(self) -> tuple[ReactionSite, ...]:
        """All places where ions leave the electrolyte within the cell."""
        return self.metal_sites if self.sodiation is None else (*self.metal_sites, self.sodiation)


@dataclass
class TwoPotential(Model):
    """The model on a grid.

    Args:
        grid: the mesh.
        deposition: metal and its sites.
        ions: of one kind of transport.
        electrons: their conductances.
        collector, counter: nodes on the electrodes' planes, (N,).
        counter_electrode: ideal by default.
        sodiation: of the layers that take up sodium, None without such.
        lifted: the layers that metal lifts, None where it overruns them.
        added: processes that are solved after these.
    """

    grid: Grid
    deposition: MetalDeposition
    ions: Ions
    electrons: Electrons
    collector: Mask
    counter: Mask
    counter_electrode: CounterElectrode = field(default_factory=CounterElectrode)
    sodiation: Sodiation | None = None
    lifted: LiftedLayers | None = None
    added: tuple[Process, ...] = ()
    fixed: dict[str, Mask] = field(init=False)
    """Dirichlet nodes of c~, phi_l and phi_s, (N,) each."""

    name = "two_potential"
    is_charge_consistent = True

    def __post_init__(self) -> None:
        ideal = self.counter_electrode.site is None
        nowhere = np.zeros(self.grid.size, dtype=bool)
        self.fixed = {
            "c": self.ions.without_salt | (self.counter if ideal else nowhere),
            "phi_l": self.counter if ideal else nowhere,
            "phi_s": self.collector,
        }

    @classmethod
    def process_types(cls, case: Case) -> tuple[type[Process], ...]:
        """The processes of a case that the stepper solves together."""
        own: tuple[type[Process], ...] = (MetalDeposition, kind_of(case), Electrons, CounterElectrode)
        return (*own, *(kind for kind in (Sodiation, LiftedLayers) if kind.is_active(case)))

    @classmethod
    def keys_read(cls, case: Case) -> tuple[str, ...]:
        """The kind of transport, and keys that have one value in this model."""
        return ("transport", "noise.amplitude", "interface.anisotropy.strength", "interface.curvature")

    @classmethod
    def build(cls, case: Case, grid: Grid, added: tuple[Process, ...]) -> Self:
        """The model of a case. Collective. Raises BadInput."""
        collector, counter = electrode_nodes(grid, case.height)
        return cls(
            grid=grid,
            deposition=MetalDeposition.build(case, grid),
            ions=kind_of(case).build(case, grid),
            electrons=Electrons.build(case, grid),
            collector=collector,
            counter=counter,
            counter_electrode=CounterElectrode.build(case, grid),
            sodiation=Sodiation.build(case, grid) if Sodiation.is_active(case) else None,
            lifted=LiftedLayers.build(case, grid) if LiftedLayers.is_active(case) else None,
            added=added,
        )

    @property
    def own_processes(self) -> tuple[Process, ...]:
        """Deposition with its reinitialisation, ions, electrons, counter electrode, sodiation, lift."""
        own: tuple[Process | None, ...] = (
            self.deposition,
            self.deposition.reinitialisation,
            self.ions,
            self.electrons,
            self.counter_electrode,
            self.sodiation,
            self.lifted,
        )
        return tuple(process for process in own if process is not None)

    @property
    def site_ratio(self) -> float:
        """c_s/c0."""
        return self.deposition.site_ratio

    def metal_content(self, state: State) -> Array:
        """xi, (N,)."""
        return state["xi"]

    def metal_beside(self, state: State) -> float:
        """What has lifted the layers."""
        return 0.0 if self.lifted is None else state.scalars["lifted_metal"]

    def places(self, state: State) -> Array:
        """In the mesh, or above it by the lift of their columns."""
        if self.lifted is None:
            return self.grid.points
        return np.column_stack([self.grid.points[:, :-1], self.grid.points[:, -1] + state["lift"]])

    def metal_fraction(self, state: State) -> Array:
        """p(xi), (N,)."""
        return self.deposition.interpolation.h(state["xi"])

    def holdings(self, state: State) -> dict[str, float]:
        """Metal (m^d), salt (c0 m^d) and what layers have taken up (C m^(d-3)). Collective."""
        held = {"metal": self.grid.integral(state["xi"]), "salt": self.ions.held_by(state["salt"])}
        return held if self.sodiation is None else held | {"uptake": self.sodiation.stored_charge(state)}

    def fitted(self, fields: dict[str, Array], holdings: dict[str, float]) -> dict[str, Array]:
        """xi changed within the front, salt by a factor but at Dirichlet nodes, uptake by a factor where it may be."""
        grid, xi, salt = self.grid, fields["xi"], fields["salt"]
        front = xi * (1.0 - xi)
        share = (holdings["metal"] - grid.integral(xi)) / max(grid.integral(front), 1e-300)
        fitted = fields | {"xi": xi + share * front}
        free = np.where(self.fixed["c"], 0.0, 1.0)
        factor = (holdings["salt"] - self.ions.held_by(salt)) / max(self.ions.held_by(free * salt), 1e-300)
        if self.ions.has_concentration:
            fitted |= {"salt": salt * (1.0 + factor * free), "c": fields["c"] * (1.0 + factor * free)}
        if self.sodiation is not None:
            filled = self.sodiation.stored_charge(State(0.0, fields))
            fitted["uptake"] = fields["uptake"] * (holdings["uptake"] / filled if filled > 0.0 else 1.0)
        return fitted

    def metal_planes(self) -> tuple[Array, ...]:
        """The collector and the faces. Collective."""
        return (self.grid.plane_area(0.0, 0), *(site.area for site in self.deposition.faces))

    def coefficients_of(self, fields: dict[str, Array], phi_l: Array) -> LaggedCoefficients:
        """The coefficients of an instant. Collective.

        Args:
            fields: xi and, where there are any, uptake and normal_stress, (N,) each.
            phi_l: of before, (N,) in V.
        """
        xi = fields["xi"]
        return self.lag_coefficients(
            xi,
            xi,
            xi,
            0.0,
            phi_l=phi_l,
            degree_of_sodiation=fields.get("uptake"),
            normal_stress=fields.get("normal_stress", 0.0),
        )

    def lag_coefficients(
        self,
        start: Array,
        middle: Array,
        end: Array,
        dt: float = 0.0,
        *,
        degree_of_sodiation: Array | None = None,
        phi_l: Array | None = None,
        salt: ChangingSalt | None = None,
        normal_stress: Array | float = 0.0,
    ) -> LaggedCoefficients:
        """The coefficients of a step. Collective.

        Args:
            start: xi at the start of the step, (N,).
            middle, end: xi as expected at its middle and at its end, (N,).
            dt: size of the step, s.
            degree_of_sodiation: at the start of the step, (N,); by default that of the start of the run.
            phi_l: at the start of the step, (N,) in V; by default the same everywhere.
            salt: how the salt changes over the step; by default it is as for an instant.
            normal_stress: n.sigma.n of the front at the start of the step, (N,) in Pa, where it acts on the kinetics.
        """
        deposition, ions = self.deposition, self.ions
        p, distance = deposition.interpolation.h(middle), signed_distance(middle, deposition.width)
        extrapolates = ions.without_salt if ions.extrapolates_potential_to_interface else None
        before = np.zeros(self.grid.size) if phi_l is None else phi_l
        front, faces = deposition.sites(
            start,
            middle,
            distance,
            dt,
            extrapolates=extrapolates,
            phi_l=before,
            beside=ions.beside_front(),
            change=salt,
            normal_stress=normal_stress,
        )
        sodiation = None
        if self.sodiation is not None:
            degree = self.sodiation.start if degree_of_sodiation is None else degree_of_sodiation
            sodiation = SodiationStep(self.sodiation, 1.0 - p, degree, dt)
        return LaggedCoefficients(
            electrolyte_fraction=ions.electrolyte_fraction(p),
            electrolyte_fraction_at_end=ions.electrolyte_fraction(deposition.interpolation.h(end)),
            electrons=self.electrons.conductances(p, distance),
            front=front,
            faces=faces,
            sodiation=sodiation,
        )
