"""Texts on terminals that have not all characters."""

from __future__ import annotations

import io

import pytest

from femna.io.terminal import console, make_printable, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [("5 µm, 2 cm⁻²", "5 um, 2 cm-2"), ("Ångström", "Angstrom"), ("日", "?"), ("\udcff", "?"), ("[b]", "[b]")],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_name_of_broken_bytes_is_printed_on_any_terminal() -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="utf-8")
    make_printable(stream)
    print("µ\udcff", file=stream, flush=True)
    assert written.getvalue().decode() == "µ?\n"


def test_nothing_is_parsed() -> None:
    stream = io.StringIO()
    console(stream, width=60).print("cell [/2] [red] :smile:")
    assert stream.getvalue() == "cell [/2] [red] :smile:\n"
