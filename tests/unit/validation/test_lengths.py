"""A number without a unit, for a length in micrometres."""

from __future__ import annotations

import pytest

import femna
from femna.derived.parameters import derive
from femna.errors import BadInput
from femna.validation.warnings import case_warnings


@pytest.mark.parametrize(
    ("key", "value"),
    [("layer.electrolyte.thickness", 20), ("geometry.width", 5), ("counter.thickness", 3)],
)
def test_metres_are_refused(key: str, value: float) -> None:
    with pytest.raises(BadInput, match=rf"{key} is {value} m \(a number without a unit is in m\).*'{value} um'"):
        femna.load_case("planar", ["model=two_potential", "counter.kind=metal", f"{key}={value}"])


def test_millimetres_are_questioned() -> None:
    case = femna.load_case("planar", ["layer.electrolyte.thickness=0.002"])
    asked = [line for line in case_warnings(case, derive(case)) if "are they meant" in line]
    assert len(asked) == 1
    assert asked[0].startswith("1 mm or more: layer.electrolyte.thickness = 0.002 m; a number without a unit is in m")
    usual = femna.load_case("planar")
    assert not [line for line in case_warnings(usual, derive(usual)) if "are they meant" in line]
