"""The gallery of the site: every picture of docs/ with the commands that make it and what they cost.

docs/figures/figures.toml says them; a picture that it does not name, or one that is not there, is an error.
"""

from __future__ import annotations

import tomllib
from typing import Any

import pages

TABLE = pages.DOCS / "figures" / "figures.toml"


def figures() -> list[dict[str, Any]]:
    """The entries of figures.toml: file, title, commands, cost, source (the page where the cost was measured).

    Raises:
        PageError: the table and the folders do not hold the same pictures.
    """
    entries: list[dict[str, Any]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["figure"]
    there = {file.relative_to(pages.DOCS).as_posix() for file in pages.DOCS.rglob("*.png")}
    wrong = sorted({entry["file"] for entry in entries} ^ there)
    if wrong:
        raise pages.PageError(f"figures.toml and the pictures of docs/ do not agree on {', '.join(wrong)}")
    return entries


def page() -> str:
    """The gallery, as if it stood in docs/."""
    text = "# Gallery\n\nEvery picture of these pages, the commands that make it, and what they cost.\n\n"
    for entry in figures():
        text += f"## {entry['title']}\n\n![{entry['title']}]({entry['file']})\n\n"
        text += f"```sh\n{entry['commands'].strip()}\n```\n\n"
        text += f"Cost: {entry['cost']} ([more of it]({entry['source']})).\n\n"
    return text
