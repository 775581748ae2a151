"""The progress of a run: plain lines, or a bar on a terminal."""

from __future__ import annotations

import io

import pytest

from femna.io.progress import Progress, duration, wants_live


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(total: float | None, steps: int, wall_per_step: float) -> list[str]:
    stream = io.StringIO()
    progress = Progress(total, live=False, stream=stream)
    for k in range(1, steps + 1):
        progress.step(time=float(k), dt=1.0, height=12.34e-6, current=5.0, wall=wall_per_step * k)
    progress.close("done")
    return stream.getvalue().splitlines()


def test_line_says_it_all() -> None:
    first, second, *_ = lines(100.0, 20, 4.0)
    assert first.strip().split("  ") == [
        "1 %",
        "t = 1 s of 1 min 40 s",
        "dt = 1 s",
        "height = 12.34 um",
        "current = 0.5 mA/cm2",
    ]
    assert second.endswith("ends in 6 min 28 s")  # 97 s left at 4 s each


def test_fast_run_gets_a_line_each_tenth() -> None:
    shown = lines(100.0, 100, 0.001)
    assert [line.split()[0] for line in shown] == ["1", *(str(10 * k) for k in range(1, 11)), "done"]


def test_slow_run_gets_a_line_each_five_seconds_at_most() -> None:
    shown = lines(1e9, 100, 1.0)
    assert len(shown) == 1 + 99 // 5 + 1


def test_long_run_gets_fewer_lines() -> None:
    assert len(lines(1e9, 10_000, 1.0)) < 10_000 / 60 + 60


def test_run_of_unknown_length() -> None:
    shown = lines(None, 20, 1.0)
    assert shown[0].startswith("t = 1 s  dt = 1 s")
    assert not any("ends in" in line or "%" in line for line in shown)


def test_expected_end_follows_the_recent_pace() -> None:
    progress = Progress(1000.0, live=False, stream=io.StringIO())
    assert progress.remaining() is None
    for k in range(1, 101):
        progress.step(time=0.01 * k, dt=0.01, height=0.0, current=0.0, wall=float(k))
    assert progress.remaining() == pytest.approx(999.0 / 0.01, rel=1e-6)
    for k in range(1, 101):
        progress.step(time=1.0 + k, dt=1.0, height=0.0, current=0.0, wall=100.0 + k)
    assert progress.remaining() == pytest.approx(899.0, rel=1e-6)


def test_bar_on_a_terminal(monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    stream = Terminal()
    assert wants_live(stream, ranks=1)
    assert not wants_live(stream, ranks=2)
    assert not wants_live(io.StringIO(), ranks=1)
    progress = Progress(10.0, live=True, stream=stream)
    for k in range(1, 6):
        progress.step(time=float(k), dt=1.0, height=2e-6, current=1.0, wall=float(k))
    progress.close("stopped [half-way]")
    progress.close()
    text = stream.getvalue()
    assert "50%" in text
    assert "height = 2 um" in text
    assert "ends in 5 s" in text
    assert text.endswith("stopped [half-way]\n")
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l")  # the cursor is shown again


def test_closed_pipe_does_not_stop_the_run() -> None:
    refused: list[str] = []

    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            refused.append(text)
            raise BrokenPipeError

    progress = Progress(10.0, live=False, stream=Closed())
    progress.step(time=1.0, dt=1.0, height=0.0, current=0.0, wall=0.0)
    progress.close("done")
    assert refused


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.25, "0.25 s"),
        (12.34, "12.3 s"),
        (59.97, "1 min 00 s"),
        (200, "3 min 20 s"),
        (3599.7, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (86400 * 3 + 3600 * 4, "3 d 4 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize("growth", [1.05, 1.2, 1.5, 2.0])
@pytest.mark.parametrize(("dt_max", "wall_per_step"), [(1.0, 1.0), (5.0, 0.2), (20.0, 1.0)])
def test_a_foretold_end_is_near_the_true_one_while_steps_grow(
    growth: float, dt_max: float, wall_per_step: float
) -> None:
    """Steps that grow from 0.1 ms to dt_max at the same cost, five seconds of compiling in the first two."""
    progress = Progress(1000.0, live=False, stream=io.StringIO())
    time, dt, wall, foretold = 0.0, 1e-4, 0.0, []
    while time < 1000.0:
        time, dt = min(time + dt, 1000.0), min(dt * growth, dt_max)
        wall += wall_per_step + (5.0 if len(foretold) < 2 else 0.0)
        progress.step(time, dt, 0.0, 0.0, wall)
        foretold.append((wall, progress.remaining()))
    told = [(left, wall - then) for then, left in foretold if left is not None and wall - then > 5 * wall_per_step]
    assert all(0.8 * true < left < 1.2 * true for left, true in told)
    assert told or dt_max == 20.0  # where the steps grow until the end
