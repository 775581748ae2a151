"""Docstrings of femna are plain text; this makes of them what Sphinx reads, before napoleon sorts their sections."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

CODE = re.compile(r"`[^`\n]+`")


def plain(text: str) -> str:
    """Text without code in which nothing is markup: |grad p|, *, and an underscore at the end of a word."""
    text = re.sub(r"([|*])", r"\\\1", text)
    return re.sub(r"_(?!\w)", r"\\_", text)


def prepare(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """One docstring: single backticks to code, all else to plain text."""
    for number, line in enumerate(lines):
        codes = CODE.findall(line)
        argument = re.match(r" *\*{1,2}\w+: ", line)
        kept = argument[0] if argument else ""
        texts = [plain(part) for part in CODE.split(line[len(kept) :])]
        lines[number] = kept + "".join(
            a + b for a, b in zip(texts, [*(f"`{code}`" for code in codes), ""], strict=True)
        )


def signature(app: Sphinx, what: str, name: str, obj: Any, options: Any, shown: str, returned: str) -> Any:
    """None for a table of the case file, which nobody calls and whose keys have a page of their own."""
    return ("", None) if isinstance(obj, type) and issubclass(obj, BaseModel) else None


def setup(app: Sphinx) -> ExtensionMetadata:
    """Sphinx's entry point."""
    app.connect("autodoc-process-docstring", prepare, priority=100)
    app.connect("autodoc-process-signature", signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
