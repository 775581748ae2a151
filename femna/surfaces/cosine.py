"""Ridges: one cosine along the first lateral axis."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from femna.quantities import Length
from femna.surfaces.surface_kind import Box, Floats, SurfaceKind, register


@register
class Cosine(SurfaceKind):
    """z = position + amplitude cos(2 pi x/wavelength); amplitude: half the height from valley to peak."""

    name: ClassVar[str] = "cosine"
    rank: ClassVar[int] = 20

    amplitude: Length
    wavelength: Length

    @property
    def reach(self) -> tuple[float, float]:
        """The amplitude below and above, m."""
        return self.amplitude, self.amplitude

    @property
    def least_radius(self) -> float:
        """1/(k^2 amplitude), m, at the crests."""
        return self.wavelength**2 / (4.0 * math.pi**2 * self.amplitude)

    def heights(self, lateral: Floats, box: Box) -> Floats:
        """Heights (N,), m, as `SurfaceKind.heights` says."""
        return box.level + self.amplitude * np.cos(2.0 * np.pi * lateral[:, 0] / self.wavelength)
