"""Warnings from the width of the front against what it has to resolve: hills, the box, its own resistance."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case import Case

LEAST_WIDTHS_ACROSS_BOX = 4.0
"""Lateral size of the box, in widths of the front, below which a hill or valley reaches from wall to wall."""

LEAST_WIDTHS_IN_RADIUS = 10.0
"""Radius of a hill, in widths of the front, below which its growth is off by more than 2 %
(tests/verification/test_steep_sine.py)."""


MOST_DEMAND = 10.0
"""What the reaction could take at c0, over what the slowest layer above the front can bring, beyond which a front with
one potential takes c below 0 in front of it: p-na has 8 and stays above, with strips three and ten times slower (28,
83) it does not."""


def front_warnings(case: Case, kinetic_current: float) -> Iterator[str]:
    """The warnings, one line each.

    Args:
        case: the case.
        kinetic_current: of its front at c0 and the largest voltage or current of the protocol, A/m^2.
    """
    yield from _narrow_box(case)
    if case.model == "two_potential":
        yield from _front_width(case)
        yield from _sharp_hills(case)
    else:
        yield from _starved(case, kinetic_current)


def _starved(case: Case, kinetic_current: float) -> Iterator[str]:
    """Ions that run out at a front whose double well and gradient term do not ask for them."""
    voltage = max((abs(step.value) for step in case.steps() if step.mode == "voltage"), default=0.0)
    slowest = min(case.layer_names[1:], key=lambda name: case.property(name, "diffusivity"))
    steps = max(voltage / case.thermal_voltage, 1.0)
    brought = case.property(slowest, "diffusivity") * case.salt_charge
    brought *= steps / (case.height - case.surface.position)
    if kinetic_current > MOST_DEMAND * brought:
        yield (
            f"the reaction could take {kinetic_current:.3g} A/m^2 and layer '{slowest}' brings about {brought:.3g}: "
            "where ions run out c falls below 0 in front of the metal too, with either transport.sink "
            "(docs/theory/transport.md, limits)"
        )


def _sharp_hills(case: Case) -> Iterator[str]:
    """Hills whose radius the front's width does not resolve."""
    width, shape = case.interface.width, case.surface.shape
    radius = shape.least_radius
    if case.geometry.dim == 1 or radius >= LEAST_WIDTHS_IN_RADIUS * width:
        return
    closing = ""
    if shape.foundation:
        closing = ", and so is the charge at which they close to a film (docs/theory/two_potential.md, nuclei)"
    yield (
        f"hills of the start have a radius of {radius * 1e6:.3g} um or so, {radius / width:.2g} widths of the front: "
        f"below {LEAST_WIDTHS_IN_RADIUS:g} their growth is off by more than 2 % (at 5 by up to 24 %){closing}; "
        f"interface.width = {radius / LEAST_WIDTHS_IN_RADIUS * 1e6:.2g} um would do"
    )


def _narrow_box(case: Case) -> Iterator[str]:
    sides = {"width": case.geometry.width, "depth": case.geometry.depth}
    for key in list(sides)[: case.geometry.dim - 1]:
        if case.surface.shape.needs_sides and sides[key] < LEAST_WIDTHS_ACROSS_BOX * case.interface.width:
            yield (
                f"geometry.{key} = {sides[key]:g} m is less than {LEAST_WIDTHS_ACROSS_BOX:g} widths of the front "
                f"({case.interface.width:g} m): a rough front cannot be told from a flat one in it"
            )


def _front_width(case: Case) -> Iterator[str]:
    """A front in which the potential drops too much, so that it reacts ahead of itself: i0 l zF/(sigma RT) > 1.

    Where only the metal's ions move the reaction depends on the potential extrapolated to the interface, and a binary
    salt conducts so well that no front is too wide for it.
    """
    interface, names = case.interface, case.layer_names
    for name in names[1:] if case.transport.kind == "nernst_planck" else ():
        if case.contacts.get(f"{names[0]}-{names[1]}") is not None:
            continue
        sigma = case.property(name, "ionic_conductivity")
        share = case.kinetics.exchange_current_density * interface.width / (sigma * case.thermal_voltage)
        if share > 1.0:
            yield (
                f"interface.width = {interface.width:g} m is wide for layer '{name}': i0 l zF/(sigma RT) = "
                f"{share:.3g}, a front in it reacts ahead of itself, by about l; below {interface.width / share:.2g} m "
                "it does not"
            )
