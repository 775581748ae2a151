"""Nuclei: spherical caps of metal on the anode's front or on an interphase."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

import numpy as np

from femna.quantities import Length, Quantity
from femna.surfaces.positions import Positions, given_positions, outside_box
from femna.surfaces.surface_kind import Box, Finding, Floats, SurfaceKind, register, smaller_box

MOST_NUCLEI = 10_000
"""Number of nuclei that may be drawn from a density."""


@register
class Nuclei(SurfaceKind):
    """Spheres of a radius that meet their base at a contact angle (rad), at `positions` or drawn from a density.

    The density is a number an area (1/m^2), also in 2D, which is a cut through the plane. `on` is what they stand on:
    the anode's front, or the upper face of the layer `interphase`.
    """

    name: ClassVar[str] = "nuclei"
    rank: ClassVar[int] = 40
    alternatives: ClassVar[tuple[tuple[str, str], ...]] = (("density", "positions"),)

    radius: Length
    density: Annotated[float, Quantity("1/m^2", above=0)] = 0.0
    positions: Positions = ()
    contact_angle: Annotated[float, Quantity("rad", above=0, below=math.pi)] = math.pi / 2
    on: Literal["anode", "interphase"] = "anode"

    @property
    def foundation(self) -> str:
        """The layer on which they stand, "" for the anode's front."""
        return "" if self.on == "anode" else self.on

    @property
    def reach(self) -> tuple[float, float]:
        """Height of a cap over what it stands on, m: R (1 - cos theta)."""
        return 0.0, self.radius * (1.0 - math.cos(self.contact_angle))

    @property
    def least_radius(self) -> float:
        """That of the spheres, m."""
        return self.radius

    def needs_two_potentials(self) -> Iterator[Finding]:
        """Metal on a layer needs electrons that come through it."""
        if self.on != "anode":
            yield Finding("on", f"is '{self.on}'", "'anode'")

    def check(self, sizes: tuple[float, ...]) -> Iterator[Finding]:
        """Their number is bounded, they are drawn or listed, and those that are listed stand in the box."""
        if sizes and self.density:
            count = self.density * math.prod(sizes) if len(sizes) == 2 else math.sqrt(self.density) * sizes[0]
            if count > MOST_NUCLEI:
                least = self.density * (MOST_NUCLEI / count) ** (3 - len(sizes))
                text = f"is {self.density:g} 1/m^2: {count:.2g} nuclei"
                yield Finding("density", text, f"at most {least:.3g} 1/m^2, or {smaller_box(sizes)}")
        if bool(self.density) == bool(self.positions):
            yield Finding("density", "and surface.positions are both or neither given", "one of them")
        yield from outside_box(self.positions, sizes)

    def centres(self, box: Box) -> Floats:
        """Centres (n, dim) of the spheres, m.

        Without positions their number is density times area in 3D, sqrt(density) times width in 2D, at least one, and
        each is drawn uniformly; the first n do not change when there are more.

        Raises:
            UnusableSurface: a place has another number of coordinates than the box.
        """
        sizes = np.array(box.sizes)
        lateral = given_positions(self.positions, len(sizes))
        if lateral is None:
            expected = self.density * sizes.prod() if len(sizes) == 2 else np.sqrt(self.density) * sizes[0]
            generator = np.random.Generator(np.random.PCG64(box.seed))
            lateral = generator.random((max(1, round(float(expected))), len(sizes))) * sizes
        level = box.level - self.radius * np.cos(self.contact_angle)
        return np.column_stack([lateral, np.full(len(lateral), level)])

    def heights(self, lateral: Floats, box: Box) -> Floats:
        """Upper side (N,) of the caps, and of what they stand on between them, m."""
        z = np.full(len(lateral), box.level)
        for centre in self.centres(box):
            chord = self.radius**2 - ((lateral - centre[:-1]) ** 2).sum(axis=1)
            z = np.where(chord > 0.0, np.maximum(z, centre[-1] + np.sqrt(np.maximum(chord, 0.0))), z)
        return z

    def body_distance(self, points: Floats, box: Box) -> Floats:
        """Signed distance (N,) from the nearest sphere, m, negative within."""
        distance = np.full(len(points), np.inf)
        for centre in self.centres(box):
            distance = np.minimum(distance, np.sqrt(((points - centre) ** 2).sum(axis=1)) - self.radius)
        return distance
