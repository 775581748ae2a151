"""The scene that turns in a browser: what the page holds, its size, and that a browser draws it."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvista
from PIL import Image

from femna.cli import main
from femna.render import viewer
from femna.render.cut_stack import Framing
from femna.render.front_mesh import Output
from femna.render.stage import Camera

pytestmark = pytest.mark.serial

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def scene(text: str) -> dict[str, Any]:
    """The scene that a page holds."""
    found = re.search(r'<script type="application/json" class="scene">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


@pytest.fixture
def run(fake: type) -> Any:
    """A deposit with three fingers."""
    return fake(Path("box"), dim=3, cells=12, width=6.0, times=np.array([0.0, 8.0]))


def test_the_page_holds_the_front(run: Any) -> None:
    """Places to half a step of 16 bits, normals to half a step of 8, every triangle."""
    grid = run.fields(8.0)
    output = Output.of(grid)
    front = output.front()
    framing = Framing.about(output, [front])
    held = scene(viewer.viewer(grid, run.case))
    part = held["parts"][0]
    places = np.frombuffer(base64.b64decode(part["places"]), np.uint16).reshape(-1, 4)[:, :3] / 65535
    normals = np.frombuffer(base64.b64decode(part["normals"]), np.int8).reshape(-1, 4)[:, :3] / 127
    triangles = np.frombuffer(base64.b64decode(part["triangles"]), np.uint32).reshape(-1, 3)
    size = np.array(held["size"])
    np.testing.assert_allclose(size, np.ptp(framing.bounds, axis=0))
    np.testing.assert_allclose(framing.bounds[0] + places * size, front.points, atol=0.51 * size.max() / 65535)
    np.testing.assert_allclose(normals, front.point_data["Normals"], atol=0.51 / 127)
    np.testing.assert_array_equal(triangles, front.regular_faces)
    assert part["count"] == 3 * front.n_cells
    assert {part["name"] for part in held["parts"]} == {"metal", "interphase", "electrolyte"}
    towards = [np.cos(held["azimuth"]) * np.cos(held["elevation"]), np.sin(held["azimuth"]) * np.cos(held["elevation"])]
    np.testing.assert_allclose([*towards, np.sin(held["elevation"])], framing.camera.towards)


def test_nothing_is_asked_for_and_names_stay_names(run: Any) -> None:
    run.layers = {"anode": 3.0, "</script><b>": 1.5, "electrolyte": 12.0}
    text = viewer.viewer_page(run.fields(8.0), run.case, "<i>")
    assert "://" not in text
    assert text.count("</script>") == 2  # of the scene and of what draws it
    assert "</script><b>" in {part["name"] for part in scene(text)["parts"]}
    assert "<h1>&lt;i&gt;</h1>" in text


def test_grain_boundaries_have_a_colour_of_their_own(run: Any) -> None:
    """Numbers beyond the layers; the first layer's room, where no metal is, is the second layer's."""
    grid = run.fields(8.0)
    numbers = np.asarray(grid.cell_data["material"])
    grid.cell_data["material"] = np.where(grid.cell_centers().points[:, 0] > 5e-6, 3, numbers)
    parts = scene(viewer.viewer(grid, run.case))["parts"]
    colours = {part["name"]: tuple(part["colour"]) for part in parts if not part["smooth"]}
    assert set(colours) == {"metal", "interphase", "electrolyte", "grain boundaries"}
    assert len(set(colours.values())) == 4


def test_a_quarter_of_a_million_triangles_stay_below_ten_megabytes() -> None:
    count = 354
    side = np.linspace(0.0, 1.0, count)
    x, y = np.meshgrid(side, side)
    plane = pyvista.StructuredGrid(x, y, np.sin(9 * x) * np.cos(7 * y)).extract_surface(algorithm="dataset_surface")
    mesh = plane.triangulate()
    assert mesh.n_cells == 249218
    framing = Framing(np.array([[0.0, 0.0, -1.0], [1.0, 1.0, 1.0]]), Camera.looking(np.ones(3)), 0.5, 0.0)
    normals = np.tile([0.0, 0.0, 1.0], (mesh.n_points, 1))
    part = viewer._part("metal", "#d2cec6", mesh, normals, framing)
    assert len(json.dumps(part)) < 10e6


def test_a_scene_of_a_stored_run(fake: type, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for dim in (2, 3):
        made = fake(tmp_path / "made", dim=dim, cells=8, width=6.0, times=np.array([0.0, 8.0]))
        made.store(tmp_path / f"run{dim}")
    page = tmp_path / "page.html"
    assert main(["render", str(tmp_path / "run3"), "--scene", str(page), "--time", "3 s"]) == 0
    assert capsys.readouterr().out.strip() == str(page)
    assert "<title>p-na, 0 s</title>" in page.read_text(encoding="utf-8")
    assert main(["render", str(tmp_path / "run2"), "--scene", str(page)]) == 2
    assert "a scene needs 3" in capsys.readouterr().err
    assert main(["render", str(tmp_path / "run3"), "--scene", str(tmp_path / "page.pdf")]) == 2
    assert "allowed: .html" in capsys.readouterr().err


def browser() -> str:
    """A headless Chromium: of FEMNA_CHROMIUM, or found by its name; "" without one."""
    return os.environ.get("FEMNA_CHROMIUM") or next((found for n in BROWSERS if (found := shutil.which(n))), "")


@pytest.mark.slow
@pytest.mark.skipif(not browser(), reason="no Chromium here (FEMNA_CHROMIUM names one that is not on the path)")
def test_a_browser_draws_it(run: Any, tmp_path: Path) -> None:
    """No message in its console, where refused requests would stand; metal and electrolyte on the page."""
    page, shot = tmp_path / "page.html", tmp_path / "page.png"
    page.write_text(viewer.viewer_page(run.fields(8.0), run.case, "made up"), encoding="utf-8")
    words = [browser(), "--headless", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    words += ["--enable-logging=stderr", f"--user-data-dir={tmp_path / 'profile'}", "--window-size=800,700"]
    words += ["--virtual-time-budget=20000"]
    done = subprocess.run(
        [*words, f"--screenshot={shot}", page.as_uri()], capture_output=True, text=True, timeout=300, check=True
    )
    assert "CONSOLE" not in done.stderr
    image = np.asarray(Image.open(shot).convert("RGB")).astype(int)[80:560]
    drawn = (image < 240).any(axis=2)
    assert 0.1 < drawn.mean() < 0.9
    grey = drawn & (np.ptp(image, axis=2) < 25)
    blue = drawn & (image[..., 2] - image[..., 0] > 25)
    assert grey.mean() > 0.03
    assert blue.mean() > 0.03
    asked = subprocess.run(
        [*words, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=300, check=True
    )
    assert 'data-drawn="yes"' in asked.stdout
