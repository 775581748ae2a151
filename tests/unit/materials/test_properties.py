"""A property of a material is one declaration: what is registered from outside works in cases like those of femna."""

import pickle
from collections.abc import Callable, Iterator

import pytest

from femna.case import Case
from femna.case.keys import allowed
from femna.case.read import read_case_text
from femna.errors import BadInput
from femna.materials import PROPERTIES, MaterialProperty, arrhenius_diffusivity, register
from femna.quantities import Quantity


@pytest.fixture
def hopping_rate() -> Iterator[None]:
    """An activated property."""
    register(MaterialProperty("hopping_rate", Quantity("1/s", above=0), "jumps a second", arrhenius_diffusivity))
    yield
    del PROPERTIES["hopping_rate"]


GIVEN = 'materials.naf.hopping_rate={value="2 kHz", source="a guess", provenance="assumed"}'


@pytest.mark.usefixtures("hopping_rate")
def test_a_case_gives_a_property_from_outside(loaded: Callable[..., Case]) -> None:
    case, warm = loaded(GIVEN), loaded(GIVEN, "temperature=330 K")
    # naf has an activation energy of 31.18 kJ/mol
    assert case.property("interphase", "hopping_rate") == pytest.approx(2e3)
    rise = arrhenius_diffusivity(1.0, 31.18e3, 298.15, 330.0)
    assert warm.property("interphase", "hopping_rate") == pytest.approx(2e3 * rise)
    entry = case.materials["naf"].get("hopping_rate")
    assert entry is not None
    assert (entry.source, entry.provenance) == ("a guess", "assumed")
    assert "hopping_rate" in dict(case.materials["naf"].values())
    assert read_case_text(case.to_toml(), "copy") == case
    assert pickle.loads(pickle.dumps(case)) == case
    with pytest.raises(BadInput, match=r"materials.gpe.hopping_rate is missing; layer 'electrolyte' needs it"):
        case.property("electrolyte", "hopping_rate")


@pytest.mark.usefixtures("hopping_rate")
def test_it_is_read_like_all_others(refused: Callable[..., str]) -> None:
    assert "materials.naf.hopping_rate is 0; allowed: a quantity in 1/s greater than 0" in refused(
        "materials.naf.hopping_rate=0"
    )
    assert "closest: materials.naf.hopping_rate" in refused("materials.naf.hoping_rate=1")
    assert allowed(("materials", "naf", "hopping_rate")).startswith("a quantity in 1/s")


def test_where_it_is_not_declared_nobody_knows_it(refused: Callable[..., str]) -> None:
    assert "materials.naf.hopping_rate is not a known key" in refused(GIVEN)


def test_names_are_taken_once() -> None:
    with pytest.raises(ValueError, match="there is a property 'diffusivity' already"):
        register(MaterialProperty("diffusivity", Quantity("m^2/s"), "again"))


def test_every_property_says_what_it_is() -> None:
    assert all(declared.meaning and declared.name == name for name, declared in PROPERTIES.items())
    assert {name for name, declared in PROPERTIES.items() if declared.law} == {
        "diffusivity",
        "anion_diffusivity",
        "ionic_conductivity",
    }
