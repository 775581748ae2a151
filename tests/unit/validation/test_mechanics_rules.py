"""What `[mechanics]` can be asked for."""

from __future__ import annotations

import pytest

from femna.errors import BadInput
from femna.validation.load import load_case
from femna.validation.mechanics_warnings import mechanics_warnings

ELASTIC = "mechanics.model=elastic"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (
            ["numerics.adaptive_mesh=true"],
            "mechanics.model is 'elastic', which is not available yet with",
        ),
        (["mechanics.stack_pressure=1 MPa"], "mechanics.stack_pressure is given, and mechanics.top is 'free'"),
        (["mechanics.spring_stiffness=1e9"], "mechanics.spring_stiffness is given, and mechanics.top is 'free'"),
        (
            ["mechanics.acts_on_kinetics=true", "mechanics.interval=2"],
            "mechanics.interval is more than 1, and",
        ),
        (["mechanics.top=spring"], "mechanics.spring_stiffness is missing, and mechanics.top is 'spring'"),
        (["mechanics.top=pressure"], "mechanics.stack_pressure is missing, and mechanics.top is 'pressure'"),
        (["materials.gpe.poisson_ratio=0.5"], "materials.gpe.poisson_ratio is 0.5, and layer 'electrolyte' has an"),
    ],
)
def test_what_does_not_go_together_is_told(settings: list[str], why: str) -> None:
    with pytest.raises(BadInput, match=why.replace(".", r"\.")):
        load_case("mci-top", [ELASTIC, *settings])


def test_every_layer_needs_moduli() -> None:
    """One line says which material lacks which."""
    settings = ["materials.new.ionic_conductivity=1 S/m", "materials.new.electronic_conductivity=0 S/m"]
    with pytest.raises(BadInput, match=r"materials\.new\.youngs_modulus is missing, and layer 'interphase' needs it"):
        load_case("mci-top", [ELASTIC, *settings, "layer.interphase.material=new"])


@pytest.mark.parametrize("top", ["free", "fixed"])
def test_nothing_is_asked_without_mechanics(top: str) -> None:
    """And both tops without a number are taken."""
    assert load_case("mci-top", ["numerics.adaptive_mesh=true"]).mechanics.model == "none"
    assert load_case("mci-top", [ELASTIC, f"mechanics.top={top}"]).mechanics.top == top


NAF_BENT = [
    ELASTIC,
    "layer.interphase.material=naf",
    "layer.interphase.thickness=1 um",
    "surface={kind='cosine', amplitude='50 nm', wavelength='10 um'}",
]


def breaking(*settings: str) -> list[str]:
    case = load_case("mci-top", [*NAF_BENT, *settings])
    return [line for line in mechanics_warnings(case) if "'interphase'" in line]


def test_a_layer_that_would_break_is_told() -> None:
    """1 um of NaF bent to 50 nm over 10 um: 795.936 MPa, to which what it is under at the start adds."""
    assert "795.9 MPa in its faces, more than its strength of 100 MPa" in breaking("materials.naf.strength=100 MPa")[0]
    assert breaking("materials.naf.strength=800 MPa") == []
    added = breaking("materials.naf.strength=800 MPa", "materials.naf.residual_stress=10 MPa")
    assert "805.9 MPa in its faces, more than its strength of 800 MPa" in added[0]
    assert breaking()[0].endswith("materials.naf.strength is not known")


def test_no_estimate_without_mechanics_or_a_bend() -> None:
    assert list(mechanics_warnings(load_case("mci-top", NAF_BENT[1:]))) == []
    assert list(mechanics_warnings(load_case("mci-top", [ELASTIC, "geometry.dim=1", "surface.kind=flat"]))) == []
