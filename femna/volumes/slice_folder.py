"""A folder of slices: one image a file, in natural order, from the bottom up."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from femna.errors import BadInput
from femna.volumes.imagej_stack import tiff_library
from femna.volumes.memory_limits import check_size
from femna.volumes.volume_format import Stored
from femna.volumes.voxels import Array

ENDINGS = (".tif", ".tiff", ".png", ".bmp")
GREY_MODES = ("1", "L", "I;16", "I;16L", "I;16B", "I", "F")
"""Pillow's modes of one channel of numbers."""


def natural(name: str) -> list[tuple[bool, int, str]]:
    """A key by which slice9 comes before slice10."""
    parts = re.split(r"(\d+)", name)
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts if part]


def read_slices(folder: Path) -> Stored:
    """The images of a folder as one volume; files of other endings and hidden ones are left out.

    Raises:
        BadInput: there is none, or they do not fit together.
    """
    found = [path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and not path.name.startswith(".")]
    files = sorted(found, key=lambda path: natural(path.name))
    kinds = {path.suffix.lower() for path in files}
    if not files or len(kinds) > 1:
        what = f"images of several kinds ({', '.join(sorted(kinds))})" if files else "no image"
        raise BadInput(f"{folder}: holds {what}; allowed: slices of one kind, {', '.join(ENDINGS)}")
    first = _image(files[0])
    check_size(folder, (len(files), *first.shape), first.dtype.itemsize)
    values = np.empty((len(files), *first.shape), dtype=first.dtype)
    for number, path in enumerate(files):
        image = first if number == 0 else _image(path)
        if image.shape != first.shape or image.dtype != first.dtype:
            one, other = (f"{' x '.join(map(str, a.shape))} {a.dtype}" for a in (image, first))
            raise BadInput(f"{path}: is {one}, and {files[0].name} is {other}; allowed: slices of one size and type")
        values[number] = image
    return Stored(values)


def _image(path: Path) -> Array:
    """Grey levels of one image (lines, pixels). Raises BadInput."""
    if path.suffix.lower().startswith(".tif"):
        return _tiff(path)
    from PIL import Image

    try:
        with Image.open(path) as image:
            if image.mode not in GREY_MODES:
                raise BadInput(f"{path}: is an image of mode {image.mode}; allowed: grey levels")
            check_size(path, (image.height, image.width), 4)
            pixels = np.asarray(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadInput(f"{path}: cannot be read as an image ({' '.join(str(error).split())})") from error
    return pixels.astype(np.uint8) if pixels.dtype == bool else pixels


def _tiff(path: Path) -> Array:
    """One image of a TIFF (lines, pixels). Raises BadInput."""
    library = tiff_library()
    try:
        with library.TiffFile(path) as file:
            if len(file.pages) != 1 or file.pages[0].samplesperpixel != 1:
                raise BadInput(
                    f"{path}: holds {len(file.pages)} images or colours; allowed in a folder: one grey image"
                )
            page = file.pages[0]
            check_size(path, (1, *page.shape), page.dtype.itemsize)
            return np.asarray(page.asarray())
    except (OSError, ValueError, RuntimeError, KeyError, library.TiffFileError) as error:
        raise BadInput(f"{path}: cannot be read as TIFF ({' '.join(str(error).split())})") from error
