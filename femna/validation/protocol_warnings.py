"""Warnings from what the protocol asks of the cell: charge, room, voltage, temperature, outputs."""

from __future__ import annotations

import math
from collections.abc import Iterator

from femna.case import Case
from femna.derived.protocol_numbers import (
    expected_outputs,
    known_charges,
    largest_current,
    ohmic_drops,
    protocol_duration,
    taken_up,
)
from femna.units import COULOMB_PER_MAH_CM2

LARGEST_DROP = 1.0
"""Ohmic drop of a layer or contact, V, above which a cell of such metal would not be used."""

MANY_OUTPUTS = 2000.0
"""Number of stored states above which a run mostly stores."""


def protocol_warnings(case: Case) -> Iterator[str]:
    """The warnings, one line each."""
    yield from _molten(case)
    yield from _without_room(case)
    yield from _beyond_reserves(case)
    yield from _ohmic(case)
    yield from _outputs(case)


def _molten(case: Case) -> Iterator[str]:
    entry = case.materials[case.metal].melting_point
    if entry is not None and case.temperature >= entry.value:
        yield (
            f"temperature = {case.temperature:g} K is above {case.metal_names.name}'s melting point, {entry.value:g} "
            "K: the model has solid metal, and no flow"
        )


def _without_room(case: Case) -> Iterator[str]:
    """More metal than fits below the counter, or than the fine mesh has room for; a stack that is lifted makes room."""
    if case.is_lifted:
        return
    per_metre, position = case.metal_charge, case.surface.position
    most = max([0.0, *known_charges(case)]) - taken_up(case)[1]
    grown, room, fine = most / per_metre, case.height - position, case.front_zone_top - position
    if grown >= room:
        yield (
            f"the protocol deposits {_um(grown)} of metal, and {_um(room)} lie between the front and the counter: the "
            f"run ends in a short circuit at {room * per_metre / COULOMB_PER_MAH_CM2:.3g} mAh/cm^2 or before"
        )
    elif grown > fine:
        yield (
            f"the protocol deposits {_um(grown)} of metal, and the mesh is fine only for {_um(fine)} above the front, "
            "where the run stops; raise geometry.front_zone"
        )


def _beyond_reserves(case: Case) -> Iterator[str]:
    """More metal stripped than the anode holds, or deposited than a metal counter electrode gives."""
    charges, per_metre = [0.0, *known_charges(case)], case.metal_charge
    held = (case.surface.position + case.surface.film) * per_metre + taken_up(case)[0]
    if -min(charges) > held:
        yield _ends_early("strips", -min(charges), "the anode", held, per_metre)
    counter = case.counter
    if counter.kind == "metal" and counter.thickness and max(charges) > counter.thickness * per_metre:
        yield _ends_early("takes", max(charges), "the counter electrode", counter.thickness * per_metre, per_metre)


def _ends_early(verb: str, charge: float, where: str, held: float, per_metre: float) -> str:
    """The line for an electrode that holds less (C/m^2) than the protocol asks for."""
    return (
        f"the protocol {verb} {charge / COULOMB_PER_MAH_CM2:.3g} mAh/cm^2 ({_um(charge / per_metre)} of metal), and "
        f"{where} holds {held / COULOMB_PER_MAH_CM2:.3g} mAh/cm^2 ({_um(held / per_metre)}): the run ends when it is "
        "used up"
    )


def _ohmic(case: Case) -> Iterator[str]:
    for name, drop in ohmic_drops(case).items():
        if drop > LARGEST_DROP:
            yield f"{name} loses {drop:.3g} V at {largest_current(case):g} A/m^2, by its resistance alone"


def _outputs(case: Case) -> Iterator[str]:
    duration, count = protocol_duration(case), expected_outputs(case)
    given = "interval" in case.output.model_fields_set
    if given and math.isfinite(duration) and case.output.interval > duration:
        yield (
            f"output.interval = {case.output.interval:g} s is longer than the protocol ({duration:g} s): only the "
            "first state and the ends of steps are stored"
        )
    if math.isfinite(count) and count > MANY_OUTPUTS:
        yield (
            f"output.interval = {case.output.interval:g} s asks for about {count:.2g} stored states, and a time step "
            f"for each; {duration / 200.0:.2g} s would give 200"
        )


def _um(length: float) -> str:
    return f"{length * 1e6:.3g} um"
