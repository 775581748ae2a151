"""Linear stability of a plating front: known rates, layers in series, limits, and where the theory does not hold."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from femna.derived.front_stability import FrontStability
from femna.units import FARADAY
from femna.validation.load import load_case

THERMAL = 8.314462618 * 298.15 / FARADAY
CASE = """
model = "two_potential"
geometry = {dim = 2, width = "50 um"}
layer.anode = {material = "na", thickness = "10 um"}
layer.electrolyte = {material = "ceramic", thickness = "60 um"}
materials.ceramic = {ionic_conductivity = 0.5, concentration = 1000}
interface = {width = "0.5 um", energy = 0.22}
kinetics.exchange_current_density = 30
transport.kind = "single_ion"
protocol = [{mode = "current", value = "0.5 mA/cm^2", until = "1 h"}]
"""


def of(tmp_path: Path, *sets: str, current: float = 5.0) -> FrontStability | None:
    path = tmp_path / "case.toml"
    path.write_text(CASE)
    return FrontStability.of(load_case(path, sets), current)


def known(tmp_path: Path, *sets: str) -> FrontStability:
    found = of(tmp_path, *sets)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("wave", "gap", "rate"), [(50e-6, "60 um", 2.5892e-6), (20e-6, "60 um", 1.3327e-6), (10e-6, "40 um", -3.2696e-6)]
)
def test_rates_of_a_ceramic(wave: float, gap: float, rate: float, tmp_path: Path) -> None:
    """The numbers of tests/verification/test_perturbed_front.py, which the simulated front has to within 2 %."""
    front = known(tmp_path, f"layer.electrolyte.thickness={gap}")
    assert front.rate(wave) == pytest.approx(rate, rel=1e-4)


def test_the_fastest_wave_of_a_fast_reaction_is_root_three_of_the_neutral_one(tmp_path: Path) -> None:
    """R = 0, L infinite: k_max = k_c/sqrt(3), omega = 2/(3 sqrt(3)) (V_m i/F) k_c (Mullins and Sekerka's form)."""
    front = known(tmp_path, "kinetics.exchange_current_density=1e9", "layer.electrolyte.thickness=1 mm")
    neutral = 2.0 * math.pi * math.sqrt(0.5 * 0.22 / front.metal_charge / 5.0)
    assert front.neutral_wavelength == pytest.approx(neutral, rel=1e-12)
    assert front.fastest_wavelength == pytest.approx(math.sqrt(3.0) * neutral, rel=1e-5)
    fastest = 2.0 / (3.0 * math.sqrt(3.0)) * 5.0 / front.metal_charge * 2.0 * math.pi / neutral
    assert front.rate(math.sqrt(3.0) * neutral) == pytest.approx(fastest, rel=1e-5)
    assert front.rate(neutral) == pytest.approx(0.0, abs=1e-9 * fastest)


def test_a_slow_reaction_makes_the_fastest_wave_longer_and_slower(tmp_path: Path) -> None:
    thick = "layer.electrolyte.thickness=10 mm"
    slow, fast = known(tmp_path, thick), known(tmp_path, thick, "kinetics.exchange_current_density=3000")
    assert slow.fastest_wavelength == pytest.approx(106.7e-6, rel=1e-3)
    assert fast.fastest_wavelength is not None
    assert slow.fastest_wavelength > 2.0 * fast.fastest_wavelength
    assert slow.rate(slow.fastest_wavelength) < 0.2 * fast.rate(fast.fastest_wavelength)


def test_layers_of_one_conductivity_are_one_layer(tmp_path: Path) -> None:
    whole = known(tmp_path)
    (thickness, sigma, _), *_ = whole.layers
    split = replace(whole, layers=((0.1 * thickness, sigma, 0.0), (0.9 * thickness, sigma, 0.0)))
    assert split.rate(30e-6) == pytest.approx(whole.rate(30e-6), rel=1e-12)


def test_a_long_wave_meets_the_layers_in_series_and_a_short_one_the_first_alone(tmp_path: Path) -> None:
    """k -> 0: R + sum d/sigma + r."""
    front = known(
        tmp_path,
        'layer.film={material="skin", thickness="2 um", above="anode"}',
        "materials.skin={ionic_conductivity=1e-3}",
        "contacts.film-electrolyte.resistance=3e-3",
        "contacts.anode-film.resistance=5e-4",
    )
    assert front.layers == ((pytest.approx(2e-6), 1e-3, 3e-3), (pytest.approx(60e-6), 0.5, 0.0))
    assert front.resistance == pytest.approx(5e-4, rel=1e-12)
    series = 5e-4 + 2e-6 / 1e-3 + 3e-3 + 60e-6 / 0.5
    drive = 5.0 / 1e-3 / front.metal_charge
    assert front.rate(1.0) == pytest.approx(drive / series, rel=1e-5)
    k = 2.0 * math.pi / 1e-7
    alone = drive * (1.0 - front.capillarity * k**2 * 1e-3 / 5.0) / (5e-4 + 1.0 / (1e-3 * k))
    assert front.rate(1e-7) == pytest.approx(alone, rel=1e-9)


def test_a_salt_conducts_by_its_cation_alone_at_what_the_current_leaves_of_it(tmp_path: Path) -> None:
    """F D+ c/V_T with c = c0 (1 - i/i_lim) between two metal electrodes, i_lim = 4 F D+ c0/L."""
    limit = 4.0 * FARADAY * 1e-10 * 1000.0 / 60e-6
    salt = (
        "transport.kind=binary",
        "counter.kind=metal",
        "materials.gel={diffusivity=1e-10, anion_diffusivity=2e-10, concentration=1000}",
        "layer.electrolyte.material=gel",
    )
    front = of(tmp_path, *salt, current=0.25 * limit)
    assert front is not None
    assert front.layers[0][1] == pytest.approx(FARADAY * 1e-10 * 750.0 / THERMAL, rel=1e-9)
    assert of(tmp_path, *salt, current=limit) is None


@pytest.mark.parametrize(
    ("sets", "current"),
    [
        ((), 0.0),
        ((), -5.0),
        (("transport.kind=nernst_planck", "materials.ceramic.diffusivity=1e-10"), 5.0),
        (("materials.ceramic.electronic_conductivity=1e-3",), 5.0),
    ],
)
def test_where_the_theory_does_not_hold_there_is_none(sets: tuple[str, ...], current: float, tmp_path: Path) -> None:
    assert of(tmp_path, *sets, current=current) is None


def test_one_potential_has_none() -> None:
    assert FrontStability.of(load_case("demo"), 5.0) is None


def test_without_surface_energy_no_wave_is_the_fastest(tmp_path: Path) -> None:
    """Shorter ones always grow faster, towards (V_m/F) i/(sigma R)."""
    front = replace(known(tmp_path), capillarity=0.0)
    assert front.neutral_wavelength == 0.0
    assert front.fastest_wavelength is None
