"""What a resumed run may change of its case."""

from collections.abc import Callable

import pytest

from femna.case import Case
from femna.errors import BadInput
from femna.validation.resumed_case import check_protocol, resumed_case

STEP = "{mode='voltage', value=%s, until=1}"


def steps(*volts: float) -> str:
    return f"protocol=[{', '.join(STEP % value for value in volts)}]"


@pytest.mark.parametrize(
    "text",
    ["numerics.resolution=8", "numerics.cell_size=1 um", "numerics={tolerance=0.1, resolution=8}"],
)
def test_the_mesh_stays(loaded: Callable[..., Case], text: str) -> None:
    told = f"--set {text}: numerics.*a run keeps its mesh; allowed: numerics.tolerance, .dt_max"
    with pytest.raises(BadInput, match=told):
        resumed_case(loaded().to_toml(), "case.toml", ["numerics.max_steps=3", text])


def test_the_mesh_may_be_given_as_it_was(loaded: Callable[..., Case]) -> None:
    for sets in ([], ["numerics.resolution=5"], [f"numerics.cell_size={loaded().fine_cell!r} m"]):
        resumed_case(loaded().to_toml(), "case.toml", sets)


def test_a_key_that_cannot_change_names_what_can(loaded: Callable[..., Case]) -> None:
    with pytest.raises(BadInput) as caught:
        resumed_case(loaded().to_toml(), "case.toml", ["geometry.dim=3"])
    assert str(caught.value).endswith("geometry.dim cannot be changed now; allowed: protocol, numerics, output")
    with pytest.raises(BadInput, match="closest: numerics"):
        resumed_case(loaded().to_toml(), "case.toml", ["numeric.tolerance=0.1"])


def test_steps_that_are_done_stay(loaded: Callable[..., Case]) -> None:
    old = loaded(steps(0.1, 0.2, 0.3))

    def check(position: int, *volts: float) -> None:
        check_protocol(old, loaded(steps(*volts)), position, "case.toml", [steps(*volts)])

    check(2, 0.1, 0.2, 0.3)
    check(2, 0.1, 0.2, 0.4)
    check(2, 0.1, 0.2, 0.3, 0.4)
    check(0, 0.4)
    with pytest.raises(
        BadInput, match=r"--set protocol=.*: protocol has 2 steps, and the run stands in step 3; allowed"
    ):
        check(2, 0.1, 0.2)
    with pytest.raises(BadInput, match=r"protocol has another step 2, which is done; the run stands in step 3"):
        check(2, 0.1, 0.3, 0.3)
