"""A measured surface: heights in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np

from femna.surfaces.surface_kind import Box, Finding, Floats, SurfaceKind, UnusableSurface, register


@register
class Heightmap(SurfaceKind):
    """z = position + the heights of a file, which is stretched over the box."""

    name: ClassVar[str] = "heightmap"
    rank: ClassVar[int] = 50
    files: ClassVar[tuple[str, ...]] = ("file",)

    file: str

    def check(self, sizes: tuple[float, ...]) -> Iterator[Finding]:
        """The file exists."""
        if not Path(self.file).is_file():
            yield Finding("file", f"is '{self.file}', which does not exist", "a file of heights")

    def heights(self, lateral: Floats, box: Box) -> Floats:
        """Heights (N,), m, bilinear between the file's; its first and last entries lie on the walls of the box."""
        from scipy.interpolate import RegularGridInterpolator

        values, sizes = self._read(), box.sizes
        if values.ndim != len(sizes) or min(values.shape) < 2:
            raise UnusableSurface(
                f"surface.file {self.file} holds an array of shape {values.shape};"
                f" geometry.dim = {len(sizes) + 1} needs {len(sizes)} axes of at least 2 heights"
            )
        axes = [np.linspace(0.0, size, n) for size, n in zip(sizes, values.shape, strict=True)]
        inside = np.clip(lateral, 0.0, np.array(sizes))
        return box.level + np.asarray(RegularGridInterpolator(axes, values)(inside), dtype=np.float64)

    def _read(self) -> Floats:
        """The heights (n,) or (n_x, n_y), m: .npy, or text with commas or blanks between the numbers."""
        path = Path(self.file)
        try:
            if path.suffix == ".npy":
                values = np.asarray(np.load(path, allow_pickle=False), dtype=np.float64)
            else:
                text = path.read_text(encoding="utf-8").replace(",", " ")
                values = np.loadtxt(text.splitlines(), dtype=np.float64)
        except (OSError, ValueError, TypeError) as error:
            reason = getattr(error, "strerror", None) or "it is not an array of numbers (.npy, .csv or .txt)"
            raise UnusableSurface(f"surface.file {path} cannot be read: {reason}") from error
        if not np.isfinite(values).all() or values.size == 0:
            raise UnusableSurface(f"surface.file {path} holds no numbers, or some that are not finite")
        return values
