"""What a kind of initial surface declares."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

Floats = NDArray[np.float64]


class UnusableSurface(ValueError):
    """No surface follows from the keys in this box; the message names the key."""


class Finding(NamedTuple):
    """Something wrong with a key of `[surface]`: what it is, and what is allowed."""

    key: str
    text: str
    allowed: str


@dataclass(frozen=True)
class Box:
    """Where a surface lies.

    Args:
        sizes: lateral sizes of the box, m; one in 2D, two in 3D, none in 1D.
        level: height of what the surface stands on above the current collector, m.
        seed: from which everything random follows.
        front: l, with which the metal's share across its surface is (1 - tanh(d/l))/2, m; 0 for a sharp one.
    """

    sizes: tuple[float, ...]
    level: float
    seed: int
    front: float = 0.0


class SurfaceKind(BaseModel):
    """A kind of initial surface: its keys are the fields of the class, in SI.

    A field without a default is a key that the kind requires. A key that several kinds share has one type. The side
    walls of the box are mirrors, and a surface should meet them at a right angle.

    Attributes:
        name: value of `surface.kind`.
        rank: place among the kinds where they are listed.
        needs_sides: whether the surface varies laterally, so that one dimension is not enough.
        alternatives: pairs of keys of which one replaces the other.
        files: keys that name a file; a path in a case file is relative to that file.
        complete: whether its bodies are all of the metal, and no flat metal lies below surface.position.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    rank: ClassVar[int] = 100
    needs_sides: ClassVar[bool] = True
    alternatives: ClassVar[tuple[tuple[str, str], ...]] = ()
    files: ClassVar[tuple[str, ...]] = ()
    complete: ClassVar[bool] = False

    @property
    def foundation(self) -> str:
        """Name of the layer on whose upper face the surface's bodies stand; "" where it is the anode's own front.

        A kind that can stand on a layer has a key `on` for it.
        """
        return ""

    @property
    def reach(self) -> tuple[float, float]:
        """How far the surface reaches below and above what it stands on, m; 0 where that is not known beforehand."""
        return 0.0, 0.0

    @property
    def least_radius(self) -> float:
        """Radius of curvature of its sharpest hills, m; infinite where the surface is flat or it is not known."""
        return math.inf

    def needs_two_potentials(self) -> Iterator[Finding]:
        """What of the keys means nothing with a single potential."""
        yield from ()

    def check(self, sizes: tuple[float, ...]) -> Iterator[Finding]:
        """What is wrong with the keys in a box of lateral sizes (m), besides units and bounds."""
        yield from ()

    def warnings(self, sizes: tuple[float, ...]) -> Iterator[str]:
        """What a user should know about the keys in a box of lateral sizes (m), one line each; nothing is wrong."""
        yield from ()

    def heights(self, lateral: Floats, box: Box) -> Floats:
        """Height of the surface above the current collector.

        Args:
            lateral: lateral positions (N, dim-1), m.
            box: where the surface lies.

        Returns:
            Heights (N,), m.

        Raises:
            UnusableSurface: no surface follows from the keys in this box.
        """
        raise NotImplementedError

    def body_distance(self, points: Floats, box: Box) -> Floats | None:
        """Signed distance from bodies of metal that stand on a flat face, negative within them.

        Args:
            points: positions (N, dim), m, the growth axis last.
            box: where the surface lies.

        Returns:
            Distances (N,), m, or None where the surface is a height over the lateral positions and nothing else.
        """
        return None


KINDS: dict[str, type[SurfaceKind]] = {}
"""The registered kinds by name."""

RESERVED_KEYS = ("kind", "position", "film")
"""Keys that every surface has."""


def register[Kind: SurfaceKind](kind: type[Kind]) -> type[Kind]:
    """Make a kind known to case files; a class decorator.

    Raises:
        ValueError: the name or a key is taken, or a key has another type than with another kind.
    """
    if kind.name in KINDS:
        raise ValueError(f"there is a kind of surface '{kind.name}' already")
    for key, field in kind.model_fields.items():
        if key in RESERVED_KEYS:
            raise ValueError(f"every surface has a key '{key}'; kind '{kind.name}' cannot declare it")
        for other in KINDS.values():
            known = other.model_fields.get(key)
            if known is not None and (known.annotation, known.metadata) != (field.annotation, field.metadata):
                raise ValueError(f"the key '{key}' has one type with kind '{other.name}', another with '{kind.name}'")
    KINDS[kind.name] = kind
    return kind


def smaller_box(sizes: tuple[float, ...]) -> str:
    """What an error says about making the box smaller."""
    return "a smaller geometry.width" if len(sizes) < 2 else "a smaller geometry.width and .depth"
