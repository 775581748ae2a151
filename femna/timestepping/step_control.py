"""The size of the time steps: accept or reject on one number that every rank has, and choose the next.

A proportional-integral controller (Gustafsson, ACM Trans. Math. Softw. 17 (1991) 533) on the largest of the step's
error norms over the tolerance, for the order that the method's local error has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from femna.timestepping.bdf import MAX_GROWTH

SAFETY = 0.9
SHRINK = 0.2
AFTER_FAILURE = 0.25


@dataclass
class StepControl:
    """Proposes step sizes (s).

    dt: the next size; dt_max: the largest; last_ratio: error over tolerance of the last accepted step; rejected: steps
    that did not stand, through the whole run; order: of the error in dt; steady_growth: largest ratio of successive
    sizes, but for an error so small that the next may be MAX_GROWTH times as long whatever the method makes of it.
    """

    tolerance: float
    dt: float
    dt_max: float
    last_ratio: float = 1.0
    rejected: int = 0
    order: int = 3
    steady_growth: float = MAX_GROWTH

    def accepts(self, errors: dict[str, float]) -> bool:
        """Whether a step with these error norms stands (an error that is no number does not)."""
        return all(error <= self.tolerance for error in errors.values())

    def after_rejection(self, dt: float, errors: dict[str, float]) -> None:
        """Choose the size after a step of size dt was too inaccurate."""
        self.rejected += 1
        # an error that is no number asks for the strongest cut
        ratio = max(error / self.tolerance if error >= 0.0 else math.inf for error in errors.values())
        self.dt = dt * max(SHRINK, SAFETY * ratio ** (-1.0 / self.order))

    def after_failure(self, dt: float) -> None:
        """Choose the size after a solver failed, or the solution left its bounds, at size dt."""
        self.rejected += 1
        self.dt = AFTER_FAILURE * dt

    def after_acceptance(self, dt: float, errors: dict[str, float]) -> None:
        """Choose the size after an accepted step of size dt."""
        ratio = max(max(errors.values()) / self.tolerance, 1e-6)
        factor = SAFETY * ratio ** (-0.7 / self.order) * self.last_ratio ** (0.4 / self.order)
        growth = self.steady_growth if factor < MAX_GROWTH else MAX_GROWTH
        self.dt = min(dt * min(max(factor, SHRINK), growth), self.dt_max)
        self.last_ratio = ratio

    def toward(self, remaining: float) -> float:
        """The proposed size, fitted to a time that must be met: all that remains, or an even part of it."""
        if remaining <= self.dt * (1.0 + 1e-9):
            return remaining
        return min(self.dt, 0.5 * remaining) if remaining < 2.0 * self.dt else self.dt
