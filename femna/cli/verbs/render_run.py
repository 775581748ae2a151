"""femna render: pictures of a run."""

from __future__ import annotations

import argparse

from femna.cli import arguments
from femna.cli.verb import Verb


def run(args: argparse.Namespace) -> None:
    """Draw the pictures of a run and print their paths.

    Args:
        args: the arguments of the command line.
    """
    from femna.quantities import seconds
    from femna.render import render

    time = None if args.time is None else seconds(args.time, "--time")
    for path in render(args.directory, args.output, time=time, movie=args.movie) or ():
        print(path)


def figures(parser: argparse.ArgumentParser) -> None:
    """Add -o DIR.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("-o", "--output", metavar="DIR", help="folder of the pictures (DIR/figures)")


def time(parser: argparse.ArgumentParser) -> None:
    """Add --time T.

    Args:
        parser: the parser of the verb.
    """
    text = 'simulated time: "30 s", or a number of seconds (the last output)'
    parser.add_argument("--time", metavar="T", help=text)


def movie(parser: argparse.ArgumentParser) -> None:
    """Add --movie.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("--movie", action="store_true", help="a movie too")


VERB = Verb("render", "pictures from a run folder", 70, (arguments.directory, figures, time, movie), run)
