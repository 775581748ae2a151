"""Signals: remembered when they come, answered between steps by all ranks together."""

from __future__ import annotations

import shlex
import signal
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any, Self

from femna.errors import FemnaError

HANDLED = (signal.SIGINT, signal.SIGTERM)
ECHO = 1.0
"""Wall time (s) within which a second signal is the same one, come by another way (the terminal and the launcher)."""
PATIENCE = 1.0
"""Wall time (s) that a step may go on after a signal: launchers kill after about 3 s, and a checkpoint takes time."""


class Interrupted(FemnaError):
    """SIGINT or SIGTERM. `alone`: it came before the first step was done, where each rank stops by itself."""

    def __init__(self, number: int, text: str, alone: bool = False) -> None:
        self.exit_code = 128 + number
        self.number, self.alone = number, alone
        super().__init__(f"{signal.Signals(number).name} received; {text}")

    @classmethod
    def in_run(cls, number: int, directory: Path) -> Self:
        return cls(number, f"a checkpoint is written; go on with: femna resume {shlex.quote(str(directory))}")

    def __reduce__(self) -> tuple[Any, ...]:
        # exceptions travel between ranks; the default would call __init__ with the text alone
        return _again, (type(self), self.number, str(self), self.alone)


def _again(kind: type[Interrupted], number: int, text: str, alone: bool) -> Interrupted:
    return kind(number, text.partition("; ")[2], alone)


class Interrupts:
    """While entered, SIGINT and SIGTERM raise Interrupted at once or, after `postpone`, wait in `received` (0: none).

    A second signal, not at the heels of the first, is left to the old handler: an impatient user can stop at once.
    """

    def __init__(self) -> None:
        self.received = 0
        self._since = 0.0
        self._postponed = False
        self._old: dict[int, Any] = {}

    def __enter__(self) -> Self:
        # Python hears signals in its main thread only; elsewhere (a notebook's worker) they are not ours to answer
        if threading.current_thread() is threading.main_thread():
            for number in HANDLED:
                self._old[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def listen_again(self) -> None:
        """Take back what a library has taken: gmsh resets SIGTERM, and SIGPIPE, which Python ignores."""
        if self._old:
            for number in (*HANDLED, signal.SIGPIPE):
                signal.signal(number, signal.getsignal(number))

    def postpone(self) -> None:
        """From now on there is a state worth a checkpoint: signals wait until the run asks for them."""
        self._postponed = True

    def overdue(self) -> bool:
        """Whether a signal has waited so long that the step in hand had better be given up."""
        return bool(self.received) and time.monotonic() - self._since > PATIENCE

    def _hear(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if not self._postponed:
            raise Interrupted(number, "no new checkpoint is written", alone=True)
        if not self.received:
            self.received, self._since = number, now
        elif now - self._since > ECHO:
            signal.signal(number, self._old[number])
            signal.raise_signal(number)
