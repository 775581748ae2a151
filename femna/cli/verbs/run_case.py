"""femna run: from a case to a run folder."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from femna.cli import arguments
from femna.cli.verb import Verb
from femna.launcher import started_by


def run(args: argparse.Namespace) -> None:
    """Run a case; collective under MPI.

    Args:
        args: the arguments of the command line.
    """
    from femna.validation.load import load_case

    if started_by(os.environ) is None:
        case = load_case(args.case, args.sets)  # bad input is told before PETSc and MPI are loaded
    else:
        # a rank on which it fails must not leave the others waiting for it
        from femna.parallel import MPI
        from femna.runtime.ranks import abort_on_error, on_every_rank

        with abort_on_error(MPI.COMM_WORLD):
            case = on_every_rank(MPI.COMM_WORLD, lambda: load_case(args.case, args.sets))
    from femna.runtime.run import run

    directory = Path("runs", case.name) if args.output is None else Path(args.output)
    run(case, directory, force=args.force, command=args.command, log_level=args.log_level)


def run_folder(parser: argparse.ArgumentParser) -> None:
    """Add -o DIR.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("-o", "--output", metavar="DIR", help="the run folder (runs/CASE)")


def force(parser: argparse.ArgumentParser) -> None:
    """Add --force.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("--force", action="store_true", help="clear a run folder that is not empty")


VERB = Verb(
    "run",
    "run a case, also under mpirun",
    40,
    (arguments.case, arguments.sets, run_folder, force, arguments.log_level),
    run,
)
