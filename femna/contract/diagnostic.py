"""A diagnostic: a few columns of the history, declared and computed in one file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from femna.columns import Column
from femna.contract.models import Model
from femna.contract.state import State

if TYPE_CHECKING:
    from femna.case.model import Case


@dataclass(frozen=True)
class FrontShape:
    """Shape of the front xi = 1/2 over the columns along the growth axis.

    Args:
        mean, maximum, minimum: heights above the collector plane, m.
        sq: rms roughness of the heights, m (ISO 25178-2).
        ratio: measure of the front over that of a flat one.
    """

    mean: float
    maximum: float
    minimum: float
    sq: float
    ratio: float


@dataclass(frozen=True)
class Amounts:
    """What a state holds, counted from the start of the run.

    Args:
        thickness: metal deposited, m.
        above: the part of it over the last layer's lower face, m.
        current: the larger of the electrodes' current densities, A/m^2.
        stored_charge: charge stored besides the metal since the start, C/m^2.
        conserved: quantity -> what is there of it more than came in since the start.
    """

    thickness: float
    above: float = 0.0
    current: float = 0.0
    stored_charge: float = 0.0
    conserved: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class CumulativeTotals:
    """What has happened from the start of the run up to a state.

    Args:
        moved: metal deposited and stripped, each counted as positive, m.
        above, below: metal plated over and under the last layer's lower face, m.
        largest: largest current density, A/m^2.
    """

    moved: float = 0.0
    above: float = 0.0
    below: float = 0.0
    largest: float = 0.0

    def after(self, old: Amounts, new: Amounts) -> CumulativeTotals:
        """The totals at the end of a step between two states."""
        above = new.above - old.above
        below = new.thickness - old.thickness - above
        return CumulativeTotals(
            moved=self.moved + abs(new.thickness - old.thickness),
            above=self.above + max(above, 0.0),
            below=self.below + max(below, 0.0),
            largest=max(self.largest, new.current),
        )


@dataclass(frozen=True)
class Observation:
    """What a diagnostic may use of a state that a step of size dt has reached.

    Args:
        state: the state.
        dt: size of the step, s; 0 at the start.
        faradaic: Faradaic current density of the step, A/m^2: F c_s times the growth of the metal's thickness.
        storing: current density at which charge is stored besides the metal, A/m^2.
        amounts: what the state holds.
        totals: what has happened up to it.
        front: shape of its front.
    """

    state: State
    dt: float
    faradaic: float
    storing: float
    amounts: Amounts
    totals: CumulativeTotals
    front: FrontShape


class Diagnostic(ABC):
    """A few columns of the history."""

    columns: ClassVar[tuple[Column, ...]] = ()

    @classmethod
    def is_active(cls, case: Case, model: Model) -> bool:
        """Whether a run of the case has its columns."""
        return True

    @classmethod
    @abstractmethod
    def build(cls, case: Case, model: Model) -> Self:
        """The diagnostic of a run. Collective."""

    def declared(self) -> tuple[Column, ...]:
        """The columns of this run."""
        return self.columns

    @abstractmethod
    def row(self, observation: Observation) -> dict[str, float]:
        """Column name -> value, for every declared column; the same on every rank. Collective."""
