"""Columns x, z and x, y, z: heights at places that the file lists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from femna.surfaces.height_files.height_field import Floats, HeightField, UnreadableHeights

UNEVEN = 0.05
"""How far a place may lie from that of an even spacing, in units of the spacing."""

SAME = 1e-5
"""Share of the extent within which two coordinates are one: files round."""

SHORTEST_LIST = {2: 5, 3: 13}
"""Number of lines, by that of the columns, from which a table is no map of so narrow a strip, but lists places."""


def arranged(field: HeightField, axes: int) -> HeightField:
    """The heights in the order of their places, where the field lists these; else the field as it is.

    Two columns are x and z where a profile is wanted. Otherwise the first columns are coordinates if they fill a
    regular grid, or if the table is longer than a map so narrow would be.

    Args:
        field: heights as a file holds them.
        axes: number of lateral axes that are wanted, 1 or 2.

    Raises:
        UnreadableHeights: the places are no regular grid.
    """
    table = field.numbers
    if table.ndim != 2 or table.shape[1] not in (2, 3) or len(table) < 2:
        return field
    if table.shape[1] == 2:
        return _profile(field, sure=axes == 1) if axes == 1 or len(table) >= SHORTEST_LIST[2] else field
    return _grid(field) if axes == 2 and len(table) >= 4 else field


def _profile(field: HeightField, sure: bool) -> HeightField:
    """Columns x and z as a profile in the order of x."""
    x, z = field.numbers.T
    ordered = bool((np.diff(x) > 0).all() or (np.diff(x) < 0).all())
    if not ordered and not sure:
        return field
    order = np.argsort(x)
    step = _spacing(x[order])
    if not ordered or not step:
        text = f"has two columns, x and z, and its {len(x)} places x are not evenly spaced in one direction"
        raise UnreadableHeights(text, "a regular grid of places, or the heights alone")
    return replace(field, numbers=z[order], lattice=(step,))


def _grid(field: HeightField) -> HeightField:
    """Columns x, y and z as lines in the order of y, each in that of x."""
    x, y, z = field.numbers.T
    (i, across), (j, along) = _places(x), _places(y)
    n_x, n_y = len(across), len(along)
    steps = _spacing(across), _spacing(along)
    full = n_x * n_y == len(z) and (np.bincount(j * n_x + i, minlength=len(z)) == 1).all()
    if full and min(n_x, n_y) > 1 and all(steps):
        lines = np.empty((n_y, n_x))
        lines[j, i] = z
        return replace(field, numbers=lines, lattice=steps)
    if len(z) < SHORTEST_LIST[3]:
        return field
    what = "they are not evenly spaced" if full else f"that is not one height at each of {n_x} x {n_y} places"
    text = f"has three columns, x, y and z: {len(z)} lines with {n_x} different x and {n_y} different y; {what}"
    raise UnreadableHeights(text, "a regular grid of places (a map 3 pixels wide can be given as 3 lines)")


def _places(coordinate: Floats) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], Floats]:
    """Number of the place of each coordinate (N,), and the different coordinates in rising order."""
    order = np.argsort(coordinate)
    rising = coordinate[order]
    new = np.concatenate([[False], np.diff(rising) > SAME * (rising[-1] - rising[0])])
    number = np.empty(len(coordinate), dtype=np.intp)
    number[order] = np.cumsum(new)
    return number, rising[np.concatenate([[True], new[1:]])]


def _spacing(rising: Floats) -> float:
    """Distance of rising places that are evenly spaced; 0 where they are not."""
    if len(rising) < 2:
        return 0.0
    step = float(rising[-1] - rising[0]) / (len(rising) - 1)
    even = rising[0] + step * np.arange(len(rising))
    return step if np.abs(rising - even).max() <= UNEVEN * step else 0.0
