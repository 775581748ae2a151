"""What a verb of the command line declares, and how the verbs are found."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from femna.cli import verbs

type AddArgument = Callable[[argparse.ArgumentParser], None]
"""Adds one argument to the parser of a verb."""


@dataclass(frozen=True)
class Verb:
    """One command: `femna NAME ...`.

    Args:
        name: the word on the command line.
        help: what the command does, in one line.
        order: place in the list of commands, lowest first.
        arguments: functions that add the arguments to the parser of the verb, in this order.
        run: executes the verb; returns its exit code, or None for 0. The namespace also holds `command`, the list of
            words of the whole command line.
    """

    name: str
    help: str
    order: int
    arguments: tuple[AddArgument, ...]
    run: Callable[[argparse.Namespace], int | None]


def find_verbs() -> list[Verb]:
    """Import every module of femna.cli.verbs and collect what it declares as `VERB`.

    Returns:
        The verbs in the order of the list of commands.
    """
    modules = (
        importlib.import_module(f"{verbs.__name__}.{found.name}") for found in pkgutil.iter_modules(verbs.__path__)
    )
    return sorted((module.VERB for module in modules), key=lambda verb: verb.order)
