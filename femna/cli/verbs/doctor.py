"""femna doctor: what this machine has and lacks."""

from __future__ import annotations

import argparse

from femna.cli.verb import Verb


def run(args: argparse.Namespace) -> int:
    """Print the report on this machine, or the licences of the packages.

    Args:
        args: the arguments of the command line.

    Returns:
        The exit code: 0, or 3 where something is lacking without which femna does not run.
    """
    if args.licences:
        from femna.cli import licences

        licences.report()
        return 0
    from femna.cli.machine import report

    return report()


def licences(parser: argparse.ArgumentParser) -> None:
    """Add --licences.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("--licences", action="store_true", help="the licences of the packages that femna needs")


VERB = Verb("doctor", "what this machine has and lacks", 100, (licences,), run)
