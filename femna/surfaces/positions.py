"""Lateral places of bumps and nuclei that a case lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pydantic import BeforeValidator

from femna.quantities import Quantity
from femna.surfaces.surface_kind import Finding, Floats, UnusableSurface


def _as_points(given: object) -> object:
    # in 2D a place is one number, which needs no brackets of its own
    return [place if isinstance(place, list) else [place] for place in given] if isinstance(given, list) else given


Position = tuple[Annotated[float, Quantity("m", at_least=0)], ...]
"""One place: its lateral coordinates, m."""

Positions = Annotated[tuple[Position, ...], BeforeValidator(_as_points)]
"""Places, each of one coordinate in 2D and of two in 3D."""


def outside_box(positions: Positions, sizes: tuple[float, ...]) -> Iterator[Finding]:
    """The places that do not lie in the box or have another number of coordinates."""
    for place in positions:
        if len(place) != len(sizes) or any(x > size for x, size in zip(place, sizes, strict=True)):
            text = f"has {list(place)}; the sides are {' x '.join(f'{size:g} m' for size in sizes)}"
            yield Finding("positions", text, "places x (2D) or [x, y] (3D) within the sides")


def given_positions(positions: Positions, dim: int) -> Floats | None:
    """The places as an array (n, dim), m, or None where there are none; dim: number of lateral coordinates.

    Raises:
        UnusableSurface: a place has another number of coordinates.
    """
    if len(positions) == 0:
        return None
    if any(len(place) != dim for place in positions):
        raise UnusableSurface(
            f"surface.positions needs {dim} coordinate{'s' * (dim > 1)} for each position when geometry.dim = {dim + 1}"
        )
    return np.asarray(positions, dtype=np.float64)
