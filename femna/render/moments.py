"""Outputs of several times in one picture: a colour each, and whether the cell was plating or stripping then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from femna.analysis.cycles import PLATING, REST, STRIPPING, direction_at
from femna.render import theme

Array = np.ndarray[Any, Any]

HUES = {PLATING: theme.PLATING, STRIPPING: theme.STRIPPING, REST: theme.QUIET}
LARGEST_WHITE_SHARE, LARGEST_BLACK_SHARE = 0.55, 0.35
"""Shares of white in the colour of the first moment of a direction, and of black in that of the last."""
STRIPPING_DASHES = (0.0, (4.0, 1.5))
"""Of a front, so that it shows beside one of a plating at the same place."""


@dataclass(frozen=True)
class Moment:
    """One of several times.

    Args:
        colour: its colour, RGB.
        strips: whether metal was stripped then.
        text: the time in words, and what the cell did then where some of the times are of a stripping.
    """

    colour: tuple[float, ...]
    text: str
    strips: bool = False


def moments(times: Sequence[float], history: Mapping[str, Array]) -> list[Moment]:
    """Colours of several times: over time where metal only grows, else one hue for each direction, paler the earlier.

    Args:
        times: simulated times, rising, s.
        history: column name -> values (rows,), of the history.

    Returns:
        One moment a time.
    """
    share = [(time - times[0]) / max(times[-1] - times[0], 1e-30) for time in times]
    texts = [theme.shown_time(time, times[-1]) for time in times]
    directions = [direction_at(history, time) for time in times]
    if STRIPPING not in directions:
        return [Moment(theme.TIMES(s)[:3], text) for s, text in zip(share, texts, strict=True)]
    found = []
    for time, text, direction in zip(times, texts, directions, strict=True):
        alike = [other for other, what in zip(times, directions, strict=True) if what == direction]
        age = (alike[-1] - time) / max(alike[-1] - alike[0], 1e-30)
        dark = [(1.0 - LARGEST_BLACK_SHARE * (1.0 - age)) * part for part in to_rgb(HUES[direction])]
        found.append(
            Moment(theme.paler(dark, LARGEST_WHITE_SHARE * age), f"{text}, {direction}", direction == STRIPPING)
        )
    return found


def has_directions(times: Sequence[float], history: Mapping[str, Array]) -> bool:
    """Whether some of the times are of a stripping, so that the directions need telling apart."""
    return any(direction_at(history, time) == STRIPPING for time in times)
