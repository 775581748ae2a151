"""The terms of an equation that femna solves for a process, in three forms.

An equation of a variable u reads, with the storage coefficient s,

    s du/dt = sum of its terms                                                          (per volume)

A term is given by rates on the edges of the mesh, by a reaction at its nodes, or as a UFL form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import ufl

    from femna.mesh.grid import Grid

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class EdgeTerm:
    """A conservative two-point flux p u_i - q u_j from the first to the second end of each edge.

    Args:
        p, q: rates (E,), this rank's share, in m^d/s (for a storage of 1); both non-negative keeps u bounded. Plain
            diffusion has p = q = `grid.edge_weight(D)`.
    """

    p: Array
    q: Array


@dataclass(frozen=True)
class NodalTerm:
    """A reaction at the nodes.

    Args:
        rate: takes u (N,) and returns the rate per volume (N,), positive where u grows, and its derivative by u (N,).
        volume: of each node in which it takes place, (N,) in m^d: `grid.volume`, or the part of it in a layer,
            `grid.layer_volume(numbers)`.
    """

    rate: Callable[[Array], tuple[Array, Array]]
    volume: Array


class FormContext(Protocol):
    """What a UFL form may use of the step in hand."""

    @property
    def grid(self) -> Grid:
        """The mesh: `grid.mesh` is dolfinx's."""

    def rate(self) -> Any:
        """du/dt at the end of the step, as a UFL expression of the unknown (second-order backward differences)."""

    def time(self) -> Any:
        """The simulated time at the end of the step, s, as a dolfinx constant."""

    def field(self, name: str) -> Any:
        """Another scalar variable of the state at the end of the step, as a dolfinx function, in the units of the state
        (c is c/c0)."""

    def in_layers(self, numbers: tuple[int, ...]) -> Any:
        """A dolfinx function, constant in each cell, that is 1 in the phases of these numbers and 0 elsewhere."""


@dataclass(frozen=True)
class FormTerm:
    """A UFL form, assembled by dolfinx on linear elements.

    Args:
        form: is called once, at the first step: what changes later must be a field or the time of the context. It takes
            the unknown (a dolfinx function), the test function and the context, and returns the residual form,
            which is zero at the solution. It holds the whole equation, du/dt (`context.rate()`) included; femna takes
            its derivative. With the quadrature rule "vertex" the mass is lumped, as it is for edge and nodal terms.
    """

    form: Callable[[Any, Any, FormContext], ufl.Form]


Term = EdgeTerm | NodalTerm | FormTerm


@dataclass(frozen=True)
class Equation:
    """The equation of one variable over one step.

    Args:
        variable: its name in the state.
        terms: name -> term. Edge and nodal terms may stand together; a form stands alone.
        storage: s of the equation, at the nodes (N,) or everywhere; 0 for an equation without a time derivative. A form
            has its own.
        fixed: nodes with Dirichlet values, (N,), ghosts included; the same in every step.
        fixed_values: these values at all nodes, (N,) or (N, k); None for 0.
    """

    variable: str
    terms: Mapping[str, Term]
    storage: Array | float = 1.0
    fixed: Mask | None = None
    fixed_values: Array | None = None


def total(terms: Mapping[str, Array]) -> Array:
    """Sum of named nodal sums, (N,)."""
    return np.asarray(np.sum(list(terms.values()), axis=0))
