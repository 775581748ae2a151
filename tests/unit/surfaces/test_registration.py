"""A kind of surface is one class: what is registered from outside works in case files like those of femna."""

import pickle
from collections.abc import Callable, Iterator
from typing import Annotated, ClassVar

import numpy as np
import pytest

from femna.case import Case
from femna.case.keys import allowed
from femna.case.read import read_case_text
from femna.geometry.initial_surface import front_range, initial_metal, surface_height
from femna.quantities import Length, Quantity
from femna.surfaces import Box, Finding, SurfaceKind, register
from femna.surfaces.surface_kind import KINDS, Floats

UM = 1e-6


class Ledge(SurfaceKind):
    """A step: higher by `height` where x is beyond `start`."""

    name: ClassVar[str] = "ledge"

    height: Length
    start: Annotated[float, Quantity("m", at_least=0)] = 0.0

    @property
    def reach(self) -> tuple[float, float]:
        return 0.0, self.height

    def check(self, sizes: tuple[float, ...]) -> Iterator[Finding]:
        if self.start > sizes[0]:
            yield Finding("start", f"is {self.start:g} m", f"at most {sizes[0]:g} m")

    def heights(self, lateral: Floats, box: Box) -> Floats:
        return box.level + np.where(lateral[:, 0] >= self.start, self.height, 0.0)


@pytest.fixture
def ledge() -> Iterator[None]:
    register(Ledge)
    yield
    del KINDS["ledge"]


SETS = ("surface.kind=ledge", "surface.height=2 um", "surface.start=4 um")


@pytest.mark.usefixtures("ledge")
def test_a_case_has_a_surface_of_a_kind_from_outside(loaded: Callable[..., Case]) -> None:
    case = loaded(*SETS)
    assert case.surface_reach == (0.0, 2.0 * UM)
    assert case.surface_top == pytest.approx(5.0 * UM)
    assert surface_height(case, np.array([[3.0 * UM], [5.0 * UM]])) == pytest.approx([3.0 * UM, 5.0 * UM])
    points = np.array([[3.0, 3.0], [5.0, 5.0], [5.0, 5.25]]) * UM
    assert initial_metal(case, points) == pytest.approx([0.5, 0.5, 0.5 * (1.0 - np.tanh(1.0))])
    assert front_range(case) == pytest.approx((3.0 * UM, 5.0 * UM))
    assert 'kind = "ledge"' in case.to_toml()
    assert read_case_text(case.to_toml(), "copy") == case
    assert pickle.loads(pickle.dumps(case)) == case


@pytest.mark.usefixtures("ledge")
def test_its_keys_are_read_like_all_others(refused: Callable[..., str]) -> None:
    assert "surface.start is '-1 m'; allowed: a quantity in m at least 0" in refused(*SETS, "surface.start=-1 m")
    assert "surface.start is 1 m; allowed: at most 1.2e-05 m" in refused(*SETS, "surface.start=1 m")
    assert refused(SETS[0]).endswith("surface.height is missing; kind 'ledge' needs height")
    assert refused(*SETS, "geometry.dim=1").endswith(
        "is 'ledge' with geometry.dim = 1; allowed: 'flat' in one dimension"
    )
    assert "surface.amplitude has no meaning for kind 'ledge'; allowed: height, start" in refused(
        *SETS, "surface.amplitude=1 um"
    )
    assert "closest: surface.start" in refused(*SETS, "surface.strat=1 um")
    assert allowed(("surface", "kind")).endswith("'volume' or 'ledge'")


def test_where_it_is_not_registered_nobody_knows_it(refused: Callable[..., str]) -> None:
    assert "surface.start is not a known key" in refused(*SETS)
    kinds = "'flat', 'random', 'cosine', 'bump', 'nuclei', 'heightmap' or 'volume'"
    assert f"surface.kind is 'ledge'; allowed: {kinds}" in refused("surface.kind=ledge")


def test_names_and_keys_are_taken_once() -> None:
    class Again(Ledge):
        name: ClassVar[str] = "flat"

    class Placed(Ledge):
        name: ClassVar[str] = "placed"
        position: Length = 0.0

    class Angular(Ledge):
        name: ClassVar[str] = "angular"
        height: Annotated[float, Quantity("rad")]

    for kind, why in (
        (Again, "there is a kind of surface 'flat' already"),
        (Placed, "every surface has a key 'position'"),
        (Angular, "the key 'height' has one type with kind 'bump', another with 'angular'"),
    ):
        with pytest.raises(ValueError, match=why):
            register(kind)
