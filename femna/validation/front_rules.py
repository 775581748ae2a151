"""Where the front stands in the cell at the start, and how far the fine mesh reaches."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem
from femna.case.model import Case


def front(case: Case) -> Iterator[KeyProblem]:
    """The front lies within the cell, and the fine zone covers it."""
    position, height, top = case.surface.position, case.height, case.surface_top
    bottom = position - case.surface_reach[0]
    if not 0.0 < position < height:
        text = f"is {position:g} m: a front outside the mesh"
        yield KeyProblem(("surface", "position"), text, f"between 0 and the cell's height of {height:g} m")
    if top >= height:
        yield KeyProblem(("surface",), f"reaches up to {top:g} m, above the cell", f"below its height of {height:g} m")
    if bottom <= 0.0:
        yield KeyProblem(("surface",), f"reaches down to {bottom:g} m", "above the collector at 0")
    zone = case.geometry.front_zone
    if zone and not top < zone <= height * (1.0 + 1e-12):
        allowed = f"above the metal at the start ({top:g} m), up to the cell's height ({height:g} m)"
        yield KeyProblem(("geometry", "front_zone"), f"is {zone:g} m", allowed)
