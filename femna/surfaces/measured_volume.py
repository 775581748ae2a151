"""A measured or simulated volume as the metal at the start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput
from femna.quantities import Length, Quantity
from femna.surfaces.surface_kind import Box, Finding, Floats, SurfaceKind, UnusableSurface, register
from femna.volumes import read_volume
from femna.volumes.voxels import Three, Volume

Bools = NDArray[np.bool_]

COVERS = 1e-6
"""Share of a voxel by which a box may be larger than the volume."""
SMOOTHING = 0.8
"""Standard deviation, in voxels, of the Gaussian that takes the steps of the voxels out of the distance. A plane at any
angle stays one; a hill of radius R is lowered by SMOOTHING^2/R voxels, and the volume is set right afterwards."""
LEVELS = 40
"""Bisections of the level at which the distance encloses the volume of the voxels."""


@dataclass(frozen=True)
class SegmentedMetal:
    """The metal of a volume.

    Args:
        distance: signed distance from its surface at the centres of the voxels, (z, y, x), m; negative within.
        top: height of the highest metal above the bottom of the volume in each column, (y, x), m.
        size: of the voxels, m.
        share: of the voxels that are metal.
    """

    distance: Floats
    top: Floats
    size: Three
    share: float

    @property
    def sizes(self) -> Three:
        """Of the volume along x, y and z, m."""
        shape = self.distance.shape
        return (shape[2] * self.size[0], shape[1] * self.size[1], shape[0] * self.size[2])


@register
class MeasuredVolume(SurfaceKind):
    """The metal of a volume of voxels: a segmented stack, or grey values and a threshold.

    `file` is any volume that `femna.volumes` reads, a folder of slices too; its first voxel lies in the corner of the
    box, at the collector. `metal` is the label of the metal where the values are whole numbers, and else the value from
    which on a voxel is metal. `voxel_size` is for files that do not say it. All metal at the start is the volume's.
    """

    name: ClassVar[str] = "volume"
    rank: ClassVar[int] = 60
    files: ClassVar[tuple[str, ...]] = ("file",)
    complete: ClassVar[bool] = True

    file: str
    metal: Annotated[float, Quantity("")]
    voxel_size: Length = 0.0

    def check(self, sizes: tuple[float, ...]) -> Iterator[Finding]:
        """The file can be read, holds metal, and covers the box."""
        try:
            self._placed(sizes)
        except UnusableSurface as error:
            yield Finding("file", str(error), "a volume with metal that covers the box; else another file or box")

    def heights(self, lateral: Floats, box: Box) -> Floats:
        """Heights (N,) of the highest metal in each column, m."""
        body = self._placed(box.sizes)
        x = np.clip((lateral[:, 0] / body.size[0]).astype(int), 0, body.top.shape[1] - 1)
        y = (
            np.clip((lateral[:, 1] / body.size[1]).astype(int), 0, body.top.shape[0] - 1)
            if lateral.shape[1] > 1
            else 0 * x
        )
        return np.asarray(body.top[y, x])

    def body_distance(self, points: Floats, box: Box) -> Floats:
        """Signed distance (N,), m, linear between the centres of the voxels; walls are mirrors."""
        from scipy.interpolate import RegularGridInterpolator

        body = self._placed(box.sizes)
        level = _level(Path(self.file), self.voxel_size, self.metal, box.front, _stamp(Path(self.file)))
        axes = [(np.arange(n) + 0.5) * s for n, s in zip(body.distance.shape, body.size[::-1], strict=True)]
        places = (
            points[:, ::-1]
            if points.shape[1] == 3
            else np.stack([points[:, 1], 0 * points[:, 0], points[:, 0]], axis=1)
        )
        inside = np.clip(places, [axis[0] for axis in axes], [axis[-1] for axis in axes])
        used = [n for n, axis in enumerate(axes) if len(axis) > 1]
        values = body.distance.reshape([len(axes[n]) for n in used])
        found = RegularGridInterpolator([axes[n] for n in used], values)(inside[:, used])
        above = np.maximum(places[:, 0] - body.sizes[2], 0.0)  # of the volume there is no metal
        return np.asarray(np.where(above > 0.0, np.maximum(found, 0.0) + above, found) - level)

    def _placed(self, sizes: tuple[float, ...]) -> SegmentedMetal:
        """The metal, for a box of lateral sizes (m).

        Raises:
            UnusableSurface: there is none, or it does not cover the box.
        """
        path = Path(self.file)
        try:
            body = _segmented(path, self.voxel_size, self.metal, _stamp(path))
        except OSError as error:
            raise UnusableSurface(f"is '{self.file}', which cannot be read ({error.strerror})") from error
        except BadInput as error:
            raise UnusableSurface(f"is '{self.file}': {error}") from error
        if len(sizes) == 1 and body.distance.shape[1] > 1:
            raise UnusableSurface(
                f"is '{self.file}', which is {body.distance.shape[1]} voxels deep, and geometry.dim is 2"
            )
        for key, size, whole, step in zip(("width", "depth"), sizes, body.sizes, body.size, strict=False):
            if size > whole + COVERS * step:
                raise UnusableSurface(f"is '{self.file}', {whole:.4g} m along geometry.{key}, which is {size:.4g} m")
        return body


@lru_cache(maxsize=2)
def _segmented(path: Path, voxel_size: float, metal: float, changed: int) -> SegmentedMetal:
    """The metal of a file. Raises BadInput."""
    volume = read_volume(path, voxel_size or None)
    values = volume.values
    chosen: Bools = values == metal if values.dtype.kind in "iub" else values >= metal
    if volume.mask is not None:
        chosen &= volume.mask
    share = float(chosen.mean())
    if share in (0.0, 1.0):
        word = "none" if share == 0.0 else "all"
        raise BadInput(f"{path}: {word} of its voxels are metal by surface.metal = {metal:g}")
    return SegmentedMetal(_distance(chosen, volume), _top(chosen, volume), volume.voxel_size, share)


def _distance(chosen: Bools, volume: Volume) -> Floats:
    """Signed distance from the surface of voxels, smoothed.

    Between the centres of two voxels of which one is metal the distance goes from -1/2 to 1/2 voxel, as it does across
    a plane.
    """
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    size = volume.voxel_size[::-1]
    out = distance_transform_edt(~chosen, sampling=size)
    inside = distance_transform_edt(chosen, sampling=size)
    step = min(length for length, number in zip(size, chosen.shape, strict=True) if number > 1)
    distance = np.where(chosen, 0.5 * step - inside, out - 0.5 * step)
    sigmas = [
        SMOOTHING * step / length if number > 1 else 0.0 for length, number in zip(size, chosen.shape, strict=True)
    ]
    return np.asarray(gaussian_filter(distance, sigmas, mode="nearest"))


@lru_cache(maxsize=8)
def _level(path: Path, voxel_size: float, metal: float, front: float, changed: int) -> float:
    """The distance s at which a front of the width l encloses the volume of the voxels, m.

    The share of a voxel whose centre lies at d is the mean of (1 - tanh((x - s)/l))/2 for x from d - h/2 to d + h/2:
    1/2 - l/(2 h) (ln cosh((d - s + h/2)/l) - ln cosh((d - s - h/2)/l)). Of a curved surface the tanh alone holds more
    than what it encloses, (pi l/R)^2/4 of a ball.
    """
    body = _segmented(path, voxel_size, metal, changed)
    step = min(length for length, number in zip(body.size[::-1], body.distance.shape, strict=True) if number > 1)
    width = max(front, 1e-3 * step)
    wanted, reach = body.share * body.distance.size, 3.0 * step + front
    low, high = -reach, reach
    for _ in range(LEVELS):
        level = 0.5 * (low + high)
        far = (body.distance - level + 0.5 * step) / width
        near = far - step / width
        # ln cosh x = |x| + ln(1 + exp(-2|x|)) - ln 2
        rise = np.abs(far) - np.abs(near) + np.log1p(np.exp(-2.0 * np.abs(far))) - np.log1p(np.exp(-2.0 * np.abs(near)))
        shares = float((0.5 - 0.5 * width / step * rise).sum())
        low, high = (level, high) if shares < wanted else (low, level)
    return 0.5 * (low + high)


def _stamp(path: Path) -> int:
    """When a file was last changed, ns. Raises OSError."""
    return path.stat().st_mtime_ns


def _top(chosen: Bools, volume: Volume) -> Floats:
    """Height of the highest metal in each column, m; 0 where there is none."""
    number = chosen.shape[0] - chosen[::-1].argmax(axis=0)
    return np.asarray(np.where(chosen.any(axis=0), number, 0) * volume.voxel_size[2], dtype=np.float64)
