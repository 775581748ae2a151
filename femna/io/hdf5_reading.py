"""Opening HDF5 files to read them."""

from __future__ import annotations

from pathlib import Path

import h5py


def open_to_read(path: Path) -> h5py.File:
    """An HDF5 file without a lock: femna changes no file in place, and some file systems have no locks.

    Args:
        path: the file. HDF5 opens one that this process has open already in the same way only, with a lock or without.

    Returns:
        The file, open for reading.

    Raises:
        OSError: it cannot be read, or is no HDF5.
    """
    try:
        return h5py.File(path, "r", locking=False)
    except OSError as error:
        if error.errno is not None:
            raise
        return h5py.File(path, "r")
