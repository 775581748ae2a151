"""One attempted time step, and what takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from femna.contract.control import Control
from femna.contract.models import Model
from femna.contract.state import Array, State


@dataclass
class AttemptedStep:
    """The state that a step reached, how accurate it is and what it cost.

    Args:
        state: at the end of the step.
        errors: local error estimates, relative to what each refers to; a step stands when none exceeds the tolerance.
        newton: nonlinear iterations.
        krylov: iterations of the linear solvers.
    """

    state: State
    errors: dict[str, float]
    newton: int
    krylov: int


@dataclass(frozen=True)
class ChangeRates:
    """How fast a state changes, for the choice of the first step.

    Args:
        front: of the order parameter or of the front's place in units of a tenth of its width, 1/s.
        contents: of concentrations and degrees of sodiation, 1/s.
    """

    front: float
    contents: float


class Stepper(Protocol):
    """Takes the time steps of a model. Every method is collective."""

    @property
    def model(self) -> Model:
        """The model on its grid."""

    @property
    def order(self) -> int:
        """Order of the local error in the step size."""

    @property
    def steady_growth(self) -> float:
        """Largest ratio of successive steps that keeps that order."""

    @property
    def control(self) -> Control:
        """What the outer circuit holds."""

    pause: Callable[[], None]
    """Called between the solves of a step, on every rank; may raise."""

    def set_control(self, control: Control) -> bool:
        """Let the outer circuit hold something; whether that is anything new."""

    def start(self, time: float, fields: dict[str, Array]) -> State:
        """The consistent state at `time` (s) of given fields: potentials found alone. Raises SolveFailed."""

    def reinitialise_potentials(self, state: State) -> State:
        """The state with its potentials found anew, after a jump of what the circuit holds. Raises SolveFailed."""

    def advance(self, past: Sequence[State], dt: float) -> AttemptedStep:
        """A step of size dt (s) from past[0]; `past` has up to three states, newest first. Raises SolveFailed."""

    def change_rates(self, state: State) -> ChangeRates:
        """How fast a state changes."""

    def deposition_current(self, state: State) -> float:
        """F c_s times the rate at which the metal of a state grows, A m^(d-3)."""

    def output_fields(self, state: State) -> dict[str, Array]:
        """The fields that are stored, in SI units, (N,) or (N, k) each."""


def carry_on() -> None:
    """What a stepper calls between its solves unless it is given something that may want the step given up."""
