"""A small stand-in for a resolved case: only what femna.meshing reads."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

UM = 1e-6


class FakeCase(SimpleNamespace):
    """`layers`: name -> thickness in um."""

    filling_layers: tuple[str, ...] = ()

    @property
    def layer_names(self) -> tuple[str, ...]:
        return tuple(self.layers)

    @property
    def height(self) -> float:
        return sum(self.layers.values()) * UM

    @property
    def phases(self) -> list[tuple[str, bool]]:
        return [(name, False) for name in self.layers]

    def interval(self, name: str) -> tuple[float, float]:
        index = self.layer_names.index(name)
        thickness = list(self.layers.values())
        return sum(thickness[:index]) * UM, sum(thickness[: index + 1]) * UM

    @property
    def nuclei_base(self) -> float:
        return self.interval("interphase")[1] if self.surface.on == "interphase" else self.surface.position

    def steps(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(mode="voltage", value=self.voltage), SimpleNamespace(mode="rest", value=None)]


@pytest.fixture
def make_case() -> Callable[..., Any]:
    """In um: box, finest cell, top of the front zone, layers; `surface`, in SI, replaces keys of a flat front."""

    def make(
        dim: int = 2,
        wide: float = 12.0,
        deep: float = 8.0,
        fine: float = 0.5,
        front_zone: float = 9.0,
        layers: dict[str, float] | None = None,
        voltage: float = 0.3,
        seed: int = 7,
        **surface: Any,
    ) -> FakeCase:
        layers = layers or {"anode": 4.0, "interphase": 1.5, "electrolyte": 14.0}
        front = {
            "kind": "flat",
            "position": next(iter(layers.values())) * UM,
            "positions": (),
            "contact_angle": 1.5707963267948966,
            "density": 0.0,
            "film": 0.0,
            "on": "anode",
        }
        return FakeCase(
            name="stack",
            layers=layers,
            geometry=SimpleNamespace(dim=dim, width=wide * UM, depth=deep * UM),
            interface=SimpleNamespace(width=0.5 * UM),
            surface=SimpleNamespace(**front | surface),
            fine_cell=fine * UM,
            front_zone_top=front_zone * UM,
            random_seed=seed,
            voltage=voltage,
        )

    return make
