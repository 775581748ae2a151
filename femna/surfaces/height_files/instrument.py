"""Heights in the formats of Gwyddion, profilometers and scanning probe microscopes, through SurfaceTopography."""

from __future__ import annotations

from pathlib import Path

from femna.surfaces.height_files.height_field import HeightField, UnreadableHeights, finite
from femna.units import UnitError, to_si

FORMATS = "text, .npy, .png, .tif, or a format of an instrument"
INSTALL = "text, .npy, .png and .tif, or other formats after: pip install 'femna[heights]'"


def read_instrument(path: Path) -> HeightField:
    """The heights of a file's first height channel about their mean, with sizes and unit.

    An instrument's zero means nothing: it may be centimetres away.

    Raises:
        UnreadableHeights: SurfaceTopography is missing or cannot read the file, or there are no heights in it.
    """
    try:
        from SurfaceTopography import open_topography
        from SurfaceTopography.Exceptions import CannotDetectFileFormat
    except ImportError:
        raise UnreadableHeights("is read by the package SurfaceTopography, which is not installed", INSTALL) from None
    except (OSError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise UnreadableHeights(f"is read by SurfaceTopography, which does not load ({reason})", INSTALL) from None
    try:
        with open_topography(str(path)) as file:
            heights = [channel for channel in file.channels if channel.data_kind.value == "height"]
            if not heights:
                names = ", ".join(channel.name for channel in file.channels)
                raise UnreadableHeights(f"has no channel of heights, only {names or 'none'}", "a file of heights")
            unknown = heights[0].physical_sizes is None
            topography = heights[0].topography(**({"physical_sizes": heights[0].nb_grid_pts} if unknown else {}))
            if not topography.is_uniform:
                raise UnreadableHeights("has heights at places that are no regular grid", "a regular grid")
            numbers = finite(topography.heights().T)
            sizes, unit = () if unknown else topography.physical_sizes, topography.unit
    except UnreadableHeights:
        raise
    except CannotDetectFileFormat:
        raise UnreadableHeights("is in no format that SurfaceTopography knows", FORMATS) from None
    except Exception as error:  # of forty readers of damaged files, whose errors have no common base
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableHeights(f"cannot be read by SurfaceTopography ({reason[:120]})", FORMATS) from error
    metre = _metre(unit)
    mean = float(numbers.mean())
    remarks = [f"the heights are taken about their mean, which the instrument puts at {mean:.6g} {unit or ''}".strip()]
    if len(heights) > 1:
        names = ", ".join(f"'{channel.name}'" for channel in heights)
        remarks.append(f"of its {len(heights)} channels of heights ({names}) the first is taken")
    counts = reversed(numbers.shape)
    pixel = tuple(float(size) * metre / count for size, count in zip(sizes, counts, strict=bool(sizes)))
    return HeightField(
        numbers - mean, unit=metre, pixel=pixel if metre else (), needs_unit=True, remarks=tuple(remarks)
    )


def _metre(unit: str | None) -> float:
    """Length of a unit of SurfaceTopography, m; 0 for none. Raises UnreadableHeights."""
    if unit is None:
        return 0.0
    try:
        return to_si(f"1 {'angstrom' if unit in ('A', 'Å') else unit}", "m")
    except UnitError as error:
        raise UnreadableHeights(f"has heights in '{unit}' ({error})", "a unit of length") from None
