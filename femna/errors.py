"""The errors a user may see: one readable line each, and the exit code that goes with it."""

from __future__ import annotations


class FemnaError(Exception):
    """Base of every error that is shown to the user without a traceback."""

    exit_code = 1
    alone = False
    """Whether other ranks may know nothing of it; else all of them raise it."""


class BadInput(FemnaError):
    """The case, the command line or a file given to femna is wrong; nothing has been written."""

    exit_code = 2


class CannotGoOn(FemnaError):
    """The solver or the machine could not go on; the last checkpoint is intact."""

    exit_code = 3
