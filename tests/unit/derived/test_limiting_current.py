"""The limits that a salt sets to the current, against their formulas."""

import math

import pytest

from femna.case import Case
from femna.derived.limiting_current import limiting_current, salt, sand_time
from femna.derived.parameters import derive
from femna.units import FARADAY
from femna.validation.load import load_case


def planar(*sets: str) -> Case:
    return load_case("planar", sets)


def test_the_limiting_current_of_a_binary_salt() -> None:
    # 20 um, D+ 1e-10, D- 2e-10, 1 mol/L: 1929.71 A/m^2 = 4 F D+ c0/L between two metal electrodes, Sand at twice that
    # 0.1473 s
    case = planar("layer.electrolyte.thickness=20 um")
    assert salt(case) == pytest.approx((4e-10 / 3, 1 / 3))
    assert derive(case).limiting_current_A_m2 == pytest.approx(1929.71, abs=0.01)
    assert sand_time(case, 2 * 1929.71) == pytest.approx(0.1473, abs=1e-4)


def test_the_limiting_current_is_the_solvers() -> None:
    """20 um of gel, D+ = 1e-10 m^2/s, an ideal counter: 2 F D+ c0/L = 964.85 A/m^2 for t+ = 1/3, however it is given.

    A solid on the anode holds no salt, whatever its diffusivity, which nothing needs.
    """
    gel = "{diffusivity=1e-10, transference_number=0.33333333333, concentration=1000}"
    sets = ["layer.electrolyte.thickness=20 um", "layer.interphase.thickness=1 um"]
    for more in (
        [],
        [f"materials.gel={gel}", "layer.electrolyte.material=gel"],
        ["materials.mci.diffusivity=1e-11"],
        ["layer.interphase.material=bare", "materials.bare.ionic_conductivity=1"],
    ):
        case = load_case("mci-top", [*sets, *more])
        assert limiting_current(case) == pytest.approx(964.85, rel=1e-5)
        assert salt(case) == pytest.approx((4e-10 / 3, 1 / 3))


def test_a_second_salt_counts_with_its_diffusivity() -> None:
    """1 um of half the gel's diffusivities lies on the anode: as 2 um more of gel."""
    slow = "materials.slow={diffusivity=5e-11, anion_diffusivity=1e-10}"
    case = load_case("mci-top", ["layer.electrolyte.thickness=20 um", slow, "layer.interphase.material=slow"])
    assert limiting_current(case) == pytest.approx(964.85 * 20 / 22, rel=1e-5)


def test_a_solid_against_the_counter_has_no_limit() -> None:
    gel_below = ["layer.interphase.material=gpe", "layer.electrolyte.material=nzsp"]
    case = load_case("mci-top", [*gel_below, "materials.nzsp.concentration=1000"])
    assert salt(case) == (math.inf, 1.0)
    assert limiting_current(case) == math.inf


def test_an_ideal_counter_that_holds_the_salt_halves_the_limiting_current() -> None:
    """From c0 to 0 in place of 2 c0 to 0. Sand's time, of a half space, does not know the counter."""
    ideal, metal = load_case("mci-top"), load_case("mci-top", ["counter.kind=metal"])
    assert limiting_current(ideal) == pytest.approx(0.5 * limiting_current(metal), rel=1e-12)
    assert derive(ideal).sand_time_s == derive(metal).sand_time_s


def test_without_an_anion_the_ions_only_diffuse() -> None:
    case = load_case("edp-1")
    assert limiting_current(case) == pytest.approx(2 * FARADAY * 3.179e-10 * 1000 / 21e-6)


def test_layers_in_series_limit_the_current() -> None:
    one, two = planar(), planar("layer.mid={material='naf', thickness='4 um', above='anode'}")
    ratio = limiting_current(one) / limiting_current(two)
    assert ratio == pytest.approx((40e-6 / 1e-10 + 4e-6 / two.property("mid", "diffusivity")) / (40e-6 / 1e-10))
