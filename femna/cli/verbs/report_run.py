"""femna report: one page for a run."""

from __future__ import annotations

import argparse

from femna.cli import arguments
from femna.cli.verb import Verb


def run(args: argparse.Namespace) -> None:
    """Write the page of a run and print its path.

    Args:
        args: the arguments of the command line.
    """
    from femna.report import report

    print(report(args.directory, args.output))


def file(parser: argparse.ArgumentParser) -> None:
    """Add -o FILE.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("-o", "--output", metavar="FILE.html", help="the page (DIR/report.html)")


VERB = Verb(
    "report", "one self-contained page of a run: words, pictures, numbers", 75, (arguments.directory, file), run
)
