"""Which steps of a protocol a cell can take.

Voltages must lie within the range of the kinetics, an electrode reaction must carry the currents, and ends must come.
"""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem, dotted
from femna.case.model import Case
from femna.case.modes import mode_names
from femna.case.protocol import ProtocolStep, steps_as_written
from femna.case.until import NOUNS
from femna.quantities import either

LARGEST_EXPONENT = 100.0
"""Argument of Butler-Volmer's exponentials, about 5 V; a larger overpotential has no physical meaning."""


def controls(case: Case) -> Iterator[KeyProblem]:
    """The model can take every step's mode, and what a step holds does not end it."""
    for place, step in steps_as_written(case.protocol):
        mode, end = step.definition, step.until.kind
        if case.model not in mode.models:
            text = f"is '{mode.name}', which needs model = '{mode.models[0]}'"
            yield KeyProblem((*place, "mode"), text, f"{either(mode_names(case.model))} with {case.model}")
        if end == "voltage" and case.model == "single_potential":
            allowed = "a duration, a charge per area or a metal height with single_potential"
            yield KeyProblem((*place, "until"), "is a voltage, which needs model = 'two_potential'", allowed)
        if end not in mode.ends:
            why = "which this step holds" if end == mode.fixes else f"which does not end a {mode.name}"
            yield KeyProblem((*place, "until"), f"is {NOUNS[end]}, {why}", ", ".join(NOUNS[kind] for kind in mode.ends))


def end_heights(case: Case) -> Iterator[KeyProblem]:
    """A height that ends a step lies between the front and the counter, or below the front when the step strips."""
    for place, step in steps_as_written(case.protocol):
        if step.until.kind == "height" and not _within(step, case.surface.position, case.height):
            allowed = f"between the front at {case.surface.position:g} m and the counter at {case.height:g} m"
            yield KeyProblem((*place, "until"), f"is a metal height of {step.until.value:g} m", allowed)


def _within(step: ProtocolStep, low: float, high: float) -> bool:
    # stripping may end below the first front
    return step.until.value < high and (step.value <= 0.0 or step.until.value > low)


def driven_voltages(case: Case) -> Iterator[KeyProblem]:
    """Voltages stay within reach of the kinetics; a barrier ratio has a current to refer to."""
    beta = case.kinetics.transfer_coefficient
    thermal = case.thermal_voltage
    overpotentials = []
    for place, step in steps_as_written(case.protocol):
        if step.held_voltage is not None:
            overpotentials.append(-step.value - case.kinetics.standard_potential)
            if abs(overpotentials[-1]) * max(beta, 1.0 - beta) > LARGEST_EXPONENT * thermal:
                limit = LARGEST_EXPONENT * thermal / max(beta, 1.0 - beta)
                text = f"is {step.value:g} V, far beyond Butler-Volmer kinetics"
                yield KeyProblem((*place, "value"), text, f"within {limit:.3g} V of -kinetics.standard_potential")
    no_drive = not case.kinetics.exchange_current_density or not any(overpotentials)
    if case.model == "single_potential" and case.interface.barrier_ratio and overpotentials and no_drive:
        yield KeyProblem(
            ("interface", "barrier_ratio"),
            f"is {case.interface.barrier_ratio:g}, but the protocol drives no current that it could refer to",
            "interface.mobility in its place",
        )


def carried_currents(case: Case) -> Iterator[KeyProblem]:
    """A prescribed current needs a reaction at both electrodes: an exchange current, or a contact's resistance."""
    silent = _silent_contacts(case)
    for place, step in steps_as_written(case.protocol):
        if silent and step.definition.fixes == "current" and step.value:
            text = f"is 0, and nothing else carries the {step.value:g} A/m^2 of {dotted(place)}"
            needed = " and ".join(f"contacts.{pair}.resistance" for pair in silent)
            yield KeyProblem(("kinetics", "exchange_current_density"), text, f"above 0 A/m^2, or {needed} given")


def _silent_contacts(case: Case) -> list[str]:
    """The electrodes' contacts at which no reaction takes place."""
    if case.kinetics.exchange_current_density:
        return []
    names = case.layer_names
    electrodes = [f"{names[0]}-{names[1]}"] + [f"{names[-1]}-counter"] * (case.counter.kind == "metal")
    return [pair for pair in electrodes if pair not in case.contacts]


def reachable_ends(case: Case) -> Iterator[KeyProblem]:
    """Where nothing passes, no charge does and no metal grows.

    A step without an outer current passes no charge, whatever happens within the cell: what a layer takes up from the
    metal then counts as zero. Its height may fall where a layer takes up metal. A voltage is allowed as its end: the
    cell may relax towards it. A step at the voltage of equilibrium has something to even out only if something came
    before it, or a layer takes up metal.
    """
    driven = bool(case.filling_layers)
    for place, step in steps_as_written(case.protocol):
        kind, rests = step.until.kind, step.definition.fixes == "current" and not step.value
        still = rests or _in_equilibrium(case, step)
        if kind == "charge" and (rests or (still and not driven)):
            yield _never((*place, "until"), "a charge per area", step, rests)
        if kind == "height" and still and not (case.filling_layers if rests else driven):
            yield _never((*place, "until"), "a metal height", step, rests)
        driven = driven or not still


def _in_equilibrium(case: Case, step: ProtocolStep) -> bool:
    """Whether a held voltage drives nothing through a cell that nothing happened to yet."""
    if step.held_voltage is None:
        return False
    balance = 0.0 if case.counter.kind == "metal" else -case.kinetics.standard_potential
    return bool(_silent_contacts(case)) or step.value == balance


def _never(place: tuple[str | int, ...], end: str, step: ProtocolStep, rests: bool) -> KeyProblem:
    return KeyProblem(
        place,
        f"is {end}, which never comes: nothing passes in this step ({step.definition.described(step.value)})",
        "a duration or a voltage" if rests else "a duration",
    )
