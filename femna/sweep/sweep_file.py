"""SWEEP.toml: the base case and the keys that vary, as a list of variations."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from femna.case.files import SHIPPED, find, parse
from femna.errors import BadInput
from femna.quantities import closest, shown
from femna.surfaces import file_keys
from femna.sweep.sampling import Range, latin_hypercube, read_range

TABLES = ("set", "grid", "zip", "sample")
"""Tables of the file: the same for all points; every combination; side by side; drawn from ranges."""
KEYS = ("base", *TABLES)
SAMPLE_KEYS = ("n", "method", "seed")
METHODS = ("lhs",)
LARGEST_COUNT = 100_000
"""Number of points beyond which a sweep is taken for a slip: their folders alone would fill a file system."""

Variation = dict[str, Any]
"""Dotted key -> value, as a case file has it: one point of a sweep."""


@dataclass(frozen=True)
class SweepFile:
    """What a file of a sweep says.

    Args:
        label: what errors call the file.
        base: the base case: a shipped name, or the path of a file.
        common: values that every point has over the base case.
        variations: the points, in the order of the file: the last key of the last table varies fastest.
    """

    label: str
    base: str
    common: Variation
    variations: tuple[Variation, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The dotted keys that vary."""
        return tuple(self.variations[0])


def read_sweep(path: Path) -> SweepFile:
    """Read the file of a sweep.

    Args:
        path: the file; a base case that it names by a path is relative to its folder.

    Raises:
        BadInput: the file cannot be read, or a key or a value of it is wrong.
    """
    label = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{label}: is not a text file; allowed: a TOML file") from None
    except OSError as error:
        raise BadInput(f"{label}: cannot be read ({error.strerror}); allowed: a sweep's TOML file") from None
    data = parse(text, label)
    for key in data:
        if key not in KEYS:
            raise BadInput(
                f"{label}: {key} is not a known key; allowed: {', '.join(KEYS)}; closest: {closest(key, KEYS)}"
            )
    base = data.get("base")
    if not isinstance(base, str):
        given = "is missing" if base is None else f"is {shown(base)}"
        raise BadInput(f"{label}: base {given}; allowed: a shipped case's name, or the path of a case file")
    try:
        base_file, base_label = find(base, path.parent)
    except BadInput as error:
        raise BadInput(f"{label}: base: {error}") from None
    tables = {name: _table(data, name, label) for name in TABLES}
    factors = [factor for factor in (_grid(tables["grid"], label), _zip(tables["zip"], label)) if factor]
    if sampled := _sample(tables["sample"], label):
        factors.append(sampled)
    if not factors:
        raise BadInput(f"{label}: nothing varies; allowed: a table [grid], [zip] or [sample] of dotted keys")
    _each_once([tables["set"], *(factor[0] for factor in factors)], label)
    variations = tuple(
        {key: value for part in parts for key, value in part.items()} for parts in itertools.product(*factors)
    )
    shipped = base_label.endswith(SHIPPED)
    return SweepFile(label, base if shipped else str(base_file), tables["set"], variations)


def flattened(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Dotted keys and values of a table: its keys may be quoted ("a.b" = ..) or TOML's own (a.b = ..).

    A table with a single `value`, as materials have it, or with `low` and `high`, is a value.

    Args:
        table: the table.
        path: its place.
    """
    for key, value in table.items():
        here = (*path, key)
        is_value = isinstance(value, dict) and (
            not isinstance(value.get("value", []), list | dict) or {"low", "high"} <= value.keys()
        )
        if isinstance(value, dict) and not is_value:
            yield from flattened(value, here)
        else:
            yield ".".join(here), value


def _table(data: Mapping[str, Any], name: str, label: str) -> Variation:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise BadInput(f"{label}: {name} is {shown(table)}; allowed: a table [{name}] of dotted keys")
    return {key: _anchored(key, value, Path(label).parent) for key, value in flattened(table)}


def _anchored(key: str, value: Any, folder: Path) -> Any:
    """A value with the files that it names relative to the folder of the sweep's file."""
    if key not in {f"surface.{name}" for name in file_keys()}:
        return value
    if isinstance(value, list):
        return [_anchored(key, one, folder) for one in value]
    return str((folder / value).resolve()) if isinstance(value, str) else value


def _each_once(tables: Sequence[Variation], label: str) -> None:
    """Raises BadInput for a key that two tables set."""
    seen: set[str] = set()
    for key in itertools.chain.from_iterable(tables):
        if key in seen:
            raise BadInput(f"{label}: {key} stands in two tables; allowed: each key once")
        seen.add(key)


def _lists(table: Variation, name: str, label: str) -> dict[str, list[Any]]:
    for key, values in table.items():
        if not isinstance(values, list) or not values:
            example = f'"{key}" = ["..", ".."]'
            raise BadInput(f"{label}: {name}: {key} is {shown(values)}; allowed: a list of values, {example}")
        twice = next((value for n, value in enumerate(values) if value in values[:n]), None)
        if twice is not None and name == "grid":
            raise BadInput(f"{label}: {name}: {key} has {shown(twice)} twice; allowed: each value once")
    return table


def _grid(table: Variation, label: str) -> list[Variation]:
    lists = _lists(table, "grid", label)
    count = 1
    for values in lists.values():
        count *= len(values)
    _bearable(count, "grid", label)
    if not lists:
        return []
    return [dict(zip(lists, values, strict=True)) for values in itertools.product(*lists.values())]


def _zip(table: Variation, label: str) -> list[Variation]:
    lists = _lists(table, "zip", label)
    lengths = {key: len(values) for key, values in lists.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{key} has {length}" for key, length in lengths.items())
        raise BadInput(f"{label}: zip: lists of different length ({listed}); allowed: as many values for every key")
    rows = [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]
    twice = next((row for n, row in enumerate(rows) if row in rows[:n]), None)
    if twice is not None:
        raise BadInput(f"{label}: zip: the same values stand twice ({twice}); allowed: each point once")
    return rows


def _sample(table: Variation, label: str) -> list[Variation]:
    if not table:
        return []
    method = table.pop("method", METHODS[0])
    if method not in METHODS:
        raise BadInput(f"{label}: sample: method is {shown(method)}; allowed: 'lhs', a latin hypercube; closest: 'lhs'")
    count = _whole(table, "n", None, label)
    seed = _whole(table, "seed", 0, label)
    if count < 1:
        raise BadInput(f"{label}: sample: n is {count}; allowed: a whole number from 1")
    _bearable(count, "sample", label)
    ranges: dict[str, Range] = {key: read_range(key, value, f"{label}: sample") for key, value in table.items()}
    if not ranges:
        raise BadInput(f'{label}: sample: no key varies; allowed: for example "temperature" = ["0 degC", "60 degC"]')
    return latin_hypercube(ranges, count, seed)


def _whole(table: Variation, key: str, default: int | None, label: str) -> int:
    given = table.pop(key, default)
    if given is None:
        raise BadInput(f"{label}: sample: {key} is missing; allowed: the number of points")
    if type(given) is not int or given < 0:
        raise BadInput(f"{label}: sample: {key} is {shown(given)}; allowed: a whole number")
    return int(given)


def _bearable(count: int, name: str, label: str) -> None:
    if count > LARGEST_COUNT:
        raise BadInput(f"{label}: {name}: {count} points; allowed: at most {LARGEST_COUNT}")
