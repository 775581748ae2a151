"""Derived parameters against formulas and numbers of the theory pages and of the literature."""

import math
from itertools import pairwise

import pytest

from femna.case import Case
from femna.derived.parameters import QUINTIC_LAW, bv_fraction, derive, limiting_current, salt
from femna.errors import BadInput
from femna.units import FARADAY, GAS_CONSTANT
from femna.validation.load import load_case

EDP_1 = (
    "temperature=299.935852 K",
    "interface={width='0.5 um', energy='0.2 J/m^2', mobility='6.25e-6 m^3/(J*s)'}",
    "kinetics.exchange_current_density=11.057219 A/m^2",
    "materials.na.molar_volume=1.3089005e-5 m^3/mol",
    "protocol=[{mode='voltage', value='0.45 V', until='0.1 s'}]",
)


def planar(*sets: str) -> Case:
    return load_case("planar", sets)


def test_the_benchmark_has_its_scaled_numbers() -> None:
    groups = derive(planar(*EDP_1))
    assert groups.double_well == pytest.approx(2.4e6)
    assert groups.gradient_coefficient == pytest.approx(0.3e-6)
    assert groups.mobility == 6.25e-6
    assert groups.reaction_constant == pytest.approx(1e-3, rel=1e-6)
    assert groups.barrier_ratio == pytest.approx(0.402, abs=5e-4)
    assert derive(load_case("edp-1")).barrier_ratio == pytest.approx(groups.barrier_ratio)


def test_the_mobility_follows_from_the_barrier_ratio() -> None:
    groups = derive(planar("interface.barrier_ratio=0.03"))
    assert groups.drive / (groups.mobility * groups.double_well) == pytest.approx(0.03)
    again = derive(planar(f"interface.mobility={groups.mobility!r}"))
    assert again.barrier_ratio == pytest.approx(0.03)


def test_the_drive_is_butler_volmers_current_over_3_l_f_cs() -> None:
    steps = "protocol=[{mode='voltage', value='0.1 V', until='1 h'}]"
    case = planar("kinetics.transfer_coefficient=0.4", "kinetics.standard_potential=-0.02 V", steps)
    groups = derive(case)
    scaled = FARADAY * (-0.1 + 0.02) / (GAS_CONSTANT * 298.15)
    current = 0.332 * abs(math.exp(0.6 * scaled) - math.exp(-0.4 * scaled))
    assert groups.kinetic_current == pytest.approx(current)
    assert groups.drive == pytest.approx(current / (3 * 0.25e-6 * FARADAY * case.site_density))


def test_the_largest_of_several_steps_counts_also_when_it_strips() -> None:
    steps = "protocol=[{mode='voltage', value=0.1, until=1}, {repeat=2, steps=[{mode='voltage', value=-0.3, until=1}]}]"
    assert derive(planar(steps)).kinetic_current == pytest.approx(
        0.332 * 2 * math.sinh(0.3 * FARADAY / GAS_CONSTANT / 596.3)
    )


def test_the_limiting_current_of_a_binary_salt() -> None:
    # 20 um, D+ 1e-10, D- 2e-10, 1 mol/L: 1929.71 A/m^2 = 4 F D+ c0/L between two metal electrodes, Sand at twice that
    # 0.1473 s
    case = planar("layer.electrolyte.thickness=20 um")
    assert salt(case) == pytest.approx((4e-10 / 3, 1 / 3))
    assert derive(case).limiting_current_A_m2 == pytest.approx(1929.71, abs=0.01)
    from femna.derived.parameters import sand_time

    assert sand_time(case, 2 * 1929.71) == pytest.approx(0.1473, abs=1e-4)


def test_the_limiting_current_is_the_solvers() -> None:
    """20 um of gel, D+ = 1e-10 m^2/s, an ideal counter: 2 F D+ c0/L = 964.85 A/m^2 for t+ = 1/3, however it is given.

    A solid on the anode holds no salt, whatever its diffusivity, which nothing needs.
    """
    gel = "{diffusivity=1e-10, transference_number=0.33333333333, ionic_conductivity=0.5, concentration=1000}"
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
    slow = "materials.slow={diffusivity=5e-11, anion_diffusivity=1e-10, ionic_conductivity=0.5}"
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


def test_no_current_has_no_sand_time() -> None:
    groups = derive(planar("interface.mobility=1e-6", "kinetics.exchange_current_density=0"))
    assert groups.sand_time_s == math.inf
    assert groups.barrier_ratio == 0.0


@pytest.mark.parametrize(("ratio", "fraction"), QUINTIC_LAW)
def test_the_table_of_the_lost_butler_volmer_law_is_hit(ratio: float, fraction: float) -> None:
    assert bv_fraction(ratio) == pytest.approx(fraction, abs=2e-4)


def test_the_law_falls_steadily_and_meets_its_limits() -> None:
    ratios = [10 ** (k / 20) for k in range(-80, 80)]
    values = [bv_fraction(ratio) for ratio in ratios]
    assert all(a > b for a, b in pairwise(values))
    assert bv_fraction(0.07) == pytest.approx(0.99, abs=1e-3)
    assert bv_fraction(0.17) == pytest.approx(0.95, abs=3e-3)
    assert bv_fraction(1e4) / bv_fraction(1e2) == pytest.approx(0.1, rel=1e-6)
    assert bv_fraction(0.3, "cubic") == 1.0
    assert math.isnan(bv_fraction(0.4, "cubic"))


def warnings(*sets: str) -> str:
    return "\n".join(derive(planar(*sets)).warnings)


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (0.08, "r = 0.08: the front keeps 98.* % of Butler-Volmer's speed .more than 1 %"),
        (0.2, "keeps 93.7 % .* more than 5 %"),
        (2.0, "keeps 47.8 % .*Tafel slope doubles"),
    ],
)
def test_a_lost_butler_volmer_law_is_told(ratio: float, words: str) -> None:
    import re

    assert re.search(words.replace("% .* more", "% .*more"), warnings(f"interface.barrier_ratio={ratio}"))


def test_quiet_where_all_is_well() -> None:
    assert "barrier ratio" not in warnings("interface.barrier_ratio=0.05")
    assert "tips" not in warnings()
    assert "convexity" not in warnings("interface.anisotropy.strength=0.13")
    assert "cells across" not in warnings("numerics.resolution=4")


def test_other_warnings() -> None:
    assert "spinodal" in warnings("interface.interpolation=cubic", "interface.barrier_ratio=0.4")
    assert "barrier ratio" not in warnings("interface.interpolation=cubic", "interface.barrier_ratio=0.3")
    assert "only 3 cells" in warnings("numerics.resolution=3")
    assert "convexity limit 2/(mode^2 - 1) = 0.133" in warnings("interface.anisotropy.strength=0.14")
    assert "assumed, not measured: gpe.diffusivity" in warnings()
    assert "gpe.diffusivity" not in warnings("materials.gpe.diffusivity=1e-10")
    assert "raise geometry.front_zone" in warnings("protocol=[{mode='voltage', value=0.1, until='40 um'}]")
    assert "tips sharper than 2.1e-06 m (l/(6 r))" in warnings(
        "geometry.dim=2", "geometry.width=10 um", "interface.barrier_ratio=0.02"
    )


def test_a_case_without_interface_and_kinetics_says_what_it_takes(tmp_path) -> None:
    path = tmp_path / "bare.toml"
    path.write_text(
        'model = "single_potential"\ngeometry.dim = 1\nlayer.a = {material = "na", thickness = "5 um"}\n'
        'layer.b = {material = "gpe", thickness = "20 um"}\nprotocol = [{mode = "voltage", value = 0.1, until = 1}]\n'
    )
    text = "\n".join(derive(load_case(path)).warnings)
    assert "taken by default: interface.width, interface.energy, kinetics.exchange_current_density" in text


def test_a_ratio_without_a_drive_is_refused() -> None:
    case = planar()
    idle = case.model_copy(update={"kinetics": case.kinetics.model_copy(update={"exchange_current_density": 0.0})})
    with pytest.raises(BadInput, match="drives no current"):
        derive(idle)
