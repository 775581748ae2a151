"""What the user gave of a case: keys of their own files and settings, not those of a shipped case that they extend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]


@dataclass(frozen=True)
class GivenKeys:
    """The keys that the user gave. It is no part of what a case says: any two are equal.

    Args:
        paths: of values that the user's own files, or settings, hold.
        outside: files that the user's case file makes femna read from outside its own folder, in words.
        overlaid: paths of the user's values that the overlay of a shipped case replaced, with the key that did.
    """

    paths: frozenset[Path] = field(default=frozenset(), compare=False)
    outside: tuple[str, ...] = field(default=(), compare=False)
    overlaid: Mapping[Path, str] = field(default_factory=dict, compare=False)


def values(data: dict[str, Any], path: Path = ()) -> Iterator[Path]:
    """The paths of the values in `data`, each below `path`; a material's {value, ..} counts as one."""
    for key, value in data.items():
        if isinstance(value, dict) and "value" not in value:
            yield from values(value, (*path, key))
        else:
            yield (*path, key)
