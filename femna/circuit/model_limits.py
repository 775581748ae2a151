"""Where a run has left what its model or its mesh can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from femna.contract.cell_state import CellState

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.case.protocol import ProtocolStep

THIN_LAYER_SHARE = 0.3
"""Deposit below a layer, over the layer's thickness, from which on a fixed strip misleads."""

LONGEST_TIME = 1e12
"""Simulated time (s) after which an end that is no duration is given up."""


def beyond_the_model(case: Case, cell: CellState, position: int, step: ProtocolStep) -> str | None:
    """Why further steps mean nothing, and what to try, as the end of a message; None while they do.

    Args:
        case: the case.
        cell: where the cell stands.
        position: index of the protocol step in hand.
        step: that step.
    """
    top, height = case.front_zone_top, cell.height_in_stack
    if height >= case.height:
        what = f"the metal has reached the counter electrode, {height * 1e6:.4g} um high: a short circuit"
        if case.model == "two_potential":
            what = "metal that formed ahead of the front, apart from the anode's, has reached the counter side"
        return f"{what}; results up to here are kept\ntry: a shorter protocol, or a thicker last layer"
    if height > top:
        what = f"the metal, now {height * 1e6:.4g} um high, has left the fine mesh of {top * 1e6:.4g} um"
        return f"{what}; results up to here are kept\ntry: a larger geometry.front_zone, or a shorter protocol"
    if cell.time > LONGEST_TIME and step.until.kind != "time":
        what = f"protocol step {position + 1} does not come to its end"
        return f"{what}; results up to here are kept\ntry: a duration in its `until`"
    return None


def thin_layer_warning(case: Case, below: float) -> str | None:
    """What to say where the metal below a layer (m) would have lifted it by much of its thickness; None elsewhere."""
    layers = case.layer_names[1:-1]
    if not layers or case.is_lifted:
        return None
    thinnest = min(case.layer[name].thickness for name in layers)
    if below <= THIN_LAYER_SHARE * thinnest:
        return None
    return (
        f"{1e6 * below:.3g} um of {case.metal_names.name} have plated below a layer of {1e6 * thinnest:.3g} um, which "
        f"would have lifted it; here they eat into it (layer.{case.layer_names[1]}.moves = true lifts it)"
    )
