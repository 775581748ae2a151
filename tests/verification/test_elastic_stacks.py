"""Elastic layers and mixtures against exact answers (docs/theory/mechanics.md).

Flat layers: what is clamped sideways, oedometric moduli, a plate of two layers whose front has a width. Round: the
inclusion of Eshelby (Proc. R. Soc. A 241 (1957) 376), as a cylinder and as a sphere.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.mechanics.elasticity import Top
from femna.mechanics.exact_stresses import Isotropic
from femna.physics.interpolation import QUINTIC

from . import elastic
from .elastic import NA, NAF, NZSP
from .grids import box

Array = NDArray[np.float64]

MPA, GPA = 1e6, 1e9


def upwards(x: Array) -> Array:
    """Metal below."""
    return np.where(np.arange(x.shape[-1]) == x.shape[-1] - 1, -1.0, np.zeros_like(x))


def inwards(x: Array) -> Array:
    """Metal about the origin."""
    return np.asarray(-x / np.linalg.norm(x, axis=-1, keepdims=True))


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("degree", [1, 2])
def test_clamped_misfit(dim: int, degree: int) -> None:
    """NaF that would swell by 1 %: -1.000000 GPa in plane, 0.01631579 upwards, in every dimension and degree. Without
    the lateral eigenstrain in s0 the in-plane stress is off by a third."""
    grid = box([1e-5] * dim, [3] * dim)
    found = elastic.solve(grid, np.ones(grid.size), upwards, (NAF, NAF), misfit=0.01, degree=degree)
    assert found.stress[..., :2] == pytest.approx(-1.0 * GPA, rel=1e-7)
    assert np.abs(found.stress[..., 2:]).max() < 1e-7 * GPA
    assert found.system.top_lift() == pytest.approx(0.01631579e-5, rel=1e-6)
    assert NAF.clamped_misfit(0.01) == pytest.approx(-1.0 * GPA, rel=1e-12)
    assert NA.clamped_misfit(0.01) == pytest.approx(-73.954984 * MPA, rel=1e-8)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_a_pressed_ceramic_shortens_by_its_oedometric_modulus(dim: int) -> None:
    """850 um of NZSP at 3.4474 MPa: 31.910967 nm, sideways 0.3513514 of it; under a spring and a plate as they hold."""
    length, load = 850e-6, 3.4474e6
    grid = box([1e-4] * (dim - 1) + [length], [2] * (dim - 1) + [4])
    whole = np.ones(grid.size)
    pressed = elastic.solve(grid, whole, upwards, (NZSP, NZSP), top=Top("pressure", load))
    assert pressed.system.top_lift() == pytest.approx(-31.910967e-9, rel=1e-6)
    assert pressed.stress[..., 2] == pytest.approx(-load, rel=1e-7)
    assert pressed.stress[..., 0] / pressed.stress[..., 2] == pytest.approx(0.3513514, rel=1e-6)
    spring = 1e14
    sprung = elastic.solve(grid, whole, upwards, (NZSP, NZSP), top=Top("spring", load, spring))
    expected = -load / (NZSP.oedometric_modulus / length + spring)
    assert sprung.system.top_lift() == pytest.approx(expected, rel=1e-8)
    assert elastic.solve(grid, whole, upwards, (NZSP, NZSP), top=Top("fixed")).system.top_lift() == 0.0
    for material, modulus in (NA, 8.509601), (NZSP, 91.827050), (Isotropic(90.58e9, 0.26), 110.828704):
        assert material.oedometric_modulus == pytest.approx(modulus * GPA, rel=1e-7)


def test_series_bar() -> None:
    """Equal lengths of 4.6 and 75.05 GPa without sideways coupling: 8.668675 GPa, whatever p is in the mixture."""
    grid = box([1e-5], [8])
    soft, stiff = Isotropic(4.6e9, 0.0), Isotropic(75.05e9, 0.0)
    found = elastic.solve(grid, np.full(grid.size, 0.5), upwards, (soft, stiff), top=Top("pressure", 1e6))
    assert found.system.top_lift() == pytest.approx(-1e6 / 8.668675e9 * 1e-5, rel=1e-6)


@pytest.mark.parametrize("degree", [1, 2])
def test_layered_plate_under_pressure_and_misfit(degree: int) -> None:
    """Sodium on ceramic, 10 + 10 um, with fronts of 1, 0.5 and 0.25 um: shortening and in-plane force of sodium that
    would swell by 1 % agree with the sharp front to the integral of p, 1e-3 and better. Mixed by Voigt's rule the
    shortening is off by 9.0, 4.5 and 2.3 %."""
    errors = []
    for width in (1e-6, 0.5e-6, 0.25e-6):
        grid = box([1e-6, 20e-6], [1, round(8 * 20e-6 / width)])
        share = QUINTIC.h(0.5 * (1.0 - np.tanh((grid.points[:, 1] - 10e-6) / width)))
        held = 1.0 / (10e-6 / NA.oedometric_modulus + 10e-6 / NZSP.oedometric_modulus)
        pressed = elastic.solve(grid, share, upwards, (NA, NZSP), top=Top("pressure", 1e6), degree=degree)
        swollen = elastic.solve(grid, share, upwards, (NA, NZSP), misfit=0.01, degree=degree)
        force = swollen.mean(swollen.stress[..., 0]) * 20e-6
        shortened = -pressed.system.top_lift() / (1e6 / held) - 1.0
        errors.append((abs(shortened), abs(force / (NA.clamped_misfit(0.01) * 10e-6) - 1.0)))
    assert np.max(errors) < 5e-4


def cylinder(width: float, dim: int, inner: Isotropic, outer: Isotropic) -> float:
    """Stress sigma_rr in the middle of an inclusion of radius 1 that would swell by 1 %, in a body of 200 radii, in 3D
    of 20, with elements of degree 1."""
    body = 200.0 if dim == 2 else 20.0
    size = width / (2.2 if dim == 2 else 1.6)
    inside, ratio = round(1.4 / size), 1.1 if dim == 2 else 1.35
    outside = math.ceil(math.log(body / 1.4) / math.log(ratio))
    count = inside + outside

    def graded(points: Array) -> Array:
        k = points * count
        return np.where(k <= inside, k * 1.4 / inside, 1.4 * (body / 1.4) ** (np.maximum(k - inside, 0.0) / outside))

    grid = box([1.0] * dim, [count] * dim, move=graded)
    share = QUINTIC.h(0.5 * (1.0 - np.tanh((np.linalg.norm(grid.points, axis=1) - 1.0) / width)))
    found = elastic.solve(grid, share, inwards, (inner, outer), misfit=0.01, is_bonded=False, degree=4 - dim)
    system = found.system
    core = np.linalg.norm(system.at_points(grid.points), axis=-1) < 0.3
    return found.mean(found.stress[..., 2], core)


@pytest.mark.parametrize(("inner", "stress"), [(NAF, -0.5), (Isotropic(4.6e9, 0.42), -0.2145660)])
def test_eshelby_cylinder(inner: Isotropic, stress: float) -> None:
    """sigma_rr = -2 mu_2 e, e = (3 lam_1 + 2 mu_1)/(2 (lam_1 + mu_1 + mu_2)) of the free strain: NaF in itself -0.5
    GPa, sodium in NZSP -0.2145660 GPa. The error falls as the width's square: 1.4 %, 0.37 %, 0.095 % at 0.2, 0.1, 0.05
    of the radius."""
    outer = NAF if inner == NAF else NZSP
    errors = [
        cylinder(width, 2, inner, outer) / (stress * GPA) - 1.0
        for width in ((0.2, 0.1) if inner == NAF else (0.2, 0.1, 0.05))
    ]
    if inner == NAF:  # no front to be seen: what is left is the body's finite size
        assert np.abs(errors).max() < 1e-4
    else:
        assert errors[-1] < 1.1e-3
        assert np.diff(np.log(errors)) == pytest.approx(-2.0 * math.log(2.0), abs=0.15)


def test_eshelby_sphere() -> None:
    """NaF in itself: the strain is 3K/(3K + 4 mu) = 0.5438596 of the free one, so that sigma_rr is -4 mu e;
    0.6 % off with a front of 0.35 radii on 6 elements."""
    found = cylinder(0.35, 3, NAF, NAF)
    assert found == pytest.approx(-4.0 * NAF.shear_modulus * 0.5438596 * 0.01, rel=8e-3)
