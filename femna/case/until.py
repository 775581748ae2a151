"""What ends a step of the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from femna.quantities import Quantity, value_error
from femna.units import UnitError, which_unit

UntilKind = Literal["time", "charge", "voltage", "height"]

ENDS: dict[UntilKind, Quantity] = {
    "time": Quantity("s", above=0),
    "charge": Quantity("C/m^2", above=0),
    "voltage": Quantity("V"),
    "height": Quantity("m", above=0),
}
"""What may end a step; its kind follows from the unit."""

NOUNS: dict[UntilKind, str] = {
    "time": "a duration",
    "charge": "a charge",
    "voltage": "a voltage",
    "height": "a height",
}
"""What errors call an end."""


@dataclass(frozen=True)
class Until:
    """The end of a step: a duration (s), a charge passed in the step (C/m^2), a voltage (V) or a metal height (m)."""

    kind: UntilKind
    value: float


class UntilText:
    """Reads and writes an end as a text with a unit; a bare number is a duration in seconds."""

    allowed = "a duration ('1 h'), a charge per area ('1 mAh/cm^2'), a voltage ('0.1 V') or a metal height ('20 um')"

    @classmethod
    def read(cls, given: Any) -> Until:
        """The end that a text with a unit, or a number of seconds, says. Raises ValueError."""
        kind: UntilKind = "time"
        if isinstance(given, str):
            try:
                unit = which_unit(given, [end.unit for end in ENDS.values()])
            except UnitError as error:
                raise value_error(given, cls.allowed, str(error)) from None
            if unit is None:
                raise value_error(given, cls.allowed)
            kind = next(kind for kind, end in ENDS.items() if end.unit == unit)
        return Until(kind, ENDS[kind].read(given))

    @classmethod
    def write(cls, until: Until) -> float | str:
        """The text that reads back to the same end."""
        return ENDS[until.kind].write(until.value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.read, serialization=core_schema.plain_serializer_function_ser_schema(cls.write, when_used="json")
        )
