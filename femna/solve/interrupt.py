"""Signals: remembered when they come, answered between steps by all ranks together."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any, Self

HANDLED = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """While entered, SIGINT and SIGTERM only leave their number in `received` (0 without one).

    A second signal of the same kind is left to the old handler, so that an impatient user can still stop at once.
    """

    def __init__(self) -> None:
        self.received = 0
        self._old: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in HANDLED:
            self._old[number] = signal.signal(number, self._remember)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def _remember(self, number: int, _: FrameType | None) -> None:
        self.received = number
        signal.signal(number, self._old[number])
