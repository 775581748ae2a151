"""The numbers that decide how a case behaves, derived from it: phase-field constants, groups and limits.

Nothing is built for it. The solver takes its constants from here too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from femna.case import Case, Step
from femna.case.model import STANDARD_TEMPERATURE
from femna.errors import BadInput
from femna.units import FARADAY, GAS_CONSTANT

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
"""Speed of a planar front over 3 l R by the barrier ratio r, with the quintic interpolation (travelling waves)."""

CUBIC_SPINODAL = 1.0 / 3.0
"""With the cubic interpolation the speed is 3 l R exactly up to this r, beyond which the electrolyte is unstable."""

CONDUCTS = 1e-7
"""Electronic conductivity (S/m) beyond which a layer conducts electrons: metal may grow on its upper face."""


@dataclass(frozen=True)
class DerivedParameters:
    """Derived numbers, SI.

    W (J/m^3), kappa (J/m), L_sigma (m^3/(J s)) and L_eta (1/s) of the phase field; drive: R_eta (1/s) at the protocol's
    largest voltage or current and c = c0; barrier_ratio: r = R_eta/(L_sigma W); interface_cells: elements in the
    10-90 % width; kinetic_current (A/m^2): of the drive; curvature_cut_off (m): the radius below which the artificial
    interface energy stops a tip; limiting_current_A_m2 and sand_time_s are infinite where there is none.
    """

    double_well: float  # W
    gradient_coefficient: float  # kappa
    mobility: float  # L_sigma
    reaction_constant: float  # L_eta
    drive: float  # R_eta
    barrier_ratio: float
    interface_cells: float
    kinetic_current: float
    curvature_cut_off: float
    limiting_current_A_m2: float
    sand_time_s: float
    warnings: tuple[str, ...]


def derive(case: Case) -> DerivedParameters:
    """The derived numbers of a case. Raises BadInput when it has no drive but asks for a barrier ratio.

    Sharp-interface relations of xi = 1/2 (1 - tanh(n/l)): W = 6 gamma/l, kappa = 3 gamma l, and, for small r, a front
    speed of 3 l R, hence L_eta = i0/(3 l F c_s).
    """
    from femna.validation.warnings import advice  # which asks here for the numbers that it judges

    length, energy = case.interface.width, case.interface.energy
    double_well, gradient_coefficient = 6.0 * energy / length, 3.0 * energy * length
    per_rate = 3.0 * length * FARADAY * case.site_density  # A/m^2 for a rate of 1/s
    current = kinetic_current(case)
    drive = current / per_rate
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
    groups = DerivedParameters(
        double_well=double_well,
        gradient_coefficient=gradient_coefficient,
        mobility=mobility,
        reaction_constant=case.kinetics.exchange_current_density / per_rate,
        drive=drive,
        barrier_ratio=ratio,
        interface_cells=case.interface_width_10_90 / case.fine_cell,
        kinetic_current=current,
        curvature_cut_off=length / (6.0 * ratio) if ratio else math.inf,
        limiting_current_A_m2=limiting_current(case),
        sand_time_s=sand_time(case, current),
        warnings=(),
    )
    return replace(groups, warnings=tuple(advice(case, groups)))


def step_current(case: Case, step: Step) -> float:
    """Size of the current density (A/m^2) that a step asks of the kinetics at c = c0.

    For a voltage, Butler-Volmer at eta = -V - U: i0 |exp((1-b) F eta/RT) - exp(-b F eta/RT)|. Raises BadInput when that
    is no finite number.
    """
    if step.mode != "voltage":
        return abs(step.value)
    kinetics = case.kinetics
    eta = -step.value - kinetics.standard_potential
    scaled = FARADAY * eta / (GAS_CONSTANT * case.temperature)
    beta = kinetics.transfer_coefficient
    try:
        return kinetics.exchange_current_density * abs(math.exp((1.0 - beta) * scaled) - math.exp(-beta * scaled))
    except OverflowError:
        raise BadInput(f"{case.name}: protocol: {step.value:g} V is far beyond Butler-Volmer kinetics") from None


def kinetic_current(case: Case) -> float:
    """The largest current density (A/m^2) that the protocol asks of the kinetics at c = c0. Raises BadInput."""
    return max(step_current(case, step) for step in set(case.steps()))


def bv_fraction(ratio: float, interpolation: str = "quintic") -> float:
    """Speed of a planar front over Butler-Volmer's 3 l R at a barrier ratio r.

    quintic: interpolated in the tabulated travelling waves (up to r = 1 their loss, then their speed, log-log; 1 - 2.02
    r^2 below the table, ~ r^-1/2 above it);
    cubic: 1 up to the spinodal at r = 1/3, NaN beyond.
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
        return low[1] * (high[1] / low[1]) ** share
    return 1.0 - (1.0 - low[1]) * ((1.0 - high[1]) / (1.0 - low[1])) ** share


def transport_length(case: Case) -> float:
    """Thickness (m) of the last layer with the diffusive resistance between the undisturbed front and the counter.

    Other layers above the front count with their thickness times D of the last one over their own; in two_potential
    with a binary salt D is the salt's, and only layers that hold one count.
    """
    last, length = case.layer_names[-1], 0.0
    for name in case.layer_names[1:]:
        low, high = case.interval(name)
        solid = case.model == "two_potential" and case.transport.kind == "binary" and not ions_of(case, name)[1]
        if high > case.surface.position and not solid:
            length += (high - max(low, case.surface.position)) / _salt_diffusivity(case, name)
    return length * _salt_diffusivity(case, last)


def _salt_diffusivity(case: Case, name: str) -> float:
    """What concentrations level with in a layer, m^2/s: the ambipolar one of a binary salt, else the cation's."""
    cation, anion = ions_of(case, name)
    return _ambipolar(cation, anion) if anion else case.property(name, "diffusivity")


def _ambipolar(cation: float, anion: float) -> float:
    return 2.0 * cation * anion / (cation + anion)


def salt(case: Case) -> tuple[float, float]:
    """Ambipolar diffusivity D_a (m^2/s) and cation transference number of the last layer's electrolyte.

    D_a = 2 D+ D-/(D+ + D-), t+ = D+/(D+ + D-), of the ions that the solver has (`ions_of`); in single_potential, which
    has no anions, those of the real electrolyte. Where only cations are known they diffuse only: D_a = D+, t+ = 0. A
    single-ion conductor, also as the last layer of a binary salt's cell, has t+ = 1.
    """
    last, kind = case.layer_names[-1], case.transport.kind
    cation, anion = _both_ions(case, last) if case.model == "single_potential" else ions_of(case, last)
    if anion:
        return _ambipolar(cation, anion), cation / (cation + anion)
    if kind == "nernst_planck":
        return case.property(last, "diffusivity"), 0.0
    return math.inf, 1.0


def ions_of(case: Case, name: str) -> tuple[float, float]:
    """Diffusivities of cation and anion in a layer, m^2/s, in the kind of transport of the case.

    binary: an anion of 0 where the layer holds no salt, which is where no anion diffusivity is given and the
    transference number is 1 or not given; D- = D+ (1 - t+)/t+ where only the number is. single_ion: no diffusion.
    """
    if case.transport.kind == "single_ion" or name == case.layer_names[0]:
        return 0.0, 0.0
    if case.transport.kind == "nernst_planck":
        return case.property(name, "diffusivity"), 0.0
    return _both_ions(case, name)


def _both_ions(case: Case, name: str) -> tuple[float, float]:
    """Diffusivities of a salt's cation and anion in a layer, m^2/s; 0 for both where its material has no anion."""
    material = case.materials[case.layer[name].material]
    share = material.transference_number.value if material.transference_number else 1.0
    if material.anion_diffusivity is not None:
        return case.property(name, "diffusivity"), case.property(name, "anion_diffusivity")
    if not 0.0 < share < 1.0:
        return 0.0, 0.0
    cation = case.property(name, "diffusivity")
    return cation, cation * (1.0 - share) / share


def electronic_conductivities(case: Case) -> list[float]:
    """Of each phase, S/m, 0 where its material does not say; where the first one's metal has gone, the second's."""
    entries = [case.materials[case.layer[name].material].electronic_conductivity for name in case.layer_names]
    values = [0.0 if entry is None else entry.value for entry in entries]
    values[0] = values[1]
    for name, _ in case.phases[len(values) :]:  # grain boundaries
        grains = case.layer[name].grains
        assert grains is not None
        values.append(max(grains.boundary_electronic_conductivity, values[case.layer_names.index(name)]))
    return values


def contact_resistance(case: Case, low: str, high: str) -> float:
    """Area-specific resistance of a contact at the case's temperature, ohm m^2; 0 where none is given.

    R(T) = R(298.15 K) exp(E_a/R_gas (1/T - 1/298.15 K)).
    """
    contact = case.contacts.get(f"{low}-{high}")
    if contact is None:
        return 0.0
    exponent = contact.activation_energy / GAS_CONSTANT * (1.0 / case.temperature - 1.0 / STANDARD_TEMPERATURE)
    return contact.resistance * math.exp(exponent)


def conducting_layers(case: Case) -> tuple[int, ...]:
    """The layers (by number) that conduct electrons in two_potential; none in single_potential.

    Where the metal of the first layer has gone, the second fills its room.
    """
    if case.model != "two_potential":
        return ()
    return tuple(k for k, sigma in enumerate(electronic_conductivities(case)) if sigma > CONDUCTS)


def limiting_current(case: Case) -> float:
    """Limiting current density, A/m^2: F D_a (c_L - 0)/((1 - t+) L), infinite for a single-ion conductor.

    The anions rest, so that (1 - t+) i/F = D_a c_L/L with c falling in a straight line to 0 at the front (Newman and
    Thomas-Alyea, Electrochemical Systems, ch. 11). Between two metal electrodes no salt is lost and c_L = 2 c0, which
    gives 4 F D+ c0/L when t+ = D+/(D+ + D-). An ideal counter of two_potential holds c_L = c0: half of that. With
    single_potential, which has no anions and no such bound, it is the number of the real cell, of two electrodes. For
    Nernst-Planck without an anion the same without migration, F D c_L/L. L is the `transport_length`.
    """
    diffusivity, transference = salt(case)
    if transference >= 1.0:
        return math.inf
    held = case.model == "two_potential" and case.counter.kind == "ideal"
    at_counter = case.salt_concentration * (1.0 if held else 2.0)
    return FARADAY * diffusivity * at_counter / ((1.0 - transference) * transport_length(case))


def sand_time(case: Case, current: float) -> float:
    """Sand's time (s) of a constant current density (A/m^2), with the electrolyte's D_a and t+; infinite at no current.

    t = pi D_a (F c0/(2 i (1 - t+)))^2, for a layer thick enough to count as semi-infinite.
    """
    diffusivity, transference = salt(case)
    if not current or transference >= 1.0:
        return math.inf
    depletion = FARADAY * case.salt_concentration / (2.0 * current * (1.0 - transference))
    return math.pi * diffusivity * depletion**2
