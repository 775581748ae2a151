"""A measured surface: heights in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np

from femna.quantities import Length
from femna.surfaces.height_files.height_field import HeightField, UnreadableHeights
from femna.surfaces.height_files.reader import read_heights
from femna.surfaces.length_unit import LengthUnit
from femna.surfaces.placed_map import PlacedMap
from femna.surfaces.surface_kind import Box, Finding, Floats, SurfaceKind, UnusableSurface, register

AGREES = 0.01
"""Relative difference up to which a pixel size is the one that a file states; files round theirs."""

SIDES = ("geometry.width", "geometry.depth")


class NotPlaced(ValueError):
    """A map cannot be placed in a box; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


@register
class Heightmap(SurfaceKind):
    """z = position + the heights of a file.

    `pixel_size` is the distance of neighbours, `height_unit` what a height of 1 is. Rows, which are the lines of the
    file, lie along x, and the next row is further in y; with `rows = "x"` the next row is further in x. The first pixel
    lies at the origin of the box. Between the pixels the heights are bilinear, and within half a pixel of a wall
    constant, as of a map that is mirrored there.
    """

    name: ClassVar[str] = "heightmap"
    rank: ClassVar[int] = 50
    files: ClassVar[tuple[str, ...]] = ("file",)

    file: str
    pixel_size: Length = 0.0
    height_unit: Annotated[float, LengthUnit()] = 0.0
    rows: Literal["y", "x"] = "y"

    def check(self, sizes: tuple[float, ...]) -> Iterator[Finding]:
        """The file can be read, and its map covers the box."""
        if not Path(self.file).is_file():
            yield Finding("file", f"is '{self.file}', which does not exist", "a file of heights")
        elif sizes:
            try:
                self._placed(sizes)
            except NotPlaced as problem:
                yield problem.finding

    def warnings(self, sizes: tuple[float, ...]) -> Iterator[str]:
        """What has been assumed about the file, and what of the map lies outside the box."""
        try:
            placed = self._placed(sizes)
        except NotPlaced:  # the file has changed since `check`; who needs the heights says what is wrong
            return
        name, shape = Path(self.file).name, " x ".join(str(n) for n in placed.values.shape)
        for remark in placed.field.remarks:
            yield f"surface.file {name}: {remark}"
        assumed = []
        if not self.height_unit and not placed.field.unit:
            low, high = placed.values.min(), placed.values.max()
            assumed.append(f"height_unit (metres: heights from {low:.4g} to {high:.4g} m)")
        if placed.stretched:
            steps = _sizes(placed.spacing)
            assumed.append(f"pixel_size (the map of {shape} heights is stretched over the box, {steps} apart)")
        elif placed.field.lattice and not self.pixel_size:
            assumed.append(f"pixel_size (coordinates in the unit of the heights: {_sizes(placed.spacing)} apart)")
        new_keys = {"pixel_size", "height_unit", "rows"} & self.model_fields_set
        if placed.values.ndim == 2 and placed.stretched and not new_keys:
            assumed.append('rows ("y": the lines of the file lie along x; femna 0.1.0 laid them along y, which is "x")')
        if assumed:
            yield f"surface.file {name}: not given, taken by default: {', '.join(assumed)}"
        if any(size < whole - step for size, whole, step in zip(sizes, placed.sizes, placed.spacing, strict=True)):
            yield f"surface.file {name}: of the map of {_sizes(placed.sizes)} the box has the first {_sizes(sizes)}"

    def heights(self, lateral: Floats, box: Box) -> Floats:
        """Heights (N,), m, as `SurfaceKind.heights` says."""
        from scipy.interpolate import RegularGridInterpolator

        try:
            placed = self._placed(box.sizes)
        except NotPlaced as problem:
            key, text, allowed = problem.finding
            raise UnusableSurface(f"surface.{key} {text}; allowed: {allowed}") from None
        axes = placed.axes
        # the walls are mirrors: from the outermost pixels to them the surface is flat
        inside = np.clip(lateral, [axis[0] for axis in axes], [axis[-1] for axis in axes])
        return box.level + np.asarray(RegularGridInterpolator(axes, placed.values)(inside), dtype=np.float64)

    def _placed(self, sizes: tuple[float, ...]) -> PlacedMap:
        """The map in a box of lateral sizes (m). Raises NotPlaced."""
        field = self._read(len(sizes))
        unit, steps, numbers = self._unit(field), self._steps(field), field.numbers
        profile = 1 in (numbers.ndim, *numbers.shape)
        if self.rows == "x" and (profile or field.lattice):
            what = "holds a profile" if profile else "lists coordinates"
            raise NotPlaced(Finding("rows", f"is 'x', and '{self.file}' {what}", "'y', or no such key"))
        if profile:
            steps = steps[-1:] if numbers.ndim == 2 and numbers.shape[1] == 1 else steps[:1]
            values = numbers.ravel()
        else:
            steps, values = (steps, numbers.T) if self.rows == "y" else (steps[::-1], numbers)
        if values.ndim != len(sizes) or min(values.shape) < 2:
            shape = " x ".join(str(n) for n in numbers.shape)
            wanted = "a profile, one line or one column" if len(sizes) == 1 else "a map, two or more lines"
            raise self._unfit(f"holds {shape} heights, and geometry.dim is {len(sizes) + 1}", f"{wanted} of heights")
        if not steps:
            steps = tuple(size / (n - 1) for size, n in zip(sizes, values.shape, strict=True))
            return PlacedMap(values * unit, steps, 0.0, True, field)
        placed = PlacedMap(values * unit, steps, 0.0 if field.lattice else 0.5, False, field)
        for side, size, whole, step in zip(SIDES, sizes, placed.sizes, steps, strict=False):
            if size > (whole + 0.5 * step) * (1.0 + 1e-9):
                text = f"holds a map of {_sizes(placed.sizes)} ({_sizes(steps)} a pixel), and {side} is {size:g} m"
                other = "" if field.pixel else ", or a larger surface.pixel_size"
                raise self._unfit(text, f"{side} up to {whole:.4g} m{other}")
        return placed

    def _read(self, axes: int) -> HeightField:
        """The file, for a surface over so many lateral axes. Raises NotPlaced."""
        try:
            return read_heights(Path(self.file), axes)
        except UnreadableHeights as problem:
            raise self._unfit(str(problem), problem.allowed) from problem

    def _unit(self, field: HeightField) -> float:
        """Length of a height of 1, m. Raises NotPlaced."""
        if field.unit and self.height_unit and abs(self.height_unit / field.unit - 1.0) > 1e-6:
            text = f"is {self.height_unit:g} m, and the file says {field.unit:g} m"
            raise NotPlaced(Finding("height_unit", text, "no such key for a file that says its unit"))
        if field.needs_unit and not field.unit and not self.height_unit:
            text = f"is missing, and numbers of '{Path(self.file).name}' have no unit of their own"
            raise NotPlaced(Finding("height_unit", text, LengthUnit().allowed))
        return field.unit or self.height_unit or 1.0

    def _steps(self, field: HeightField) -> tuple[float, ...]:
        """Distances of neighbours in a line and between lines, m; () where nobody says them. Raises NotPlaced."""
        stated = field.pixel or tuple(step * self._unit(field) for step in field.lattice)
        if not self.pixel_size:
            return stated
        differs = any(abs(self.pixel_size / step - 1.0) > AGREES for step in field.pixel)
        uneven = bool(field.lattice) and max(field.lattice) > min(field.lattice) * (1.0 + AGREES)
        if differs or uneven:
            ratio = _sizes(field.pixel) if differs else " x ".join(f"{step:g}" for step in field.lattice)
            text = f"is {self.pixel_size:g} m, and neighbours in the file are {ratio} apart"
            raise NotPlaced(Finding("pixel_size", text, "no such key for such a file"))
        return stated if field.pixel else (self.pixel_size,) * field.numbers.ndim

    def _unfit(self, text: str, allowed: str) -> NotPlaced:
        """The error for the file."""
        return NotPlaced(Finding("file", f"is '{self.file}': {text}", allowed))


def _sizes(lengths: tuple[float, ...]) -> str:
    return " x ".join(f"{length:.4g} m" for length in lengths)
