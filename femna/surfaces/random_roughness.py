"""Gaussian random roughness of a given rms height and correlation length."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from femna.quantities import Length
from femna.surfaces.surface_kind import Box, Finding, Floats, SurfaceKind, UnusableSurface, register, smaller_box

SPECTRUM_END = 5.0
"""Largest wave number times correlation length; beyond lies at most 0.2 % of the spectrum's power."""

PEAK_TO_RMS = 4.0
"""How far the surface may reach above or below its mean, in units of its rms; for the extent of the fine mesh."""

MOST_WAVES = {1: 10_000, 2: 1000}
"""Waves along a side, by the number of lateral axes: more take minutes, or 10 MB."""

POINTS_AT_A_TIME = 65536
"""Points that are evaluated together with `WAVES_AT_A_TIME` waves, to bound memory."""

WAVES_AT_A_TIME = 256
"""Waves along an axis above which fewer points are evaluated together."""


@register
class RandomRoughness(SurfaceKind):
    """z = position + Gaussian roughness of zero mean over the box; amplitude: its exact rms height."""

    name: ClassVar[str] = "random"
    rank: ClassVar[int] = 10

    amplitude: Length
    correlation_length: Length

    @property
    def reach(self) -> tuple[float, float]:
        """Four times the rms below and above, m; higher peaks are rare."""
        return PEAK_TO_RMS * self.amplitude, PEAK_TO_RMS * self.amplitude

    @property
    def least_radius(self) -> float:
        """1 over the rms curvature of a section, sqrt(12) amplitude/correlation_length^2, m: that of a usual hill."""
        return self.correlation_length**2 / (math.sqrt(12.0) * self.amplitude)

    def check(self, sizes: tuple[float, ...]) -> Iterator[Finding]:
        """The number of waves is bounded."""
        if not sizes:
            return
        waves, most = SPECTRUM_END * max(sizes) / (math.pi * self.correlation_length), MOST_WAVES[len(sizes)]
        if waves > most:
            least = SPECTRUM_END * max(sizes) / (math.pi * most)
            text = f"is {self.correlation_length:g} m: {waves:.2g} waves along a side of {max(sizes):g} m"
            yield Finding("correlation_length", text, f"at least {least:.3g} m, or {smaller_box(sizes)}")

    def heights(self, lateral: Floats, box: Box) -> Floats:
        """Heights (N,), m, as `SurfaceKind.heights` says."""
        a, sizes = self.modes(box), box.sizes
        z = np.empty(len(lateral))
        chunk = min(POINTS_AT_A_TIME, max(1, POINTS_AT_A_TIME * WAVES_AT_A_TIME // max(a.shape)))
        for start in range(0, len(lateral), chunk):
            part = lateral[start : start + chunk]
            waves = [np.cos(np.outer(part[:, i] * (np.pi / sizes[i]), np.arange(n))) for i, n in enumerate(a.shape)]
            z[start : start + chunk] = waves[0] @ a if len(sizes) == 1 else ((waves[0] @ a) * waves[1]).sum(axis=1)
        return box.level + z

    def modes(self, box: Box) -> Floats:
        """Coefficients a of the cosines, (M_x+1,) or (M_x+1, M_y+1), m.

        The roughness is sum a_mn cos(m pi x/width) cos(n pi y/depth): side walls are mirrors. Each mode's share of the
        mean square is the Gaussian spectrum exp(-(k L)^2/4), L = correlation_length (a height correlation
        exp(-(r/L)^2)), cut at k L = SPECTRUM_END, times the square of a standard normal number. The numbers are drawn
        by shells, max(m, n) = 1, 2, ..., so that each belongs to its mode whatever the box and the band. Over the box
        the mean of cos^2 is 1/2, and 1 for m = 0; by Parseval's theorem the sum of a^2 times these means is the mean
        square, scaled to amplitude^2.

        Raises:
            UnusableSurface: the correlation length is so large that no mode of the box is that long.
        """
        sizes = box.sizes
        k_end = SPECTRUM_END / self.correlation_length
        shape = tuple(int(k_end * size / np.pi) + 1 for size in sizes)
        shells = max(shape)
        if shells < 2:
            raise UnusableSurface(
                f"surface.correlation_length {self.correlation_length * 1e6:.4g} um does not fit in the box"
                f" of {max(sizes) * 1e6:.4g} um; choose at most {max(sizes) * SPECTRUM_END / np.pi * 1e6:.4g} um"
            )
        generator = np.random.Generator(np.random.PCG64(box.seed))
        normal = _shell_normals(generator, shells, len(sizes))[tuple(slice(n) for n in shape)]
        number = np.indices(shape)
        k2 = np.asarray(sum((np.pi * m / size) ** 2 for m, size in zip(number, sizes, strict=True)))
        mean_square = np.prod(np.where(number == 0, 1.0, 0.5), axis=0)
        share = normal * np.exp(-k2 * self.correlation_length**2 / 8.0) * (k2 <= k_end**2)
        share[(0,) * len(sizes)] = 0.0
        return np.asarray(self.amplitude * share / np.sqrt((share**2).sum() * mean_square))


def _shell_normals(generator: np.random.Generator, shells: int, dim: int) -> Floats:
    """Standard normal numbers (shells,)^dim; those with max(m, n) < s do not depend on `shells` >= s."""
    drawn: Floats = generator.standard_normal(shells**dim)
    if dim == 1:
        return drawn
    m, n = np.indices((shells, shells))
    shell = np.maximum(m, n)
    # shell s holds the numbers s^2 .. (s+1)^2 - 1: first m = s, n = 0..s, then n = s, m = s-1 .. 0
    return np.asarray(drawn[shell**2 + n + (shell - m)])
