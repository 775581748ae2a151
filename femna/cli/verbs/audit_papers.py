"""femna audit: the numbers of the two papers against those of femna."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from femna.cli import arguments
from femna.cli.printing import print_json
from femna.cli.verb import Verb


def run(args: argparse.Namespace) -> None:
    """Print every number of the papers, what femna gives for it, and the verdict.

    Args:
        args: the arguments of the command line.
    """
    from femna.audit import show, table

    rows = table(args.runs)
    if args.json:
        print_json([asdict(row) for row in rows])
        return
    show(rows)


def runs(parser: argparse.ArgumentParser) -> None:
    """Add --runs DIR.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("--runs", metavar="DIR", help="a folder with finished runs of shipped cases")


VERB = Verb("audit", "the two papers' numbers against femna's", 90, (runs, arguments.json_output), run)
