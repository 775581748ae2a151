"""A process: one piece of physics, declared in one file. A model is a list of them on a grid."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from femna.case.keys import KeyProblem
from femna.case.problems import first_problem
from femna.case.tables import Section
from femna.contract.state import State
from femna.contract.terms import Equation
from femna.contract.variables import Conserved, Scalar, Variable
from femna.quantities import closest

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class StepContext:
    """What the equations of a process may use of the step in hand.

    Args:
        grid: this rank's share of the mesh.
        state: at the end of the step; of the variables that are still to be solved for, their values at its beginning.
        past: the states before it, newest first.
        dt: size of the step, s.
        weights: of the states in a time derivative at the end of the step, newest first, 1/s.
    """

    grid: Grid
    state: State
    past: Sequence[State]
    dt: float
    weights: tuple[float, ...]

    def integrated(self, scalar: str, rate: float) -> float:
        """A scalar at the end of the step that changes at a rate (per s), by the formula that the fields obey: what a
        field loses by a term and a scalar gains by its integral stays constant to rounding."""
        before = zip(self.weights[1:], self.past, strict=False)
        return (rate - sum(weight * state.scalars[scalar] for weight, state in before)) / self.weights[0]


class Process(ABC):
    """One piece of physics.

    A model's own processes (`femna/physics`) are solved together by the model's stepper, which knows their methods. A
    process that is registered besides brings `equations`, which are solved after them in every step, in the order of
    registration.
    """

    name: ClassVar[str]
    """By which the case, errors and the documentation call it."""

    keys: ClassVar[type[Section] | None] = None
    """Its table [processes.NAME] in the case file; a process with keys is switched on by giving them."""

    @classmethod
    def is_active(cls, case: Case) -> bool:
        """Whether a case switches it on."""
        return cls.keys is None or cls.name in case.processes

    @classmethod
    def properties_read(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """The properties of a layer's material that it needs; a case without them is bad input."""
        return ()

    @classmethod
    def optional_properties(cls, case: Case, layer_name: str) -> tuple[str, ...]:
        """The properties of a layer's material that it reads besides where they are given."""
        return ()

    @classmethod
    def keys_read(cls, case: Case) -> tuple[str, ...]:
        """The dotted keys of a case that it reads, a table standing for all its keys. `femna check` names the keys that
        the user gives and no process reads; a process's own table, properties of materials, and what every run reads
        (layers, surface, protocol, numerics, output, temperature) need no mention."""
        return ()

    @classmethod
    @abstractmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        """Its variables in a case, before there is a mesh."""

    @classmethod
    @abstractmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        """The process of a case on a grid. Collective. Raises BadInput."""

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """The scalars that it carries from step to step."""
        return ()

    def initial(self) -> dict[str, Array]:
        """Nodal values at the start, (N,) or (N, k), of the variables that do not start at `Variable.initial`."""
        return {}

    def equations(self, context: StepContext) -> tuple[Equation, ...]:
        """The equations that femna solves for it in a step; none for a model's own processes."""
        return ()

    def follow(self, context: StepContext) -> dict[str, Array]:
        """Its variables that it solves for itself, of the state at the end of a step, once its equations are solved; of
        a state without a past at the start too. Raises SolveFailed. Collective."""
        return {}

    def advance_scalars(self, context: StepContext) -> dict[str, float]:
        """Its scalars at the end of a step, its variables solved for. Collective."""
        return {}

    def conserved(self) -> tuple[Conserved, ...]:
        """Its parts in conserved amounts."""
        return ()

    def time_step_limit(self, state: State) -> float:
        """Largest step (s) from a state that it allows, the same on every rank. Collective."""
        return math.inf

    def stored_charge(self, state: State) -> float:
        """Charge that it holds besides the metal, C m^(d-3), such as in a layer that takes up sodium. Collective."""
        return 0.0

    def storing_current(self, state: State) -> float:
        """Current at which it stores charge, A m^(d-3). Collective."""
        return 0.0

    def output(self, state: State) -> dict[str, Array]:
        """Its output fields in SI units, for those whose values in the state are in another unit."""
        return {}


def process_keys[S: Section](case: Case, process: type[Process], section: type[S]) -> S:
    """The table [processes.NAME] of a case, read into typed SI numbers.

    Args:
        case: the case.
        process: whose table it is.
        section: its keys.

    Raises:
        KeyProblem: a key is missing, unknown or out of range.
    """
    place, given = ("processes", process.name), case.processes[process.name]
    for key in given:
        if key not in section.model_fields:
            known = list(section.model_fields)
            problem = KeyProblem((*place, key), "is not a known key", ", ".join(known), closest(key, known))
            raise problem
    try:
        return section.model_validate(given)
    except ValidationError as error:
        raise first_problem(error, place) from None
