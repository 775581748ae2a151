"""Coefficients that a case gives the two-potential problem: exact values, one small 1D grid a test."""

import numpy as np
import pytest

from femna.contract.cell_state import CellState
from femna.geometry.phases import electronic_conductivities
from femna.models.two_potential import TwoPotential
from femna.physics.electrons import LARGEST_CONTRAST
from femna.physics.ion_transport.binary_salt import salt_diffusivities
from femna.units import FARADAY, GAS_CONSTANT
from femna.validation.load import load_case


def test_capillarity_and_faraday(built) -> None:
    problem = built("mci-top")[2]
    assert problem.deposition.gibbs_thomson == pytest.approx(0.22 * 23.75e-6 / FARADAY)
    assert problem.deposition.volume_per_charge == pytest.approx(23.75e-6 / FARADAY)
    assert problem.site_ratio == pytest.approx(1.0 / (23.75e-6 * 1000.0))


@pytest.mark.parametrize(
    ("kind", "reaction_orders"), [("binary", (0.7, 0.7)), ("nernst_planck", (1.0, 0.0)), ("single_ion", (0.0, 0.0))]
)
def test_what_the_concentration_does_to_the_current(built, kind: str, reaction_orders: tuple[float, float]) -> None:
    """At c~ = 0.1: the exchange current is i0 0.1^(1-b) with a salt, Nernst-Planck's cations deposit in proportion."""
    _, grid, problem = built("mci-top", f"transport.kind={kind}", "kinetics.transfer_coefficient=0.3")
    assert problem.deposition.front.reaction_orders == pytest.approx(reaction_orders)
    volts = GAS_CONSTANT * 298.15 / FARADAY
    c, eta = np.full(grid.size, 0.1), np.full(grid.size, -1e-3)
    current = problem.deposition.front.current(eta, c)[0]
    cathodic, anodic = (30.0 * 0.1**power for power in reaction_orders)
    law = cathodic * np.exp(0.3e-3 / volts) - anodic * np.exp(-0.7e-3 / volts)
    assert np.allclose(current, law, rtol=1e-6)  # the supply's bound takes 2e-7


def test_metal_conducts_the_same_on_every_rank(built) -> None:
    """1e4 times the salt's Nernst-Einstein conductivity; the salt's own `ionic_conductivity` is not read."""
    problem = built("mci-top", "materials.gpe.ionic_conductivity=1000")[2]
    assert problem.electrons.metal == pytest.approx(LARGEST_CONTRAST * FARADAY**2 * 3e-7 / (GAS_CONSTANT * 298.15))


def test_uptake(built) -> None:
    case, grid, problem = built("nzsp-uptake")
    thick, taken = case.layer["interlayer"].thickness, problem.sodiation
    owned = grid.is_owned
    whole, exchange = grid.sum((owned * taken.capacity).sum(), (owned * taken.exchange).sum())
    assert whole == pytest.approx(FARADAY * 167.7e3 * thick, rel=1e-12)
    assert exchange == pytest.approx(2e4 * thick, rel=1e-12)
    some = taken.capacity > 0
    assert np.allclose(taken.equilibrium_potential[some], 0.217)
    assert np.allclose(taken.start[some], 0.8)
    assert taken.order == 0.0
    assert built("nzsp-uptake", "transport.kind=nernst_planck")[2].sodiation.order == 1.0
    covered = problem.lag_coefficients(np.ones(grid.size), np.ones(grid.size), np.ones(grid.size))
    assert covered.sodiation.extent.max() <= 1e-12 * taken.exchange.max()


def test_room_is_that_of_the_end_and_area_of_the_middle(built) -> None:
    _, grid, problem = built("mci-top")
    zero, some, one = (np.full(grid.size, value) for value in (0.0, 0.3, 1.0))
    assert np.allclose(problem.lag_coefficients(zero, some, zero).electrolyte_fraction_at_end, 1.0)
    assert np.allclose(problem.lag_coefficients(zero, some, one).electrolyte_fraction_at_end, 1e-9)
    assert np.allclose(
        problem.lag_coefficients(zero, some, one).electrolyte_fraction,
        1.0 - problem.deposition.interpolation.h(some),
        atol=1e-8,
    )


def test_metal_between_grains_has_no_contact_s_resistance(on_a_grid) -> None:
    case = load_case("nzsp-grains")
    grid = on_a_grid(case)
    problem = TwoPotential.build(case, grid, ())
    z = grid.points[:, -1]
    inside = (problem.deposition.faces[-1].area > 0) & (z > case.surface.position + 3 * case.interface.width)
    assert grid.sum(inside.sum())[0] > 50
    assert not problem.deposition.front.conductance[inside].any()
    assert np.allclose(problem.deposition.front.conductance[z < case.surface.position], 1 / 0.197)


def test_what_fills_the_room_of_the_first_layer_is_the_second() -> None:
    assert electronic_conductivities(load_case("mci-top")) == [2.2e-4, 2.2e-4, 0.0]


def test_a_transference_number_alone_gives_the_anion() -> None:
    case = load_case("mci-top", ["materials.mci.transference_number=0.25", "materials.gpe.anion_diffusivity=3e-10"])
    cation, anion = salt_diffusivities(case, "interphase")
    assert anion == pytest.approx(3.0 * cation)


def test_what_layers_take_up_counts_towards_an_end() -> None:
    row = {
        "Time [s]": 1.0,
        "Charge density [C.m-2]": 2.0,
        "Uptake charge [C.m-2]": 3.0,
        "Maximum height [m]": 1.0,
        "Cell voltage [V]": 0.0,
    }
    assert CellState.of_row(row, 0.0).charge == 5.0


def test_electrons_beside_a_face_find_the_layer(built) -> None:
    """A little metal everywhere, l/2 short of a front: the layer carries beside the face, the metal's tail within."""
    case, grid, problem = built("mci-top")
    ends = grid.points[grid.edges, 0]
    low, high = case.interval("interphase")
    inside = (ends > low - 1e-12).all(axis=1) & (ends < high + 1e-12).all(axis=1)
    at_face = inside & (ends > high - 1e-12).any(axis=1)
    short = np.full(grid.size, -0.5 * case.interface.width)
    sigma = problem.electrons.conductances(np.zeros(grid.size), short) / grid.weight
    assert np.allclose(sigma[at_face], 2.2e-4)
    assert np.allclose(sigma[inside & ~at_face], problem.electrons.metal)
    assert grid.sum(at_face.sum())[0] >= 1
