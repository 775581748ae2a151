"""Pictures of several runs: unlike stacks, unlike widths, cells that are cycled."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
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


def test_the_current_of_compared_runs_jumps_where_it_is_switched() -> None:
    """Ten seconds of 5 A/m2, then rest: the line falls at 10 s, and not in a slope to the first row of the rest."""
    zeros = np.zeros(4)
    history = {
        "Time [s]": np.array([0.0, 10.0, 15.0, 20.0]),
        "Current density [A.m-2]": np.array([0.1, 5.0, 0.0, 0.0]),
        "Capacity [mAh.cm-2]": zeros,
        "Maximum height [m]": zeros,
        "Roughness Sq [m]": zeros,
    }
    runs: Any = [SimpleNamespace(history=history)] * 2
    with theme.style():
        fig = comparison.growth(runs, NAMES)
    (axes,) = [axes for axes in fig.axes if axes.get_ylabel().startswith("Current")]
    x, y = axes.lines[0].get_data()
    assert np.asarray(x).tolist() == [0.0, 10.0, 10.0, 15.0, 20.0]
    assert np.asarray(y) == pytest.approx(np.array([0.01, 0.5, 0.0, 0.0, 0.0]))


def test_pictures_of_lines_need_no_compiler_of_loops() -> None:
    """numba takes 0.8 s to load, a quarter of all that `femna compare` takes of three runs in one dimension."""
    code = """
import sys
import numpy as np
import femna.render.side_by_side
from femna.diagnostics.marching import front_simplices
x, cells = np.linspace(0.0, 1.0, 11)[:, None], np.stack([np.arange(10), np.arange(1, 11)], 1)
assert np.allclose(front_simplices(x, cells, 0.95 - x[:, 0]), 0.45)
assert np.allclose(front_simplices(x, cells[:, ::-1], 0.95 - x[:, 0]), 0.45)
print({"numba", "petsc4py", "mpi4py", "pyvista"} & set(sys.modules))
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
