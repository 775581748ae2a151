"""What the tests of several folders share: small case files, stand-ins for cases, a run made up in memory."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from femna.case import Case
from femna.case.sections import Surface
from femna.errors import BadInput
from femna.validation.load import load_case

BASE = """
model = "single_potential"
[geometry]
dim = 2
width = "12 um"
[layer.anode]
material = "na"
thickness = "3 um"
[layer.interphase]
material = "naf"
thickness = "2 um"
[layer.electrolyte]
material = "gpe"
thickness = "20 um"
[interface]
width = "0.25 um"
energy = "0.22 J/m^2"
barrier_ratio = 0.05
[kinetics]
exchange_current_density = "0.332 A/m^2"
[[protocol]]
mode = "voltage"
value = "0.3 V"
until = "1 h"
"""

Write = Callable[..., Path]
Refused = Callable[..., str]


@pytest.fixture
def base() -> str:
    return BASE


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a case file: write(text or bytes, name="case.toml")."""

    def write_case(text: str | bytes = BASE, name: str = "case.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write_case


@pytest.fixture
def loaded(write: Write) -> Callable[..., Case]:
    """The base case with settings over it."""
    return lambda *sets, **more: load_case(write(), sets, **more)


@pytest.fixture
def refused(write: Write) -> Refused:
    """The one line with which a case is refused: refused(*sets, text=BASE)."""

    def refuse(*sets: str, text: str | bytes = BASE) -> str:
        path = write(text)
        with pytest.raises(BadInput) as caught:
            load_case(path, sets)
        line = str(caught.value)
        assert "\n" not in line
        assert "pydantic" not in line
        assert "case.toml" in line or line.startswith("--set")
        return line

    return refuse


UM = 1e-6


class FakeCase(SimpleNamespace):
    """`layers`: name -> thickness in um."""

    filling_layers: tuple[str, ...] = ()
    counter = SimpleNamespace(kind="ideal")
    transport = SimpleNamespace(kind="nernst_planck")

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
    def surface_base(self) -> float:
        foundation = self.surface.shape.foundation
        return self.interval(foundation)[1] if foundation else self.surface.position

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
        front = {"position": next(iter(layers.values())) * UM}
        return FakeCase(
            name="stack",
            layers=layers,
            geometry=SimpleNamespace(dim=dim, width=wide * UM, depth=deep * UM),
            interface=SimpleNamespace(width=0.5 * UM),
            surface=Surface.model().model_construct(**front | surface),
            fine_cell=fine * UM,
            front_zone_top=front_zone * UM,
            random_seed=seed,
            voltage=voltage,
        )

    return make


@pytest.fixture(scope="session")
def fake() -> type:
    """The class of made-up runs, `FakeRun`; loaded by path, whatever import mode pytest runs in."""
    path = Path(__file__).with_name("fake_run.py")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module.FakeRun
