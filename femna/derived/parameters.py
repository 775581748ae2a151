"""The numbers that decide how a case behaves: phase-field constants, resolution of the front, limits of the salt."""

from __future__ import annotations

import math
from dataclasses import dataclass

from femna.case import Case
from femna.derived.limiting_current import limiting_current, sand_time
from femna.derived.protocol_numbers import expected_outputs, least_steps, ohmic_drops
from femna.physics.ion_transport.binary_salt import salt_conductivity
from femna.physics.ion_transport.kinds import kind_of
from femna.physics.phase_field_constants import PhaseFieldConstants, phase_field_constants
from femna.units import COULOMB_PER_MAH_CM2


@dataclass(frozen=True)
class DerivedParameters(PhaseFieldConstants):
    """The constants of the phase field and what follows besides from a case, SI.

    Args:
        interface_cells: elements across the 10-90 % width of the front.
        curvature_cut_off: radius below which the artificial interface energy stops a tip, m.
        limiting_current_A_m2: infinite where there is none.
        sand_time_s: at the kinetic current; infinite where there is none.
        metal_thickness_m: thickness of the metal that 1 mAh/cm^2 plates, m.
        salt_conductivity_S_m: of a binary salt at c0, by its ions' diffusivities, layer by layer; none without such.
        ohmic_drop_V: of each layer and contact at the largest prescribed current; none where no current is.
        outputs: states that will be stored; infinite where that is not known beforehand.
        least_steps: time steps at the least; infinite where not known.
    """

    interface_cells: float
    curvature_cut_off: float
    limiting_current_A_m2: float
    sand_time_s: float
    metal_thickness_m: float
    salt_conductivity_S_m: dict[str, float]
    ohmic_drop_V: dict[str, float]
    outputs: float
    least_steps: float


def derive(case: Case) -> DerivedParameters:
    """The derived numbers of a case.

    Raises:
        BadInput: the case has no drive but asks for a barrier ratio.
    """
    constants = phase_field_constants(case)
    ratio = constants.barrier_ratio
    return DerivedParameters(
        **vars(constants),
        interface_cells=case.interface_width_10_90 / case.fine_cell,
        curvature_cut_off=case.interface.width / (6.0 * ratio) if ratio else math.inf,
        limiting_current_A_m2=limiting_current(case),
        sand_time_s=sand_time(case, constants.kinetic_current),
        metal_thickness_m=COULOMB_PER_MAH_CM2 / case.metal_charge,
        salt_conductivity_S_m={
            name: salt_conductivity(case, name) for name in case.layer_names if kind_of(case).holds_salt(case, name)
        },
        ohmic_drop_V=ohmic_drops(case),
        outputs=expected_outputs(case),
        least_steps=least_steps(case),
    )
