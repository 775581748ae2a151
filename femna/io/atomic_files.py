"""Files that are either whole or absent: written aside, flushed to the disk, renamed."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import h5py

from femna.errors import CannotGoOn

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
ASIDE = ".part"


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn an OSError that is raised while a file is written into a CannotGoOn.

    Args:
        path: the file, for the message.

    Returns:
        A context manager.

    Raises:
        CannotGoOn: says where, why and what to try.
    """
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            cure = "try: free some space there, then go on (a run: femna resume)"
            message = f"{path}: the disk is full ({error.strerror})\n{cure}"
        else:
            message = f"{path}: cannot be written ({error.strerror or error})"
        raise CannotGoOn(message) from error


def sync_directory(directory: Path) -> None:
    """Make a rename in a folder survive a power cut, on file systems that can.

    Args:
        directory: the folder.
    """
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_whole(path: Path, content: bytes | io.BytesIO) -> None:
    """Write a file; after a crash at any moment it holds all of the content or what it held before.

    Args:
        path: the file; its folder is made when there is none.
        content: what to write.

    Raises:
        CannotGoOn: the disk is full or cannot be written; nothing is left behind then.
    """
    aside = path.with_name(path.name + ASIDE)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(aside, "wb") as file:
                if isinstance(content, bytes):
                    file.write(content)
                else:
                    with content.getbuffer() as view:
                        file.write(view)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, path)
        finally:
            with suppress(OSError):
                aside.unlink()
        sync_directory(path.parent)


def append_whole(file: io.FileIO, content: bytes) -> None:
    """Write all of something to the end of a file, or nothing of it: the last bytes of a disk take a part.

    Args:
        file: opened to append, without a buffer.
        content: what to write.

    Raises:
        OSError: it does not fit.
    """
    start, rest = os.fstat(file.fileno()).st_size, memoryview(content)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError:
        with suppress(OSError):
            file.truncate(start)
        raise


def hdf5_image(fill: Callable[[h5py.File], None], user_block: int = 0) -> io.BytesIO:
    """Make an HDF5 file in memory.

    HDF5 cannot close a file on a full disk, and may take the process down with it.

    Args:
        fill: writes the content.
        user_block: how many of the first bytes are left to the caller: 0, 512, 1024, ..

    Returns:
        The bytes of the file.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=user_block) as file:
        fill(file)
    buffer.seek(0)
    return buffer
