"""The models by name, the processes that a case switches on, and what they declare."""

from __future__ import annotations

import sys
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from femna.case.keys import KeyProblem
from femna.contract.diagnostic import Diagnostic
from femna.contract.models import Model
from femna.contract.plugin_checks import check_class, check_columns
from femna.contract.process import Process, process_keys
from femna.contract.variables import Variable
from femna.errors import BadInput
from femna.fields import Field
from femna.mechanics.stack_mechanics import StackMechanics
from femna.models.single_potential import SinglePotential
from femna.models.two_potential import TwoPotential
from femna.quantities import closest

if TYPE_CHECKING:
    from femna.case.model import Case
    from femna.mesh.grid import Grid

MODELS: dict[str, type[Model]] = {model.name: model for model in (SinglePotential, TwoPotential)}
TAKEN_NAMES = ("material",)
"""Names of arrays that every output has besides the fields of the processes."""

PLUGINS = "femna.plugins"
"""Group of entry points: modules of other packages that register processes and diagnostics when they are imported."""

_processes: list[type[Process]] = []
_diagnostics: list[type[Diagnostic]] = []


def register_process(process: type[Process]) -> None:
    """Make a process known, which is then part of every model whose case switches it on.

    Args:
        process: its class; its table of keys, if it has one, is then known to case files as [processes.NAME].

    Raises:
        ValueError: there is another process of that name, or the class lacks something.
    """
    check_class(process, "process")
    if any(known.name == process.name and known is not process for known in _processes):
        raise ValueError(f"there is a process '{process.name}' already")
    if process not in _processes:
        _processes.append(process)


def register_diagnostic(diagnostic: type[Diagnostic]) -> None:
    """Make a diagnostic known, whose columns then stand in the history of every run for which it is active.

    Args:
        diagnostic: its class.

    Raises:
        ValueError: the class lacks something.
        BadInput: a column that it declares cannot stand in a header.
    """
    check_class(diagnostic, "diagnostic")
    check_columns(diagnostic, diagnostic.columns)
    if diagnostic not in _diagnostics:
        _diagnostics.append(diagnostic)


def load_plugins() -> None:
    """Import the modules that other packages name as entry points of femna; each once.

    Raises:
        BadInput: one of them cannot be imported.
    """
    _load_plugins(tuple(sys.path))


@cache
def _load_plugins(_path: tuple[str, ...]) -> None:
    """As `load_plugins`; the packages are looked through again only where Python looks in other folders."""
    for entry in metadata.entry_points(group=PLUGINS):
        try:
            entry.load()
        except Exception as error:
            package = entry.dist.name if entry.dist is not None else "a package"
            text = f"{package}: its entry point {entry.name} = {entry.value} of {PLUGINS} cannot be loaded"
            raise BadInput(f"{text} ({type(error).__name__}: {error})") from error


def registered_processes() -> tuple[type[Process], ...]:
    """The processes of other packages, in the order of their registration."""
    load_plugins()
    return tuple(_processes)


def registered_diagnostics() -> tuple[type[Diagnostic], ...]:
    """The diagnostics of other packages, in the order of their registration."""
    load_plugins()
    return tuple(_diagnostics)


def added_processes(case: Case) -> tuple[type[Process], ...]:
    """The processes that a case adds to its model. Raises KeyProblem for a table that no process has."""
    known = registered_processes()
    for name in case.processes:
        names = [process.name for process in known]
        if name not in names:
            allowed = ", ".join(names) or "none, for no process is registered"
            raise KeyProblem(("processes", name), "is no known process", allowed, closest(name, names))
    kinds: tuple[type[Process], ...] = (StackMechanics, *known)
    active = tuple(process for process in kinds if process.is_active(case))
    for process in active:
        if process.keys is not None:
            process_keys(case, process, process.keys)
    return active


def declared_variables(case: Case) -> tuple[Variable, ...]:
    """The variables of a case, in the order in which they are stored. Raises KeyProblem."""
    found: dict[str, Variable] = {}
    added = added_processes(case)
    for process in (*MODELS[case.model].process_types(case), *added):
        for variable in process.declare(case):
            if variable.name in (*found, *TAKEN_NAMES) and process in added:
                raise KeyProblem(("processes", process.name), f"declares the field '{variable.name}', which is taken")
            for layer in variable.layers:
                if layer not in case.layer_names:
                    text = f"declares the field '{variable.name}' in the layer '{layer}', which is not there"
                    near = closest(layer, case.layer_names)
                    raise KeyProblem(("processes", process.name), text, ", ".join(case.layer_names), near)
            found[variable.name] = variable
    return tuple(found.values())


def output_fields(case: Case) -> tuple[Field, ...]:
    """The fields that a run of a case can store. Raises KeyProblem."""
    return tuple(variable.field for variable in declared_variables(case) if variable.is_output)


def properties_read(case: Case, layer_name: str) -> tuple[str, ...]:
    """The properties of a layer's material on which a run depends, each once. Raises KeyProblem."""
    types = (*MODELS[case.model].process_types(case), *added_processes(case))
    return tuple(dict.fromkeys(key for process in types for key in process.properties_read(case, layer_name)))


def properties_used(case: Case, layer_name: str) -> frozenset[str]:
    """The properties of a layer's material that a run reads, those included that need not be given.

    Raises KeyProblem.
    """
    types = (*MODELS[case.model].process_types(case), *added_processes(case))
    optional = (key for process in types for key in process.optional_properties(case, layer_name))
    return frozenset((*properties_read(case, layer_name), *optional))


def keys_read(case: Case) -> frozenset[str]:
    """The dotted keys, or tables, that the model of a case and its processes declare that they read.

    Raises KeyProblem.
    """
    model = MODELS[case.model]
    types = (*model.process_types(case), *added_processes(case))
    return frozenset((*model.keys_read(case), *(key for process in types for key in process.keys_read(case))))


def build_added_processes(case: Case, grid: Grid) -> tuple[Process, ...]:
    """The processes that a case adds to its model, on a grid. Collective. Raises BadInput."""
    return tuple(process.build(case, grid) for process in added_processes(case))
