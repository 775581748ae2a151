"""Runs side by side: the figures and the table of `femna compare`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from femna.analysis.comparison_table import TABLE_FILE, check, common_time, labels, show, table, write
from femna.analysis.runs import Run, open_run
from femna.io.terminal import console
from femna.render.comparison import draw


def compare(directories: Sequence[str | Path], out: str | Path) -> Path:
    """Compare runs: write the figures and `comparison.csv`, and print the table.

    Args:
        directories: at least two run folders of runs of the same dimension.
        out: folder of the figures and the table.

    Returns:
        The path of the table.

    Raises:
        BadInput: fewer than two runs, runs of different dimension, or a run with no history or fields yet.
    """
    return compare_runs([open_run(directory) for directory in directories], Path(out), console())


def compare_runs(runs: Sequence[Run], out: Path, console: Console) -> Path:
    """The same for runs that are open already.

    Args:
        runs: the runs.
        out: folder of the figures and the table.
        console: where the table is printed.

    Returns:
        The path of the table.

    Raises:
        BadInput: as `compare`.
    """
    check(runs)
    names = labels(runs)
    rows = table(runs, names)
    path = write(rows, out / TABLE_FILE)
    draw(runs, names, common_time(runs), out)
    show(rows, console)
    return path
