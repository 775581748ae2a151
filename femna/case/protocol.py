"""The protocol: steps of constant voltage, constant current or rest, and when each ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    SerializerFunctionWrapHandler,
    Tag,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_serializer,
)
from pydantic_core import CoreSchema, core_schema

from femna.quantities import Quantity, Whole, wrong
from femna.units import UnitError, which_unit

UntilKind = Literal["time", "charge", "voltage", "height"]

MODES = {"voltage": Quantity("V"), "current": Quantity("A/m^2")}
"""What the value of a step is, by its mode; a rest has none."""

ENDS: dict[UntilKind, Quantity] = {
    "time": Quantity("s", above=0),
    "charge": Quantity("C/m^2", above=0),
    "voltage": Quantity("V"),
    "height": Quantity("m", above=0),
}
"""What may end a step; its kind follows from the unit."""


@dataclass(frozen=True)
class Until:
    """The end of a step: a duration (s), a charge passed in the step (C/m^2), a voltage (V) or a metal height (m)."""

    kind: UntilKind
    value: float


class UntilText:
    """Reads and writes `until`; a bare number is a duration in seconds."""

    allowed = "a duration ('1 h'), a charge per area ('1 mAh/cm^2'), a voltage ('0.1 V') or a metal height ('20 um')"

    @classmethod
    def read(cls, given: Any) -> Until:
        """Raises ValueError."""
        kind: UntilKind = "time"
        if isinstance(given, str):
            try:
                unit = which_unit(given, [end.unit for end in ENDS.values()])
            except UnitError as error:
                raise wrong(given, cls.allowed, str(error)) from None
            if unit is None:
                raise wrong(given, cls.allowed)
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


class Step(BaseModel):
    """One step. value: V or A/m^2, positive deposits on the anode; 0 in a rest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal["voltage", "current", "rest"]
    value: Annotated[float, Field(validate_default=True)] = cast(float, None)  # read below
    until: Annotated[Until, UntilText]

    @field_validator("value", mode="plain")
    @classmethod
    def _read(cls, given: Any, info: ValidationInfo) -> float:
        mode = info.data.get("mode")
        if mode is None:  # a wrong mode is an error of its own
            return 0.0
        if mode == "rest":
            if given is not None:
                raise ValueError("has no meaning in a rest; allowed: mode and until")
            return 0.0
        if given is None:
            raise ValueError(f"is missing; allowed: {MODES[mode].allowed}")
        return MODES[mode].read(given)

    @field_serializer("value", when_used="json")
    def _write(self, value: float) -> float | str:
        return MODES[self.mode].write(value) if self.mode in MODES else value

    @model_serializer(mode="wrap")
    def _without_unsaid(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if key != "value" or self.mode in MODES}


class Repeat(BaseModel):
    """Steps that are gone through `repeat` times."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repeat: Annotated[int, Whole(1, 100_000)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]


def _kind(given: Any) -> str:
    repeats = {"repeat", "steps"} & given.keys() if isinstance(given, dict) else isinstance(given, Repeat)
    return "repeat" if repeats else "step"


Item = Annotated[Annotated[Step, Tag("step")] | Annotated[Repeat, Tag("repeat")], Discriminator(_kind)]
Protocol = Annotated[tuple[Item, ...], Field(min_length=1)]


def written(items: Sequence[Step | Repeat]) -> Iterator[tuple[tuple[str | int, ...], Step]]:
    """Every step once, as the case file has it, with its place there."""
    for number, item in enumerate(items):
        if isinstance(item, Step):
            yield ("protocol", number), item
        else:
            for inner, step in enumerate(item.steps):
                yield ("protocol", number, "steps", inner), step


def flatten(items: Sequence[Step | Repeat]) -> Iterator[Step]:
    """The steps in the order in which they are run."""
    for item in items:
        if isinstance(item, Step):
            yield item
        else:
            for _ in range(item.repeat):
                yield from item.steps
