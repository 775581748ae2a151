"""The camera, and what is measured on its pictures."""

from __future__ import annotations

import numpy as np
import pytest
import pyvista
from matplotlib.figure import Figure

from femna.errors import CannotGoOn
from femna.render import film, opengl, theme
from femna.render.scene_marks import round_length, scale_bar
from femna.render.stage import Camera, Stage, View

pytestmark = pytest.mark.serial


def test_camera_is_square_and_keeps_lengths_in_its_plane() -> None:
    camera = Camera.looking(np.array([-0.62, -1.0, 0.5]))
    axes = np.stack([camera.right, camera.up, camera.towards])
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-14)
    assert np.linalg.det(axes) == pytest.approx(1.0)  # no mirror
    assert camera.up[2] > 0.0
    assert camera.right[2] == 0.0
    step = 3.0 * camera.right - 4.0 * camera.up
    assert np.hypot(*camera.project(step)) == pytest.approx(5.0)
    assert camera.project(camera.towards) == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize(("limit", "length"), [(1.0, 1.0), (0.99, 0.5), (4.9, 2.0), (5.0, 5.0), (73.0, 50.0)])
def test_round_lengths(limit: float, length: float) -> None:
    assert round_length(limit) == pytest.approx(length)


def test_scale_bar_is_as_long_as_it_says() -> None:
    camera = Camera.looking(np.array([-0.62, -1.0, 0.5]))
    view = View(np.zeros((30, 60, 3), np.uint8), (-2.0, 10.0, 1.0, 7.0), camera)
    axes = Figure().subplots()
    view.show(axes)
    assert scale_bar(axes, view) == 2.0
    (line,) = axes.get_lines()
    assert np.ptp(line.get_xdata()) == pytest.approx(2.0)
    assert np.ptp(line.get_ydata()) == 0.0  # it lies along the picture
    assert [text.get_text() for text in axes.texts] == ["2 µm"]
    assert axes.get_xlim() == (-2.0, 10.0)  # a micrometre is a unit of the axes


@pytest.mark.skipif(not opengl.has_gl(), reason="this machine has no OpenGL")
def test_a_box_is_as_large_on_the_picture_as_it_is() -> None:
    """The silhouette of a box of 6 by 4 by 2 um in the pixels of the picture, to two pixels of a thousand."""
    camera = Camera.looking(np.array([-0.62, -1.0, 0.5]))
    bounds = np.array([[0.0, 0.0, 0.0], [6.0, 4.0, 2.0]])
    with theme.style():
        stage = Stage(camera, bounds + np.array([[-1.0] * 3, [1.0] * 3]), 1.5)
        stage.solid(pyvista.Box((0.0, 6.0, 0.0, 4.0, 0.0, 2.0)), "#202020")
        view = stage.photograph()
    dark = (view.image < 200).any(axis=2)
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    corners = camera.project(np.array([[x, y, z] for x in (0.0, 6.0) for y in (0.0, 4.0) for z in (0.0, 2.0)]))
    pixel = view.width / view.image.shape[1]
    assert view.height / view.image.shape[0] == pytest.approx(pixel, rel=5e-3)
    assert len(columns)
    assert len(rows)
    assert view.extent[0] + columns[0] * pixel == pytest.approx(corners[:, 0].min(), abs=2 * pixel)
    assert view.extent[0] + (columns[-1] + 1) * pixel == pytest.approx(corners[:, 0].max(), abs=2 * pixel)
    assert view.extent[3] - rows[0] * pixel == pytest.approx(corners[:, 1].max(), abs=2 * pixel)
    assert view.extent[3] - (rows[-1] + 1) * pixel == pytest.approx(corners[:, 1].min(), abs=2 * pixel)


def test_an_mp4_without_ffmpeg_is_refused_before_anything_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CannotGoOn, match="needs ffmpeg"):
        film.check_film("mp4")
    film.check_film("gif")
