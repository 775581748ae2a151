"""The materials of a case: values of the library with those of the case over them, each with its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from femna.case.tables import OpenSection
from femna.materials import PROPERTIES, MaterialProperty
from femna.quantities import Quantity, shown

Provenance = Literal["measured", "derived", "assumed", "user"]


@dataclass(frozen=True)
class Value:
    """A value of a property.

    Args:
        value: SI.
        source: where it comes from, in words.
        provenance: how it is known.
        low, high: what publications give, SI; None where nothing is said. The value may lie outside: its source tells
            why.
    """

    value: float
    source: str
    provenance: Provenance
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class PropertyReader:
    """Reads a bare value, or a table {value, source, provenance}, as a `Value`."""

    quantity: Quantity

    @property
    def allowed(self) -> str:
        """What an error says is allowed."""
        return f"{self.quantity.allowed}, or a table of value, source, provenance, low and high"

    def read(self, given: Any) -> Value:
        """The value of a table, or of a bare value, which is recorded as the user's.

        Raises:
            ValueError: the value is out of bounds, or the table has another form; the message says what is allowed.
        """
        if not isinstance(given, dict):
            return Value(self.quantity.read(given), "given in the case", "user")
        if "value" not in given:
            raise ValueError(f"has no value; allowed: {self.allowed}")
        source, provenance = given.get("source", ""), given.get("provenance", "user")
        if not isinstance(source, str):
            raise ValueError(f"has the source {shown(source)}; allowed: text")
        if provenance not in get_args(Provenance):
            raise ValueError(f"has the provenance {shown(provenance)}; allowed: {', '.join(get_args(Provenance))}")
        if unknown := given.keys() - {"value", "source", "provenance", "low", "high"}:
            raise ValueError(
                f"has the unknown key {shown(min(unknown))}; allowed: value, source, provenance, low, high"
            )
        low, high = (self.quantity.read(given[key]) if key in given else None for key in ("low", "high"))
        return Value(self.quantity.read(given["value"]), source, provenance, low, high)

    def write(self, value: Value | None) -> dict[str, Any] | None:
        """The table that reads back to the same value."""
        if value is None:
            return None
        bounds = {key: self.quantity.write(getattr(value, key)) for key in ("low", "high") if getattr(value, key)}
        table = {"value": self.quantity.write(value.value), "source": value.source, "provenance": value.provenance}
        return table | bounds

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(self.write, when_used="json")
        )


class Material(OpenSection):
    """The properties of a material, None where nothing is known. They hold at `reference_temperature`.

    Its keys are the properties that `femna.materials` declares.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Value | None: ...

    @classmethod
    def declared(cls) -> tuple[MaterialProperty, ...]:
        """The declared properties."""
        return tuple(PROPERTIES.values())

    @classmethod
    def fields(cls) -> dict[str, tuple[Any, Any]]:
        """A key for each."""
        return {
            name: (Annotated[Value | None, PropertyReader(declared.quantity)], None)
            for name, declared in PROPERTIES.items()
        }

    def get(self, name: str) -> Value | None:
        """The value of a property, None where it is not known or not declared."""
        value: Value | None = getattr(self, name) if name in type(self).model_fields else None
        return value

    def values(self) -> Iterator[tuple[str, Value]]:
        """The known properties, by name."""
        for name in type(self).model_fields:
            if (value := self.get(name)) is not None:
                yield name, value
