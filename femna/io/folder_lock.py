"""One writer a run folder: a lock that the kernel takes back from a process that is killed."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from femna.errors import BadInput, CannotGoOn
from femna.io.atomic_files import disk_errors
from femna.io.run_folder import LOCK_FILE

ATTEMPTS = 100
"""How often the file is made again when it has gone between its opening and its locking."""


class FolderLock:
    """The right to write into a run folder, from `take` until it is left as a context.

    It is an advisory lock (flock) on the file `.lock`, which is there only meanwhile, and after a kill. A file server
    may keep the lock of a machine that has crashed; who removes the file gets another one. Where a file system has no
    locks nothing is held, and only the manifest tells whether a run goes on.

    Args:
        directory: the run folder, which need not exist yet.
    """

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)
        self._path = self.directory / LOCK_FILE
        self._file: BinaryIO | None = None

    def take(self) -> None:
        """Make the folder where there is none, and hold it.

        Raises:
            BadInput: another process writes into it.
            CannotGoOn: the folder cannot be written.
        """
        for _ in range(ATTEMPTS):
            if self._try():
                return
            # the file was removed by the one who held it: there is another one now, or none
        raise CannotGoOn(f"{self._path}: cannot be held; other processes make and remove it all the time")

    def check(self) -> None:
        """Ask that what is written next goes to the folder that is held.

        Raises:
            CannotGoOn: it has been moved, removed or replaced.
        """
        if self._file is not None and not self._is_ours(self._file):
            raise CannotGoOn(f"{self.directory}: was moved, removed or replaced while a run was writing into it")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        if self._is_ours(self._file):
            with suppress(OSError):
                self._path.unlink()
        self._file.close()
        self._file = None

    def _try(self) -> bool:
        with disk_errors(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
            file = open(self._path, "ab")  # noqa: SIM115  held until the end of the run
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            message = "the run in it is still going on; if its machine has crashed, remove the file"
            raise BadInput(f"{self.directory}: {message} {LOCK_FILE} there") from error
        except OSError:
            pass  # no locks on this file system
        if not self._is_ours(file):
            file.close()
            return False
        self._file = file
        return True

    def _is_ours(self, file: BinaryIO) -> bool:
        try:
            return os.path.samestat(os.stat(self._path), os.fstat(file.fileno()))
        except OSError:
            return False
