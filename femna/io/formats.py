"""Versions of what a run writes, and the refusal of what a newer femna wrote.

Version 1 is that of femna 0.1.0, whose files carry no version (see femna.io.version_1).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from femna.errors import BadInput

type Format = Literal["manifest", "history", "fields", "checkpoint"]

FORMATS: dict[Format, int] = {"manifest": 2, "history": 2, "fields": 2, "checkpoint": 2}
"""The versions that this femna writes; it reads these and all older ones."""
FIRST_VERSION = 1
"""Version of what states none."""


def stated_version(manifest: Mapping[str, object], name: Format) -> int:
    """The version of a format that a manifest states.

    Args:
        manifest: content of `manifest.json`.
        name: the format.

    Returns:
        The version; FIRST_VERSION where the manifest states none.
    """
    stated = manifest.get("formats")
    version = stated.get(name, FIRST_VERSION) if isinstance(stated, Mapping) else FIRST_VERSION
    return version if isinstance(version, int) else FIRST_VERSION


def check_versions(path: Path, manifest: Mapping[str, object]) -> None:
    """Ask that what a manifest states as versions are some.

    Args:
        path: the manifest.
        manifest: its content.

    Raises:
        BadInput: they are not.
    """
    stated = manifest.get("formats", {})
    versions = stated if isinstance(stated, Mapping) else {"all": stated}
    for name, version in versions.items():
        if type(version) is not int or version < FIRST_VERSION:
            raise BadInput(f"{path}: is damaged (its format of {name} is {version!r}; allowed: a number from 1)")


def refuse_newer(path: Path, name: Format, version: int) -> None:
    """Check that a file can be read.

    Args:
        path: the file, for the message.
        name: its format.
        version: the version it was written in.

    Raises:
        BadInput: the version is newer than this femna knows.
    """
    known = FORMATS[name]
    if version > known:
        raise BadInput(f"{path}: was written by a newer femna ({name} format {version}; this one reads up to {known})")
