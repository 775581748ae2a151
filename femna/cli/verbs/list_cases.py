"""femna list: the shipped cases."""

from __future__ import annotations

import argparse

from femna.cli import arguments
from femna.cli.printing import new_table, print_json, show
from femna.cli.verb import Verb


def run(args: argparse.Namespace) -> None:
    """Print the shipped cases with their sources and typical minutes.

    Args:
        args: the arguments of the command line.
    """
    from femna.case.shipped import shipped_cases

    found = shipped_cases()
    if args.json:
        print_json([vars(case) for case in found])
        return
    table = new_table("case", "what", "source", "minutes")
    for case in found:
        table.add_row(case.name, case.title, case.source, f"{case.minutes:g}" if case.minutes else "")
    show(table)


VERB = Verb("list", "the shipped cases", 10, (arguments.json_output,), run)
