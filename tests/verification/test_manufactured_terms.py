"""V12, each term alone: the rate at which a manufactured solution is met.

Problem: fields chosen with sympy, the sources that make them solutions derived from the strong form (`manufactured`).
Space: three meshes, a solution linear in time after an exact past, so that backward differences and extrapolations
make no error of their own; order 2 in L2. Time: fields that are uniform in space, three step sizes; order 2. The
double well alone has its exact solution and no source. Grids are squares of right triangles and the same with every
inner node displaced, on which no edge's weight is zero. Source: Roache, J. Fluids Eng. 124 (2002) 4; rates: Xu &
Zikatanov, Math. Comp. 68 (1999) 1429 (edge averages), Hairer, Norsett & Wanner III.5.

Scharfetter and Gummel's flux is of second order only while the drift across an edge, z = (F/RT) dphi, is below about
1; where z is large it is an upwind flux, of first order. Strong drift is tested with z = 1.8, 0.9 and 0.45, and what
is lost at z = 29 .. 7 is shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp

from femna.contract.state import State
from femna.physics.interpolation import CUBIC, QUINTIC
from femna.physics.phase_field import Anisotropy
from femna.timestepping.staggered import StaggeredStepper

from .drive import Array, even, exact_past, integrate, l2, largest, march, rates
from .grids import boundary, box, shaken
from .manufactured import T, X, manufacture
from .problems import problem

HALF = sp.Rational(1, 2)
x, y, z = X
SIZES = (16, 32, 64)
OFF = 1e-14
"""In place of W = 0 or kappa = 0, whose quotient is the width of the interface."""


def space_errors(
    dim: int,
    counts: tuple[int, ...],
    numbers: dict[str, Any],
    fields: tuple[sp.Expr, sp.Expr, sp.Expr],
    shake: bool = False,
    natural: tuple[str, ...] = ("xi",),
    steps: int = 6,
) -> dict[str, Array]:
    """L2 errors of xi, c and phi at t = 0.3, with `counts` cells a side; fields not `natural` are held all round."""
    exact, sources = manufacture(dim, numbers, *fields)
    errors: dict[str, list[float]] = {"xi": [], "c": [], "phi": []}
    for n in counts:
        lengths = [1.0] * dim
        grid = shaken(lengths, [n] * dim) if shake else box(lengths, [n] * dim)
        held = {key: boundary(grid, lengths) for key in exact if key not in natural}
        p = problem(grid, **numbers, sources=sources, fixed=held, fixed_values=exact)
        state = march(StaggeredStepper(p), exact_past(p, exact, 0.0, 0.3 / steps), [0.3 / steps] * steps)
        for key, found in errors.items():
            found.append(l2(grid, state[key] - exact[key](grid.points, state.time)))
    return {key: np.array(found) for key, found in errors.items()}


def orders(errors: Array, counts: tuple[int, ...]) -> Array:
    return rates(errors, [1.0 / n for n in counts])


WAVE = sp.cos(sp.pi * x) * sp.cos(sp.pi * y)
STILL = (sp.Integer(1), sp.Integer(0))


@pytest.mark.parametrize("shake", [False, True])
def test_gradient_term(shake: bool) -> None:
    """xi_t = L div(kappa grad xi) + S, natural sides; with 2 % more kappa the rate falls to 0."""
    fields = (HALF + (0.3 + 0.2 * T) * WAVE, *STILL)
    errors = space_errors(2, SIZES, {"well": OFF, "mobility": 1.3, "gradient": 0.4}, fields, shake)["xi"]
    assert orders(errors, SIZES).min() > 1.9
    assert errors[-1] < 2e-4


@pytest.mark.parametrize("mode", [4, 6])
@pytest.mark.parametrize("shake", [False, True])
def test_anisotropic_gradient_term(mode: int, shake: bool) -> None:
    """The same with kappa(theta), from the derivative of kappa |grad xi|^2/2; grad xi vanishes nowhere.

    Without d kappa/d theta, with its sign changed or the angle's, the rate falls to 0; taken at the old time, to 0.4.
    """
    numbers = {"well": OFF, "mobility": 1.3, "gradient": 0.4, "anisotropy": Anisotropy(0.5 / (mode**2 - 1), mode, 0.3)}
    fields = (0.2 + 0.3 * x + 0.2 * y**2 + (0.1 + 0.2 * T) * sp.sin(1.5 * x + y), *STILL)
    errors = space_errors(2, SIZES, numbers, fields, shake, natural=())["xi"]
    assert orders(errors, SIZES).min() > 1.9
    assert errors[-1] < 2e-5


def test_anisotropic_gradient_term_3d() -> None:
    """kappa = kappa0 [1 + delta (4 sum n_i^4 - 3)]; without d kappa/dn the rate falls to 0."""
    counts = (6, 12, 20)
    numbers = {"well": OFF, "gradient": 0.4, "anisotropy": Anisotropy(0.04)}
    fields = (0.2 + 0.3 * x + 0.2 * y**2 + 0.2 * z + (0.1 + 0.2 * T) * sp.sin(1.5 * x + y - z), *STILL)
    errors = space_errors(3, counts, numbers, fields, natural=())["xi"]
    assert orders(errors, counts).min() > 1.9
    assert errors[-1] < 2e-4


def diffusion_errors(drop: float, counts: tuple[int, ...], shake: bool, xi: sp.Expr = STILL[1]) -> Array:
    """Drift and diffusion in phi = drop (y + x/4), with D from 1 to 0.2 as xi rises."""
    numbers = {"diffusivity": 1.0, "metal_diffusivity": 0.2, "thermal_voltage": 0.5, "well": OFF, "gradient": OFF}
    c = 1 + (0.3 + 0.2 * T) * sp.sin(2 * x + 1) * sp.cos(3 * y)
    fields = (xi, c, 0.5 * drop * (y + x / 4))
    return space_errors(2, counts, numbers, fields, shake, natural=("xi",))["c"]


@pytest.mark.parametrize("shake", [False, True])
@pytest.mark.parametrize("drop", [0.0, 2.0])
def test_drift_and_diffusion(drop: float, shake: bool) -> None:
    """Through a front: D(xi) falls fivefold across the box.

    With h(xi) of one end of the edge in place of its middle, or with upwinding, the rate falls to 1.
    """
    counts = (32, 64, 128) if shake else SIZES
    errors = diffusion_errors(drop, counts, shake, xi=HALF + sp.Rational(2, 5) * sp.sin(2 * x - 3 * y))
    assert orders(errors, counts).min() > 1.9


def test_strong_drift() -> None:
    """58 RT/F across the box: second order; twice as much on coarse meshes, where z is never below 7: first order.

    With the drift of the wrong sign the rate falls to 0, with upwinding to 1.
    """
    counts = (32, 64, 128)
    assert orders(diffusion_errors(58.0, counts, False), counts).min() > 1.9
    coarse = (4, 8, 16)
    assert 0.7 < orders(diffusion_errors(116.0, coarse, False), coarse).max() < 1.4


@pytest.mark.parametrize("shake", [False, True])
def test_conduction_with_the_conductivity_of_a_front(shake: bool) -> None:
    """div(sigma(xi) grad phi) + S = 0, sigma from 1 to 20; with h(xi) of one end of the edge the rate falls to 1."""
    xi = HALF + sp.Rational(2, 5) * sp.sin(2 * x - 3 * y)
    numbers = {"conductivity": 1.0, "metal_conductivity": 20.0, "well": OFF, "gradient": OFF}
    errors = space_errors(2, SIZES, numbers, (xi, sp.Integer(1), sp.sin(2 * x + 1) * sp.exp(y)), shake, steps=1)["phi"]
    assert orders(errors, SIZES).min() > 1.9


# time: uniform fields


def time_errors(
    numbers: dict[str, Any], fields: tuple[sp.Expr, sp.Expr, sp.Expr], counts: tuple[int, ...], uneven: bool
) -> Array:
    """Rms errors (len(counts), 3) of xi, c and phi for 0.5 < t < 2, in so many steps from t = 0 without a past."""
    exact, sources = manufacture(1, numbers, *fields)
    grid = box([1.0], [4])
    ends = boundary(grid, [1.0])
    found = []
    for n in counts:
        p = problem(grid, **numbers, sources=sources, fixed={"phi": ends}, fixed_values=exact)
        stepper = StaggeredStepper(p, tolerance=0.0, rtol=1e-12)  # the same rounds of coupling in every step
        start = stepper.start(0.0, {"xi": exact["xi"](grid.points, 0.0), "c": exact["c"](grid.points, 0.0)})
        # a start knows the reaction's current, not that of a source
        start.fields["phi"] = exact["phi"](grid.points, 0.0)
        sizes = np.tile([1.0, 1.6], n // 2) if uneven else np.ones(n)
        errors: list[list[float]] = []

        def watch(s: State, errors: list[list[float]] = errors) -> None:
            if s.time > 0.5:
                errors.append([largest(grid, s[key] - exact[key](grid.points, s.time)) for key in exact])

        march(stepper, [start], 2.0 * sizes / sizes.sum(), watch)
        found.append(np.sqrt(np.mean(np.square(errors), axis=0)))
    return np.array(found)


SWING = HALF + 0.3 * sp.sin(T + 0.3)
STEPS = (40, 80, 160)


@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize("interpolation", [CUBIC, QUINTIC], ids=["cubic", "quintic"])
def test_reaction_in_time(interpolation: object, uneven: bool) -> None:
    """xi_t = h'(xi) R(c~, eta) + S with c~ and eta that change in time; steps of one size, and of 1 : 1.6 by turns.

    With backward Euler, with c~ and phi of the old time, or with the weights of even steps on uneven ones it is 1.
    """
    numbers = {
        "interpolation": interpolation,
        "well": OFF,
        "rate": 0.5,
        "transfer": 0.3,
        "thermal_voltage": 0.6,
        "equilibrium_potential": 0.1,
    }
    fields = (SWING, 1 + 0.4 * sp.cos(1.5 * T), 0.3 * sp.sin(1.3 * T + 0.5))
    errors = time_errors(numbers, fields, STEPS, uneven)[:, 0]
    assert orders(errors, STEPS).min() > 1.9


def test_double_well_in_time() -> None:
    """xi_t = -2 L W xi (1 - xi)(1 - 2 xi): u = 1 - 2 xi obeys u^2/(1 - u^2) ~ exp(2 L W t).

    With 1 % more in the well the rate falls to 0.03.
    """
    grid = box([1.0], [4])
    errors = []
    for n in STEPS:
        p = problem(grid, well=1.5, mobility=2.0, gradient=OFF)
        state = integrate(p, np.full(grid.size, 0.45), np.ones(grid.size), even(1.0, n))
        ratio = 0.1**2 / (1.0 - 0.1**2) * np.exp(2.0 * 3.0)
        errors.append(largest(grid, state["xi"] - 0.5 * (1.0 - np.sqrt(ratio / (1.0 + ratio)))))
    assert orders(np.array(errors), STEPS).min() > 1.9
    assert errors[-1] < 1e-4


@pytest.mark.parametrize("content", ["xi", "h"])
def test_deposition_sink_in_time(content: str) -> None:
    """c_t = -(c_s/c0) s_t + S and div(sigma grad phi) = F c_s s_t - S, with s = xi or s = h(xi).

    With 2 % more in either sink the rate falls below 0.5.
    """
    numbers = {"site_ratio": 2.0, "charge_density": 3.0, "well": 0.7}
    numbers |= {"content": QUINTIC} if content == "h" else {}
    fields = (SWING, 1 + 0.4 * sp.cos(1.5 * T), 0.3 * sp.sin(1.3 * T + 0.5))
    errors = time_errors(numbers, fields, STEPS, False)
    assert orders(errors[:, 1], STEPS).min() > 1.9
    assert orders(errors[:, 2], STEPS).min() > 1.9
