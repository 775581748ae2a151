"""Text on a terminal: what a user has named is shown as it is, never parsed, whatever characters the terminal has."""

from __future__ import annotations

import codecs
import io
import sys
import unicodedata
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

PLAIN = {
    "µ": "u",
    "μ": "u",
    "·": " ",
    "⁻": "-",
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "x",
    "Ω": "Ohm",
    "°": "deg",
    "…": "...",
}
"""What stands in for a character that the terminal does not have; for others their basic letter, or "?"."""

ERRORS = "femna-plain"
"""Name of the handler of characters that an encoding does not have."""


def console(stream: TextIO | None = None, width: int | None = None) -> Console:
    """A console that prints texts as they are: no markup, no emoji codes, no colours of its own.

    Args:
        stream: where to; the standard output by default.
        width: width in characters; that of the terminal by default.

    Returns:
        The console.
    """
    from rich.console import Console

    stream = sys.stdout if stream is None else stream
    make_printable(stream)
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


def make_printable(stream: TextIO) -> None:
    """Let a stream replace what its encoding does not have, unless the user has chosen how.

    Args:
        stream: a standard stream; one that has no encoding of its own is left alone.
    """
    if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "backslashreplace"):
        stream.reconfigure(errors=ERRORS)


def plain(text: str) -> str:
    """A text in ASCII: "µm" as "um", "cm⁻²" as "cm-2", "é" as "e", and "?" for what has no such form."""
    return "".join(letter if letter.isascii() else _plain_letter(letter) for letter in text)


def _plain_letter(letter: str) -> str:
    basic = PLAIN.get(letter) or unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return basic or "?"


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return plain(error.object[error.start : error.end]), error.end


codecs.register_error(ERRORS, _replace)
