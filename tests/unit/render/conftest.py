"""Scenes of a few pixels: drawing without a graphics card takes long."""

from __future__ import annotations

import pytest

from femna.render import stage


@pytest.fixture(autouse=True)
def small_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "MOST_PIXELS", 160)
