"""A salt given by its conductivity and transference number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from femna.case import shipped_cases
from femna.case.read import read_case_text
from femna.errors import BadInput
from femna.physics.ion_transport.binary_salt import BinarySalt, salt_conductivity
from femna.units import FARADAY, GAS_CONSTANT
from femna.validation.load import load_case

TWO = ("model=two_potential", "interface={width='0.25 um'}", "transport={kind='binary'}")
CURRENT = "protocol=[{mode='current', value=5, until='1 h'}]"
MEASURED = ("materials.gpe.ionic_conductivity=0.3 S/m", "materials.gpe.transference_number=0.4")


def test_the_diffusivities_are_nernst_and_einsteins() -> None:
    case = load_case("planar", [*TWO, CURRENT, *MEASURED, "temperature=310"])
    both = 0.3 * GAS_CONSTANT * 310.0 / (FARADAY**2 * 1000.0)
    cation, anion = BinarySalt.diffusivities(case, "electrolyte")
    assert cation == pytest.approx(0.4 * both, rel=1e-12)
    assert anion == pytest.approx(0.6 * both, rel=1e-12)
    assert salt_conductivity(case, "electrolyte") == pytest.approx(0.3, rel=1e-12)
    for key in ("diffusivity", "anion_diffusivity"):
        assert case.materials["gpe"].get(key).provenance == "derived"


def test_with_an_activation_energy_the_conductivity_follows_its_law() -> None:
    activated = ("materials.gpe.activation_energy=0.3 eV", "materials.gpe.reference_temperature=300", "temperature=330")
    case = load_case("planar", [*TWO, CURRENT, *MEASURED, *activated])
    assert salt_conductivity(case, "electrolyte") == pytest.approx(case.property("electrolyte", "ionic_conductivity"))
    assert salt_conductivity(case, "electrolyte") != pytest.approx(0.3, rel=0.1)


def test_a_material_of_ones_own_needs_no_diffusivity() -> None:
    own = "materials.x={ionic_conductivity=0.3, transference_number=0.4, concentration='1 mol/L'}"
    case = load_case("planar", [*TWO, CURRENT, own, "layer.electrolyte.material=x"])
    assert salt_conductivity(case, "electrolyte") == pytest.approx(0.3, rel=1e-12)


def test_what_follows_from_an_assumed_value_is_assumed() -> None:
    assumed = "materials.gpe.ionic_conductivity={value=0.3, source='mine', provenance='assumed'}"
    case = load_case("planar", [*TWO, CURRENT, assumed, MEASURED[1]])
    assert case.materials["gpe"].diffusivity.provenance == "assumed"


def test_a_resolved_copy_reads_back_and_follows_another_temperature(tmp_path: Path) -> None:
    case = load_case("planar", [*TWO, CURRENT, *MEASURED])
    assert read_case_text(case.to_toml(), "copy") == case
    path = tmp_path / "copy.toml"
    path.write_text(case.to_toml())
    assert salt_conductivity(load_case(path, ["temperature=320"]), "electrolyte") == pytest.approx(0.3, rel=1e-12)


def test_other_kinds_of_transport_keep_their_diffusivity() -> None:
    case = load_case("planar", [*TWO, CURRENT, *MEASURED, "transport.kind=nernst_planck"])
    assert case.property("electrolyte", "diffusivity") == 1e-10


def test_a_salted_layer_needs_no_conductivity() -> None:
    own = "materials.x={diffusivity=1e-10, anion_diffusivity=2e-10, concentration='1 mol/L'}"
    case = load_case("planar", [*TWO, CURRENT, own, "layer.electrolyte.material=x"])
    assert salt_conductivity(case, "electrolyte") == pytest.approx(1.127, rel=1e-3)


def test_a_salt_of_which_too_little_is_said() -> None:
    own = "materials.x={ionic_conductivity=0.3, concentration='1 mol/L'}"
    with pytest.raises(
        BadInput, match=r"x.diffusivity is missing.*or ionic_conductivity and transference_number in pl"
    ):
        load_case("planar", [*TWO, CURRENT, own, "layer.electrolyte.material=x"])


@pytest.mark.parametrize("more", ["anion_diffusivity=2e-10", "transference_number=0.3333"])
def test_contradictory_values_are_refused(more: str, write: Callable[..., Path]) -> None:
    both = ("materials.gpe.diffusivity=1e-10", f"materials.gpe.{more}")
    with pytest.raises(BadInput, match=r"gpe.ionic_conductivity is 0.3 S/m, but .* is 1.127 S/m; allowed: 1.127 S/m"):
        load_case("planar", [*TWO, CURRENT, *both, MEASURED[0]])
    load_case("planar", [*TWO, CURRENT, *both, "materials.gpe.ionic_conductivity=1.127"])


DIMS = [(info.name, dim) for info in shipped_cases() for dim in (1, 2, 3) if (info.name, dim) != ("edp-1", 1)]


@pytest.mark.parametrize(("name", "dim"), DIMS)
def test_a_resolved_case_can_be_run_again(name: str, dim: int, tmp_path: Path) -> None:
    """Through every rule, as `femna run DIR/case.toml` asks it."""
    case = load_case(name, geometry__dim=dim)
    path = tmp_path / "case.toml"
    path.write_text(case.to_toml(), encoding="utf-8")
    assert load_case(path) == case


def test_the_conductivity_of_a_salt_by_its_diffusivities(tmp_path: Path) -> None:
    """F^2 (D+ + D-) c0/(RT), with D- = 2 D+ in the library's gel: 1.127 S/m for 1e-10 m^2/s and 1 mol/L at 25 degC."""
    d_plus = {"value": "1e-10 m^2/s", "provenance": "assumed", "source": "a test"}
    case = load_case("mci-top", overrides={"materials.gpe.diffusivity": d_plus})
    sigma = FARADAY**2 * 3e-10 * 1000.0 / (GAS_CONSTANT * 298.15)
    assert case.materials["gpe"].ionic_conductivity.value == pytest.approx(sigma, rel=1e-9)
    assert case.materials["gpe"].ionic_conductivity.provenance == "assumed"
    # what the user gives is kept, and named as unused by a warning; the copy runs again too
    given = load_case("mci-top", materials__gpe__ionic_conductivity="0.4 S/m")
    assert given.materials["gpe"].ionic_conductivity.value == 0.4
    path = tmp_path / "case.toml"
    path.write_text(given.to_toml(), encoding="utf-8")
    assert load_case(path) == given
