"""Entry point of the command line: parses the arguments, runs the verb, turns errors into one line and an exit code.

Exit codes: 0 done, 2 bad input, 3 the solver or the machine could not go on, 128 + n after signal n.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from femna.cli.verb import find_verbs
from femna.errors import BadInput, CannotGoOn, FemnaError
from femna.io.terminal import make_printable
from femna.launcher import is_first_rank

INTERRUPTED = 130
"""Exit code after Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. An error is printed once, by rank 0, without a traceback.

    Args:
        argv: the words after `femna`; those of the process by default.

    Returns:
        The exit code.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        make_printable(stream)
    try:
        arguments = make_parser().parse_args(words)
        arguments.command = ["femna", *words]
        code = arguments.run_verb(arguments)
        sys.stdout.flush()
        return int(code or 0)
    except FemnaError as error:
        if is_first_rank(os.environ):
            text = " ".join(str(error).split()) if isinstance(error, BadInput) else str(error)
            print(f"femna: {text}", file=sys.stderr, flush=True)
        return error.exit_code
    except BrokenPipeError:  # the reader of a pipe has gone, as in `femna list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # of a file that nobody guards, or of the standard output on a full disk
        where = "the standard output" if error.filename is None else error.filename
        if error.filename is None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"femna: {where}: {error.strerror or error}", file=sys.stderr, flush=True)
        return CannotGoOn.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


def make_parser() -> argparse.ArgumentParser:
    """The parser of the command line, with one sub-parser a verb."""
    verbs = find_verbs()
    parser = _Parser(
        prog="femna", description="Electrodeposition of sodium and other metals at solid-electrolyte interphases."
    )
    parser.commands = [verb.name for verb in verbs]
    parser.add_argument("--version", action=_PrintVersion, nargs=0, help="show program's version number and exit")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    for verb in verbs:
        sub = subparsers.add_parser(verb.name, help=verb.help, description=verb.help, allow_abbrev=False)
        sub.set_defaults(run_verb=verb.run)
        for add_argument in verb.arguments:
            add_argument(sub)
    return parser


class _PrintVersion(argparse.Action):
    """Prints the version, which is looked up only then, and ends the program."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from femna.io.package_versions import femna_version

        print(f"femna {femna_version()}")
        parser.exit()


class _Parser(argparse.ArgumentParser):
    """A parser that reports an error as one line of bad input, with the closest command where one was misspelt."""

    commands: Sequence[str] = ()

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End the program when its help or version is out, while a full disk can still be told."""
        sys.stdout.flush()
        super().exit(status, message)

    def error(self, message: str) -> NoReturn:
        """Report an error as bad input.

        Args:
            message: what argparse says is wrong.

        Raises:
            BadInput: always.
        """
        found = re.search(r"invalid choice: '([^']*)'", message)
        near = difflib.get_close_matches(found[1], self.commands, 1, 0.0) if found else []
        raise BadInput(f"{message}; {f'closest: {near[0]}; ' if near else ''}see: {self.prog} --help")
