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
