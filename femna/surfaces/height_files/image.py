"""Heights as grey levels of an image: PNG and TIFF of 8, 16 or 32 bit, whole numbers or floats."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from femna.surfaces.height_files.height_field import HeightField, UnreadableHeights, finite

GREY_MODES = ("L", "I;16", "I;16L", "I;16B", "I", "F")
"""Pillow's modes of one channel of numbers."""

BITS, PHOTOMETRIC, SAMPLE_FORMAT = 258, 262, 339
"""TIFF's tags: bits of a sample, what 0 means, and how a sample is to be understood."""

LARGEST_COUNT = 150_000_000
"""Pixels of the largest image; as float64 they take 1.2 GB."""

UNSIGNED = 1
"""Sample format of whole numbers without a sign."""

ALLOWED = "one channel of grey levels, 8 or 16 bit, or 32-bit floats"


@contextmanager
def _without_bomb_warning() -> Iterator[None]:
    """LARGEST_COUNT says which image is too large, not Pillow's warning at half of what it refuses."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def read_image(path: Path) -> HeightField:
    """The grey levels of an image, its first line first. What it says about its resolution is not used: programs write
    72 dots an inch into anything.

    Raises:
        UnreadableHeights: it is no image of grey levels.
    """
    from PIL import Image

    try:
        with _without_bomb_warning(), Image.open(path) as image:
            if (count := getattr(image, "n_frames", 1)) > 1:
                raise UnreadableHeights(f"holds {count} images", "one image")
            if image.mode not in GREY_MODES:
                raise UnreadableHeights(f"is an image of mode {image.mode}, no grey levels", ALLOWED)
            tags = getattr(image, "tag_v2", {})
            if tags.get(PHOTOMETRIC) == 0:
                raise UnreadableHeights("is a TIFF in which white is 0", "one in which black is 0")
            signed = tags.get(SAMPLE_FORMAT, (UNSIGNED,)) != (UNSIGNED,)
            if (image.mode == "L" and signed) or (image.mode == "I" and tags.get(BITS) == (32,) and not signed):
                sort = "signed bytes" if signed else "unsigned 32-bit numbers"
                raise UnreadableHeights(f"is a TIFF of {sort}, which Pillow reads as others", ALLOWED)
            if (count := image.width * image.height) > LARGEST_COUNT:
                raise UnreadableHeights(f"states {image.width} x {image.height} pixels", f"up to {LARGEST_COUNT:.0e}")
            levels = np.asarray(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, UnreadableHeights):
            raise
        raise UnreadableHeights(f"cannot be read as an image ({' '.join(str(error).split())})", ALLOWED) from error
    return HeightField(finite(levels), needs_unit=True)
