"""A disk that is full for one file: what is written to it comes to half, then fails as the system says it."""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from femna.io import atomic_files, folder_lock, history
from femna.runtime import record

WRITERS = (atomic_files, folder_lock, history, record)
"""The modules of femna that open files to write them."""


class Disk(io.FileIO):
    """A file on it."""

    def __init__(self, path: Path, mode: str, is_full: Callable[[], bool]) -> None:
        super().__init__(path, mode.replace("b", ""))
        self.is_full, self.torn = is_full, False

    def write(self, data: Any) -> int:
        content = bytes(data)
        if not self.is_full():
            return super().write(content)
        if not self.torn and len(content) > 1:
            self.torn = True
            return super().write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def has_step(folder: Path | str, step: int) -> bool:
    """Whether a run has a checkpoint of a step, or of a later one."""
    return any(int(path.stem) >= step for path in (Path(folder) / "checkpoint").glob("0*.h5"))


def opener(name: str, is_full: Callable[[], bool]) -> Callable[..., Any]:
    """`open` for the writers, for which the disk is full in a file: its name, or how it ends."""

    def open_file(path: Path | str, mode: str = "r", buffering: int = -1, **more: Any) -> Any:
        if str(path).removesuffix(atomic_files.ASIDE).endswith(name) and mode in ("wb", "ab", "r+b"):
            raw = Disk(Path(path), mode, is_full)
            return raw if buffering == 0 else io.BufferedWriter(raw)
        return builtins.open(path, mode, buffering, **more)

    return open_file


def fill(name: str, is_full: Callable[[], bool], patch: Callable[[Any, str, Any], None] = setattr) -> None:
    """Let the writers of this process meet the full disk."""
    for module in WRITERS:
        patch(module, "open", opener(name, is_full))
