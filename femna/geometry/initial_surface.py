"""The metal that a run starts with: the height of its front and the order parameter.

Nothing here depends on a mesh or on ranks: every function takes coordinates and gives the value there. The growth axis
is the last one. What a kind of surface looks like is in `femna.surfaces`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from femna.case import Case
from femna.errors import BadInput
from femna.surfaces import Box, UnusableSurface

Floats = NDArray[np.float64]

FACE_TOLERANCE = 1e-9
"""Share of the cell's height within which a point counts as on a face."""

SAMPLES_A_SIDE = {2: 4097, 3: 257}
"""Points along a side at which the highest and lowest point of a surface are looked for, by dimension."""


def surface_height(case: Case, lateral: ArrayLike) -> Floats:
    """Height of the initial metal front above the collector.

    Below metal that stands on a layer the front is flat.

    Args:
        case: the case.
        lateral: lateral positions (N, dim-1), m.

    Returns:
        Heights (N,), m.

    Raises:
        BadInput: the surface needs more than one dimension, or does not follow from its keys.
    """
    x = np.asarray(lateral, dtype=np.float64)
    shape = case.surface.shape
    if shape.foundation:
        return np.full(len(x), float(case.surface.position))
    _ask_for_sides(case)
    try:
        return shape.heights(x, _box(case))
    except UnusableSurface as error:
        raise BadInput(f"{case.name}: {error}") from error


def initial_metal(case: Case, points: ArrayLike, film: float | None = None) -> Floats:
    """Order parameter xi of the initial metal.

    xi = (1/2)(1 - tanh(d/l)) with l = interface.width; d = z - z_s along the growth axis, for bodies such as nuclei the
    signed distance to the union of the flat metal and the bodies. Bodies on a layer end sharply at its upper face: what
    lies below is solid; so does a `seed_film`.

    Args:
        case: the case.
        points: positions (N, dim), m.
        film: thickness of the seed film, m; that of the case if it is not given.

    Returns:
        xi (N,).

    Raises:
        BadInput: as `surface_height` does.
    """
    p = np.asarray(points, dtype=np.float64)
    z, width = p[:, -1], case.interface.width
    distance = _distance(case, p)
    xi = 0.5 * (1.0 - np.tanh(distance / width))
    thickness = case.surface.film if film is None else film
    return np.asarray(np.maximum(xi, seed_film(case, z, thickness)) if thickness else xi)


def seed_film(case: Case, height: Floats, thickness: float) -> Floats:
    """Order parameter of a film on the face on which the last layer lies; nothing below it.

    d = z - z_face - (l/2) ln(exp(2 t/l) - 1), with which the integral of xi above the face is t exactly.

    Args:
        case: the case.
        height: heights (N,) above the collector, m.
        thickness: t, m.

    Returns:
        xi (N,).
    """
    over, width = height - film_interval(case)[0], case.interface.width
    middle = thickness + 0.5 * width * np.log1p(-np.exp(-2.0 * thickness / width))
    above = over > -FACE_TOLERANCE * case.height
    return np.where(above, 0.5 * (1.0 - np.tanh((over - middle) / width)), 0.0)


def film_interval(case: Case) -> tuple[float, float]:
    """Lower and upper height (m) of the seed film, on the upper face of the last layer but one."""
    face = case.interval(case.layer_names[-2])[1]
    return face, face + case.surface.film


def front_range(case: Case) -> tuple[float, float]:
    """Lowest and highest point (m) of the initial metal's surface over the box, a seed film included.

    Raises:
        BadInput: the front leaves the stack, or as `surface_height` does.
    """
    sizes = _box(case).sizes
    axes = [np.linspace(0.0, size, SAMPLES_A_SIDE[case.geometry.dim]) for size in sizes]
    grid = np.meshgrid(*axes, indexing="ij")
    lateral = np.stack([g.ravel() for g in grid], axis=1) if grid else np.empty((1, 0))
    z = surface_height(case, lateral)
    lowest, highest = float(z.min()), float(z.max())
    if case.surface.film:
        highest = max(highest, film_interval(case)[1])
    if case.surface.shape.foundation:
        highest = max(highest, case.surface_top)
    if lowest < 0.0 or highest >= case.height:
        own = ", ".join(("position", *type(case.surface.shape).model_fields))
        raise BadInput(
            f"{case.name}: the initial metal front lies between {lowest * 1e6:.4g} and {highest * 1e6:.4g} um above the"
            f" collector, outside the stack of {case.height * 1e6:.4g} um; change the keys of [surface]: {own}"
        )
    return lowest, highest


def _box(case: Case) -> Box:
    """Lateral sizes of the box, and what the surface stands on."""
    sizes = (case.geometry.width, case.geometry.depth)[: case.geometry.dim - 1]
    return Box(sizes, float(case.surface_base), case.random_seed, case.interface.width)


def _ask_for_sides(case: Case) -> None:
    """Raises BadInput for a surface that varies laterally in one dimension."""
    if case.geometry.dim == 1 and case.surface.shape.needs_sides:
        raise BadInput(
            f'{case.name}: surface.kind = "{case.surface.kind}" needs geometry.dim 2 or 3;'
            ' in one dimension it is "flat"'
        )


def _distance(case: Case, points: Floats) -> Floats:
    """Signed distance (N,), m, from the initial metal's surface at points (N, dim), negative within the metal."""
    _ask_for_sides(case)
    shape, z = case.surface.shape, points[:, -1]
    try:
        bodies = shape.body_distance(points, _box(case))
    except UnusableSurface as error:
        raise BadInput(f"{case.name}: {error}") from error
    if bodies is None:
        return z - surface_height(case, points[:, :-1])
    if shape.complete:
        return bodies
    flat = z - case.surface.position
    if not shape.foundation:
        return np.minimum(flat, bodies)
    # what stands on a layer ends at its face
    return np.where(z > case.surface_base - FACE_TOLERANCE * case.height, np.minimum(flat, bodies), flat)
