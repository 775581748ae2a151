"""Where a measured volume lies in a simulated one: growth axis, mirrors, offset.

All 48 ways to permute and mirror the axes are tried on coarse voxels, at all shifts, by the correlation of the overlap;
the best are tried again on finer ones, and from the best of these the shift climbs on all voxels. Turns by other angles
are not looked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from femna.morphology.resampling import resampled
from femna.morphology.voxel_axes import FloatArray, array_spacing

COARSE = 32
"""Voxels along the longest edge in the search for the orientation."""
CLOSE = 1e-3
"""Orientations whose correlations differ by less fit equally well."""
FINALISTS = 8
"""Orientations that are tried again on finer voxels."""
MEDIUM = 96
"""Voxels along the longest edge there."""
LEAST_OVERLAP = 0.5
"""Share of the smaller volume that has to lie in the other."""
NAMES = "zyx"

type Shift = tuple[int, int, int]


@dataclass(frozen=True)
class Orientation:
    """How the axes of an array become z, y, x.

    Args:
        axes: for z, y, x the axis of the array that becomes it.
        mirrored: for z, y, x whether it then runs backwards.
    """

    axes: tuple[int, int, int] = (0, 1, 2)
    mirrored: tuple[bool, bool, bool] = (False, False, False)

    def apply(self, values: NDArray[Any]) -> NDArray[Any]:
        """The array with its axes as z, y, x (a view)."""
        flips = tuple(slice(None, None, -1) if mirror else slice(None) for mirror in self.mirrored)
        return values.transpose(self.axes)[flips]

    def voxel_size(self, voxel_size: ArrayLike) -> tuple[float, float, float]:
        """Voxel size along x, y, z of what `apply` returns."""
        spacing = array_spacing(voxel_size)
        z, y, x = (spacing[axis] for axis in self.axes)
        return x, y, z

    @property
    def changes(self) -> int:
        """How far it is from leaving all as it is."""
        return sum(axis != k for k, axis in enumerate(self.axes)) * 2 + sum(self.mirrored)

    def words(self) -> str:
        """The orientation in words."""
        if self == Orientation():
            return "axes as stored"
        said = []
        if self.axes != (0, 1, 2):
            said.append("stored axes " + ", ".join(f"{NAMES[a]} as {NAMES[k]}" for k, a in enumerate(self.axes)))
        if any(self.mirrored):
            said.append("mirrored along " + ", ".join(NAMES[k] for k in range(3) if self.mirrored[k]))
        return "; ".join(said)


ALL = tuple(
    sorted(
        (
            Orientation((axes[0], axes[1], axes[2]), (mirrors[0], mirrors[1], mirrors[2]))
            for axes in permutations((0, 1, 2))
            for mirrors in product((False, True), repeat=3)
        ),
        key=lambda orientation: orientation.changes,
    )
)
"""The 48 orientations, those that change least first."""


@dataclass(frozen=True)
class Registration:
    """Where the measured volume lies.

    Args:
        orientation: how its axes become z, y, x.
        offset: place of its first voxel among the simulated ones, (z, y, x), voxels.
        voxel_size: of both, along x, y, z, m.
        correlation: Pearson's correlation of the grey values where the volumes overlap.
        others: further orientations that fit equally well.
    """

    orientation: Orientation
    offset: tuple[int, int, int]
    voxel_size: tuple[float, float, float]
    correlation: float
    others: tuple[Orientation, ...] = ()

    def words(self) -> str:
        """What was done, in a sentence."""
        spacing = array_spacing(self.voxel_size)
        shifts = [f"{NAMES[k]} {self.offset[k] * spacing[k] * 1e6:+.4g} µm" for k in (2, 1, 0) if self.offset[k]]
        moved = f"moved by {', '.join(shifts)}" if shifts else "not moved"
        also = f"; {len(self.others)} other orientations fit equally well" if self.others else ""
        return f"Measured volume: {self.orientation.words()}; {moved} (correlation {self.correlation:.3f}{also})"

    def overlapping(self, simulated: NDArray[Any], measured: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """The parts of both volumes that lie in one another.

        Args:
            simulated: (z, y, x), on voxels of `voxel_size`.
            measured: as stored.

        Returns:
            Two arrays (z, y, x) of one shape.
        """
        turned = self.orientation.apply(measured)
        mine, other = [], []
        for shift, have, add in zip(self.offset, simulated.shape, turned.shape, strict=True):
            start, end = max(shift, 0), min(have, shift + add)
            mine.append(slice(start, end))
            other.append(slice(start - shift, end - shift))
        return simulated[tuple(mine)], turned[tuple(other)]


def register(
    simulated: FloatArray,
    simulated_size: ArrayLike,
    measured: FloatArray,
    measured_size: ArrayLike,
    orientations: Sequence[Orientation] = ALL,
) -> Registration:
    """Find where a measured volume lies in a simulated one.

    Args:
        simulated: (z, y, x), z the growth axis; larger in metal.
        simulated_size: (3,), m, along x, y, z.
        measured: as stored; larger in metal.
        measured_size: (3,), m, along x, y, z as stored.
        orientations: which to try, the preferred first.

    Returns:
        The registration, on the measured voxels.
    """
    sizes = [*array_spacing(measured_size), *array_spacing(simulated_size)]
    longest = max(size * n for size, n in zip(sizes, (*measured.shape, *simulated.shape), strict=True))
    tried, edge = list(orientations), 0.0
    found: dict[Orientation, tuple[float, Shift]] = {}
    for count, kept in ((COARSE, FINALISTS), (MEDIUM, 1)):
        edge = max(longest / count, *sizes)
        reference = _Spectra(resampled(simulated, simulated_size, (edge,) * 3))
        small = resampled(measured, measured_size, (edge,) * 3)
        found = {o: reference.best_shift(np.asarray(o.apply(small), dtype=float)) for o in tried}
        tried = sorted(tried, key=lambda orientation: -found[orientation][0])[:kept]
    close = [
        orientation for orientation in orientations if found.get(orientation, (-2.0,))[0] > found[tried[0]][0] - CLOSE
    ]
    size = close[0].voxel_size(measured_size)
    there = resampled(simulated, simulated_size, size)
    shift = [round(k * edge / step) for k, step in zip(found[close[0]][1], array_spacing(size), strict=True)]
    first = Registration(close[0], (shift[0], shift[1], shift[2]), size, 0.0, others=tuple(close[1:]))
    return _refined(first, there, measured, math.ceil(edge / min(size)))


def _refined(start: Registration, simulated: FloatArray, measured: FloatArray, reach: int) -> Registration:
    """The offset with the largest correlation of where the volumes overlap, climbed to from a start."""
    known: dict[Shift, float] = {}

    def correlation(shift: Shift) -> float:
        if shift not in known:
            first, second = replace(start, offset=shift).overlapping(simulated, measured)
            enough = first.size >= LEAST_OVERLAP * min(simulated.size, measured.size)
            known[shift] = _correlation(first, second) if enough else -1.0
        return known[shift]

    best, step = start.offset, 1 << max(reach - 1, 0).bit_length()
    while step:
        z, y, x = best
        near = [(z + i * step, y + j * step, x + k * step) for i, j, k in product((0, -1, 1), repeat=3)]
        better = max(near, key=correlation)
        if better == best:
            step //= 2
        best = better
    return replace(start, offset=best, correlation=correlation(best))


def _correlation(first: FloatArray, second: FloatArray) -> float:
    """Pearson's correlation of two arrays of one shape; 0 where one is constant."""
    a, b = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / norm if norm else 0.0


class _Spectra:
    """One volume, ready to be correlated with others of any shape."""

    def __init__(self, values: FloatArray) -> None:
        self.values = values - values.mean()
        self.shape: list[int] = []

    def _prepare(self, other: tuple[int, ...]) -> None:
        shape = [fft.next_fast_len(n + m - 1, real=True) for n, m in zip(self.values.shape, other, strict=True)]
        if shape != self.shape:
            self.shape = shape
            self.spectra = [fft.rfftn(part, shape) for part in _moments(self.values)]

    def best_shift(self, moved: FloatArray) -> tuple[float, Shift]:
        """Largest Pearson correlation where the other volume overlaps this one by half, and its shift.

        By Fourier transforms of the values, their squares and their extents (Padfield, IEEE Trans. Image Processing 21
        (2012) 2706): the plain cross-correlation of two volumes prefers shifts at which both are cut alike.
        """
        self._prepare(moved.shape)
        one, a, aa = self.spectra
        eno, b, bb = (np.conj(fft.rfftn(part, self.shape)) for part in _moments(moved - moved.mean()))
        number, sum_a, sum_b, sum_aa, sum_bb, sum_ab = (
            fft.irfftn(product_, self.shape) for product_ in (one * eno, a * eno, one * b, aa * eno, one * bb, a * b)
        )
        number = np.maximum(np.rint(number), 1.0)
        spread_a, spread_b = sum_aa - sum_a**2 / number, sum_bb - sum_b**2 / number
        least = 1e-9 * max(float(sum_aa.max()), 1e-300) * max(float(sum_bb.max()), 1e-300)
        scale = np.sqrt(np.maximum(spread_a * spread_b, least))
        correlation = np.where(spread_a * spread_b > least, (sum_ab - sum_a * sum_b / number) / scale, 0.0)
        correlation[number < LEAST_OVERLAP * min(self.values.size, moved.size)] = -1.0
        place = np.unravel_index(int(correlation.argmax()), correlation.shape)
        z, y, x = (int(k) - (n if k >= m else 0) for k, n, m in zip(place, self.shape, self.values.shape, strict=True))
        return float(correlation[place]), (z, y, x)


def _moments(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    return np.ones(values.shape), values, values**2
