"""What a user has named is shown as it is by every verb: no markup, no emoji, no formula, on any terminal."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

import femna
from femna.cli import main

from .launch import small

pytestmark = pytest.mark.serial

NAME = "_cell [/2] [red] :smile: $\\frac{$ µm"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two short runs whose names and folders are full of what terminals and pictures could take for commands."""
    parent = tmp_path_factory.mktemp("text")
    made = [parent / "trial [red]", parent / "trial [/x] µ"]
    for folder in made:
        case = small(1, "numerics.max_steps=2", f"name='{NAME}'", "title='[bold]a[/] title'")
        femna.run(case, folder)
    return made


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_every_verb_shows_names_as_they_are(
    encoding: str, folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(terminal, encoding=encoding))  # strict, as Python opens it
    commands = [
        ["summary", str(folders[0])],
        ["compare", *map(str, folders), "-o", str(tmp_path)],
        ["check", str(folders[0] / "case.toml")],
        ["render", str(folders[1])],
        ["list"],
        ["audit"],
        ["resume", str(folders[1]), "--set", "numerics.max_steps=3"],
    ]
    for words in commands:
        assert main(words) == 0
    sys.stdout.flush()
    shown = terminal.getvalue().decode(encoding)
    assert "_cell [/2] [red] :smile: $\\frac{$" in shown
    assert "trial [red]" in shown  # two runs of one name go by their folders
    assert "trial [/x]" in shown
    assert ("um" if encoding == "ascii" else "µm") in shown
    assert {path.name for path in tmp_path.iterdir()} >= {"growth.png", "profiles.png", "comparison.csv"}


def test_a_user_may_choose_what_stands_for_a_missing_character(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii", errors="xmlcharrefreplace"))
    assert main(["audit"]) == 0
    sys.stdout.flush()
    assert b"&#" in written.getvalue()
