"""femna resume: go on with an interrupted run."""

from __future__ import annotations

import argparse
from pathlib import Path

from femna.cli import arguments
from femna.cli.verb import Verb


def run(args: argparse.Namespace) -> None:
    """Go on from the newest intact checkpoint; collective under MPI.

    Args:
        args: the arguments of the command line.
    """
    from femna.runtime.run import resume

    resume(Path(args.directory), args.sets, log_level=args.log_level)


def changeable_sets(parser: argparse.ArgumentParser) -> None:
    """Add --set for the keys that a resume may change.

    Args:
        parser: the parser of the verb.
    """
    arguments.sets(parser, "change a key of protocol, numerics (not its mesh) or output (repeatable)")


VERB = Verb(
    "resume",
    "go on from the newest intact checkpoint",
    50,
    (arguments.directory, changeable_sets, arguments.log_level),
    run,
)
