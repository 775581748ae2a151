"""Gaussian bumps on a flat front."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from femna.quantities import Length
from femna.surfaces.positions import Positions, given_positions, outside_box
from femna.surfaces.surface_kind import Box, Finding, Floats, SurfaceKind, register


@register
class Bump(SurfaceKind):
    """z = position + sum of height exp(-(r/width)^2), r from each of `positions` or from the middle of the box."""

    name: ClassVar[str] = "bump"
    rank: ClassVar[int] = 30

    height: Length
    width: Length
    positions: Positions = ()

    @property
    def reach(self) -> tuple[float, float]:
        """The height of one bump, m; bumps that overlap reach higher."""
        return 0.0, self.height

    @property
    def least_radius(self) -> float:
        """width^2/(2 height), m, at the top of one bump."""
        return self.width**2 / (2.0 * self.height)

    def check(self, sizes: tuple[float, ...]) -> Iterator[Finding]:
        """Every bump stands in the box."""
        yield from outside_box(self.positions, sizes)

    def heights(self, lateral: Floats, box: Box) -> Floats:
        """Heights (N,), m, as `SurfaceKind.heights` says."""
        given = given_positions(self.positions, len(box.sizes))
        centres = np.array([box.sizes]) / 2.0 if given is None else given
        z = np.full(len(lateral), box.level)
        for centre in centres:
            z += self.height * np.exp(-(((lateral - centre) / self.width) ** 2).sum(axis=1))
        return z
