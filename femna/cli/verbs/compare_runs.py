"""femna compare: runs side by side."""

from __future__ import annotations

import argparse

from femna.cli.verb import Verb


def run(args: argparse.Namespace) -> None:
    """Write the figures and the table of several runs, and print the table.

    Args:
        args: the arguments of the command line.
    """
    from femna.render import compare

    compare(args.directories, args.output)


def directories(parser: argparse.ArgumentParser) -> None:
    """Add DIR.., the run folders.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("directories", metavar="DIR", nargs="+", help="run folders")


def comparison_folder(parser: argparse.ArgumentParser) -> None:
    """Add -o DIR.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("-o", "--output", metavar="DIR", required=True, help="folder of figure and table")


VERB = Verb("compare", "runs side by side: one figure, one table", 80, (directories, comparison_folder), run)
