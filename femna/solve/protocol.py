"""The ends of protocol steps: by duration, by charge, by height, each met in time and not at the next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from femna.case import Step

CLOSENESS = 1e-7
"""How far past its value (relative to what the protocol step asked for) an end may be met."""


@dataclass(frozen=True)
class Mark:
    """Where the run stands, as far as ends of protocol steps care: time s, charge C/m^2, highest metal m."""

    time: float
    charge: float
    height: float


@dataclass(frozen=True)
class End:
    """The end of one protocol step that began at `begin`."""

    kind: str
    value: float
    begin: Mark

    @classmethod
    def of(cls, step: Step, begin: Mark) -> End:
        return cls(step.until.kind, step.until.value, begin)

    def remaining_time(self, now: Mark) -> float | None:
        """Time left (s) where the end is a duration, else None."""
        return self.begin.time + self.value - now.time if self.kind == "time" else None

    def progress(self, now: Mark) -> float:
        """What has come of the end's value so far: 1 when it is met."""
        if self.kind == "time":
            return (now.time - self.begin.time) / self.value
        if self.kind == "charge":
            return abs(now.charge - self.begin.charge) / self.value
        whole = self.value - self.begin.height
        return (now.height - self.begin.height) / whole if whole > 0.0 else 1.0

    def met(self, now: Mark) -> bool:
        return self.progress(now) >= 1.0 - CLOSENESS

    def shorter_step(self, before: Mark, after: Mark, dt: float) -> float | None:
        """A step size that meets the end, when the step from `before` to `after` of size dt overshot it; else None."""
        old, new = self.progress(before), self.progress(after)
        if new <= 1.0 + CLOSENESS or new <= old:
            return None
        return dt * (1.0 - old) / (new - old)
