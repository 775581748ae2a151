"""What a run says on the standard output while it goes on. Errors are not said here: they are raised."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from femna.errors import BadInput
from femna.io.terminal import make_printable

Level = Literal["debug", "info", "warning", "error"]

LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")
"""From everything to nothing. debug: the lines of log.txt too; info: progress, and how the run ended; warning."""


@dataclass(frozen=True)
class Voice:
    """Says what is at least as important as a level asks for.

    Args:
        level: the least important kind that is said.
        is_heard: False on all ranks but the first.

    Raises:
        BadInput: there is no such level.
    """

    level: str = "info"
    is_heard: bool = True

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise BadInput(f"the log level is {self.level!r}; allowed: {', '.join(LEVELS)}")

    def says(self, level: Level) -> bool:
        """Whether something of this level is said."""
        return self.is_heard and level in LEVELS[[str(known) for known in LEVELS].index(self.level) :]

    def say(self, level: Level, text: str) -> None:
        """Print a line at once; a listener that has gone away (`| head`) is no reason to stop."""
        if self.says(level):
            make_printable(sys.stdout)
            with suppress(OSError):
                print(text, flush=True)
