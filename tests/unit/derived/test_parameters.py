"""Derived numbers that need more than one of a case's parts."""

import math

import pytest

from femna.case import Case
from femna.derived.parameters import derive
from femna.validation.load import load_case


def planar(*sets: str) -> Case:
    return load_case("planar", sets)


def test_the_front_is_resolved_by_cells_and_stops_tips() -> None:
    parameters = derive(planar("numerics.resolution=7", "interface.barrier_ratio=0.02"))
    assert parameters.interface_cells == pytest.approx(7.0)
    assert parameters.curvature_cut_off == pytest.approx(0.25e-6 / 0.12)


def test_no_current_has_no_sand_time() -> None:
    groups = derive(planar("interface.mobility=1e-6", "kinetics.exchange_current_density=0"))
    assert groups.sand_time_s == math.inf
    assert groups.barrier_ratio == 0.0


def test_the_conductivity_of_a_binary_salt() -> None:
    """F^2 (1e-10 + 2e-10 m^2/s) 1000 mol/m^3/(R 298.15 K) = 1.1266 S/m of the gel; solids have their own."""
    exact = 96485.33212**2 * 3e-10 * 1000.0 / (8.314462618 * 298.15)
    assert derive(load_case("mci-top")).salt_conductivity_S_m == {"electrolyte": pytest.approx(exact, rel=1e-12)}
    assert derive(load_case("nzsp")).salt_conductivity_S_m == {}
    assert derive(load_case("planar")).salt_conductivity_S_m == {}
