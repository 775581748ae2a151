"""Pictures from a run: which ones are made, what is on them, and the small helpers that place things."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread
from PIL import Image

from femna.analysis.runs import open_run
from femna.analysis.snapshot import FIELD_STRENGTH, section, snapshot
from femna.errors import BadInput
from femna.render import curves, draw_run, layers, opengl, panels, render, scales, theme

pytestmark = pytest.mark.serial  # one process draws, and asks another whether there is GL


def has_ink(path: Path) -> bool:
    return bool(imread(path)[..., :3].std() > 0.05)


def test_two_dimensions(fake: type, tmp_path: Path) -> None:
    run = fake(tmp_path, cells=36, times=np.array([0.0, 5.0, 10.0]))
    paths = draw_run(run, tmp_path / "figures", movie=True)
    assert [p.name for p in paths] == ["fields.png", "fronts.png", "history.png", "movie.gif"]
    assert all(has_ink(p) for p in paths[:-1])
    with Image.open(paths[-1]) as film:
        assert film.n_frames == len(run.times)


def test_from_a_folder(fake: type, tmp_path: Path) -> None:
    """The same pictures from what a solver leaves on the disk."""
    made = fake(tmp_path / "made", cells=24, times=np.array([0.0, 5.0, 10.0]))
    folder = tmp_path / "run"
    made.store(folder)
    paths = render(folder, time=5.0)
    assert [p.name for p in paths] == ["fields-5s.png", "fronts-5s.png", "history.png"]
    assert {p.parent for p in paths} == {folder / "figures"}
    stored, kept = snapshot(open_run(folder), 5.0), snapshot(made, 5.0)
    assert stored.tip() == pytest.approx(kept.tip())
    assert stored.peak_field == pytest.approx(kept.peak_field)


def test_one_dimension(fake: type, tmp_path: Path) -> None:
    paths = draw_run(fake(tmp_path, dim=1), tmp_path, time=5.0, movie=True)
    assert [p.name for p in paths] == ["profiles-4s.png", "history.png", "movie-4s.gif"]
    assert all(has_ink(p) for p in paths[:-1])


def test_three_dimensions(fake: type, tmp_path: Path) -> None:
    """With GL the volume is drawn; a machine without it gets all the others."""
    run = fake(tmp_path, dim=3, cells=10, width=6.0, times=np.array([0.0, 8.0]))
    paths = draw_run(run, tmp_path)
    scenes = ["volume.png", "currents.png", "sequence.png"] if opengl.has_gl() else []
    assert [p.name for p in paths] == ["fields.png", "slices.png", "composition.png", *scenes, "history.png"]
    assert all(has_ink(p) for p in paths)


def test_three_dimensions_without_gl(
    fake: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(opengl, "has_gl", lambda: False)
    run = fake(tmp_path, dim=3, cells=12, width=6.0)
    with caplog.at_level(logging.WARNING):
        paths = draw_run(run, tmp_path)
    assert [p.name for p in paths] == ["fields.png", "slices.png", "composition.png", "history.png"]
    assert caplog.text.count("no OpenGL") == 1


def test_probe_survives_a_process_that_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opengl, "_TRIAL", "import os; os.abort()")
    opengl.has_gl.cache_clear()
    try:
        assert opengl.has_gl() is False
    finally:
        opengl.has_gl.cache_clear()


def test_named_after_the_time_asked_for(fake: type, tmp_path: Path) -> None:
    paths = draw_run(fake(tmp_path, cells=24), tmp_path, time=6.5)
    assert [p.name for p in paths] == ["fields-6s.png", "fronts-6s.png", "history.png"]


def test_a_running_run_with_only_its_first_state(fake: type, tmp_path: Path) -> None:
    run = fake(tmp_path, cells=24, times=np.array([0.0]))
    assert [p.name for p in draw_run(run, tmp_path)] == ["fields.png", "fronts.png", "history.png"]


def test_no_run_no_pictures(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        render(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_fields_picture_shows_the_metal_once(fake: type, tmp_path: Path) -> None:
    """Where the concentration means nothing, the metal's grey covers it; above it the map's own colours show."""
    run = fake(tmp_path, cells=36)
    with theme.style():
        fig = panels.plane(section(run), run.case, "heading")
        fig.canvas.draw()
        axes = fig.axes[1]
        picture = np.asarray(fig.canvas.buffer_rgba())[..., :3] / 255  # type: ignore[attr-defined]
        places = axes.transData.transform([(2.0, 1.0), (2.0, 15.5)]).round().astype(int)
    deep, far = (picture[picture.shape[0] - y, x] for x, y in places)
    assert deep == pytest.approx(to_rgb(theme.METAL), abs=0.01)
    assert np.ptp(far) > 0.3
    texts = " ".join(t.get_text() for a in fig.axes for t in a.texts)
    assert texts.split() == ["anode", "interphase", "electrolyte"]


def test_scales_are_common_and_of_the_electrolyte(fake: type) -> None:
    run = fake(Path("r"), cells=24)
    snaps = [snapshot(run, t) for t in run.times]
    inside = snaps[0].values["xi"] >= 0.5
    snaps[0].values["c"][inside] = 9e9
    norm = scales.common_scale(snaps, "c")
    assert (norm.vmin, norm.vmax) == (0.0, pytest.approx(1.0))
    assert scales.common_scale(snaps, "xi").vmax == 1.0
    field = scales.common_scale(snaps, "field")
    assert 0 < field.vmax <= max(s.peak_field for s in snaps) * FIELD_STRENGTH.shown_scale
    snaps[0].values["phi"][:] = 0.3
    even = scales.common_scale(snaps[:1], "phi")
    assert even.vmin < even.vmax


def test_spread_moves_no_more_than_needed() -> None:
    assert layers.spread([1.0, 5.0], [1.0, 1.0], 0.0, 10.0) == [1.0, 5.0]
    assert layers.spread([4.0, 4.2, 9.9], [1.0, 1.0, 1.0], 0.0, 10.0) == [4.0, 5.0, 9.5]
    crowded = layers.spread([9.0, 9.1, 9.2], [1.0, 1.0, 1.0], 0.0, 10.0)
    assert np.diff(crowded) == pytest.approx([1.0, 1.0])
    assert crowded[-1] <= 9.5
    assert layers.spread([], [], 0.0, 1.0) == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (0.25, "250 ms"),
        (12.0, "12 s"),
        (90.0, "90 s"),
        (600.0, "10 min"),
        (3600.0, "60 min"),
        (9000.0, "2.5 h"),
    ],
)
def test_times_as_a_reader_says_them(seconds: float, text: str) -> None:
    assert theme.shown_time(seconds) == text


def test_times_of_a_series_share_their_unit() -> None:
    assert [theme.shown_time(t, 3.0) for t in (0.8, 3.0)] == ["0.8 s", "3 s"]
    assert theme.shown_time(1800.0, 7200.0) == "0.5 h"


def test_pictures_need_neither_petsc_nor_mpi() -> None:
    code = (
        "import sys, femna.render.volume, femna.render.movie, femna.render.comparison, femna.render.side_by_side;"
        "print(sorted({'petsc4py', 'mpi4py', 'dolfinx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_xi_the_history_is_drawn(fake: type, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = fake(tmp_path / "made", cells=24, times=np.array([0.0, 10.0]))
    grid = made.fields(0.0)
    del grid.point_data["xi"]
    bare = type("Bare", (fake,), {"fields": lambda self, time: grid})(tmp_path, times=made.times, cells=24)
    with caplog.at_level(logging.WARNING):
        paths = draw_run(bare, tmp_path, movie=True)
    assert [p.name for p in paths] == ["history.png"]
    assert "left out: every picture of the fields" in caplog.text
    assert "xi is not among the stored fields (c, phi)" in caplog.text


def test_without_anything_to_draw(fake: type, tmp_path: Path) -> None:
    nothing = {"times": np.array([]), "history": {"Time [s]": np.zeros(1)}}
    with pytest.raises(BadInput, match="no fields are stored"):
        draw_run(type("Bare", (fake,), {"history": nothing["history"]})(tmp_path, times=nothing["times"]), tmp_path)


def test_scale_of_a_uniform_field(fake: type, tmp_path: Path) -> None:
    """One part in a million is one colour, on a scale of plain numbers about it."""
    snap = snapshot(fake(tmp_path, cells=24), 0.0)
    snap.values["c"][:] = 1000.0 + 1e-3 * np.sin(np.arange(len(snap.points)))
    norm = scales.common_scale([snap], "c")
    assert (norm.vmin, norm.vmax) == pytest.approx((0.995, 1.005), abs=1e-5)
    with theme.style():
        fig = theme.figure(3.0, 2.0)
        axes = fig.subplots()
        fig.canvas.draw()
        panels.scale_bar(axes, "label", norm, panels.colormaps["viridis"])
        fig.canvas.draw()
        scale = axes.child_axes[0]
    assert scale.xaxis.get_offset_text().get_text() == ""
    assert "1.000" in [text.get_text() for text in scale.get_xticklabels()]


def test_a_flat_front_has_no_panel_of_roughness(fake: type, tmp_path: Path) -> None:
    flat = curves.history(fake(tmp_path, dim=1).history, "heading")
    rough = curves.history(fake(tmp_path, dim=2).history, "heading")
    assert (len(flat.axes), len(rough.axes)) == (1, 2)  # current and voltage are held, and said in words
    assert flat.axes[0].get_legend() is None


def test_the_legend_of_the_heights_covers_no_curve(fake: type, tmp_path: Path) -> None:
    fig = curves.history(fake(tmp_path, cells=24).history, "heading")
    fig.canvas.draw()
    legend = fig.axes[0].get_legend()
    assert legend is not None
    assert legend.get_window_extent().y0 >= fig.axes[0].get_window_extent().y1 - 1.0


@pytest.mark.parametrize(
    ("value", "largest", "text"),
    [
        (0.02371, 0.05, "0.0237"),
        (5.26e-5, 0.01, "0.0001"),
        (-1e-9, 0.3, "0"),
        (-0.735, 0.735, "\u22120.735"),
        (0, 0, "0"),
    ],
)
def test_numbers_without_exponents(value: float, largest: float, text: str) -> None:
    assert theme.shown(value, largest) == text


def test_noise_fills_no_scale() -> None:
    assert theme.widened(1.0, 2.0, 0.01) == (1.0, 2.0)
    assert theme.widened(1.0, 1.0, 0.01) == pytest.approx((0.995, 1.005))
    assert theme.widened(-1e-9, 1e-9, 0.01, 0.02) == pytest.approx((-0.01, 0.01))
    assert theme.widened(0.0, 0.0, 0.01) == (0.0, 1.0)


def test_names_stand_beside_their_layers(fake: type, tmp_path: Path) -> None:
    """In a view of all of it a thin layer has no room; in one of its surroundings it has."""
    layers_um = {"anode": 20.0, "interphase": 18.0, "electrolyte": 850.0}
    case = fake(tmp_path, layers=layers_um).case
    whole = layers.placed(case, 0.0, 888.0, 888.0 / 2.0, upright=True)
    near = layers.placed(case, 0.0, 56.0, 56.0 / 3.0, upright=True)
    assert "interphase" not in whole
    assert "electrolyte" in whole
    assert near == pytest.approx({"anode": 10.0, "interphase": 29.0, "electrolyte": 47.0}, abs=1.0)
    assert len(layers.placed(case, 0.0, 56.0, 56.0 / 0.1)) == 1  # a tenth of an inch holds no more


def test_axes_of_short_runs() -> None:
    ends = {20.0: "s", 0.14: "s", 0.02: "ms", 8e-5: "µs", 1e-9: "µs", 700.0: "min", 1e4: "h", 0.0: "s"}
    assert {end: theme.time_axis(end)[1] for end in ends} == ends
    assert theme.time_axis(0.02)[0] == 1e-3
