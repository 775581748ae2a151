"""How the command line prints tables and JSON."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from femna.io.terminal import console

if TYPE_CHECKING:
    from rich.table import Table

type Json = str | float | Sequence[Json] | Mapping[str, Json] | None
"""What JSON can hold; int and bool count as float."""

UNBROKEN_COLUMNS = ("case", "derived", "value")
"""Names of columns whose entries are never folded."""
PIPE_WIDTH = 160
"""Width of tables, in characters, where the output is a file or a pipe and has no width of its own."""


def new_table(*columns: str) -> Table:
    """An empty table.

    Args:
        columns: names of the columns.

    Returns:
        The table.
    """
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in UNBROKEN_COLUMNS)
    return table


def show(table: Table) -> None:
    """Print a table on the standard output.

    Args:
        table: the table.
    """
    console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)


def print_json(values: Json) -> None:
    """Print values as JSON; infinite numbers and nan, which JSON does not have, become null.

    Args:
        values: what to print.
    """
    print(json.dumps(finite(values), indent=2))


def finite(values: Json) -> Json:
    """Values without numbers that are not finite.

    Args:
        values: any values that JSON can hold.

    Returns:
        The same values with None in place of every such number.
    """
    if isinstance(values, Mapping):
        return {key: finite(value) for key, value in values.items()}
    if isinstance(values, tuple | list):
        return [finite(value) for value in values]
    return None if isinstance(values, float) and not math.isfinite(values) else values
