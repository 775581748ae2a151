"""Small case files for the tests of femna.case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from femna.case import Case, load_case
from femna.errors import BadInput

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
