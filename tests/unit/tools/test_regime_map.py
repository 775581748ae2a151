"""The wave and the classes of tools/regime_map.py."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("regime_map", ROOT / "tools" / "regime_map.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("depletion", "capillary"), [(5.7e-6, 6.7e-7), (5.7e-7, 2.2e-7), (5.7e-8, 1.3e-8)])
def test_no_wave_grows_faster(tool: ModuleType, depletion: float, capillary: float) -> None:
    """Against the largest of omega = k (1 - d0 d k^2)/(1 + k d) on a fine grid."""
    k = np.geomspace(1e-3, 10.0, 400_001) / depletion
    fastest = k[np.argmax(k * (1.0 - capillary * depletion * k**2) / (1.0 + k * depletion))]
    assert tool.fastest_wavelength(depletion, capillary) == pytest.approx(2.0 * np.pi / fastest, rel=1e-4)


def test_the_wave_of_a_wide_layer(tool: ModuleType) -> None:
    """2 pi (2 d0 d^2)^(1/3)."""
    assert tool.fastest_wavelength(1.0, 1e-9) == pytest.approx(2.0 * np.pi * 2e-9 ** (1 / 3), rel=1e-3)


@pytest.mark.parametrize(
    ("ahead", "ratio", "tips", "branchings", "kind"),
    [
        (0.0, 1.19, 3, 0, "flat"),
        (0.0, 1.3, 0, 0, "flat"),
        (0.009, 1.2, 1, 0, "fingered"),
        (0.0, 2.0, 4, 1, "branched"),
        (0.01, 1.0, 0, 0, "metal ahead"),
    ],
)
def test_classes(tool: ModuleType, ahead: float, ratio: float, tips: int, branchings: int, kind: str) -> None:
    row = {"metal ahead over deposit": ahead, tool.RATIO: ratio, "tips": tips, "branchings": branchings}
    assert tool.kind(row) == kind
