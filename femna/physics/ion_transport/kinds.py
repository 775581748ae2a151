"""The kinds of ion transport by their names in transport.kind; a new kind is registered here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from femna.case.keys import KeyProblem
from femna.physics.ion_transport.binary_salt import BinarySalt
from femna.physics.ion_transport.ions import Ions, phase_conductivities, phase_diffusivities
from femna.physics.ion_transport.nernst_planck import NernstPlanckIons
from femna.physics.ion_transport.single_ion import SingleIonConductor
from femna.quantities import closest, either, shown

if TYPE_CHECKING:
    from femna.case.model import Case

KINDS: dict[str, type[Ions]] = {kind.key: kind for kind in (NernstPlanckIons, BinarySalt, SingleIonConductor)}


def kind_of(case: Case) -> type[Ions]:
    """The kind of ion transport of a case. Raises KeyProblem for one that is not registered."""
    name = case.transport.kind
    if name not in KINDS:
        raise KeyProblem(
            ("transport", "kind"), f"is {shown(name)}", either(tuple(KINDS)), f"'{closest(name, tuple(KINDS))}'"
        )
    return KINDS[name]


def best_ionic_conductivity(case: Case) -> float:
    """Of the best ionic conductor of a case, S/m, a salt's ions by Nernst and Einstein's relation."""
    kind = kind_of(case)
    cations, anions = phase_diffusivities(kind, case)
    charge, thermal_voltage = case.salt_charge, case.thermal_voltage
    return max(
        float(phase_conductivities(kind, case).max()), float(charge / thermal_voltage * (cations + anions).max())
    )
