"""A map of heights in the box of a case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femna.surfaces.height_files.height_field import Floats, HeightField


@dataclass(frozen=True)
class PlacedMap:
    """Heights at places in the box.

    Args:
        values: heights (n_x,) or (n_x, n_y), m.
        spacing: distances of the places along x and y, m.
        offset: distance of the first place from the wall, in units of the spacing: 1/2 for pixels, which lie side by
            side from one wall on, 0 for listed places and for a map that is stretched over the box.
        stretched: whether the spacing follows from the box.
        field: what the file says.
    """

    values: Floats
    spacing: tuple[float, ...]
    offset: float
    stretched: bool
    field: HeightField

    @property
    def sizes(self) -> tuple[float, ...]:
        """Lateral sizes of the map, m."""
        pairs = zip(self.values.shape, self.spacing, strict=True)
        return tuple((n - 1 + 2.0 * self.offset) * step for n, step in pairs)

    @property
    def axes(self) -> list[Floats]:
        """Places along x and y, m."""
        pairs = zip(self.values.shape, self.spacing, strict=True)
        return [(np.arange(n) + self.offset) * step for n, step in pairs]
