"""V14: top and bottom of a layer that conducts ions and electrons share the current as a transmission line does.

Problem: a layer 0 < x < d with sigma_e and sigma_i; electrons come from x = 0, ions from x = d; linear reactions at the
bottom (1/R_b), on the top (1/R_t) and in the volume. Exact (derived in docs/theory/two_potential.md; Newman and
Thomas-Alyea, Electrochemical Systems, section 22.4; de Levie, Adv. Electrochem. Electrochem. Eng. 6 (1967) 329), with
nu = d sqrt(g (1/sigma_e + 1/sigma_i)), g in S/m^3 of the volume, X = x/d:

    surfaces alone: f_top = (R_b + d/sigma_i)/(R_b + d/sigma_i + R_t + d/sigma_e),
    volume alone: j(1)/j(0) = (sigma_e cosh nu + sigma_i)/(sigma_e + sigma_i cosh nu), mean place
      [sigma_e (nu sinh nu - cosh nu + 1) + sigma_i (cosh nu - 1)]/[nu (sigma_e + sigma_i) sinh nu], resistance
      d/(sigma_e + sigma_i) {1 + [2 + (sigma_e/sigma_i + sigma_i/sigma_e) cosh nu]/(nu sinh nu)},
    all of them: eta = A cosh(nu X) + B sinh(nu X) with eta' at both ends from the currents, `shares` below.
"""

from __future__ import annotations

import numpy as np
import pytest

from femna.contract.state import State
from femna.models.two_potential import TwoPotential
from femna.physics.kinetics import InterfacialKinetics
from femna.physics.reaction_sites import MetalSite

from .drive import Array, rates
from .grids import Grid, box
from .problems import front
from .two import at_height, at_rest, kinetics, two_potential

THICK, CURRENT = 1e-6, 5.0
NEWMAN = {  # nu, sigma_e, sigma_i: resistance (ohm m^2), mean place, j(top)/j(bottom)
    (0.5, 1.0, 1.0): (8.66598e-6, 0.5, 1.0),
    (2.0, 3.0, 1.0): (7.51145e-7, 0.559602, 1.816952),
    (5.0, 1.0, 10.0): (2.75052e-7, 0.252355, 0.1133226),
    (10.0, 10.0, 1.0): (1.827289e-7, 0.827280, 9.991019),
}
GENERAL = [  # sigma_e, sigma_i, nu, R_b, R_t
    (2.2e-4, 1e-5, 0.0, 75e-4, 75e-4),
    (2.2e-4, 1e-5, 3.0, 75e-4, 75e-4),
    (2.2e-4, 2.2e-4, 0.0, 75e-4, 75e-4),
    (2.2e-4, 1e-6, 0.0, 1e-4, 1e-4),
    (2.2e-4, 1e-2, 2.0, 1e-4, 1e-4),
    (2.2e-4, 1e-4, 1.0, 75e-4, 10e-4),
]


def ohm(conductance: float) -> InterfacialKinetics:
    """A linear reaction, S/m^2 (or S/m^3 where the site has a volume for an area)."""
    return kinetics(1.0, conductance=conductance)


def in_volume(nu: float, electronic: float, ionic: float) -> float:
    """g, S/m^3."""
    return (nu / THICK) ** 2 / (1.0 / electronic + 1.0 / ionic)


def sharp(electronic: float, ionic: float, nu: float, bottom: float, top: float) -> tuple[float, float]:
    """f_b and f_t of the general case; 1/R = 0 where R is infinite."""
    if nu == 0.0:
        f_top = (bottom + THICK / ionic) / (bottom + THICK / ionic + top + THICK / electronic)
        return 1.0 - f_top, f_top
    m, both = nu / THICK, 1.0 / electronic + 1.0 / ionic
    cosh, sinh = np.cosh(nu), np.sinh(nu)
    system = [[-both / bottom, m], [m * sinh + both / top * cosh, m * cosh + both / top * sinh]]
    a, b = np.linalg.solve(np.array(system), [1.0 / electronic, -1.0 / ionic])
    return -a / bottom, -(a * cosh + b * sinh) / top


def bare(cells: int, electronic: float, ionic: float, nu: float, bottom: float = 0.0, top: float = 0.0) -> TwoPotential:
    """The layer alone, bottom and top conductances in S/m^2: sites bottom, top, volume after the (empty) front."""
    grid = box([THICK], [cells])
    height = grid.points[:, -1]
    sites = (
        MetalSite(ohm(max(bottom, 1e-300)), 1.0 * (height < 1e-6 * THICK), 0.0),
        MetalSite(ohm(max(top, 1e-300)), grid.plane_area(THICK, 0), 0.0),
        MetalSite(ohm(max(in_volume(nu, electronic, ionic), 1e-300)), grid.volume, 0.0),
    )
    return two_potential(
        grid, 0.05 * THICK, ohm(1.0), conductivity=ionic, electronic=electronic, faces=sites, moves=False
    )


def share(p: TwoPotential, state: State, site: int, weight: Array | float = 1.0) -> float:
    """Part of the current that reacts at a site: 0 the front, 1... the faces."""
    lagged = p.coefficients_of(state.fields, state["phi_l"])
    current = lagged.metal_sites[site].react(state["c"], state["phi_s"], state["phi_l"]).current
    return float(p.grid.sum((p.grid.is_owned * weight * current).sum())[0]) / CURRENT


@pytest.mark.parametrize("case", list(NEWMAN))
def test_reaction_in_the_volume(case: tuple[float, float, float]) -> None:
    """Resistance, mean place and j(top)/j(bottom): to 1e-5 nu^2 with 100 cells, of second order in their size.

    With ions and electrons exchanged the mean place at (2, 3, 1) is 0.440 in place of 0.560.
    """
    nu, electronic, ionic = case
    cosh, sinh = np.cosh(nu), np.sinh(nu)
    resistance = 2.0 + (electronic / ionic + ionic / electronic) * cosh
    exact = (
        THICK / (electronic + ionic) * (1.0 + resistance / (nu * sinh)),
        (electronic * (nu * sinh - cosh + 1.0) + ionic * (cosh - 1.0)) / (nu * (electronic + ionic) * sinh),
        (electronic * cosh + ionic) / (electronic + ionic * cosh),
    )
    assert exact == pytest.approx(NEWMAN[case], rel=2e-6)
    errors = []
    for cells in (50, 100):
        p = bare(cells, electronic, ionic, nu)
        state = at_rest(p, np.zeros(p.grid.size), "current", CURRENT)
        assert share(p, state, 3) == pytest.approx(1.0, rel=1e-9)
        eta = state["phi_s"] - state["phi_l"]
        place = share(p, state, 3, p.grid.points[:, -1] / THICK)
        ratio = at_height(p.grid, -eta, THICK) / at_height(p.grid, -eta, 0.0)
        errors.append(np.abs(np.array([state.voltage / CURRENT, place, ratio]) / exact - 1.0))
    assert errors[1] == pytest.approx(0.0, abs=1e-5 * max(nu**2, 1.0))
    seen = errors[1] > 3e-6
    assert np.all((errors[0] > 2.0**1.8 * errors[1])[seen])


@pytest.mark.parametrize("case", GENERAL)
def test_surfaces_and_volume(case: tuple[float, float, float, float, float]) -> None:
    """f_b and f_t: exact without a volume reaction, of second order with one (6.3e-5 at nu = 3, 50 cells)."""
    electronic, ionic, nu, bottom, top = case
    exact = sharp(*case)
    errors = []
    for cells in (25, 50):
        p = bare(cells, electronic, ionic, nu, 1.0 / bottom, 1.0 / top)
        state = at_rest(p, np.zeros(p.grid.size), "current", CURRENT)
        found = share(p, state, 1), share(p, state, 2)
        assert sum(found) + share(p, state, 3) == pytest.approx(1.0, rel=1e-9)
        assert state.collector_current == pytest.approx(CURRENT, rel=1e-9)
        errors.append(float(np.abs(np.array(found) - exact).max()))
    if nu == 0.0:
        assert max(errors) < 1e-9
    else:
        assert errors[1] < 1e-4
        assert rates(errors, [2.0, 1.0])[0] > 1.95


@pytest.mark.parametrize(
    ("case", "bottom", "top", "error"), [(GENERAL[0], 0.10076, 0.89924, 6e-6), (GENERAL[1], 0.04965, 0.78730, 2e-5)]
)
def test_numbers_of_the_general_case(
    case: tuple[float, float, float, float, float], bottom: float, top: float, error: float
) -> None:
    """0.89924 on top of a thin mixed conductor, by the current divider; 0.78730 where a sixth reacts inside."""
    electronic, ionic, nu, at_bottom, at_top = case
    p = bare(200, electronic, ionic, nu, 1.0 / at_bottom, 1.0 / at_top)
    state = at_rest(p, np.zeros(p.grid.size), "current", CURRENT)
    assert (share(p, state, 1), share(p, state, 2)) == pytest.approx((bottom, top), abs=error)


def above_metal(width: float, case: tuple[float, float, float, float, float]) -> tuple[TwoPotential, Array, Grid]:
    """2 um of metal with a diffuse front, the layer, 3 um of electrolyte: sites front, top face, volume."""
    electronic, ionic, nu, bottom, top = case
    low, high = 2.0 * THICK, 3.0 * THICK
    grid = box([6.0 * THICK], [6 * round(3.0 * THICK / width)], faces=[low, high])
    inside = np.repeat(grid.cell_volume * (grid.layer == 1) / 2.0, 2)
    volume = grid.add_up(np.bincount(grid.cells.ravel(), weights=inside, minlength=grid.size))
    sites = (
        MetalSite(ohm(1.0 / top), grid.plane_area(high, 1), 0.0),
        MetalSite(ohm(max(in_volume(nu, electronic, ionic), 1e-300)), volume, 0.0),
    )
    p = two_potential(
        grid,
        width,
        ohm(1.0 / bottom),
        conductivity=[ionic, ionic, 1.0],
        electronic=[electronic, electronic, 0.0],
        faces=sites,
        moves=False,
    )
    return p, front(grid.points[:, -1] - low, width), grid


DIFFUSE = {  # of the general case: error of f_b and f_t at l = d/10 and d/40
    GENERAL[0]: (1e-3, 1e-4),
    GENERAL[1]: (8e-3, 6e-4),
    GENERAL[2]: (1e-5, 1e-6),
    (2.2e-4, 1e-6, 0.0, 1e-4, 1e-4): (5e-4, 6e-5),
    (2.2e-4, 1e-2, 0.0, 75e-4, 75e-4): (1e-5, 2e-6),
    (2.2e-4, 43.0, 0.0, 1e-4, 1e-4): (1e-4, 3e-5),
    (2.2e-4, 1.0, 0.0, 7.5e-4, 7.5e-4): (1e-4, 3e-5),
    (1e-5, 1e-3, 0.0, 1e-4, 1e-4): (1e-4, 3e-5),
    (2.2e-4, 1e-4, 1.0, 75e-4, 10e-4): (4e-3, 2e-4),
}


@pytest.mark.parametrize("case", list(DIFFUSE))
def test_with_a_diffuse_front_below(case: tuple[float, float, float, float, float]) -> None:
    """f_b and f_t come to the sharp ones, nearly at once, but with the square of l where the volume reacts too.

    Reactions at their own places, with metal that ends at xi = 1/2: 2e-3, 4e-4, 7e-4, 3e-5, 2e-4, 1.7e-2, 5.4e-2, 1e-3
    and 4e-3 at d/10, of first order where electrons resist. With a mean of the two conductivities the tail shortens the
    layer: f_b is 0.0902, 0.0286, 0.459 in place of 0.1008, 0.0497, 0.5.
    """
    exact = sharp(*case)
    for width, size in zip((0.1 * THICK, 0.025 * THICK), DIFFUSE[case], strict=True):
        p, xi, _ = above_metal(width, case)
        state = at_rest(p, xi, "current", CURRENT)
        assert (share(p, state, 0), share(p, state, 1)) == pytest.approx(exact, abs=size)
        # `share` has the slope behind the front of this solution, which has that of the last but one
        assert share(p, state, 0) + share(p, state, 1) + share(p, state, 2) == pytest.approx(1.0, rel=1e-6)
