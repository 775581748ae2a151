"""The counter electrode of two potentials: a second sodium electrode, or an ideal one that holds potential and salt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from femna.contract.process import Process
from femna.contract.variables import Scalar, Variable
from femna.physics.cell_stack import contact_conductance, phase_numbers
from femna.physics.deposition import BUTLER_VOLMER, interfacial_kinetics
from femna.physics.reaction_sites import MetalSite

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid


@dataclass(frozen=True)
class CounterElectrode(Process):
    """The electrode at the counter plane.

    Args:
        site: where a metal counter reacts; None for an ideal one, without kinetics.
    """

    site: MetalSite | None = None

    name = "counter electrode"

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        """No variable: it stays in its place."""
        return ()

    @classmethod
    def keys_read(cls, case: Case) -> tuple[str, ...]:
        """Its kind and what it holds; of a metal one the contact's resistance, or Butler and Volmer's constants."""
        if case.counter.kind != "metal":
            return ("counter",)
        pair = (case.layer_names[-1], "counter")
        return ("counter", "contacts", *(() if contact_conductance(case, *pair) else BUTLER_VOLMER))

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        """The counter of a case, with the anode's kinetics or its contact's resistance. Collective."""
        if case.counter.kind != "metal":
            return cls()
        last = case.layer_names[-1]
        kinetics = interfacial_kinetics(case, contact_conductance(case, last, "counter"))
        area = grid.plane_area(case.height, phase_numbers(case, last))
        return cls(MetalSite(kinetics, area, case.kinetics.standard_potential))

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """What it gave so far."""
        return (Scalar("counter_charge", "C m^(d-3)", "charge that the counter electrode gave since the start"),)
