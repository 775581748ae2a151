"""Materials as a case sees them: the library's values with the case's own over them, each with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from femna.quantities import HIGHEST_BARRIER, TEMPERATURES, Quantity, shown

TEMPERATURE = Quantity("K", at_least=TEMPERATURES[0], at_most=TEMPERATURES[1])

Provenance = Literal["measured", "derived", "assumed", "user"]


@dataclass(frozen=True)
class Value:
    """A property's SI value, its source in words, and how it is known."""

    value: float
    source: str
    provenance: Provenance


@dataclass(frozen=True)
class Property:
    """Reads a bare value, or a table {value, source, provenance}, as a `Value`."""

    quantity: Quantity

    @property
    def allowed(self) -> str:
        """What an error says is allowed."""
        return f"{self.quantity.allowed}, or a table of value, source and provenance"

    def read(self, given: Any) -> Value:
        """A bare value is recorded as the user's. Raises ValueError."""
        if not isinstance(given, dict):
            return Value(self.quantity.read(given), "given in the case", "user")
        if "value" not in given:
            raise ValueError(f"has no value; allowed: {self.allowed}")
        source, provenance = given.get("source", ""), given.get("provenance", "user")
        if not isinstance(source, str):
            raise ValueError(f"has the source {shown(source)}; allowed: text")
        if provenance not in get_args(Provenance):
            raise ValueError(f"has the provenance {shown(provenance)}; allowed: {', '.join(get_args(Provenance))}")
        if unknown := given.keys() - {"value", "source", "provenance"}:
            raise ValueError(f"has the unknown key {shown(min(unknown))}; allowed: value, source, provenance")
        return Value(self.quantity.read(given["value"]), source, provenance)

    def write(self, value: Value | None) -> dict[str, Any] | None:
        """The table that reads back to the same value."""
        if value is None:
            return None
        return {"value": self.quantity.write(value.value), "source": value.source, "provenance": value.provenance}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(self.write, when_used="json")
        )


class Material(BaseModel):
    """The properties of a material, None where nothing is known. They hold at `reference_temperature`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    diffusivity: Annotated[Value | None, Property(Quantity("m^2/s", above=0))] = None
    anion_diffusivity: Annotated[Value | None, Property(Quantity("m^2/s", above=0))] = None
    transference_number: Annotated[Value | None, Property(Quantity("", above=0, at_most=1))] = None
    ionic_conductivity: Annotated[Value | None, Property(Quantity("S/m", above=0))] = None
    electronic_conductivity: Annotated[Value | None, Property(Quantity("S/m", at_least=0))] = None
    concentration: Annotated[Value | None, Property(Quantity("mol/m^3", above=0))] = None
    molar_volume: Annotated[Value | None, Property(Quantity("m^3/mol", above=0))] = None
    activation_energy: Annotated[Value | None, Property(Quantity("J/mol", at_least=0, at_most=HIGHEST_BARRIER))] = None
    reference_temperature: Annotated[Value | None, Property(TEMPERATURE)] = None
    sodium_capacity: Annotated[Value | None, Property(Quantity("mol/m^3", above=0))] = None
    sodium_potential: Annotated[Value | None, Property(Quantity("V"))] = None
    uptake_exchange_current: Annotated[Value | None, Property(Quantity("A/m^3", above=0))] = None
    youngs_modulus: Annotated[Value | None, Property(Quantity("Pa", above=0))] = None
    poisson_ratio: Annotated[Value | None, Property(Quantity("", above=-1, at_most=0.5))] = None

    def values(self) -> Iterator[tuple[str, Value]]:
        """The known properties, by name."""
        for key in type(self).model_fields:
            if (value := getattr(self, key)) is not None:
                yield key, value
