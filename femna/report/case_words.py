"""A case in words: the stack, the reaction, what the cell is driven by."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from femna.report.markup import Html, folded, joined, listing, paragraph, table
from femna.report.markup import code as preformatted

if TYPE_CHECKING:
    from femna.case import Case

MODELS = {
    "single_potential": "one potential for metal and electrolyte; paper A's phase field, salt and potential",
    "two_potential": "two potentials; ionic and electronic currents and the reaction between them agree",
}
UM = 1e6
LISTED_STEPS = 12
"""Steps of a protocol that are written out; of more the first ones."""


def case_words(case: Case) -> Html:
    """The case.

    Args:
        case: the case of the run.
    """
    box = case.geometry
    sides = [f"{side * UM:.4g} µm" for side in (box.width, box.depth)[: box.dim - 1] if side is not None]
    shape = {1: "one dimension", 2: "two dimensions", 3: "three dimensions"}[box.dim]
    lines = [
        f"Model {case.model}: {MODELS.get(case.model, '')}.",
        f"{shape.capitalize()}{': ' + ' by '.join(sides) + ' wide' if sides else ''}, "
        f"{case.height * UM:.4g} µm from collector to counter; metal: {case.metal}, {case.temperature:.5g} K.",
        f"Surface at the start: {case.surface.kind}.",
        f"Front: width {case.interface.width * UM:.3g} µm, energy {case.interface.energy:.3g} J/m².",
        f"Reaction: exchange current density {case.kinetics.exchange_current_density:.4g} A/m², "
        f"transfer coefficient {case.kinetics.transfer_coefficient:.3g}.",
        f"Ions: {case.transport.kind}.",
    ]
    intro = paragraph(case.title) if case.title else Html("")
    source = paragraph(f"Source: {case.source}") if case.source else Html("")
    rows = [
        (name, case.layer[name].material, f"{low * UM:.4g} to {high * UM:.4g}", f"{(high - low) * UM:.4g}")
        for name, (low, high) in ((name, case.interval(name)) for name in reversed(case.layer_names))
    ]
    stack = table(("layer, from the counter down", "material", "height (µm)", "thickness (µm)"), rows)
    steps = tomllib.loads(case.to_toml())["protocol"]
    words = [step_words(step) for step in steps[:LISTED_STEPS]]
    if len(steps) > LISTED_STEPS:
        words.append(f"and {len(steps) - LISTED_STEPS} more")
    resolved = folded("The resolved case file", preformatted(case.to_toml()))
    return joined((intro, listing(lines), stack, paragraph("Protocol:"), listing(words), source, resolved))


def step_words(step: Mapping[str, Any]) -> str:
    """An entry of the protocol: "current 5 A/m^2, until 30 min", "5 times: ..".

    Args:
        step: as the case file has it.
    """
    if "repeat" in step:
        return f"{step['repeat']} times: {'; '.join(step_words(inner) for inner in step['steps'])}"
    rest = {key: value for key, value in step.items() if key not in ("mode", "value", "until")}
    words = f"{step['mode']} {step['value']}" if "value" in step else str(step["mode"])
    words += f", until {step['until']}" if "until" in step else ""
    return words + "".join(f", {key} {value}" for key, value in rest.items())
