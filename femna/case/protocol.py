"""The protocol: steps of constant voltage, constant current or rest, and how often they are gone through."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_serializer,
)

from femna.case.modes import ProtocolMode, mode_named, mode_names
from femna.case.until import Until, UntilText
from femna.quantities import Choice, WholeNumber


class ProtocolStep(BaseModel):
    """One step of the protocol.

    mode: name of a registered mode; value: SI value of the mode's quantity, positive deposits on the anode, 0 where the
    mode has none; until: what ends the step.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Annotated[str, Choice(mode_names)]
    value: Annotated[float, Field(validate_default=True)] = cast(float, None)  # read below
    until: Annotated[Until, UntilText]

    @property
    def definition(self) -> ProtocolMode:
        """What its mode declares."""
        return mode_named(self.mode)

    @property
    def held_voltage(self) -> float | None:
        """The cell voltage that it holds from beginning to end, V; None where it holds none."""
        mode = self.definition
        return self.value if mode.fixes == "voltage" and mode.is_constant else None

    @property
    def duration(self) -> float:
        """How long the step lasts, s; infinite where only the run will tell."""
        steady = self.definition.fixes == "current" and self.definition.is_constant
        if self.until.kind == "charge" and steady and self.value:
            return self.until.value / abs(self.value)
        return self.until.value if self.until.kind == "time" else math.inf

    @field_validator("value", mode="plain")
    @classmethod
    def _read(cls, given: Any, info: ValidationInfo) -> float:
        mode = info.data.get("mode")
        if mode is None:  # a wrong mode is an error of its own
            return 0.0
        quantity = mode_named(mode).quantity
        if quantity is None:
            if given is not None:
                raise ValueError(f"has no meaning in a {mode}; allowed: mode and until")
            return 0.0
        if given is None:
            raise ValueError(f"is missing; allowed: {quantity.allowed}")
        return quantity.read(given)

    @field_serializer("value", when_used="json")
    def _write(self, value: float) -> float | str:
        quantity = self.definition.quantity
        return value if quantity is None else quantity.write(value)

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        has_value = self.definition.quantity is not None
        return {key: value for key, value in handler(self).items() if key != "value" or has_value}


class Repeat(BaseModel):
    """Steps that are run `repeat` times one after the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repeat: Annotated[int, WholeNumber(1, 100_000)]
    steps: Annotated[tuple[ProtocolStep, ...], Field(min_length=1)]


def _kind(given: Any) -> str:
    repeats = {"repeat", "steps"} & given.keys() if isinstance(given, dict) else isinstance(given, Repeat)
    return "repeat" if repeats else "step"


Item = Annotated[Annotated[ProtocolStep, Tag("step")] | Annotated[Repeat, Tag("repeat")], Discriminator(_kind)]
Protocol = Annotated[tuple[Item, ...], Field(min_length=1)]


def steps_as_written(items: Sequence[ProtocolStep | Repeat]) -> Iterator[tuple[tuple[str | int, ...], ProtocolStep]]:
    """Every step once, as the case file has it.

    Args:
        items: the protocol.

    Returns:
        Each step with its place in the case file.
    """
    for number, item in enumerate(items):
        if isinstance(item, ProtocolStep):
            yield ("protocol", number), item
        else:
            for inner, step in enumerate(item.steps):
                yield ("protocol", number, "steps", inner), step


def flatten(items: Sequence[ProtocolStep | Repeat]) -> Iterator[ProtocolStep]:
    """The steps in the order in which they are run, repeats expanded."""
    for item in items:
        if isinstance(item, ProtocolStep):
            yield item
        else:
            for _ in range(item.repeat):
                yield from item.steps
