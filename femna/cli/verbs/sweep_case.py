"""femna sweep: many runs of one case, with keys that vary."""

from __future__ import annotations

import argparse
from pathlib import Path

from femna.cli import arguments
from femna.cli.verb import Verb


def run(args: argparse.Namespace) -> int:
    """Run a sweep, or write it for an engine.

    Args:
        args: the arguments of the command line.

    Returns:
        The exit code: 0 when all runs are finished, 3 when some are not.
    """
    from femna.sweep.run_sweep import SweepOptions, run_sweep

    options = SweepOptions(
        sets=args.sets,
        jobs=args.jobs,
        ranks=args.ranks,
        force=args.force,
        collect=args.collect,
        snakemake=args.snakemake,
        slurm=args.slurm,
    )
    return run_sweep(args.sweep, args.output, options)


def sweep_file(parser: argparse.ArgumentParser) -> None:
    """Add SWEEP.toml.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("sweep", metavar="SWEEP.toml", type=Path, help="base case and keys that vary")


def sweep_folder(parser: argparse.ArgumentParser) -> None:
    """Add -o DIR.

    Args:
        parser: the parser of the verb.
    """
    text = "folder of the sweep: runs/ID/, sweep.csv, figures/"
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, required=True, help=text)


def how_many(parser: argparse.ArgumentParser) -> None:
    """Add --jobs and --ranks.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("--jobs", metavar="N", type=int, help="runs at a time (as many as the cores allow)")
    parser.add_argument("--ranks", metavar="N", type=int, default=1, help="MPI ranks a run (1)")


def what_to_do(parser: argparse.ArgumentParser) -> None:
    """Add --force, --collect, --snakemake and --slurm.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("--force", action="store_true", help="make runs anew whose folder holds another case")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--collect", action="store_true", help="run nothing; table and pictures of what is there")
    text = "run nothing; write a Snakefile with one job a run"
    instead.add_argument("--snakemake", metavar="FILE", type=Path, help=text)
    text = "run nothing; write a script for an array job of Slurm"
    instead.add_argument("--slurm", metavar="FILE", type=Path, help=text)


VERB = Verb(
    "sweep",
    "many runs of a case with keys that vary: one table, pictures",
    85,
    (sweep_file, sweep_folder, arguments.sets, how_many, what_to_do),
    run,
)
