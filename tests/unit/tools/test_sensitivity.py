"""The picture of tools/sensitivity.py, from the table that the docs hold."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sensitivity", ROOT / "tools" / "sensitivity.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_seeds_are_names_in_a_row(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Evenly apart with the shipped one first and said to be, three marks above each, and no line between them."""
    drawn: list[Any] = []
    monkeypatch.setattr(tool, "save", lambda fig, path: drawn.append(fig))
    with open(ROOT / "docs" / "verification" / "sensitivity.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tool.draw(rows, tmp_path / "sensitivity.png")
    diffusivity, thickness, seeds = drawn[0].axes
    assert [label.get_text() for label in seeds.get_xticklabels()] == ["2026\n(shipped)", "1", "2"]
    assert list(seeds.get_xticks()) == [0, 1, 2]
    for line in seeds.lines:
        assert list(line.get_xdata()) == [0, 1, 2]
        assert line.get_linestyle() == "None"
    assert [label.get_text() for label in thickness.get_xticklabels()] == ["1", "3", "5"]
    marks = [line.get_marker() for axes in drawn[0].axes for line in axes.lines]
    assert marks == ["D", "v", *"os^", *"os^"]  # told apart without colours too
    assert "thickness, native-sei 5" in drawn[0].get_supxlabel()
    assert diffusivity.get_legend() is not None
