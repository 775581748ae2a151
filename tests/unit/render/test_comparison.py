"""Pictures of several runs: unlike stacks, unlike widths, cells that are cycled."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from femna.analysis.snapshot import section
from femna.render import comparison, theme, zooms

pytestmark = pytest.mark.serial

TIMES = np.array([0.0, 5.0, 10.0])
NAMES = ["one", "another"]
LAYERS = {"anode": 3.0, "interphase": 1.5, "electrolyte": 12.0}


@pytest.fixture
def unlike(fake: type, tmp_path: Path) -> list[Any]:
    """Two runs whose interphases lie at different heights, the second in a narrower box."""
    thick = {"anode": 3.0, "interphase": 4.0, "electrolyte": 9.5}
    wide = fake(tmp_path / "a", cells=24, times=TIMES, growth=0.1)
    return [wide, fake(tmp_path / "b", cells=12, times=TIMES, growth=0.1, width=6.0, layers=thick)]


def test_rows_have_their_own_layers_and_whole_widths(unlike: list[Any]) -> None:
    series = [[section(run, t) for t in TIMES] for run in unlike]
    with theme.style():
        fig = comparison.morphology(unlike, NAMES, series)
        fig.canvas.draw()
    rows = [fig.axes[:3], fig.axes[3:6]]
    for row in rows:
        assert {text.get_text() for text in row[-1].texts} >= {"anode", "interphase"}
        assert all(axes.get_xlim() == (0.0, pytest.approx(12.0)) for axes in row)
    assert [row[0].get_title(loc="left") for row in rows] == [theme.lettered(k, name) for k, name in enumerate(NAMES)]
    tops = [[line.get_ydata()[0] for line in row[0].lines] for row in rows]  # type: ignore[index]
    assert tops == [pytest.approx([3.0, 4.5]), pytest.approx([3.0])]
    boxes = [row[0].get_tightbbox() for row in rows]
    assert all(above.y0 > below.y1 for above, below in pairwise(boxes))  # type: ignore[union-attr]


def test_the_profile_has_the_lines_of_every_stack(unlike: list[Any], fake: type, tmp_path: Path) -> None:
    deeper = fake(tmp_path / "c", cells=24, times=TIMES, growth=0.1, layers=LAYERS | {"electrolyte": 15.0})
    with theme.style():
        unlike_stacks = zooms.interphase(unlike, NAMES, 10.0)
        alike = zooms.interphase([unlike[0], deeper], NAMES, 10.0)
    assert unlike_stacks is not None
    assert alike is not None

    def faces(axes: Any) -> dict[tuple[Any, ...], list[float]]:
        found: dict[tuple[Any, ...], list[float]] = {}
        for line in axes.lines:
            if len(line.get_xdata()) == 2:
                found.setdefault(to_rgba(line.get_color()), []).append(line.get_ydata()[0])
        return found

    mean = next(axes for axes in unlike_stacks.axes if axes.get_xlabel().startswith("Mean"))
    assert faces(mean) == {to_rgba(theme.COLOURS[0]): [3.0, 4.5], to_rgba(theme.COLOURS[1]): [3.0, 7.0]}
    assert not mean.texts
    mean = next(axes for axes in alike.axes if axes.get_xlabel().startswith("Mean"))
    assert list(faces(mean)) == [to_rgba(theme.QUIET)]
    assert [text.get_text() for text in mean.texts] == ["anode", "interphase", "electrolyte"]


def test_tips_stay_in_the_narrowest_box(unlike: list[Any]) -> None:
    fig = zooms.tips(unlike, NAMES, [section(run, 10.0) for run in unlike])
    assert fig is not None
    for axes in fig.axes[2:4]:
        low, high = axes.get_xlim()
        assert 0.0 <= low < high <= 6.0 + 1e-9


def test_growth_of_cells_is_over_the_time(fake: type, tmp_path: Path) -> None:
    plated = fake(tmp_path / "a", cells=24, times=TIMES)
    cell = fake(tmp_path / "b", cells=24, times=TIMES, signs=(1, -1), model="two_potential")
    flat = fake(tmp_path / "c", dim=1, cells=24, times=TIMES)
    over = [axes.get_xlabel() for axes in comparison.growth([plated, plated], NAMES).axes]
    assert over == ["Time (s)", "Capacity (mAh cm⁻²)", "Time (s)", "Capacity (mAh cm⁻²)"]
    fig = comparison.growth([plated, cell], NAMES)
    assert [axes.get_xlabel() for axes in fig.axes] == ["Time (s)"] * 4
    assert "Capacity (mAh cm⁻²)" in [axes.get_ylabel() for axes in fig.axes]
    assert len(comparison.growth([flat, flat], NAMES).axes) == 3
