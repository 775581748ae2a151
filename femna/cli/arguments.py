"""Arguments that several verbs share. Each function adds one to the parser of a verb."""

from __future__ import annotations

import argparse

from femna.runtime.voice import LEVELS


def case(parser: argparse.ArgumentParser) -> None:
    """Add CASE, a shipped case or a file.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("case", metavar="CASE", help="a shipped case's name, or a path to a .toml file")


def directory(parser: argparse.ArgumentParser) -> None:
    """Add DIR, one run folder.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("directory", metavar="DIR", help="a run folder")


def json_output(parser: argparse.ArgumentParser) -> None:
    """Add --json.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("--json", action="store_true", help="print JSON")


def sets(parser: argparse.ArgumentParser, text: str = "change a key (repeatable)") -> None:
    """Add --set K=V, which may be repeated; the namespace holds the texts as the list `sets`.

    Args:
        parser: the parser of the verb.
        text: the help.
    """
    parser.add_argument("--set", metavar="K=V", action="append", default=[], dest="sets", help=text)


def log_level(parser: argparse.ArgumentParser) -> None:
    """Add --quiet and --log-level.

    Args:
        parser: the parser of the verb; the namespace holds the level as `log_level`.
    """
    levels = parser.add_mutually_exclusive_group()
    text = "what to say: debug (log.txt too), info (the default), warning, error"
    levels.add_argument("--log-level", metavar="LEVEL", choices=LEVELS, default="info", help=text)
    levels.add_argument(
        "--quiet", dest="log_level", action="store_const", const="error", default="info", help="say nothing but errors"
    )
