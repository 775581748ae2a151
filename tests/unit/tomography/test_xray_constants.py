"""Attenuation and refraction against numbers of xraylib that were written down, and against xraylib itself."""

from __future__ import annotations

import pytest

from femna.case import Case
from femna.errors import BadInput
from femna.materials import load_compositions, load_library
from femna.tomography.xray_constants import energy_of, phase_constants, xray_constants
from femna.validation.load import load_case

pytest.importorskip("xraydb", reason="an extra of femna")

GEL = "NaPF6(C3H6O2)13.12"
ENERGIES = (15, 20, 25, 30, 40, 60)
TABLE = {
    ("Na", 0.968): (4.54, 1.99, 1.09, 0.697, 0.384, 0.220),
    ("NaF", 2.56): (9.47, 4.20, 2.34, 1.53, 0.884, 0.540),
    ("Na3Sb", 2.67): (88.5, 40.6, 22.2, 13.7, 34.9, 11.9),
    ("Sn", 7.287): (340, 156, 85.6, 300, 142, 47.8),
    ("SnF2", 4.57): (164, 75.6, 41.4, 143, 67.6, 22.9),
    ("Na3Zr2Si2PO12", 3.27): (37.8, 85.9, 47.9, 29.5, 13.7, 4.71),
    (GEL, 1.14): (1.96, 0.944, 0.586, 0.429, 0.301, 0.227),
}
"""1/cm, of composition and density in g/cm^3, at ENERGIES in keV."""


@pytest.mark.parametrize(("formula", "density"), TABLE)
def test_attenuation(formula, density):
    for energy, expected in zip(ENERGIES, TABLE[formula, density], strict=True):
        found = xray_constants(formula, density * 1e3, energy * 1e3).attenuation / 100
        assert found == pytest.approx(expected, rel=0.01), energy


@pytest.mark.parametrize(("formula", "density"), TABLE)
def test_attenuation_by_xraylib(formula, density):
    xraylib = pytest.importorskip("xraylib", reason="not among the packages of the tests")
    import xraydb

    for energy in ENERGIES:
        parts = {name: number * xraydb.atomic_mass(name) for name, number in xraydb.chemparse(formula).items()}
        mixed = sum(m * xraylib.CS_Total(xraylib.SymbolToAtomicNumber(name), energy) for name, m in parts.items())
        expected = density * mixed / sum(parts.values())
        assert xray_constants(formula, density * 1e3, energy * 1e3).attenuation / 100 == pytest.approx(
            expected, rel=0.01
        )


def test_sodium_is_brighter_in_absorption_and_darker_in_phase():
    sodium, gel = xray_constants("Na", 968.0, 20e3), xray_constants(GEL, 1140.0, 20e3)
    assert sodium.attenuation - gel.attenuation == pytest.approx(105.0, rel=0.01)
    assert (sodium.refraction, gel.refraction) == pytest.approx((4.82e-7, 6.28e-7), rel=2e-3)


@pytest.mark.parametrize(("text", "energy"), [("20 keV", 20e3), ("20000 eV", 20e3), ("0.06 MeV", 60e3)])
def test_energies(text, energy):
    assert energy_of(text) == pytest.approx(energy, rel=1e-12)


@pytest.mark.parametrize("text", ["20", "20 eV", "20 MeV", "20 um", "keV", "-20 keV"])
def test_an_energy_without_its_unit_or_outside_the_tables_is_refused(text):
    with pytest.raises(BadInput, match="--energy"):
        energy_of(text)


@pytest.mark.parametrize("material", load_library())
def test_every_shipped_material_has_composition_and_density(material):
    entry = load_compositions()[material]
    assert set(entry) == {"value", "source", "provenance"}
    density = load_library()[material]["density"]["value"]
    assert 0 < xray_constants(entry["value"], 1e3 * float(density.removesuffix(" g/cm^3")), 20e3).attenuation < 1e6


def shipped(name: str, **overrides) -> Case:
    return load_case(name, **overrides)


def test_phases_of_a_stack_by_their_materials():
    """What the metal leaves of the first layer is filled by the second."""
    metal, phases = phase_constants(shipped("sfc-na"), 20e3)
    assert metal.attenuation == pytest.approx(199.0, rel=0.01)
    layer, gel = xray_constants("Na6F3Sb", 2630.0, 20e3), xray_constants(GEL, 1140.0, 20e3)
    assert phases == (layer, layer, gel)


def test_an_unknown_material_is_told():
    with pytest.raises(BadInput, match=r"materials\.edp-metal consists of"):
        phase_constants(shipped("edp-1"), 20e3)
