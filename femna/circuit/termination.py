"""The ends of protocol steps: by duration, charge, height or voltage, each met in time and not at the next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from femna.contract.cell_state import CellState

if TYPE_CHECKING:
    from femna.case import ProtocolStep

NEAR_END = 1e-3
"""How far short of its end a step is so near that another try is better than a step more."""

CLOSENESS = 1e-7
"""How far beside its value (relative to what the protocol step asked for), or its time, an end may be met."""


@dataclass(frozen=True)
class ProtocolPosition:
    """Where the run stands in its protocol: index of the step in hand, and where the cell stood when it began."""

    index: int
    begin: CellState


@dataclass(frozen=True)
class Termination:
    """The end of one protocol step that began at `begin` and drives with `drive` (V or A/m^2; positive deposits).

    A charge counts from the beginning of the step, whatever its sign. A height is met from below when depositing, from
    above when stripping; a step that begins beyond its height has nothing to do. A voltage likewise; at rest it is met
    from where the cell comes.
    """

    kind: str
    value: float
    begin: CellState
    drive: float = 0.0

    @classmethod
    def of(cls, step: ProtocolStep, begin: CellState) -> Self:
        return cls(step.until.kind, step.until.value, begin, step.value)

    def remaining_time(self, now: CellState) -> float | None:
        """Time left (s) where the end is a duration, else None."""
        return self.value - now.elapsed if self.kind == "time" else None

    def progress(self, now: CellState) -> float:
        """What has come of the end's value so far: 1 when it is met."""
        if self.kind == "time":
            return now.elapsed / self.value
        if self.kind == "charge":
            return abs(now.charge - self.begin.charge) / self.value
        start, here = getattr(self.begin, self.kind), getattr(now, self.kind)
        whole = self.value - start
        if whole == 0.0 or whole * self.drive < 0.0:
            return 1.0
        return float((here - start) / whole)

    def met(self, now: CellState) -> bool:
        """Whether the protocol step is over."""
        return self.progress(now) >= 1.0 - CLOSENESS

    def shorter_step(self, before: CellState, after: CellState, dt: float) -> float | None:
        """A step size that meets the end, when the step from `before` to `after` of size dt overshot it; else None.

        None also where the value jumps, as the height does when metal forms ahead of the front: there the time is met.
        """
        old, new = self.progress(before), self.progress(after)
        if new <= 1.0 + CLOSENESS or new <= old or dt <= CLOSENESS * after.elapsed:
            return None
        return dt * (1.0 - old) / (new - old)

    def longer_step(self, short: CellState, dt: float, beyond: tuple[float, CellState] | None) -> float | None:
        """A step size that meets the end, when one of size dt nearly did, to `short`, and a longer one overshot it.

        beyond: size and end of that one. None where there was none, or where the end is met or far.
        """
        if beyond is None:
            return None
        low, high = self.progress(short), self.progress(beyond[1])
        if not 1.0 - NEAR_END < low < 1.0 - CLOSENESS or high <= low:
            return None
        return dt + (beyond[0] - dt) * (1.0 - low) / (high - low)
