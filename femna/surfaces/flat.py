"""A flat front."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from femna.surfaces.surface_kind import Box, Floats, SurfaceKind, register


@register
class Flat(SurfaceKind):
    """z = position."""

    name: ClassVar[str] = "flat"
    rank: ClassVar[int] = 0
    needs_sides: ClassVar[bool] = False

    def heights(self, lateral: Floats, box: Box) -> Floats:
        """Heights (N,), m, as `SurfaceKind.heights` says."""
        return np.full(len(lateral), box.level)
