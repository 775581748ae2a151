"""What a table of a case file is: one with fixed keys, or one whose keys are declared by what is registered."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import Any, ClassVar, Self, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    create_model,
    model_serializer,
)
from pydantic_core import CoreSchema, core_schema


class Section(BaseModel):
    """A table of the case: fixed keys, not changed once read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    omitted_defaults: ClassVar[frozenset[str]] = frozenset()
    """Keys left out of the resolved copy while they hold their default."""

    def omitted_keys(self) -> Iterable[str]:
        """Keys that the resolved copy does not hold while they have their default."""
        return self.omitted_defaults

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        defaults = {key: field.get_default(call_default_factory=True) for key, field in type(self).model_fields.items()}
        skip = {key for key in self.omitted_keys() if getattr(self, key) == defaults[key]}
        return {key: value for key, value in handler(self).items() if key not in skip}


def _dump(section: Section, info: SerializationInfo) -> dict[str, Any]:
    return section.model_dump(mode=info.mode, exclude_none=info.exclude_none)


class OpenSection(Section):
    """A table whose keys are declared elsewhere, by kinds or properties that are registered.

    A subclass has no fields of its own: `declared` says what is registered now and `fields` makes pydantic's fields of
    it. As an annotation it takes a table by the keys that are declared when the table is read, and gives an instance of
    the `model` of these.
    """

    @classmethod
    def declared(cls) -> tuple[Hashable, ...]:
        """What is registered now."""
        raise NotImplementedError

    @classmethod
    def fields(cls) -> dict[str, tuple[Any, Any]]:
        """The keys that follow from it, each with its annotation and default, as `pydantic.create_model` takes them."""
        raise NotImplementedError

    @classmethod
    def model(cls) -> type[Self]:
        """The class with the fields that are declared now."""
        return cast(type[Self], _model_of(cls, cls.declared()))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if cls.model_fields:  # the class that `model` makes
            return handler(source)
        return core_schema.no_info_plain_validator_function(
            lambda given: cls.model().model_validate(given),
            serialization=core_schema.plain_serializer_function_ser_schema(_dump, info_arg=True),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # pickle, and with it MPI, finds classes by name, and the class that `model` makes has none
        return _blank, (type(self).__mro__[1],), self.__getstate__()


@lru_cache(maxsize=32)
def _model_of(section: type[OpenSection], declared: tuple[Hashable, ...]) -> type[OpenSection]:
    fields: dict[str, Any] = {**section.fields()}
    return create_model(section.__name__, __base__=section, __module__=section.__module__, **fields)


def _blank(section: type[OpenSection]) -> OpenSection:
    model = section.model()
    return model.__new__(model)
