"""The constants of the phase field against the sharp-interface relations."""

import math
from itertools import pairwise

import pytest

from femna.case import Case
from femna.errors import BadInput
from femna.physics.phase_field_constants import QUINTIC_LAW, bv_fraction, phase_field_constants
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
    constants = phase_field_constants(planar(*EDP_1))
    assert constants.double_well == pytest.approx(2.4e6)
    assert constants.gradient_coefficient == pytest.approx(0.3e-6)
    assert constants.mobility == 6.25e-6
    assert constants.reaction_constant == pytest.approx(1e-3, rel=1e-6)
    assert constants.barrier_ratio == pytest.approx(0.402, abs=5e-4)
    assert phase_field_constants(load_case("edp-1")).barrier_ratio == pytest.approx(constants.barrier_ratio)


def test_the_mobility_follows_from_the_barrier_ratio() -> None:
    constants = phase_field_constants(planar("interface.barrier_ratio=0.03"))
    assert constants.drive / (constants.mobility * constants.double_well) == pytest.approx(0.03)
    again = phase_field_constants(planar(f"interface.mobility={constants.mobility!r}"))
    assert again.barrier_ratio == pytest.approx(0.03)


def test_the_drive_is_butler_volmers_current_over_3_l_f_cs() -> None:
    steps = "protocol=[{mode='voltage', value='0.1 V', until='1 h'}]"
    case = planar("kinetics.transfer_coefficient=0.4", "kinetics.standard_potential=-0.02 V", steps)
    constants = phase_field_constants(case)
    scaled = FARADAY * (-0.1 + 0.02) / (GAS_CONSTANT * 298.15)
    current = 0.332 * abs(math.exp(0.6 * scaled) - math.exp(-0.4 * scaled))
    assert constants.kinetic_current == pytest.approx(current)
    assert constants.drive == pytest.approx(current / (3 * 0.25e-6 * FARADAY * case.site_density))


def test_the_largest_of_several_steps_counts_also_when_it_strips() -> None:
    steps = "protocol=[{mode='voltage', value=0.1, until=1}, {repeat=2, steps=[{mode='voltage', value=-0.3, until=1}]}]"
    assert phase_field_constants(planar(steps)).kinetic_current == pytest.approx(
        0.332 * 2 * math.sinh(0.3 * FARADAY / GAS_CONSTANT / 596.3)
    )


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


def test_a_ratio_without_a_drive_is_refused() -> None:
    case = planar()
    idle = case.model_copy(update={"kinetics": case.kinetics.model_copy(update={"exchange_current_density": 0.0})})
    with pytest.raises(BadInput, match="drives no current"):
        phase_field_constants(idle)
