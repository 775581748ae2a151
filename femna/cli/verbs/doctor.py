"""femna doctor: what this machine has and lacks."""

from __future__ import annotations

import argparse

from femna.cli.verb import Verb


def run(_: argparse.Namespace) -> int:
    """Print the report on this machine.

    Args:
        _: the arguments of the command line, of which there are none.

    Returns:
        The exit code: 0, or 3 where something is lacking without which femna does not run.
    """
    from femna.cli.machine import report

    return report()


VERB = Verb("doctor", "what this machine has and lacks", 100, (), run)
