"""What a protocol asks of a cell, as far as it is known before the run: charges, durations, outputs, ohmic drops."""

from __future__ import annotations

import itertools
import math

from femna.case import Case, ProtocolStep
from femna.geometry.contacts import contact_resistance
from femna.geometry.phases import CONDUCTS, electronic_conductivities
from femna.physics.ion_transport.binary_salt import salt_conductivity
from femna.physics.ion_transport.kinds import kind_of
from femna.units import FARADAY

STEP_ADVANCE = 0.36
"""How far the front moves in a time step of two_potential at the most, in widths l."""


def holds_current(step: ProtocolStep) -> bool:
    """Whether a step prescribes the current."""
    return step.definition.fixes == "current"


def protocol_duration(case: Case) -> float:
    """Duration of the protocol, s; infinite where it is not known beforehand."""
    return math.fsum(step.duration for step in case.steps())


def known_charges(case: Case) -> list[float]:
    """Charge that has passed at the end of each step since the start, C/m^2, positive for deposition on the anode.

    The list ends before the first step whose charge is not known beforehand; one of constant voltage that ends by a
    charge counts with the sign of its voltage.
    """
    passed, charges = 0.0, []
    for step in case.steps():
        if step.until.kind == "charge":
            charge = step.until.value
        elif holds_current(step) and (step.until.kind == "time" or not step.value):
            charge = abs(step.value) * step.until.value if step.value else 0.0
        else:
            break
        passed += math.copysign(charge, step.value)
        charges.append(passed)
    return charges


def largest_current(case: Case) -> float:
    """Size of the largest current density that a step prescribes, A/m^2; 0 where none does."""
    return max((abs(step.value) for step in case.steps() if holds_current(step)), default=0.0)


def ohmic_drops(case: Case) -> dict[str, float]:
    """Voltage (V) that each layer above the front, and each contact, loses at the largest current that is prescribed.

    i L/sigma of the undisturbed stack, at c0: sigma is a salt's by its diffusivities, else the ionic conductivity; what
    conducts electrons besides lets both carry the current. Grain boundaries count as bricks' walls across it. Left out
    is what electrons lead the current past: a layer whose grain boundaries leak, and the anode's contact with a layer
    that conducts electrons or leaks. Empty where no current is prescribed.
    """
    current, drops = largest_current(case), {}
    if not current:
        return {}
    electronic = electronic_conductivities(case)
    phases = enumerate(case.phases)
    leaks = {phase.layer for number, phase in phases if phase.boundary and electronic[number] > CONDUCTS}
    for number, name in enumerate(case.layer_names):
        low, high = case.interval(name)
        length = high - max(low, case.surface.position)
        if number == 0 or length <= 0.0 or name in leaks:
            continue
        salted = kind_of(case).holds_salt(case, name)
        sigma = salt_conductivity(case, name) if salted else case.property(name, "ionic_conductivity")
        grains = case.layer[name].grains
        if grains is not None and grains.boundary_conductivity_factor < 1.0:
            sigma /= 1.0 + grains.boundary_width / grains.size * (1.0 / grains.boundary_conductivity_factor - 1.0)
        sigma += electronic[number] if electronic[number] > CONDUCTS else 0.0
        drops[f"layer '{name}'"] = current * length / sigma
    names = (*case.layer_names, "counter")
    bypassed = names[1] in leaks or electronic[1] > CONDUCTS
    for low_name, high_name in list(itertools.pairwise(names))[bypassed:]:
        if resistance := contact_resistance(case, low_name, high_name):
            drops[f"contact {low_name}-{high_name}"] = current * resistance
    return drops


def expected_outputs(case: Case) -> float:
    """Number of stored states: first, ends of steps, and one each `output.interval`; infinite where not known."""
    return protocol_duration(case) / case.output.interval + len(case.steps()) + 1.0


def least_steps(case: Case) -> float:
    """Number of time steps at the least: one an output, and with two potentials one for each STEP_ADVANCE l of metal
    that grows or is stripped; infinite where not known."""
    outputs = expected_outputs(case) - 1.0
    if case.model != "two_potential":
        return outputs
    charges = [0.0, *known_charges(case)]
    moved = math.fsum(abs(after - before) for before, after in itertools.pairwise(charges))
    return max(outputs, moved / (case.metal_charge * STEP_ADVANCE * case.interface.width))


def taken_up(case: Case) -> tuple[float, float]:
    """Charge of the metal that layers with `uptake` hold at the start, and that they can take up besides, C/m^2."""
    held = room = 0.0
    for name in case.filling_layers:
        whole = case.valence * FARADAY * case.property(name, "sodium_capacity") * case.layer[name].thickness
        share = case.layer[name].uptake or 0.0
        held, room = held + share * whole, room + (1.0 - share) * whole
    return held, room
