"""The licences of the packages that an installed femna needs, as they state them themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata

from femna.cli.printing import new_table, show

UNKNOWN = "not stated"
RUN_EXTRAS = ("wheel", "heights")
"""Extras of femna that runs use; its others, and those of other packages, are for development."""
LONGEST = 60
"""Characters of a licence beyond which a package has put its text in place of its name."""


def report() -> None:
    """Print every package with its version and licence."""
    table = new_table("package", "version", "licence")
    for name, version, licence in licences():
        table.add_row(name, version, licence)
    show(table)


def licences(root: str = "femna") -> list[tuple[str, str, str]]:
    """Name, version and licence of every installed package that a package needs to run.

    Args:
        root: the package to begin with; it is the first.

    Returns:
        The packages in the order of their names.
    """
    found: dict[str, tuple[str, str, str]] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        key = _normal(name)
        if key in found:
            continue
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # of an extra that is not installed
            continue
        found[key] = (package.name, package.version, licence(package.metadata))
        waiting += _needs(package)
    return [found[key] for key in sorted(found, key=lambda key: (key != root, key))]


def licence(stated: metadata.PackageMetadata) -> str:
    """The licence that a package's metadata states: its expression, else its classifiers, else its field.

    Args:
        stated: the metadata.
    """
    if expression := stated.get("License-Expression"):
        return str(expression)
    classifiers = [text.split(" :: ")[-1] for text in stated.get_all("Classifier") or () if text.startswith("License")]
    words = [text for text in classifiers if text != "OSI Approved"]
    field = " ".join((stated.get("License") or "").split())
    if words:
        return ", ".join(words)
    return field if 0 < len(field) <= LONGEST else UNKNOWN if not field else field[: LONGEST - 1] + "…"


def _needs(package: metadata.Distribution) -> Iterator[str]:
    for requirement in package.requires or ():
        extra = re.search(r"extra\s*==\s*[\"']([^\"']+)", requirement)
        if extra and extra[1] not in RUN_EXTRAS:
            continue
        if name := re.match(r"[A-Za-z0-9][\w.-]*", requirement):
            yield name[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
