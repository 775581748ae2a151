"""The heights of a file, whatever its format."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from femna.surfaces.height_files.array_file import read_array
from femna.surfaces.height_files.coordinate_columns import arranged
from femna.surfaces.height_files.height_field import HeightField, UnreadableHeights
from femna.surfaces.height_files.image import read_image
from femna.surfaces.height_files.instrument import read_instrument
from femna.surfaces.height_files.number_text import is_text, read_text

TEXT = (".csv", ".txt", ".dat", ".asc", ".tsv", ".xyz", "")
IMAGES = (".png", ".tif", ".tiff")
LARGEST_SIZE = 1_000_000_000
"""Bytes of a file of heights beyond which it is taken for something else: 8000 x 8000 as text are half of it."""
LOSSY = (".jpg", ".jpeg", ".webp", ".gif")


def read_heights(path: Path, axes: int) -> HeightField:
    """The heights of a file. The last two files are kept, until they change on disk.

    Args:
        path: the file; its name's ending says the format. Files of other endings are text if they begin with a number,
            else left to SurfaceTopography, as are files of bytes.
        axes: number of lateral axes that are wanted, 1 or 2, which tells a list of places from a narrow map.

    Raises:
        UnreadableHeights: it cannot be read; the message follows the name of the file.
    """
    try:
        status = path.stat()
        if status.st_size > LARGEST_SIZE:
            raise UnreadableHeights(f"has {status.st_size / 1e9:.3g} GB", f"up to {LARGEST_SIZE / 1e9:g} GB")
        return _read(path, axes, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise UnreadableHeights(f"cannot be read ({error.strerror or error})", "a readable file") from error


@lru_cache(maxsize=2)
def _read(path: Path, axes: int, changed: int, size: int) -> HeightField:
    field = arranged(_of_format(path), axes)
    field.numbers.setflags(write=False)
    return field


def _of_format(path: Path) -> HeightField:
    ending = path.suffix.lower()
    if ending in LOSSY:
        raise UnreadableHeights(f"is a picture of a kind that loses heights ({ending})", ".png or .tif")
    if ending == ".npy":
        return read_array(path)
    if ending in IMAGES:
        return read_image(path)
    if is_text(path, named=ending in TEXT):
        return read_text(path.read_bytes())
    return read_instrument(path)
