"""A model: a list of processes on a grid, with what couples them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from femna.contract.plugin_checks import check_initial
from femna.contract.process import Process
from femna.contract.state import State
from femna.contract.variables import Conserved, Scalar, Variable

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Model(ABC):
    """A list of processes on a grid, with what couples them."""

    name: ClassVar[str]
    is_charge_consistent: ClassVar[bool]
    """Whether ionic, electronic and Faradaic currents agree, so that contact, short circuits and emptied electrodes can
    be told from the solution."""

    grid: Grid
    collector: Mask
    """Nodes on the collector plane, (N,)."""
    counter: Mask
    """Nodes on the counter plane, (N,)."""
    added: tuple[Process, ...]
    """Processes that are solved after the model's own."""

    @classmethod
    @abstractmethod
    def process_types(cls, case: Case) -> tuple[type[Process], ...]:
        """The processes of a case that the model's stepper solves together."""

    @classmethod
    def keys_read(cls, case: Case) -> tuple[str, ...]:
        """The dotted keys of a case that the model reads besides its processes."""
        return ()

    @classmethod
    @abstractmethod
    def build(cls, case: Case, grid: Grid, added: tuple[Process, ...]) -> Self:
        """The model of a case on a grid. Collective. Raises BadInput."""

    @property
    @abstractmethod
    def own_processes(self) -> tuple[Process, ...]:
        """The processes that the model's stepper solves together."""

    @property
    def processes(self) -> tuple[Process, ...]:
        """All its processes."""
        return (*self.own_processes, *self.added)

    @property
    @abstractmethod
    def site_ratio(self) -> float:
        """c_s/c0: sodium in the metal over that of the electrolyte."""

    @abstractmethod
    def metal_content(self, state: State) -> Array:
        """The metal's share of the volume at the nodes, (N,), whose growth takes ions and charge."""

    def metal_beside(self, state: State) -> float:
        """Metal that a state has besides that in the mesh, m^d."""
        return 0.0

    def places(self, state: State) -> Array:
        """Where the nodes lie, (N, d) in m: in the mesh, but for those that have been lifted since the start."""
        return self.grid.points

    @abstractmethod
    def metal_fraction(self, state: State) -> Array:
        """p (or h) of xi at the nodes, (N,): the share that conducts as metal."""

    @abstractmethod
    def holdings(self, state: State) -> dict[str, float]:
        """What a state holds and must hold on another grid too: name -> integral. Collective."""

    @abstractmethod
    def fitted(self, fields: dict[str, Array], holdings: dict[str, float]) -> dict[str, Array]:
        """Fields that have come from another grid, changed by as little as it takes to hold what they did. Collective.

        Args:
            fields: variable name -> values at the nodes, (N,).
            holdings: what `holdings` gave there.
        """

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """The scalars of all processes."""
        return tuple(scalar for process in self.processes for scalar in process.scalars)

    @property
    def area(self) -> float:
        """Projected area of the cell, m^(d-1)."""
        return float(np.prod((self.grid.upper - self.grid.lower)[:-1]))

    def metal_planes(self) -> tuple[Array, ...]:
        """Area in each node's share, (N,) in m^(d-1), of the planes from which metal has electrons; of a
        charge-consistent model."""
        return ()

    def initial_fields(self, variables: Sequence[Variable]) -> dict[str, Array]:
        """The values at the start of declared variables, (N,) or (N, d) each. Collective.

        Raises BadInput where an added process gives others, or of another shape.
        """
        fields = {}
        by_process = {process.name: process.initial() for process in self.processes}
        check_initial({process.name: by_process[process.name] for process in self.added}, variables, self.grid)
        given = {name: values for own in by_process.values() for name, values in own.items()}
        for variable in variables:
            fields[variable.name] = given.get(variable.name, np.full(variable.shape(self.grid), variable.initial))
        return fields

    def conserved(self) -> Sequence[Conserved]:
        """The conserved amounts of all processes."""
        return [part for process in self.processes for part in process.conserved()]
