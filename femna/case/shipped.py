"""The shipped cases in a line each; loads nothing that reads a case, so that a list of them is there at once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CASES = Path(__file__).resolve().parents[1] / "cases"
"""Folder of the shipped cases."""


@dataclass(frozen=True)
class CaseInfo:
    """A shipped case in one line.

    Args:
        name: by which it is called.
        title: what it is.
        source: where its numbers come from.
        minutes: typical duration of a run on two cores, 0 where it is not said.
    """

    name: str
    title: str
    source: str
    minutes: float


def shipped_cases() -> list[CaseInfo]:
    """The shipped cases in the order of their names; what one does not say is that of the shipped case it extends."""
    return [_info(path) for path in sorted(CASES.glob("*.toml"))]


def _info(path: Path) -> CaseInfo:
    said: dict[str, Any] = {}
    ancestor: Path | None = path
    while ancestor is not None:
        data = tomllib.loads(ancestor.read_text(encoding="utf-8"))
        said = data | said
        ancestor = CASES / f"{data['extends']}.toml" if "extends" in data else None
    return CaseInfo(path.stem, said.get("title", ""), said.get("source", ""), said.get("minutes", 0.0))
