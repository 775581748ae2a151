"""The surface of the metal at the start."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from femna.case.keys import KeyProblem
from femna.case.model import SPECTRUM_END, Case
from femna.case.sections import SURFACE_KEYS

RANDOM_WAVES = {1: 0, 2: 10_000, 3: 1000}
"""Most waves along a side of a random surface, by dimension: minutes, or 10 MB of them."""

NUCLEI = 10_000
"""Most nuclei that are drawn from a density."""


def surface(case: Case) -> Iterator[KeyProblem]:
    """The keys are those of the kind of surface, and what they describe can be drawn."""
    surface, kind, dim = case.surface, case.surface.kind, case.geometry.dim
    keys, optional = SURFACE_KEYS[kind], {"contact_angle", "density", "on", "positions"}
    given = surface.model_fields_set & {key for own in SURFACE_KEYS.values() for key in own}
    for key in sorted(given - set(keys)):
        yield KeyProblem(("surface", key), f"has no meaning for kind '{kind}'", ", ".join(keys) or "none such")
    for key in keys:
        if key not in given | optional:
            needed = ", ".join(key for key in keys if key not in optional)
            yield KeyProblem(("surface", key), f"is missing; kind '{kind}' needs {needed}")
    yield from _drawn(case)
    if kind != "flat" and dim == 1:
        yield KeyProblem(("surface", "kind"), f"is '{kind}' with geometry.dim = 1", "'flat' in one dimension")
    if kind == "nuclei" and bool(surface.density) == bool(surface.positions):
        yield KeyProblem(("surface", "density"), "and surface.positions are both or neither given", "one of them")
    if surface.on == "interphase" and "interphase" not in case.layer_names[1:-1]:
        text = f"is 'interphase', and no layer between the anode and the last one ({', '.join(case.layer_names)}) is it"
        yield KeyProblem(("surface", "on"), text, "'anode', or a layer named interphase")
    if surface.film and len(case.layer_names) < 3:
        text = f"is {surface.film:g} m, and the stack ({', '.join(case.layer_names)}) has no layer that it could lie on"
        yield KeyProblem(("surface", "film"), text, "0, or a layer between the first and the last")
    sizes = (case.geometry.width, case.geometry.depth)[: dim - 1]
    for place in surface.positions:
        if len(place) != len(sizes) or any(x > size for x, size in zip(place, sizes, strict=True)):
            text = f"has {list(place)}; the sides are {' x '.join(f'{size:g} m' for size in sizes)}"
            yield KeyProblem(("surface", "positions"), text, "places x (2D) or [x, y] (3D) within the sides")
    if kind == "heightmap" and not Path(surface.file).is_file():
        yield KeyProblem(("surface", "file"), f"is '{surface.file}', which does not exist", "a file of heights")


def _drawn(case: Case) -> Iterator[KeyProblem]:
    """What is drawn at random must be a number of things that can be drawn."""
    surface, sides = case.surface, (case.geometry.width, case.geometry.depth)[: case.geometry.dim - 1]
    cure = "a smaller geometry.width" if len(sides) < 2 else "a smaller geometry.width and .depth"
    if surface.kind == "random" and sides and surface.correlation_length:
        waves, most = SPECTRUM_END * max(sides) / (math.pi * surface.correlation_length), RANDOM_WAVES[len(sides) + 1]
        if waves > most:
            least = SPECTRUM_END * max(sides) / (math.pi * most)
            text = f"is {surface.correlation_length:g} m: {waves:.2g} waves along a side of {max(sides):g} m"
            yield KeyProblem(("surface", "correlation_length"), text, f"at least {least:.3g} m, or {cure}")
    if surface.kind == "nuclei" and sides and surface.density:
        count = surface.density * math.prod(sides) if len(sides) == 2 else math.sqrt(surface.density) * sides[0]
        if count > NUCLEI:
            least = surface.density * (NUCLEI / count) ** (3 - len(sides))
            text = f"is {surface.density:g} 1/m^2: {count:.2g} nuclei"
            yield KeyProblem(("surface", "density"), text, f"at most {least:.3g} 1/m^2, or {cure}")
