"""Case files on disk: the shipped ones by name, any other by path, and what they extend."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

from femna.case.keys import OVERLAYS, KeyProblem, Tree, check_known, file_tree
from femna.case.merge import Data, look_up
from femna.case.shipped import CASES
from femna.errors import BadInput
from femna.quantities import closest, shown
from femna.surfaces import file_keys

SHIPPED = " (shipped)"
"""How the name of a shipped case's file ends in errors."""


def find(name_or_path: str | Path, folder: Path = Path()) -> tuple[Path, str]:
    """The file of a case.

    Args:
        name_or_path: name of a shipped case, or a path.
        folder: to which a path is relative.

    Returns:
        The file, and what errors call it.

    Raises:
        BadInput: there is no such case.
    """
    given = os.fspath(name_or_path)
    shipped = [path.stem for path in sorted(CASES.glob("*.toml"))]
    if given in shipped:
        return CASES / f"{given}.toml", f"{given}.toml{SHIPPED}"
    path = folder / given
    near = closest(Path(given).stem, shipped)
    is_path = isinstance(name_or_path, Path) or path.suffix == ".toml" or "/" in given or path.is_file()
    if not is_path:
        allowed = f"{', '.join(shipped)}, or a path to a .toml file"
        raise BadInput(f"{shown(given)} is not a shipped case; allowed: {allowed}; closest: {near}")
    if not path.is_file():
        what = "is a folder, not a case file" if path.is_dir() else "does not exist"
        raise BadInput(f"{path}: {what}; allowed: a .toml file or a shipped case; closest: {near}")
    return path, str(path)


def chain(path: Path, label: str) -> list[tuple[Data, str]]:
    """The files that a case is made of, from the one that extends nothing to its own.

    Args:
        path: the case's own file.
        label: what errors call it.

    Returns:
        The data of each file, and what errors call it.

    Raises:
        BadInput: a file cannot be read, has an unknown key or extends itself.
    """
    files: list[tuple[Data, str]] = []
    seen: list[Path] = []
    while True:
        seen.append(path.resolve())
        data = _read(path, label)
        parent = data.pop("extends", None)
        if not files:
            data.setdefault("name", path.stem)
        else:
            data.pop("name", None)
        files.insert(0, (data, label))
        if parent is None:
            return files
        if not isinstance(parent, str):
            raise BadInput(f"{label}: extends is {shown(parent)}; allowed: a shipped case's name or a path")
        try:
            path, parent_label = find(parent, path.parent)
        except BadInput as error:
            raise BadInput(f"{label}: extends is {shown(parent)}; {error}") from None
        if path.resolve() in seen:
            circle = " -> ".join(p.name for p in [*seen[seen.index(path.resolve()) :], path])
            raise BadInput(f"{label}: extends goes round in a circle, {circle}; allowed: a chain of cases that ends")
        label = parent_label


def _read(path: Path, label: str) -> Data:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{label}: is not a text file (byte {error.start} is not UTF-8); allowed: a TOML file") from None
    except OSError as error:
        raise BadInput(f"{label}: cannot be read ({error.strerror}); allowed: a readable TOML file") from None
    data = parse(text, label)
    known(data, file_tree(), label)
    for table in (data, *(data.get(name, {}) for name in OVERLAYS)):
        anchor(table, path.parent)
    return data


def anchor(data: Data, folder: Path) -> None:
    """Make the files that `data` names absolute; they are written relative to `folder`."""
    for key in file_keys():
        file = look_up(data, ("surface", key))
        if isinstance(file, str):
            data["surface"][key] = str((folder / file).resolve())


def parse(text: str, label: str) -> Data:
    """The data of a TOML text.

    Raises:
        BadInput: it is not TOML; the message names the line.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        line = re.search(r"line (\d+)", place)
        number = line[1] if line else str(max(len(text.splitlines()), 1))
        if twice := re.match(r"Cannot declare \((.*?),?\) twice", message):
            message = f"the table [{twice[1].replace(chr(39), '').replace(', ', '.')}] is written twice"
        elif message.startswith("Cannot overwrite"):
            message = "a key is written twice"
        end = "; the file ends there" if place.startswith("end") else _hint(text, int(number))
        raise BadInput(f"{label}, line {number}: is not valid TOML: {' '.join(message.split())}{end}") from None
    except RecursionError:
        raise BadInput(f"{label}: is not a case file: its values are nested too deeply") from None


def _hint(text: str, number: int) -> str:
    """What is probably wrong with a line that is not TOML, as the end of a message."""
    lines = text.splitlines()
    line = lines[number - 1] if number <= len(lines) else ""
    if comma := re.search(r"=\s*([+-]?\d+),(\d+)", line):
        return f"; a decimal comma, write {comma[1]}.{comma[2]}"
    if bare := re.search(r"=\s*([+-]?[\d.]+(?:[eE][+-]?\d+)? *[^\W\d_][^\"'#,}\]]*)", line):
        return f'; a value with a unit has quotes, "{bare[1].strip()}"'
    return ""


def known(data: Data, keys: Tree, label: str) -> None:
    """Ask that every key is known.

    Args:
        data: tables as a case file has them.
        keys: the known keys.
        label: what errors call the file.

    Raises:
        BadInput: a key is not known, or an overlay sets the dimension that it belongs to.
    """
    try:
        check_known(data, keys)
        for name in OVERLAYS:
            if look_up(data, (name, "geometry", "dim")) is not None:
                raise KeyProblem((name, "geometry", "dim"), "is given", f"what holds when geometry.dim is {name[-1]}")
    except KeyProblem as problem:
        raise BadInput(f"{label}: {problem}") from None
