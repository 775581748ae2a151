"""The metal the run starts with: the shape of its front and the order parameter of it.

Nothing here depends on a mesh or on ranks: every function takes coordinates and gives the value there. The growth axis
is the last one; side walls are mirrors, so that random roughness is made of cosines.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from femna.case.model import SPECTRUM_END
from femna.errors import BadInput

if TYPE_CHECKING:
    from femna.case import Case

_CHUNK = 65536  # points evaluated at a time, to bound memory
_WAVES = 256  # of a random surface along an axis; with more, fewer points at a time

Floats = NDArray[np.float64]


def surface_height(case: Case, lateral: ArrayLike) -> Floats:
    """Height z_s (N,) in m of the initial metal front above the collector at the lateral positions (N, dim-1) in m.

    flat: surface.position. cosine: ridges, position + amplitude cos(2 pi x / wavelength). bump: position +
    height exp(-(r/width)^2), about surface.positions or the middle of the box. random: position + Gaussian roughness of
    exact rms `amplitude` and zero mean over the box. heightmap: position + the map. nuclei: the upper side of the caps,
    where they stand on the anode; below an interphase with nuclei the front is flat.
    Raises BadInput for a rough front in one dimension, or a height map that cannot be used.
    """
    x = np.asarray(lateral, dtype=np.float64)
    surface = case.surface
    z = np.full(len(x), float(surface.position))
    if surface.kind == "flat":
        return z
    if case.geometry.dim == 1:
        raise BadInput(
            f'{case.name}: surface.kind = "{surface.kind}" needs geometry.dim 2 or 3; in one dimension it is "flat"'
        )
    if surface.kind == "cosine":
        return z + surface.amplitude * np.cos(2.0 * np.pi * x[:, 0] / surface.wavelength)
    if surface.kind == "bump":
        for centre in _bump_centres(case):
            z += surface.height * np.exp(-(((x - centre) / surface.width) ** 2).sum(axis=1))
        return z
    if surface.kind == "random":
        return z + _random(case, x)
    if surface.kind == "heightmap":
        return z + _heightmap(case, x)
    if surface.on == "interphase":
        return z
    for centre in _nuclei(case):
        chord = surface.radius**2 - ((x - centre[:-1]) ** 2).sum(axis=1)
        z = np.where(chord > 0.0, np.maximum(z, centre[-1] + np.sqrt(np.maximum(chord, 0.0))), z)
    return z


def initial_metal(case: Case, points: ArrayLike, film: float | None = None) -> Floats:
    """Order parameter xi (N,) of the initial metal at points (N, dim) in m.

    xi = (1/2)(1 - tanh(d/l)) with l = interface.width; d = z - z_s along the growth axis, for nuclei the signed
    distance to the union of the flat metal and the spheres. Nuclei on an interphase end sharply at its upper face: what
    lies below is solid; so does a `seed_film` of thickness surface.film, or `film` (m) in its place. Raises BadInput as
    `surface_height` does.
    """
    p = np.asarray(points, dtype=np.float64)
    z, width = p[:, -1], case.interface.width
    distance = z - surface_height(case, p[:, :-1])
    if case.surface.kind == "nuclei" and case.geometry.dim > 1:
        outside = _spheres(case, p)
        if case.surface.on == "anode":
            distance = np.minimum(z - case.surface.position, outside)
        else:
            distance = np.where(z > case.nuclei_base - 1e-9 * case.height, np.minimum(distance, outside), distance)
    xi = 0.5 * (1.0 - np.tanh(distance / width))
    thickness = case.surface.film if film is None else film
    return np.maximum(xi, seed_film(case, z, thickness)) if thickness else xi


def seed_film(case: Case, height: Floats, thickness: float) -> Floats:
    """xi (N,) at heights (N,) of a film of a thickness t (m) on the interphase's upper face: nothing below it.

    d = z - z_face - (l/2) ln(exp(2 t/l) - 1), with which the integral of xi above the face is t exactly.
    """
    over, width = height - film_interval(case)[0], case.interface.width
    middle = thickness + 0.5 * width * np.log1p(-np.exp(-2.0 * thickness / width))
    return np.where(over > -1e-9 * case.height, 0.5 * (1.0 - np.tanh((over - middle) / width)), 0.0)


def film_interval(case: Case) -> tuple[float, float]:
    """Lower and upper height (m) of the seed film, on the upper face of the last layer but one."""
    face = case.interval(case.layer_names[-2])[1]
    return face, face + case.surface.film


def front_range(case: Case) -> tuple[float, float]:
    """Lowest and highest point (m) of the initial metal's surface over the box, a seed film included.

    Raises BadInput when the front leaves the stack.
    """
    counts = {1: (), 2: (4097,), 3: (257, 257)}[case.geometry.dim]
    axes = [np.linspace(0.0, size, n) for size, n in zip(_box(case), counts, strict=True)]
    grid = np.meshgrid(*axes, indexing="ij")
    lateral = np.stack([g.ravel() for g in grid], axis=1) if grid else np.empty((1, 0))
    z = surface_height(case, lateral)
    lowest, highest = float(z.min()), float(z.max())
    if case.surface.film:
        highest = max(highest, film_interval(case)[1])
    if case.surface.on == "interphase":
        highest = max(highest, case.surface_top)
    if lowest < 0.0 or highest >= case.height:
        raise BadInput(
            f"{case.name}: the initial metal front lies between {lowest * 1e6:.4g} and {highest * 1e6:.4g} um above the"
            f" collector, outside the stack of {case.height * 1e6:.4g} um; change the keys of [surface]"
        )
    return lowest, highest


def _box(case: Case) -> tuple[float, ...]:
    """Lateral sizes (m) of the box."""
    return tuple((case.geometry.width, case.geometry.depth)[: case.geometry.dim - 1])


def _given_positions(case: Case) -> Floats | None:
    """Lateral positions (n, dim-1) in m that the case lists, or None."""
    positions = case.surface.positions
    if positions is None or len(positions) == 0:
        return None
    lateral = case.geometry.dim - 1
    try:
        given = np.asarray(positions, dtype=np.float64)
    except ValueError:
        given = np.empty((0, 0, 0))
    if given.ndim == 1 and (lateral == 1 or given.size == lateral):
        given = given.reshape(-1, lateral)
    if given.ndim != 2 or given.shape[1] != lateral:
        raise BadInput(
            f"{case.name}: surface.positions needs {lateral} coordinate{'s' * (lateral > 1)} for each position when"
            f" geometry.dim = {case.geometry.dim}"
        )
    return given


def _bump_centres(case: Case) -> Floats:
    given = _given_positions(case)
    return np.array([_box(case)]) / 2.0 if given is None else given


def _nuclei(case: Case) -> Floats:
    """Centres (n, dim) in m of the spheres of radius surface.radius that meet their base at the contact angle.

    Without positions their number is density * area in 3D, sqrt(density) * width in 2D (a cut through the plane), at
    least one, and each is drawn uniformly; the first n do not change when there are more.
    """
    surface, box = case.surface, np.array(_box(case))
    lateral = _given_positions(case)
    if lateral is None:
        expected = surface.density * box.prod() if len(box) == 2 else np.sqrt(surface.density) * box[0]
        lateral = _generator(case).random((max(1, round(float(expected))), len(box))) * box
    level = case.nuclei_base - surface.radius * np.cos(surface.contact_angle)
    return np.column_stack([lateral, np.full(len(lateral), level)])


def _spheres(case: Case, points: Floats) -> Floats:
    """Signed distance (N,) in m of points (N, dim) from the nearest sphere of the nuclei, negative within."""
    distance = np.full(len(points), np.inf)
    for centre in _nuclei(case):
        distance = np.minimum(distance, np.sqrt(((points - centre) ** 2).sum(axis=1)) - case.surface.radius)
    return distance


def _generator(case: Case) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(case.random_seed))


def random_modes(case: Case) -> Floats:
    """Coefficients a (M_x+1,) or (M_x+1, M_y+1) in m of the random roughness.

    The roughness is sum a_mn cos(m pi x / width) cos(n pi y / depth). Each mode's share of the mean square is the
    Gaussian spectrum exp(-(k L)^2/4), L = correlation_length (a height correlation exp(-(r/L)^2)), cut at
    k L = SPECTRUM_END, times the square of a standard normal number. The numbers are drawn by shells, max(m, n) = 1, 2,
    ..., so that each belongs to its mode whatever the box and the band. Over the box the mean of cos^2 is 1/2, and
    1 for m = 0; by Parseval's theorem the sum of a^2 times these means is the mean square, scaled to amplitude^2.
    Raises BadInput when no mode of the box is that long.
    """
    surface, box = case.surface, _box(case)
    k_end = SPECTRUM_END / surface.correlation_length
    shape = tuple(int(k_end * size / np.pi) + 1 for size in box)
    shells = max(shape)
    if shells < 2:
        raise BadInput(
            f"{case.name}: surface.correlation_length {surface.correlation_length * 1e6:.4g} um does not fit in the box"
            f" of {max(box) * 1e6:.4g} um; choose at most {max(box) * SPECTRUM_END / np.pi * 1e6:.4g} um"
        )
    normal = _shell_normals(_generator(case), shells, len(box))[tuple(slice(n) for n in shape)]
    number = np.indices(shape)
    k2 = sum((np.pi * m / size) ** 2 for m, size in zip(number, box, strict=True))
    mean_square = np.prod(np.where(number == 0, 1.0, 0.5), axis=0)
    share = normal * np.exp(-k2 * surface.correlation_length**2 / 8.0) * (k2 <= k_end**2)
    share[(0,) * len(box)] = 0.0
    modes: Floats = surface.amplitude * share / np.sqrt((share**2).sum() * mean_square)
    return modes


def _shell_normals(generator: np.random.Generator, shells: int, dim: int) -> Floats:
    """Standard normal numbers (shells,)^dim; those with max(m, n) < s do not depend on `shells` >= s."""
    drawn: Floats = generator.standard_normal(shells**dim)
    if dim == 1:
        return drawn
    m, n = np.indices((shells, shells))
    shell = np.maximum(m, n)
    # shell s holds the numbers s^2 .. (s+1)^2 - 1: first m = s, n = 0..s, then n = s, m = s-1 .. 0
    return np.asarray(drawn[shell**2 + n + (shell - m)])


def _random(case: Case, x: Floats) -> Floats:
    a, box = random_modes(case), _box(case)
    z = np.empty(len(x))
    chunk = min(_CHUNK, max(1, _CHUNK * _WAVES // max(a.shape)))
    for start in range(0, len(x), chunk):
        part = x[start : start + chunk]
        waves = [np.cos(np.outer(part[:, i] * (np.pi / box[i]), np.arange(n))) for i, n in enumerate(a.shape)]
        z[start : start + chunk] = waves[0] @ a if len(box) == 1 else ((waves[0] @ a) * waves[1]).sum(axis=1)
    return z


def _heightmap(case: Case, x: Floats) -> Floats:
    """Heights (N,) in m of the file's array, bilinear; its first and last entries lie on the walls of the box."""
    from scipy.interpolate import RegularGridInterpolator

    box = _box(case)
    values = _read_heightmap(case)
    if values.ndim != len(box) or min(values.shape) < 2:
        raise BadInput(
            f"{case.name}: surface.file {case.surface.file} holds an array of shape {values.shape};"
            f" geometry.dim = {case.geometry.dim} needs {len(box)} axes of at least 2 heights"
        )
    axes = [np.linspace(0.0, size, n) for size, n in zip(box, values.shape, strict=True)]
    inside = np.clip(x, 0.0, np.array(box))
    return np.asarray(RegularGridInterpolator(axes, values)(inside))


def _read_heightmap(case: Case) -> Floats:
    """The array of heights (n,) or (n_x, n_y) in m: .npy, or text with commas or blanks between the numbers."""
    path = Path(case.surface.file)
    try:
        if path.suffix == ".npy":
            values = np.asarray(np.load(path, allow_pickle=False), dtype=np.float64)
        else:
            text = path.read_text(encoding="utf-8").replace(",", " ")
            values = np.loadtxt(text.splitlines(), dtype=np.float64)
    except (OSError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or "it is not an array of numbers (.npy, .csv or .txt)"
        raise BadInput(f"{case.name}: surface.file {path} cannot be read: {reason}") from error
    if not np.isfinite(values).all() or values.size == 0:
        raise BadInput(f"{case.name}: surface.file {path} holds no numbers, or some that are not finite")
    return values
