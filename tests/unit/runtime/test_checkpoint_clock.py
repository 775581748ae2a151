"""Checkpoints take 2 % of a run at the most, unless one after each step is asked for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import femna
from femna.io import checkpoint
from femna.runtime.checkpoint_clock import CheckpointClock


def pause_after(interval: float, costs: Sequence[float]) -> float:
    """Pause after checkpoints of some costs (s), the first one begun at 100 s of wall time."""
    clock, now = CheckpointClock(interval, 100.0), 100.0
    for cost in costs:
        clock.stored(now, now + cost)
        now += cost
    pause = clock.pause
    assert not clock.is_due(now + 0.99 * pause - 1e-6)
    assert clock.is_due(now + pause + 1e-6)
    assert clock.total == pytest.approx(sum(costs), rel=1e-12)
    return pause


@pytest.mark.parametrize(
    ("interval", "costs", "pause"),
    [
        (30.0, [], 30.0),
        (30.0, [0.2, 0.3], 30.0),
        (30.0, [0.2, 3.0, 4.0], 150.0),
        (30.0, [3.0, 60.0], 150.0),  # a disk that stood still once
        (30.0, [60.0, 60.0], 3000.0),
        (1e9, [3.0, 3.0], 1e9),
        (0.0, [3.0, 3.0], 0.0),
    ],
)
def test_the_pause(interval: float, costs: Sequence[float], pause: float) -> None:
    assert pause_after(interval, costs) == pytest.approx(pause, rel=1e-12)


@pytest.mark.serial
def test_a_run_keeps_to_it_and_says_what_checkpoints_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1 ms is asked for, a checkpoint takes 50: two are written at once (one alone is no rule), one each 2.5 s, the
    last one. Without the rule there are 22."""
    save, calls = checkpoint.save, 0

    def slow(*args: Any) -> Path:
        nonlocal calls
        calls += 1
        time.sleep(0.05)
        return save(*args)

    monkeypatch.setattr(checkpoint, "save", slow)
    small = Path(__file__).parents[2] / "small.toml"
    sets = ["geometry.dim=1", "numerics.max_steps=20", "output.checkpoint_interval=1e-3"]
    manifest = femna.run(femna.load_case(small, sets), tmp_path / "run").manifest
    assert 3 <= calls <= 3 + manifest["wall_s"] / 2.5
    assert 0.05 * calls <= manifest["checkpoint_s"] < manifest["wall_s"]
