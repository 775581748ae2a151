"""The front as a surface for pictures, its normals, and plane cuts of an output."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvista

from femna.mesh.kuhn import split_bricks
from femna.render.cut_stack import Framing, stack_faces
from femna.render.front_mesh import Output, nodal_gradient
from femna.render.relief import relief

Array = np.ndarray[Any, Any]
SIDE, RADIUS, WIDTH = 10.0, 3.0, 0.8  # um


def bricks(count: int) -> tuple[Array, Array]:
    """Points (N, 3) in um and tetrahedra (M, 4) of a cube of `count` bricks a side."""
    edge = np.linspace(0.0, SIDE, count + 1)
    z, y, x = np.meshgrid(edge, edge, edge, indexing="ij")
    points = np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1)
    step = np.array([1, count + 1, (count + 1) ** 2])
    first = (np.stack(np.meshgrid(*[np.arange(count)] * 3, indexing="ij"), -1).reshape(-1, 3) * step).sum(axis=1)
    corners = first[:, None] + np.array([[b & 1, b >> 1 & 1, b >> 2 & 1] for b in range(8)]) @ step
    return points, split_bricks(corners)


def ball(count: int) -> Output:
    """A ball of metal in the middle of a cube, with a tanh profile, and two layers that meet at half the height."""
    points, cells = bricks(count)
    cells[::2] = cells[::2][:, [1, 0, 2, 3]]  # tetrahedra of either hand, as gmsh's and ours are
    distance = np.linalg.norm(points - SIDE / 2, axis=1) - RADIUS
    grid = pyvista.UnstructuredGrid({pyvista.CellType.TETRA: cells}, points * 1e-6)
    grid.point_data["xi"] = 0.5 * (1.0 - np.tanh(distance / WIDTH))
    grid.cell_data["material"] = (points[cells][:, :, 2].mean(axis=1) > SIDE / 2).astype(np.int32)
    return Output.of(grid)


def test_gradient_of_a_linear_field_is_exact() -> None:
    points, cells = bricks(4)
    moved = points + 0.1 * np.sin(7.0 * points[:, ::-1])
    found = nodal_gradient(moved, cells, moved @ np.array([1.0, -2.0, 0.5]))
    np.testing.assert_allclose(found, np.tile([1.0, -2.0, 0.5], (len(points), 1)), atol=1e-12)


def angle(count: int) -> float:
    """Largest angle between a ball's normals and its radii, rad."""
    front = ball(count).front()
    radial = np.asarray(front.points) - SIDE / 2
    radial /= np.linalg.norm(radial, axis=1, keepdims=True)
    return float(np.arccos(np.clip((radial * front.point_data["Normals"]).sum(axis=1), -1.0, 1.0)).max())


def test_normals_of_a_ball_are_its_radii() -> None:
    """Second order in the mesh; normals of the triangles themselves would be of first order, 0.2 rad off here."""
    coarse, fine = angle(16), angle(32)
    assert fine < 0.01
    assert np.log2(coarse / fine) > 1.7


def test_front_encloses_the_ball_and_looks_outwards() -> None:
    front = ball(24).front()
    corners = np.asarray(front.points, dtype=float)[front.regular_faces] - SIDE / 2
    volume = np.linalg.det(corners).sum() / 6.0  # positive where triangles look away from the middle
    assert volume == pytest.approx(4.0 / 3.0 * np.pi * RADIUS**3, rel=0.01)
    assert (np.linalg.det(corners) > -1e-12).all()


def test_heights_from_above_are_those_of_the_ball() -> None:
    output = ball(32)
    heights = relief(output.front(), output.box, columns=50)
    x = (np.arange(50) + 0.5) * SIDE / 50 - SIDE / 2
    r2 = x[None, :] ** 2 + x[:, None] ** 2
    inner = r2 < (0.8 * RADIUS) ** 2
    exact = SIDE / 2 + np.sqrt(RADIUS**2 - r2[inner])
    np.testing.assert_allclose(heights[inner], exact, atol=0.03)
    assert np.isnan(heights[r2 > (1.05 * RADIUS) ** 2]).all()


def test_heights_have_x_to_the_right_and_y_up(fake: type) -> None:
    """The tallest finger of the made-up run stands at x = 0.3, y = 0.6 of the width."""
    run = fake(Path("box"), dim=3, cells=12, width=6.0, times=np.array([0.0, 8.0]))
    output = Output.of(run.fields(8.0))
    heights = relief(output.front(), output.box, columns=60)
    row, column = np.unravel_index(np.nanargmax(heights), heights.shape)
    assert (column / 60, row / 60) == pytest.approx((0.3, 0.6), abs=0.1)


def test_faces_cover_what_is_shown_once(fake: type) -> None:
    """At each wall the metal's cut and the layers' add up to the wall, of which the opening takes its share."""
    run = fake(Path("box"), dim=3, cells=12, width=6.0, times=np.array([0.0, 8.0]))
    output = Output.of(run.fields(8.0))
    framing = Framing.about(output, [output.front()])
    (x0, y0, z0), (x1, y1, z1) = framing.bounds
    faces = list(stack_faces(output, framing, every_side=True))
    far = y1 if framing.opening > framing.near else y0
    wall = [f for f in faces if f.normal[1] == np.sign(far - framing.near)]
    assert sum(f.mesh.area for f in wall) == pytest.approx((x1 - x0) * (z1 - z0), rel=1e-3)
    bottom = [f for f in faces if f.normal[2] == -1.0]
    assert sum(f.mesh.area for f in bottom) == pytest.approx((x1 - x0) * (y1 - y0), rel=1e-3)
    assert {f.number for f in bottom} == {None}
    top = [f for f in faces if f.normal[2] == 1.0]
    shown = abs(far - framing.opening) / (y1 - y0)
    assert sum(f.mesh.area for f in top) == pytest.approx(shown * (x1 - x0) * (y1 - y0), rel=1e-3)
    assert {f.number for f in top} == {2}


def test_camera_stands_before_the_tip(fake: type) -> None:
    """The tallest finger stands free: between the viewer's wall and the opening, well below the upper bound."""
    run = fake(Path("box"), dim=3, cells=12, width=6.0, times=np.array([0.0, 8.0]))
    output = Output.of(run.fields(8.0))
    front = output.front()
    framing, tip = Framing.about(output, [front]), output.tip(front)
    assert framing.near == 6.0  # of the two walls across y the one nearer to the tip, at y = 3.6
    assert framing.camera.towards[1] > 0.0
    assert min(framing.near, framing.opening) < tip[1] < max(framing.near, framing.opening)
    assert framing.bounds[0, 2] < np.asarray(front.points)[:, 2].min()
    assert tip[2] < framing.bounds[1, 2] < 16.5  # less than the stack
