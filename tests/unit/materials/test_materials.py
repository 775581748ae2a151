"""The material library: nothing without unit, source and provenance, and numbers that fit each other."""

from __future__ import annotations

import math
from typing import Any

import pint
import pytest

from femna.materials import (
    PROPERTIES,
    PROVENANCES,
    arrhenius_conductivity,
    arrhenius_diffusivity,
    load_library,
    nernst_einstein,
)
from femna.units import FARADAY, GAS_CONSTANT

UNITS = pint.UnitRegistry()
ROOM = 298.15
RT = GAS_CONSTANT * ROOM
NAMES = ["na", "li", "k", "zn", "native-sei", "naf", "na3sb", "mci", "gpe", "na-sn", "snf2-layer", "nzsp", "nzsp-nsf"]


def si(material: str, name: str) -> float:
    value: Any = load_library()[material][name]["value"]
    return float(value) if isinstance(value, (int, float)) else float(UNITS(value).to(PROPERTIES[name].unit).magnitude)


def entries() -> list[tuple[str, str, dict]]:
    return [(m, name, entry) for m, table in load_library().items() for name, entry in table.items()]


def test_library_is_complete() -> None:
    assert sorted(load_library()) == sorted(NAMES)


@pytest.mark.parametrize(("material", "name", "entry"), entries(), ids=[f"{m}.{n}" for m, n, _ in entries()])
def test_every_value_has_unit_source_and_provenance(material: str, name: str, entry: dict) -> None:
    assert set(entry) - {"low", "high"} == {"value", "source", "provenance"}
    assert entry["provenance"] in PROVENANCES
    assert len(entry["source"]) > 20
    if not PROPERTIES[name].unit:
        assert isinstance(entry["value"], float)
    else:
        assert isinstance(entry["value"], str)
        assert UNITS(entry["value"]).check(UNITS(PROPERTIES[name].unit).dimensionality)
    assert si(material, name) > 0


@pytest.mark.parametrize(("material", "name", "entry"), entries(), ids=[f"{m}.{n}" for m, n, _ in entries()])
def test_what_rests_on_an_assumption_is_called_assumed(material: str, name: str, entry: dict) -> None:
    if "the assumed" in entry["source"] or "this table's assumed" in entry["source"]:
        assert entry["provenance"] == "assumed"


@pytest.mark.parametrize(("material", "name", "entry"), entries(), ids=[f"{m}.{n}" for m, n, _ in entries()])
def test_assumed_transport_has_a_published_range(material: str, name: str, entry: dict) -> None:
    """Within it, or the source says why not."""
    if name not in ("diffusivity", "anion_diffusivity", "ionic_conductivity") or entry["provenance"] != "assumed":
        return
    if "density" in load_library()[material]:  # a metal, in which c has no meaning
        return
    low, high = (float(UNITS(entry[key]).to(PROPERTIES[name].unit).magnitude) for key in ("low", "high"))
    assert 0.0 < low < high
    reasons = ("estimate", "native-sei", "far above", "Of the strip")
    assert low <= si(material, name) <= high or any(reason in entry["source"] for reason in reasons)


def test_library_is_the_callers_own() -> None:
    load_library()["na"]["diffusivity"]["value"] = "changed"
    assert load_library()["na"]["diffusivity"]["value"] != "changed"


@pytest.mark.parametrize(("material", "energy", "ratio"), [("naf", 31.18e3, 1.759), ("mci", 17.83e3, 383.8)])
def test_interphase_ratios_follow_from_the_measured_energies(material: str, energy: float, ratio: float) -> None:
    exact = math.exp((32.58e3 - energy) / RT)
    assert exact == pytest.approx(ratio, rel=2e-4)
    assert si(material, "diffusivity") / si("native-sei", "diffusivity") == pytest.approx(exact, rel=1e-5)
    assert si(material, "activation_energy") == pytest.approx(energy)


@pytest.mark.parametrize("material", ["native-sei", "naf", "mci"])
def test_interphase_conductivity_is_nernst_einsteins(material: str) -> None:
    expected = nernst_einstein(si(material, "diffusivity"), si("gpe", "concentration"), ROOM)
    assert si(material, "ionic_conductivity") == pytest.approx(expected, rel=2e-5)


@pytest.mark.parametrize("material", ["nzsp", "nzsp-nsf"])
def test_ceramic_charge_diffusivity_is_nernst_einsteins(material: str) -> None:
    at = si(material, "reference_temperature")
    sigma = nernst_einstein(si(material, "diffusivity"), si(material, "concentration"), at)
    assert sigma == pytest.approx(si(material, "ionic_conductivity"), rel=1e-4)


def test_alloy_and_mixtures_follow_bruggeman() -> None:
    salt = nernst_einstein(si("na-sn", "diffusivity"), 1 / si("na-sn", "molar_volume"), ROOM)
    assert si("na-sn", "ionic_conductivity") == pytest.approx(salt, rel=1e-3)
    for name in ("diffusivity", "ionic_conductivity", "electronic_conductivity"):
        assert si("snf2-layer", name) == pytest.approx((1 - 1.5 * 17.2 / 62.2) * si("na-sn", name), rel=1e-3)
        assert si("mci", name) == pytest.approx((1 - 1.5 * 0.408) * si("na3sb", name), rel=1e-3)
    layer_resistance = 18e-6 / si("snf2-layer", "ionic_conductivity")
    assert layer_resistance < 0.1 * 2.0e-4


def test_nernst_einstein_of_the_ideal_salt() -> None:
    assert nernst_einstein(3e-10, 1000.0, ROOM) == pytest.approx(1.127, rel=1e-3)


@pytest.mark.parametrize(
    ("celsius", "s_per_cm"), [(30, 1.580e-3), (50, 3.240e-3), (75, 7.04e-3), (85, 9.31e-3), (100, 1.373e-2)]
)
def test_doped_ceramic_conductivity_over_temperature(celsius: float, s_per_cm: float) -> None:
    values = [si("nzsp-nsf", n) for n in ("ionic_conductivity", "activation_energy", "reference_temperature")]
    assert arrhenius_conductivity(*values, celsius + 273.15) == pytest.approx(100 * s_per_cm, rel=5e-4)


def test_doped_ceramic_prefactor() -> None:
    sigma, energy, at = (
        si("nzsp-nsf", n) for n in ("ionic_conductivity", "activation_energy", "reference_temperature")
    )
    assert sigma / 100 * at * math.exp(energy / (GAS_CONSTANT * at)) == pytest.approx(1.467e5, rel=1e-3)
    assert energy == pytest.approx(0.33 * FARADAY, rel=1e-4)


def test_the_two_laws_agree_through_nernst_einstein() -> None:
    warm, c, d, energy = 340.0, 1000.0, 1e-12, 3e4
    diffusivity = arrhenius_diffusivity(d, energy, ROOM, warm)
    conductivity = arrhenius_conductivity(nernst_einstein(d, c, ROOM), energy, ROOM, warm)
    assert diffusivity > 2 * d
    assert conductivity == pytest.approx(nernst_einstein(diffusivity, c, warm), rel=1e-12)


def test_sodium() -> None:
    assert 1 / si("na", "molar_volume") == pytest.approx(42106, rel=1e-4)
    assert si("na", "molar_volume") == pytest.approx(22.98977e-3 / 968, rel=1e-4)
    terms = ((8.0, 14000), (0.144, 10840), (0.009, 8720))
    d = sum(a * math.exp(-e / (1.987204 * 300)) for a, e in terms) * 1e-4
    assert si("na", "diffusivity") == pytest.approx(d, rel=0.01)
