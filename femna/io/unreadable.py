"""Why a file cannot be used: another program holds it, it cannot be read, or it is damaged."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def why_unusable(path: Path, error: Exception | None = None, damaged: str = "is damaged") -> str:
    """What keeps a file from being read as what it should be.

    Args:
        path: the file.
        error: what reading it has raised; None where what was read is wrong.
        damaged: what to say where nothing else explains it.

    Returns:
        The end of a sentence that starts with the file's name.
    """
    if is_held(path):
        return "is locked: another program has it open for writing; close it there"
    number = error.errno if isinstance(error, OSError) else None
    return damaged if number is None else f"cannot be read ({os.strerror(number)})"


def is_held(path: Path) -> bool:
    """Whether another program holds a file for itself alone, by either of the two kinds of locks (flock, fcntl).

    HDF5 takes such a lock of each file that it opens for writing, and none of those can be trusted meanwhile.

    Args:
        path: the file; one that cannot be opened is not held.
    """
    try:
        with open(path, "rb") as file:
            for lock in (fcntl.flock, fcntl.lockf):
                lock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # not there, not readable, or on a file system without locks
        return False
    return False
