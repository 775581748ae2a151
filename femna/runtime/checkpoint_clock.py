"""When the next checkpoint is due: after the wall time that the case asks for, or later where checkpoints are slow."""

from __future__ import annotations

LARGEST_SHARE = 0.02
"""Of the wall time: the most that checkpoints take, unless one after each step is asked for."""


class CheckpointClock:
    """Times the checkpoints of a session.

    A large mesh on a slow disk takes seconds to store. The pause after a checkpoint is then as long as keeps them at
    `LARGEST_SHARE` of the run. The quicker one of the last two counts, so that a disk that stood still once does not
    leave a run without checkpoints for an hour.

    Args:
        interval: wall time between checkpoints, s; 0 for one after each step.
        now: wall time, s.
    """

    def __init__(self, interval: float, now: float) -> None:
        self.interval, self.total = interval, 0.0
        self._last_end = now
        self._costs = (0.0, 0.0)

    @property
    def pause(self) -> float:
        """Wall time from the end of the last checkpoint to the next one, s."""
        return max(self.interval, min(self._costs) / LARGEST_SHARE) if self.interval > 0.0 else 0.0

    def is_due(self, now: float) -> bool:
        """Whether a checkpoint is to be written.

        Args:
            now: wall time, s.
        """
        return now - self._last_end >= self.pause

    def stored(self, begin: float, end: float) -> None:
        """A checkpoint was written.

        Args:
            begin: wall time when its writing began, s.
            end: when it ended, s.
        """
        self.total += end - begin
        self._costs = (self._costs[1], end - begin)
        self._last_end = end
