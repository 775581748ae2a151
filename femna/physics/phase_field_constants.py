"""The constants of the phase field, from the sharp-interface numbers of a case.

With xi = 1/2 (1 - tanh(n/l)) the well is W = 6 gamma/l and the gradient coefficient kappa = 3 gamma l. A front moves at
3 l R while the barrier ratio r = R_eta/(L_sigma W) is small, hence L_eta = i0/(3 l z F c_s). At larger r it is slower:
`bv_fraction` says by how much (docs/theory/phase_field_constants.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from femna.case import Case, ProtocolStep
from femna.errors import BadInput

QUINTIC_LAW: tuple[tuple[float, float], ...] = (
    (0.01, 0.99980),
    (0.03, 0.99819),
    (0.1, 0.98115),
    (0.2, 0.93664),
    (0.4, 0.83486),
    (0.7, 0.71503),
    (1.0, 0.63185),
    (2.0, 0.47779),
    (5.0, 0.31510),
    (10.0, 0.22600),
    (50.0, 0.10223),
    (100.0, 0.07239),
)
"""Barrier ratio r and the speed of a planar front over 3 l R, with the quintic interpolation (travelling waves)."""

CUBIC_SPINODAL = 1.0 / 3.0
"""Barrier ratio up to which a front with the cubic interpolation moves at 3 l R exactly. Beyond it the electrolyte is
unstable."""


@dataclass(frozen=True)
class PhaseFieldConstants:
    """Constants of the phase field, SI.

    Args:
        double_well: W, J/m^3.
        gradient_coefficient: kappa, J/m.
        mobility: L_sigma, m^3/(J s).
        reaction_constant: L_eta, 1/s.
        kinetic_current: largest current density that the protocol asks of the kinetics at c = c0, A/m^2.
        drive: R_eta, the reaction's rate at that current, 1/s.
        barrier_ratio: r = R_eta/(L_sigma W).
    """

    double_well: float
    gradient_coefficient: float
    mobility: float
    reaction_constant: float
    kinetic_current: float
    drive: float
    barrier_ratio: float


def phase_field_constants(case: Case) -> PhaseFieldConstants:
    """The constants of the phase field of a case.

    Of the mobility and the barrier ratio the case gives one, and the other follows.

    Raises:
        BadInput: the protocol drives no current that the barrier ratio could refer to, or a voltage is beyond the
            range of the kinetics.
    """
    length, energy = case.interface.width, case.interface.energy
    double_well, gradient_coefficient = 6.0 * energy / length, 3.0 * energy * length
    current_per_rate = 3.0 * length * case.metal_charge  # A/m^2 for a rate of 1/s
    current = kinetic_current(case)
    drive = current / current_per_rate
    if case.interface.barrier_ratio:
        ratio = case.interface.barrier_ratio
        mobility = drive / (ratio * double_well)
        if not mobility and case.model == "single_potential":
            raise BadInput(
                f"{case.name}: interface.barrier_ratio is {ratio:g}, but the protocol drives no current; "
                "allowed here: interface.mobility"
            )
    else:
        mobility = case.interface.mobility
        ratio = drive / (mobility * double_well)
    return PhaseFieldConstants(
        double_well=double_well,
        gradient_coefficient=gradient_coefficient,
        mobility=mobility,
        reaction_constant=case.kinetics.exchange_current_density / current_per_rate,
        kinetic_current=current,
        drive=drive,
        barrier_ratio=ratio,
    )


def step_current(case: Case, step: ProtocolStep) -> float:
    """Size of the current density (A/m^2) that a protocol step asks of the kinetics at c = c0.

    Its mode says which: for a voltage it is Butler-Volmer's.

    Raises:
        BadInput: that is no finite number.
    """
    try:
        return step.definition.kinetic_current(step.value, case.kinetics, case.thermal_voltage)
    except OverflowError:
        raise BadInput(f"{case.name}: protocol: {step.value:g} V is far beyond Butler-Volmer kinetics") from None


def kinetic_current(case: Case) -> float:
    """The largest current density (A/m^2) that the protocol asks of the kinetics at c = c0.

    Raises:
        BadInput: a voltage is beyond the range of the kinetics.
    """
    return max(step_current(case, step) for step in set(case.steps()))


def bv_fraction(ratio: float, interpolation: str = "quintic") -> float:
    """Speed of a planar front over Butler-Volmer's 3 l R.

    With "quintic" it is interpolated in the tabulated travelling waves (up to r = 1 their loss, then their speed,
    log-log; 1 - 2.02 r^2 below the table, ~ r^-1/2 above it). With "cubic" it is 1 up to the spinodal at r = 1/3, and
    NaN beyond.

    Args:
        ratio: barrier ratio r.
        interpolation: "quintic" or "cubic".
    """
    if interpolation == "cubic":
        return 1.0 if ratio < CUBIC_SPINODAL else math.nan
    (first, _), (last, at_last) = QUINTIC_LAW[0], QUINTIC_LAW[-1]
    if ratio <= first:
        return 1.0 - 2.02 * ratio**2
    if ratio >= last:
        return at_last * math.sqrt(last / ratio)
    low, high = next(pair for pair in pairwise(QUINTIC_LAW) if ratio <= pair[1][0])
    share = math.log(ratio / low[0]) / math.log(high[0] / low[0])
    if ratio > 1.0:
        return float(low[1] * (high[1] / low[1]) ** share)
    return float(1.0 - (1.0 - low[1]) * ((1.0 - high[1]) / (1.0 - low[1])) ** share)
