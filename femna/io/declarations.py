"""Declarations of fields and columns as a manifest stores them: one JSON object each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, asdict, fields
from typing import TYPE_CHECKING

from femna.columns import Column
from femna.fields import Field

if TYPE_CHECKING:
    type Declaration = Field | Column


def as_json(declarations: Iterable[Declaration]) -> list[dict[str, object]]:
    """Declarations as JSON holds them.

    Args:
        declarations: fields or columns.

    Returns:
        One dictionary for each, with every attribute by its name.
    """
    return [asdict(declaration) for declaration in declarations]


def read_fields(stored: object) -> tuple[Field, ...]:
    """Fields from a manifest.

    Args:
        stored: what the manifest holds under `fields`.

    Returns:
        The fields that are declared there; objects that declare none are left out.
    """
    return tuple(
        Field(**{**values, "limits": _pair(values.get("limits"))})  # type: ignore[arg-type]
        for values in _objects(stored, Field)
    )


def read_columns(stored: object) -> tuple[Column, ...]:
    """Columns from a manifest.

    Args:
        stored: what the manifest holds under `columns`.

    Returns:
        The columns that are declared there; objects that declare none are left out.
    """
    return tuple(Column(**values) for values in _objects(stored, Column))  # type: ignore[arg-type]


def undeclared_field(key: str) -> Field:
    """What is known of a stored field that nothing declares.

    Args:
        key: name of the stored array.

    Returns:
        A field in the unit that it is stored in, with the name as its label.
    """
    return Field(key, key, "", "", "", 1.0, colour_map="viridis")


def undeclared_column(name: str) -> Column:
    """What is known of a column that nothing declares.

    Args:
        name: name in the header.

    Returns:
        A column of numbers without a key in the summary.
    """
    return Column(name, "")


def _objects(stored: object, kind: type[Declaration]) -> list[dict[str, object]]:
    """The stored objects that hold what a declaration needs, without attributes that this femna does not know."""
    known = {field.name for field in fields(kind)}
    needed = {field.name for field in fields(kind) if field.default is MISSING}
    listed: Sequence[object] = stored if isinstance(stored, list) else ()
    return [
        {name: value for name, value in item.items() if name in known}
        for item in listed
        if isinstance(item, Mapping) and needed <= set(item)
    ]


def _pair(limits: object) -> tuple[float, float] | None:
    if isinstance(limits, Sequence) and len(limits) == 2:
        return float(limits[0]), float(limits[1])
    return None
