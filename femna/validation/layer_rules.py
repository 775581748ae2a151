"""The layers of the stack, their contacts and the counter electrode."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem
from femna.case.model import Case
from femna.quantities import closest, either

RESERVED = ("collector", "counter", "sides")
"""Names of the mesh's boundaries, which no layer may have."""


def layers(case: Case) -> Iterator[KeyProblem]:
    """Layers have names of their own, none is thicker than all others, and the front fits into the thinnest."""
    names = case.layer_names
    for name in names:
        if name in RESERVED:
            yield KeyProblem(("layer", name), "has a boundary's name", f"any name but {either(RESERVED)}")
    for name in names[1:-1]:
        thickness = case.layer[name].thickness
        rest = case.height - thickness
        if thickness >= rest:
            text = f"is {thickness:g} m, no thinner than all the rest of the cell"
            yield KeyProblem(("layer", name, "thickness"), text, f"less than {rest:g} m")
    thinnest = min(names, key=lambda name: case.layer[name].thickness)
    thickness, width, front = case.layer[thinnest].thickness, case.interface.width, case.interface_width_10_90
    if front > thickness:
        text = f"is {width:g} m, a front of {front:.3g} m (10-90 %): wider than layer '{thinnest}' ({thickness:g} m)"
        yield KeyProblem(("interface", "width"), text, f"at most {thickness / front * width:.3g} m")


def contacts(case: Case) -> Iterator[KeyProblem]:
    """Contacts are those of neighbours in the stack; that of the counter needs an electrode of metal."""
    names = case.layer_names
    if case.counter.kind == "ideal" and f"{names[-1]}-counter" in case.contacts:
        yield KeyProblem(("contacts", f"{names[-1]}-counter"), "is given", "only with counter.kind = 'metal'")
    if case.counter.kind == "ideal" and case.counter.thickness:
        yield KeyProblem(("counter", "thickness"), "is given", "only with counter.kind = 'metal'")
    pairs = [f"{low}-{high}" for low, high in zip(names, (*names[1:], "counter"), strict=True)]
    for pair in case.contacts:
        if pair not in pairs:
            yield KeyProblem(("contacts", pair), "is no contact of this stack", either(pairs), closest(pair, pairs))
