"""The metal of a case: one key for the first layer's material, its molar volume, its name in texts and figures."""

from collections.abc import Callable
from pathlib import Path

import pytest

from femna.case import Case
from femna.case.read import read_case_text
from femna.derived.parameters import derive
from femna.materials import Metal
from femna.models.registry import output_fields
from femna.validation.load import load_case
from femna.validation.warnings import case_warnings


def warnings(case: Case) -> str:
    return "\n".join(case_warnings(case, derive(case)))


def test_sodium_where_nothing_is_said(loaded: Callable[..., Case]) -> None:
    case = loaded()
    assert (case.metal, case.valence, case.layer["anode"].material) == ("na", 1, "na")
    assert 3.6e10 / case.metal_charge == pytest.approx(8.861450, rel=1e-6)


@pytest.mark.parametrize(
    ("metal", "symbol", "name", "ion"),
    [
        ("na", "Na", "sodium", "Na+"),
        ("li", "Li", "lithium", "Li+"),
        ("k", "K", "potassium", "K+"),
        ("zn", "Zn", "zinc", "Zn2+"),
    ],
)
def test_the_metal_is_the_first_layers_material(
    loaded: Callable[..., Case], metal: str, symbol: str, name: str, ion: str
) -> None:
    case = loaded(f"metal={metal}")
    assert case == loaded(f"layer.anode.material={metal}")
    assert case.layer["anode"].material == metal
    names = case.metal_names
    assert (names.symbol, names.name, names.ion) == (symbol, name, ion)
    assert read_case_text(case.to_toml(), "copy") == case


def test_the_later_of_the_two_counts(loaded: Callable[..., Case], refused: Callable[..., str]) -> None:
    assert "metal is 'li', and layer.anode.material 'k'; allowed: one of the two" in refused(
        "metal=li", "layer.anode.material=k"
    )


def test_a_file_may_leave_the_first_layers_material_out(tmp_path: Path) -> None:
    text = """
model = "two_potential"
{metal}
[geometry]
dim = 1
[layer.anode]
thickness = "10 um"
[layer.electrolyte]
material = "gpe"
thickness = "30 um"
[[protocol]]
mode = "current"
value = "1 mA/cm^2"
until = "1 min"
"""
    (tmp_path / "plain.toml").write_text(text.format(metal=""))
    (tmp_path / "zinc.toml").write_text(text.format(metal='metal = "zn"'))
    (tmp_path / "next.toml").write_text('extends = "zinc.toml"\n[layer.anode]\nmaterial = "k"\n')
    assert load_case(tmp_path / "plain.toml").metal == "na"
    assert load_case(tmp_path / "zinc.toml").metal == "zn"
    assert load_case(tmp_path / "next.toml").metal == "k"
    assert load_case(tmp_path / "next.toml", ["metal=li"]).layer["anode"].material == "li"


def test_what_is_no_metal(refused: Callable[..., str]) -> None:
    assert "metal is 'lithium'; allowed: 'k', 'li', 'na' or 'zn', or a material of [materials] with" in refused(
        "metal=lithium"
    )
    assert "materials.gpe.molar_volume is missing, and layer 'anode' needs it" in refused("metal=gpe")
    assert "materials.zn.valence is 1.5; allowed: 1, 2, 3 or 4" in refused("metal=zn", "materials.zn.valence=1.5")


MAGNESIUM = (
    "materials.mg={density='1.738 g/cm^3', molar_mass='24.305 g/mol', valence=2, electronic_conductivity='2e7 S/m'}"
)


def test_a_metal_of_ones_own(loaded: Callable[..., Case]) -> None:
    """24.305/1.738/(2 F) cm^3/C: 2.6089 um for each mAh/cm^2."""
    case = loaded("model=two_potential", "metal=mg", MAGNESIUM)
    assert case.metal_names == Metal("mg", 2)
    assert case.metal_names.ion_label == "mg$^{2+}$"
    assert 3.6e10 / case.metal_charge == pytest.approx(3.6e10 * 24.305e-6 / 1.738 / (2 * 96485.33212), rel=1e-9)
    assert read_case_text(case.to_toml(), "copy") == case
    assert "is given and not used" not in warnings(case)


def test_a_density_takes_the_place_of_the_librarys_volume(
    loaded: Callable[..., Case], refused: Callable[..., str]
) -> None:
    assert loaded("materials.na.density=0.9 g/cm^3").site_density == pytest.approx(900 / 22.98977e-3, rel=1e-12)
    assert loaded("materials.na.molar_volume=24e-6").site_density == pytest.approx(1 / 24e-6)
    both = refused("materials.na.density=0.9 g/cm^3", "materials.na.molar_volume=24e-6")
    assert "materials.na.molar_volume is 2.4e-05 m^3/mol, but molar_mass over density is 2.554e-05 m^3/mol" in both


def test_warnings_name_the_metal(loaded: Callable[..., Case]) -> None:
    assert "above potassium's melting point, 336.65 K" in warnings(loaded("metal=k", "temperature=340"))
    assert "melting" not in warnings(loaded("metal=zn", "temperature=340"))
    assert "for sodium's ions, and is taken for Zn2+ as it is" in warnings(loaded("metal=zn"))
    assert "sodium" not in warnings(loaded())
    mine = warnings(
        loaded("metal=x", "materials.x={molar_volume=2e-5, electronic_conductivity=1e7, diffusivity=1e-14}")
    )
    assert "materials.x.valence is not given: the ion of the metal is taken to have one charge" in mine


def test_fields_and_descriptions_name_the_ion(loaded: Callable[..., Case]) -> None:
    labels = {field.key: field.label for field in output_fields(loaded("metal=zn"))}
    assert labels["c"] == "Zn$^{2+}$ concentration"
