"""femna summary: the numbers of a run."""

from __future__ import annotations

import argparse

from femna.cli import arguments
from femna.cli.printing import new_table, print_json, show
from femna.cli.verb import Verb


def run(args: argparse.Namespace) -> None:
    """Print the summary of a finished, running or interrupted run.

    Args:
        args: the arguments of the command line.
    """
    from femna.analysis.runs import open_run
    from femna.analysis.verdict import verdict_lines

    values = open_run(args.directory).summary()
    if args.json:
        print_json(values)
        return
    table = new_table("quantity", "value")
    for key, value in values.items():
        text = "-" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
        table.add_row(key, text)
    show(table)
    for line in verdict_lines(values):
        print(line)


VERB = Verb("summary", "the numbers of a run", 60, (arguments.directory, arguments.json_output), run)
