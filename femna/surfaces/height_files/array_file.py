"""Heights as an array of numpy, `.npy`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from femna.surfaces.height_files.height_field import HeightField, UnreadableHeights, finite

ALLOWED = "an array of real numbers with one or two axes, as numpy.save writes it"


def read_array(path: Path) -> HeightField:
    """The numbers of an array (n,), or (lines, pixels in a line).

    Raises:
        UnreadableHeights: it is no such array.
    """
    try:
        # mapped, as numpy otherwise takes the memory that the header states before it looks how long the file is
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise UnreadableHeights("is no array of numbers", ALLOWED) from error
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu" or values.ndim not in (1, 2):
        kind = f"{values.dtype} {values.shape}" if isinstance(values, np.ndarray) else "several arrays"
        raise UnreadableHeights(f"holds {kind}", ALLOWED)
    return HeightField(finite(np.array(values)))
