"""What a model makes of the declarations of its processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
import pytest

from femna.case.model import Case
from femna.contract.models import Array, Model
from femna.contract.process import Process
from femna.contract.state import State
from femna.contract.variables import Conserved, Scalar, Variable
from femna.fields import Field
from femna.mesh.grid import Grid
from femna.parallel import MPI

NODES, DIM = 5, 2


def variable(name: str, **more: Any) -> Variable:
    return Variable(Field(name, name, name, "1", "", 1.0, "viridis"), **more)


class Tracer(Process):
    """Two tracers, one of which it gives a start."""

    name = "tracer"

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        return variable("a"), variable("b", initial=2.0)

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        return cls()

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        return (Scalar("decayed", "mol m^(d-3)", "what has decayed"),)

    def initial(self) -> dict[str, Array]:
        return {"a": np.arange(float(NODES))}

    def conserved(self) -> tuple[Conserved, ...]:
        return (Conserved("tracer", "mol.m-2", lambda state: state["a"].sum(), lambda state: 0.0),)


class Motion(Process):
    """A displacement."""

    name = "motion"

    @classmethod
    def declare(cls, case: Case) -> tuple[Variable, ...]:
        return (variable("u", is_vector=True, initial=0.5),)

    @classmethod
    def build(cls, case: Case, grid: Grid) -> Self:
        return cls()


@dataclass
class Toy(Model):
    grid: Any
    added: tuple[Process, ...] = (Motion(),)
    own: tuple[Process, ...] = field(default_factory=lambda: (Tracer(),))

    name = "toy"
    is_charge_consistent = False
    site_ratio = 1.0

    @classmethod
    def process_types(cls, case: Case) -> tuple[type[Process], ...]:
        return (Tracer,)

    @classmethod
    def build(cls, case: Case, grid: Grid, added: tuple[Process, ...]) -> Self:
        return cls(grid, added)

    @property
    def own_processes(self) -> tuple[Process, ...]:
        return self.own

    def metal_content(self, state: State) -> Array:
        return state["a"]

    def metal_fraction(self, state: State) -> Array:
        return state["a"]

    def holdings(self, state: State) -> dict[str, float]:
        return {}

    def fitted(self, fields: dict[str, Array], holdings: dict[str, float]) -> dict[str, Array]:
        return fields


@pytest.fixture
def toy() -> Toy:
    lower, upper = np.array([0.0, 0.0]), np.array([3.0, 7.0])
    return Toy(SimpleNamespace(size=NODES, dim=DIM, lower=lower, upper=upper, comm=MPI.COMM_SELF))


def variables(case: Any = None) -> list[Variable]:
    return [*Motion.declare(case), *Tracer.declare(case)]


def test_fields_start_as_their_process_says_or_at_their_initial_value(toy: Toy) -> None:
    fields = toy.initial_fields(variables())
    assert list(fields) == ["u", "a", "b"]
    assert np.array_equal(fields["a"], np.arange(5.0))
    assert np.array_equal(fields["b"], np.full(5, 2.0))
    assert np.array_equal(fields["u"], np.full((5, 2), 0.5))


def test_only_what_is_asked_for_is_given(toy: Toy) -> None:
    assert list(toy.initial_fields(Motion.declare(None))) == ["u"]


def test_processes_are_the_models_own_and_then_the_added(toy: Toy) -> None:
    assert [process.name for process in toy.processes] == ["tracer", "motion"]
    assert [scalar.name for scalar in toy.scalars] == ["decayed"]
    assert [part.amount(State(0.0, {"a": np.ones(5)})) for part in toy.conserved()] == [5.0]


def test_the_projected_area_leaves_the_growth_axis_out(toy: Toy) -> None:
    assert toy.area == 3.0
    assert Toy(SimpleNamespace(lower=np.zeros(1), upper=np.ones(1))).area == 1.0
