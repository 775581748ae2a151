"""Where a measured volume lies in a simulated one: growth axis, mirrors, offset.

All 48 ways to permute and mirror the axes are tried on coarse voxels by the cross-correlation of both, without
periodicity; the best are tried again on finer ones, the best of these on all voxels. Turns by
other angles are not looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from femna.morphology.resampling import resampled
from femna.morphology.voxel_axes import FloatArray, array_spacing

COARSE = 40
"""Voxels along the longest edge in the search for the orientation."""
CLOSE = 1e-3
"""Orientations whose correlations differ by less fit equally well."""
FINALISTS = 8
"""Orientations that are tried again on finer voxels."""
MEDIUM = 96
"""Voxels along the longest edge there."""
NAMES = "zyx"


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
            Orientation(axes, (mirrors[0], mirrors[1], mirrors[2]))
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
    tried = list(orientations)
    close: list[Orientation] = []
    for count, kept in ((COARSE, FINALISTS), (MEDIUM, 1)):
        if len(tried) == 1:
            break
        edge = (max(longest / count, *sizes),) * 3
        reference, small = resampled(simulated, simulated_size, edge), resampled(measured, measured_size, edge)
        scores = {o: _best_shift(reference, np.asarray(o.apply(small), dtype=float))[0] for o in tried}
        best = max(scores.values())
        close = [orientation for orientation in tried if scores[orientation] > best - CLOSE]
        tried = sorted(tried, key=lambda orientation: -scores[orientation])[:kept]
        if kept == 1 and close:
            tried = [min(close, key=list(orientations).index)]
    orientation = tried[0]
    size = orientation.voxel_size(measured_size)
    turned = np.asarray(orientation.apply(measured), dtype=float)
    there = resampled(simulated, simulated_size, size)
    _, shift = _best_shift(there, turned)
    result = Registration(orientation, shift, size, 0.0, others=tuple(o for o in close if o != orientation))
    first, second = result.overlapping(there, measured)
    return replace(result, correlation=_correlation(first, second))


def _correlation(first: FloatArray, second: FloatArray) -> float:
    """Pearson's correlation of two arrays of one shape; 0 where one is constant."""
    a, b = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / norm if norm else 0.0


def _best_shift(reference: FloatArray, moved: FloatArray) -> tuple[float, tuple[int, int, int]]:
    """Largest cross-correlation of two arrays about their means, normalised by both, and the shift that gives it."""
    a, b = reference - reference.mean(), moved - moved.mean()
    norm = float(np.sqrt((a**2).sum() * (b**2).sum()))
    if norm == 0.0:
        return 0.0, (0, 0, 0)
    shape = [fft.next_fast_len(n + m - 1, real=True) for n, m in zip(a.shape, b.shape, strict=True)]
    first = fft.rfftn(a.astype(np.float32), shape, workers=-1)
    product_ = first * np.conj(fft.rfftn(b.astype(np.float32), shape, workers=-1))
    correlation = fft.irfftn(product_, shape, workers=-1)
    place = np.unravel_index(int(correlation.argmax()), correlation.shape)
    shift = [int(k) - (n if k >= m else 0) for k, n, m in zip(place, shape, a.shape, strict=True)]
    return float(correlation[place]) / norm, (shift[0], shift[1], shift[2])
