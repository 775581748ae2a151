"""Errors on several ranks: what stops one rank stops all, and none waits for another in vain."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Self, cast

from femna.errors import CannotGoOn, FemnaError
from femna.parallel import MPI, PETSc

PETSC_OUT_OF_MEMORY = 55

TO_BE_READ = 0.5
"""Time (s) between the last words of a rank and MPI_Abort: launchers drop what they have not read yet."""

FIRST_SPEAKS = 2.0 * TO_BE_READ
"""Time (s) that the other ranks leave to rank 0: what has befallen that too, as a signal to all, is said once."""


def on_root[T](comm: MPI.Comm, action: Callable[[], T], share: bool = True) -> T:
    """Result of `action`, run on rank 0 alone; its FemnaError is raised on every rank. Collective.

    share: give the result to every rank (else the others get None: for what is large and wanted on rank 0 only).
    """
    result: T | None = None
    error: FemnaError | None = None
    if comm.rank == 0:
        try:
            result = action()
        except FemnaError as caught:
            error = caught
    shared, error = comm.bcast((result if share else None, error))
    if comm.rank != 0:
        result = shared
    if error is not None:
        raise error
    return cast(T, result)


def on_every_rank[T](comm: MPI.Comm, action: Callable[[], T]) -> T:
    """Result of `action`, run on each rank for itself and without the others; where it fails with a FemnaError on any,
    that of the lowest such rank is raised on every rank. Collective."""
    result: T | None = None
    error: FemnaError | None = None
    try:
        result = action()
    except FemnaError as caught:
        error = caught
    for found in comm.allgather(error):
        if found is not None:
            raise found
    return cast(T, result)


class abort_on_error:
    """While entered, an error that not every rank may have is told and ends them all (MPI_Abort).

    A FemnaError is raised by all ranks alike and passes. Memory that runs out is a CannotGoOn; anything else is a
    defect: traceback, exit code 1. On one rank both are simply raised.
    """

    def __init__(self, comm: MPI.Comm) -> None:
        self.comm = comm

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        if is_out_of_memory(error):
            text = "the memory of this machine does not suffice\ntry: fewer ranks a node, a coarser numerics.resolution"
            short: FemnaError = CannotGoOn(text)
        elif not isinstance(error, FemnaError):
            if self.comm.size > 1:
                text = "".join(traceback.format_exception(error))
                self._abort(text, 130 if isinstance(error, KeyboardInterrupt) else 1)
            return
        elif not error.alone:
            return
        else:
            short = error
        if self.comm.size > 1:
            self._abort(f"femna: {short}\n", short.exit_code)
        if short is not error:
            raise short from error

    def _abort(self, text: str, code: int) -> None:
        if self.comm.rank > 0:
            time.sleep(FIRST_SPEAKS)
        sys.stdout.flush()
        sys.stderr.write(text)  # at once: ranks that write line by line mix their lines
        sys.stderr.flush()
        time.sleep(TO_BE_READ)
        self.comm.Abort(code)
        os._exit(code)  # Abort only asks the launcher and may return, and what follows would be told a second time


def is_out_of_memory(error: BaseException) -> bool:
    """Whether Python, numpy or PETSc got no memory."""
    return isinstance(error, MemoryError) or (
        isinstance(error, PETSc.Error) and getattr(error, "ierr", 0) == PETSC_OUT_OF_MEMORY
    )
