"""The metal at the start: heights of every kind of surface, profiles across the front, films."""

import numpy as np
import pytest

from femna.errors import BadInput
from femna.geometry.initial_surface import film_interval, front_range, initial_metal, surface_height

UM = 1e-6
POSITION = 4.0 * UM


def line(case, n=4001):
    return np.linspace(0.0, case.geometry.width, n)[:, None]


def midpoints(case, n=256):
    """A grid whose plain mean is exact for products of cosines up to mode n."""
    sizes = (case.geometry.width, case.geometry.depth)[: case.geometry.dim - 1]
    axes = [(np.arange(n) + 0.5) * size / n for size in sizes]
    return np.stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")], axis=1)


def random_case(make_case, **keys):
    return make_case(**({"kind": "random", "amplitude": 0.3 * UM, "correlation_length": 1.5 * UM} | keys))


@pytest.mark.parametrize("dim", [2, 3])
def test_random_roughness_has_the_exact_rms_and_zero_mean(make_case, dim):
    case = random_case(make_case, dim=dim)
    rough = surface_height(case, midpoints(case)) - POSITION
    assert rough.mean() == pytest.approx(0.0, abs=1e-12 * UM)
    assert np.sqrt((rough**2).mean()) == pytest.approx(0.3 * UM, rel=1e-12)


@pytest.mark.parametrize("dim", [2, 3])
def test_random_roughness_does_not_depend_on_the_mesh(make_case, dim):
    case = random_case(make_case, dim=dim)
    lateral = midpoints(case, 40)
    whole = surface_height(case, lateral)
    order = np.random.default_rng(0).permutation(len(lateral))[: len(lateral) // 3]
    assert surface_height(case, lateral[order]) == pytest.approx(whole[order], rel=1e-12)
    assert surface_height(random_case(make_case, dim=dim, fine=0.1), lateral) == pytest.approx(whole, rel=1e-14)
    assert not np.allclose(surface_height(random_case(make_case, dim=dim, seed=8), lateral), whole, rtol=1e-3)


def test_random_roughness_has_the_correlation_length(make_case):
    lags = np.array([0.5, 1.0, 1.5, 2.0]) * UM
    total, square = np.zeros(len(lags)), 0.0
    for seed in range(40):
        case = random_case(make_case, wide=120.0, seed=seed)
        x = midpoints(case, 4000)
        rough = surface_height(case, x) - POSITION
        step = case.geometry.width / 4000
        square += (rough**2).mean()
        for i, lag in enumerate(lags):
            n = round(lag / step)
            total[i] += (rough[n:] * rough[:-n]).mean()
    assert total / square == pytest.approx(np.exp(-((lags / (1.5 * UM)) ** 2)), abs=0.05)


def test_side_walls_are_mirrors(make_case):
    case = random_case(make_case)
    d = 1e-4 * case.geometry.width
    for wall in (0.0, case.geometry.width):
        z = surface_height(case, np.array([[wall - d], [wall], [wall + d]]))
        assert z[0] == pytest.approx(z[2], rel=1e-12)
        assert abs(z[1] - z[0]) < 1e-4 * UM


def test_cosine_and_flat(make_case):
    flat = make_case()
    assert (surface_height(flat, line(flat)) == POSITION).all()
    case = make_case(kind="cosine", amplitude=0.5 * UM, wavelength=6.0 * UM)
    z = surface_height(case, line(case))
    assert z.max() - z.min() == pytest.approx(1.0 * UM)
    assert z[0] == pytest.approx(4.5 * UM)
    assert surface_height(case, np.array([[3.0 * UM]])) == pytest.approx(3.5 * UM)


@pytest.mark.parametrize("dim", [2, 3])
def test_bump_stands_in_the_middle_or_where_it_is_put(make_case, dim):
    keys = {"kind": "bump", "height": 2.0 * UM, "width": 1.5 * UM}
    case = make_case(dim=dim, **keys)
    middle = np.array([[6.0, 4.0][: dim - 1]]) * UM
    aside = middle + np.array([[1.5, 0.0][: dim - 1]]) * UM
    assert surface_height(case, middle) == pytest.approx(6.0 * UM)
    assert surface_height(case, aside) == pytest.approx((4.0 + 2.0 * np.exp(-1.0)) * UM)
    put = make_case(dim=dim, positions=(tuple(aside[0]),), **keys)
    assert surface_height(put, aside) == pytest.approx(6.0 * UM)


def test_metal_is_the_tanh_profile_along_the_growth_axis(make_case):
    case = make_case(kind="cosine", amplitude=0.5 * UM, wavelength=6.0 * UM)
    p = np.array([[0.0, 4.5], [0.0, 4.0], [3.0, 4.0], [3.0, 9.0], [0.0, 0.0]]) * UM
    xi = initial_metal(case, p)
    assert xi == pytest.approx([0.5, 0.5 * (1 + np.tanh(1.0)), 0.5 * (1 - np.tanh(1.0)), 0.0, 1.0], abs=1e-6)
    assert initial_metal(make_case(dim=1), np.array([[4.0 * UM]])) == pytest.approx(0.5)


@pytest.mark.parametrize("angle", [60.0, 90.0, 120.0])
def test_nuclei_are_caps_with_their_contact_angle(make_case, angle):
    theta, radius = np.radians(angle), 1.5 * UM
    case = make_case(kind="nuclei", radius=radius, contact_angle=theta, positions=((6.0 * UM,),))
    z = surface_height(case, line(case))
    assert z.max() == pytest.approx(POSITION + radius * (1.0 - np.cos(theta)))
    x = line(case)[:, 0]
    wide = radius * (np.sin(theta) if angle <= 90.0 else 1.0)
    covered = x[z > POSITION + 1e-6 * UM]
    assert np.ptp(covered) == pytest.approx(2.0 * wide, rel=0.01)
    # the foot of the cap on the flat front lies on xi = 1/2
    extrapolation = np.array([[6.0 * UM + radius * np.sin(theta), POSITION]])
    assert initial_metal(case, extrapolation) == pytest.approx(0.5, abs=1e-9)
    # normal to the cap the profile is the tanh of the distance
    out = np.array([[6.0 * UM, POSITION + radius * (1.0 - np.cos(theta)) + 0.25 * UM]])
    assert initial_metal(case, out) == pytest.approx(0.5 * (1.0 - np.tanh(0.5)))


@pytest.mark.parametrize("angle", [45.0, 90.0, 130.0])
@pytest.mark.parametrize("dim", [2, 3])
def test_nuclei_on_the_interphase_hold_a_cap_of_metal(make_case, dim, angle):
    """A circle's segment R^2 (theta - sin theta cos theta), a cap pi R^3 (1 - cos theta)^2 (2 + cos theta)/3.

    xi summed over cells of l/2 above the face. The tanh tails weigh outside more than inside: by (pi l)^2/24 times the
    curvature on each area of the front, and times cot theta on each length of its edge. At 45 degrees that is 0.8 % of
    the segment and 2.2 % of the cap.
    """
    theta, radius, face = np.radians(angle), 4.0 * UM, 5.5 * UM
    place = (6.0 * UM, 6.0 * UM)[: dim - 1]
    keys = {"kind": "nuclei", "on": "interphase", "radius": radius, "contact_angle": theta, "positions": (place,)}
    case = make_case(dim=dim, deep=12.0, **keys)
    case.interface.width, case.surface_top = 0.16 * UM, face + radius * (1.0 - np.cos(theta))
    step = 0.08 * UM
    across, up = (np.arange(n) * step + 0.5 * step for n in (150, 110))
    points = np.stack(np.meshgrid(*[across] * (dim - 1), face + up, indexing="ij"), axis=-1).reshape(-1, dim)
    metal = initial_metal(case, points).sum() * step**dim
    segment = radius**2 * (theta - np.sin(theta) * np.cos(theta))
    cap = np.pi * radius**3 * (1.0 - np.cos(theta)) ** 2 * (2.0 + np.cos(theta)) / 3.0
    tails = (np.pi * case.interface.width) ** 2 / 24.0
    bent = 2.0 * (theta + 1.0 / np.tan(theta)) if dim == 2 else 2.0 * np.pi * radius * (2.0 - np.cos(theta))
    assert metal == pytest.approx((segment if dim == 2 else cap) + tails * bent, rel=1e-3)
    # below the face there is the anode and nothing else, and the anode's front is flat
    below = points - [*[0.0] * (dim - 1), up[-1] + step]
    flat = make_case(dim=dim, deep=12.0)
    flat.interface.width = case.interface.width
    below = below[below[:, -1] < face - 1e-3 * UM]
    assert len(below) > 1000
    assert np.array_equal(initial_metal(case, below), initial_metal(flat, below))
    assert front_range(case) == pytest.approx((POSITION, case.surface_top))


@pytest.mark.parametrize("film", [0.1, 0.8])
def test_seed_film_holds_exactly_its_metal_above_the_face(make_case, film):
    layers = {"anode": 4.0, "interphase": 6.0, "electrolyte": 12.0}
    case = make_case(film=film * UM, layers=layers)
    z = np.linspace(0.0, case.height, 22_001)
    p = np.stack([np.full_like(z, 1.0 * UM), z], axis=1)
    xi, without = initial_metal(case, p), initial_metal(make_case(layers=layers), p)
    top = case.interval("interphase")[1]
    above = z > top - 1e-12
    assert np.array_equal(xi[~above], without[~above])
    assert np.trapezoid(xi[above] - without[above], z[above]) == pytest.approx(film * UM, rel=1e-5)
    assert front_range(case)[1] == pytest.approx(top + film * UM)
    named = make_case(film=film * UM, layers={"anode": 4.0, "below": 4.0, "coat": 2.0, "electrolyte": 12.0})
    assert film_interval(named) == pytest.approx((10.0 * UM, (10.0 + film) * UM))


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".txt"])
def test_heightmap_is_bilinear_above_the_front(make_case, tmp_path, suffix):
    heights = np.array([[0.0, 0.5, 0.2], [1.0, -0.5, 0.8]]) * UM
    file = tmp_path / f"map{suffix}"
    if suffix == ".npy":
        np.save(file, heights)
    else:
        np.savetxt(file, heights, delimiter="," if suffix == ".csv" else " ")
    case = make_case(dim=3, kind="heightmap", file=str(file))
    corner = np.array([[0.0, 0.0], [0.0, 8.0], [6.0, 8.0], [12.0, 8.0], [3.0, 4.0]]) * UM
    expected = np.array([0.0, 1.0, -0.5, 0.8, 0.25]) * UM
    assert surface_height(case, corner) == pytest.approx(POSITION + expected)


def test_heightmaps_that_cannot_be_used(make_case, tmp_path):
    with pytest.raises(BadInput, match=r"No such file"):
        surface_height(make_case(kind="heightmap", file=str(tmp_path / "none.npy")), np.zeros((1, 1)))
    (tmp_path / "words.csv").write_text("a, b\n")
    with pytest.raises(BadInput, match="line 1, field 1 is 'a', no finite number"):
        surface_height(make_case(kind="heightmap", file=str(tmp_path / "words.csv")), np.zeros((1, 1)))
    np.save(tmp_path / "square.npy", np.zeros((3, 3)))
    with pytest.raises(BadInput, match="allowed: a profile"):
        surface_height(make_case(kind="heightmap", file=str(tmp_path / "square.npy")), np.zeros((1, 1)))
    np.save(tmp_path / "nan.npy", np.full(3, np.nan))
    with pytest.raises(BadInput, match="has no height in 3 of 3 pixels"):
        surface_height(make_case(kind="heightmap", file=str(tmp_path / "nan.npy")), np.zeros((1, 1)))


def test_bad_surfaces_are_refused(make_case):
    with pytest.raises(BadInput, match=r"geometry\.dim"):
        surface_height(random_case(make_case, dim=1), np.empty((1, 0)))
    with pytest.raises(BadInput, match="correlation_length"):
        surface_height(random_case(make_case, correlation_length=60.0 * UM), np.zeros((1, 1)))
    with pytest.raises(BadInput, match="outside the stack"):
        front_range(make_case(kind="cosine", amplitude=4.5 * UM, wavelength=6.0 * UM))
    with pytest.raises(BadInput, match="outside the stack"):
        front_range(make_case(position=30.0 * UM))
    with pytest.raises(BadInput, match="2 coordinates"):
        surface_height(make_case(dim=3, kind="bump", height=UM, width=UM, positions=((UM,),)), np.zeros((1, 2)))
