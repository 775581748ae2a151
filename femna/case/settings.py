"""Settings from the command line (`--set K=V`) and from Python keywords, as data to lay over a case."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from femna.case.keys import KeyProblem, Path
from femna.case.merge import Data, drop, look_up, merged, paths
from femna.case.steps import PROTOCOL, with_steps
from femna.errors import BadInput
from femna.quantities import closest


@dataclass
class Settings:
    """Settings, later ones over earlier ones.

    Args:
        label: the case to which they are applied, for errors.
        data: tables as a case file has them.
        origins: for each path in them, how it was given.
    """

    label: str
    data: Data = field(default_factory=dict)
    origins: dict[Path, str] = field(default_factory=dict)

    def put(self, path: Path, value: Any, given: str) -> None:
        """Set one key. A table is merged with what is there, a list or a value replaces it.

        Args:
            path: the key.
            value: its value.
            given: the setting as it was given.
        """
        origin = f"{self.label}, {given}"
        if len(path) > 1 and path[0] == PROTOCOL and isinstance(self.data.get(PROTOCOL), list):
            try:
                self.data[PROTOCOL] = with_steps(self.data[PROTOCOL], _nested(path[1:], value))
            except KeyProblem as problem:
                raise BadInput(f"{origin}: {problem}") from None
            self.origins[path[:1]] = origin
            return
        for length in range(1, len(path)):
            above = look_up(self.data, path[:length])
            if above is not None and not isinstance(above, dict):
                drop(self.data, path[:length])
        nested = _nested(path, value)
        self.data = merged(self.data, nested)
        self.origins |= dict.fromkeys(paths(nested), origin)


def _nested(path: Path, value: Any) -> Any:
    for part in reversed(path):
        value = {part: value}
    return value


def parse_path(key: str, given: str) -> Path:
    """The path of a dotted key, with TOML's quotes where a name needs them.

    Args:
        key: the dotted key.
        given: the setting as it was given, for errors.

    Raises:
        BadInput: it is no dotted key.
    """
    try:
        node: Any = tomllib.loads(f"{key} = 0") if "=" not in key and "\n" not in key else {}
    except tomllib.TOMLDecodeError:
        node = {}
    path: list[str] = []
    while isinstance(node, dict) and len(node) == 1:
        part, node = next(iter(node.items()))
        path.append(part)
    if node != 0 or not path:
        raise BadInput(f"{given}: the key '{key}' is not a dotted name; allowed: for example geometry.dim")
    return tuple(path)


def parse_value(text: str, given: str) -> Any:
    """The value of a setting: TOML, or a word or a quantity without quotes.

    Args:
        text: the value.
        given: the setting as it was given, for errors.

    Raises:
        BadInput: the text is empty, or begins like a list, table or string of TOML and is none.
    """
    text = text.strip()
    try:
        found = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        if text[:1] in ("[", "{", '"', "'"):
            # the position counts from the start of our own "value = "
            raise BadInput(f"{given}: the value is not valid TOML: {str(error).split(' (at')[0]}") from None
        if not text:
            raise BadInput(f"{given}: the value is missing; allowed: K=V") from None
        return text
    return found["value"] if len(found) == 1 else text


def from_texts(texts: Sequence[str], settings: Settings, only: Sequence[str] = ()) -> None:
    """Add "K=V" texts, left to right.

    Args:
        texts: the settings.
        settings: to which they are added.
        only: the tables that may be changed (all, if none is named).

    Raises:
        BadInput: a text is no setting, or changes another table.
    """
    for text in texts:
        given = f"--set {text}"
        key, equals, value = text.partition("=")
        if not equals:
            raise BadInput(f"{given}: has no '='; allowed: K=V, for example geometry.dim=3")
        path = parse_path(key.strip(), given)
        if only and path[0] not in only:
            problem = KeyProblem(path, "cannot be changed now", ", ".join(only), closest(path[0], only, 0.6))
            raise BadInput(f"{given}: {problem}")
        settings.put(path, parse_value(value, given), given)


def from_mapping(values: Mapping[str, Any], settings: Settings) -> None:
    """Add Python values.

    Args:
        values: by dotted key, in which "__" stands for ".", as in geometry__dim=3.
        settings: to which they are added.

    Raises:
        BadInput: a key is no dotted name.
    """
    for key, value in values.items():
        given = f"{key}={value!r}"
        settings.put(parse_path(key.replace("__", "."), given), _plain(value), given)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(below) for below in value]
    return value
