"""What is asked of processes and diagnostics of other packages, so that a slip in one is told in a line.

The arrays of a process are this rank's share, and a slip may show on one rank only: what is found there is told to all
ranks, which raise the same error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from femna.columns import Column
from femna.contract.terms import EdgeTerm, Equation, FormTerm, NodalTerm
from femna.contract.variables import Conserved, Variable
from femna.errors import BadInput

if TYPE_CHECKING:
    from femna.mesh.grid import Grid

BREAKS_A_TABLE = frozenset(',"\r\n')
"""Characters that the name of a column may not have, for they divide the history's header."""

FIELDS = ("fixed", "fixed_values")
"""Arrays of an equation in whose place one number does not do."""


def check_class(kind: type, what: str) -> None:
    """Ask that a class has all that it must define.

    Args:
        kind: the class.
        what: "process" or "diagnostic".

    Raises:
        ValueError: it has not.
    """
    missing = sorted(getattr(kind, "__abstractmethods__", ()))
    if what == "process" and not isinstance(getattr(kind, "name", None), str):
        missing.insert(0, "name")
    if missing:
        raise ValueError(f"the {what} {kind.__module__}.{kind.__qualname__} lacks {', '.join(missing)}")


def check_columns(kind: type, columns: Iterable[Column]) -> None:
    """Ask that the columns of a diagnostic can stand in a header.

    Args:
        kind: its class.
        columns: what it declares.

    Raises:
        BadInput: one cannot.
    """
    for column in columns:
        if BREAKS_A_TABLE & set(column.name):
            raise BadInput(
                f"the diagnostic {kind.__module__}.{kind.__qualname__} declares the column {column.name!r}; allowed in "
                "a name is all but commas, double quotes and line breaks"
            )


def check_conserved(parts: Iterable[Conserved]) -> None:
    """Ask that the parts of an amount, which add up, are in one unit.

    Args:
        parts: what all processes declare as conserved.

    Raises:
        BadInput: they are not.
    """
    units: dict[str, str] = {}
    for part in parts:
        unit = units.setdefault(part.quantity, part.unit)
        if unit != part.unit:
            raise BadInput(f"processes declare the conserved amount '{part.quantity}' in {unit} and in {part.unit}")


def check_initial(given: Mapping[str, Mapping[str, Any]], variables: Sequence[Variable], grid: Grid) -> None:
    """Ask that the values at the start are of declared variables and of their shapes. Collective.

    Args:
        given: name of a process -> what its `initial` returns.
        variables: all that are declared.
        grid: the mesh.

    Raises:
        BadInput: on every rank, what is wrong on the first one that finds anything.
    """
    known = {variable.name: variable for variable in variables}

    def problems() -> Iterator[str]:
        for process, fields in given.items():
            for name, values in fields.items():
                text = f"the process '{process}': what initial() gives for '{name}'"
                if name not in known:
                    yield f"{text} is of no declared variable; allowed: {', '.join(known)}"
                    continue
                shape = known[name].shape(grid)
                if np.shape(values) != shape:
                    yield f"{text} has the shape {np.shape(values)}; allowed: {_nodal(shape)}"

    _raise_on_all(grid, problems())


def check_equation(process: str, equation: Equation, variables: Sequence[Variable], grid: Grid) -> None:
    """Ask that an equation is of a declared variable, and that its terms fit the mesh. Collective.

    Args:
        process: name of the process that gives it.
        equation: the equation.
        variables: those of the process.
        grid: the mesh.

    Raises:
        BadInput: on every rank, what is wrong on the first one that finds anything.
    """
    by_name = {variable.name: variable for variable in variables}
    place = f"the process '{process}': "

    def problems() -> Iterator[str]:
        name = equation.variable
        if name not in by_name:
            yield f"{place}it gives an equation of '{name}', which it does not declare; declared: {', '.join(by_name)}"
            return
        is_vector = by_name[name].is_vector
        forms = [key for key, term in equation.terms.items() if isinstance(term, FormTerm)]
        if forms and len(equation.terms) > 1:
            yield f"{place}the equation of {name} has the form '{forms[0]}' beside other terms; a form stands alone"
        elif is_vector and not forms:
            yield f"{place}the equation of {name}, a vector, has terms by edges or nodes; allowed: a form"
        nodal = (grid.size, grid.dim) if is_vector else (grid.size,)
        for what, array, shape, allowed in _arrays(equation, nodal, grid):
            if np.shape(array) not in ((shape, ()) if what not in FIELDS else (shape,)):
                yield f"{place}{what} in the equation of {name} has the shape {np.shape(array)}; allowed: {allowed}"

    _raise_on_all(grid, problems())


def _arrays(equation: Equation, nodal: tuple[int, ...], grid: Grid) -> Iterator[tuple[str, Any, tuple[int, ...], str]]:
    """The arrays of an equation: what it is, the array, its shape, and the shape in words."""
    nodes = (grid.size,)
    yield "storage", equation.storage, nodes, _nodal(nodes)
    if equation.fixed is not None:
        yield "fixed", equation.fixed, nodes, _nodal(nodes)
    if equation.fixed_values is not None:
        yield "fixed_values", equation.fixed_values, nodal, _nodal(nodal)
    for name, term in equation.terms.items():
        if isinstance(term, EdgeTerm):
            edges = (len(grid.edges),)
            for part, values in (("p", term.p), ("q", term.q)):
                yield f"{part} of the term '{name}'", values, edges, f"{edges}, one value an edge"
        elif isinstance(term, NodalTerm):
            yield f"the volume of the term '{name}'", term.volume, nodes, _nodal(nodes)
            returned: Any = term.rate(np.zeros(nodes))
            if not isinstance(returned, tuple) or len(returned) != 2:
                pair = f"a pair, the rate and its derivative by the variable, of {nodes} each"
                yield f"what rate of the term '{name}' returns", returned, (2, *nodes), pair
                continue
            for part, values in zip(("the rate", "the derivative"), returned, strict=True):
                yield f"{part} of the term '{name}'", values, nodes, _nodal(nodes)


def _nodal(shape: tuple[int, ...]) -> str:
    return f"{shape}, one {'value' if len(shape) == 1 else 'vector'} a node, ghosts included"


def _raise_on_all(grid: Grid, problems: Iterator[str]) -> None:
    found = [text for text in grid.comm.allgather(next(problems, "")) if text]
    if found:
        raise BadInput(found[0])
