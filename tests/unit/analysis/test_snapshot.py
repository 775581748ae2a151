"""Numbers read off one stored output, on fields that are known exactly."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import pyvista

from femna.analysis.snapshot import from_grid, gradient, section, snapshot, stored_time
from femna.errors import BadInput


def square(n: int = 8) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The unit square in n x n cells of two triangles each."""
    x, y = np.meshgrid(np.linspace(0, 1, n + 1), np.linspace(0, 1, n + 1), indexing="ij")
    at = np.arange((n + 1) ** 2).reshape(n + 1, n + 1)
    a, b, c, d = at[:-1, :-1].ravel(), at[1:, :-1].ravel(), at[1:, 1:].ravel(), at[:-1, 1:].ravel()
    return np.stack([x.ravel(), y.ravel()], axis=1), np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])


def grid(
    kind: int, points: np.ndarray[Any, Any], cells: np.ndarray[Any, Any], **values: Any
) -> pyvista.UnstructuredGrid:
    padded = np.zeros((len(points), 3))
    padded[:, : points.shape[1]] = points
    made = pyvista.UnstructuredGrid({kind: cells}, padded)
    made.point_data.update(values)
    made.cell_data["material"] = np.zeros(len(cells), dtype=np.int32)
    return made


def run_of(made: pyvista.UnstructuredGrid, times: tuple[float, ...] = (0.0, 1.0)) -> Any:
    return SimpleNamespace(directory=Path("here"), times=np.array(times), fields=lambda t: made, field_table={})


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_gradient_of_a_linear_field_is_exact(dim: int) -> None:
    points = np.random.default_rng(1).random((dim + 1, dim))
    slope = np.array([2.0, -3.0, 0.5])[:dim]
    assert gradient(points, np.arange(dim + 1)[None], points @ slope + 1) == pytest.approx(slope[None])


def test_peaks_count_the_electrolyte_only() -> None:
    points, cells = square()
    height = points[:, 1]
    xi = np.where(height < 0.4, 1.0, 0.0)
    c = np.where(height < 0.4, 99.0, 1.0 + points[:, 0])
    phi = np.where(height < 0.4, 50 * height, height**2)
    snap = from_grid(grid(pyvista.CellType.TRIANGLE, points, cells, xi=xi, c=c, phi=phi), 0.0, "here")
    assert snap.peak_concentration == pytest.approx(2.0)
    assert snap.peak_field == pytest.approx(1 + 7 / 8)  # the slope of y^2 over the uppermost row of cells
    assert snap.measure.sum() == pytest.approx(1.0)


def test_tip_is_the_highest_crossing() -> None:
    points, cells = square(40)
    front = 0.3 + 0.4 * np.exp(-(((points[:, 0] - 0.25) / 0.1) ** 2))
    xi = 0.5 * (1 - np.tanh((points[:, 1] - front) / 0.1))
    snap = from_grid(grid(pyvista.CellType.TRIANGLE, points, cells, xi=xi), 0.0, "here")
    assert snap.tip() == pytest.approx([0.25, 0.7], abs=0.005)
    assert snap.field is None
    assert np.isnan(snap.peak_field)
    assert np.isnan(snap.peak_concentration)
    assert from_grid(grid(pyvista.CellType.TRIANGLE, points, cells, xi=np.zeros(len(points))), 0, "").tip() is None


def test_crop_keeps_what_reaches_into_the_box() -> None:
    points, cells = square(10)
    snap = from_grid(grid(pyvista.CellType.TRIANGLE, points, cells, xi=points[:, 0], phi=points[:, 1]), 0.0, "here")
    cut = snap.crop(np.array([0.32, 0.32]), np.array([0.38, 0.38]))
    assert len(cut.cells) == 2 == len(cut.layer)
    assert cut.field is not None
    assert len(cut.field) == 2


def test_section_goes_through_the_tip_and_loses_nothing(fake: type) -> None:
    run = fake(Path("box"), dim=3, cells=12, width=6.0, times=np.array([0.0, 8.0]))
    whole, cut = snapshot(run), section(run)
    tip = whole.tip()
    assert tip is not None
    assert cut.dim == 2
    assert cut.time == 8.0
    assert cut.tip() == pytest.approx(tip[[0, 2]], abs=1e-8)
    assert np.ptp(cut.points, axis=0) == pytest.approx([6e-6, 16.5e-6])
    assert cut.measure.sum() == pytest.approx(6e-6 * 16.5e-6, rel=1e-3)  # slivers of 2.4e-4 of it are left out
    assert cut.field is not None
    assert cut.field.max() <= whole.field.max()
    assert set(cut.layer) == {0, 1, 2}


def test_times_and_bad_folders() -> None:
    points, cells = square(2)
    made = grid(pyvista.CellType.TRIANGLE, points, cells, xi=points[:, 0])
    assert [stored_time(run_of(made), t) for t in (None, 0.0, 0.99, 1.0, 7.0)] == [1.0, 0.0, 0.0, 1.0, 1.0]
    with pytest.raises(BadInput, match="no fields"):
        stored_time(run_of(made, ()))
    with pytest.raises(BadInput, match="xi is not among"):
        snapshot(run_of(grid(pyvista.CellType.TRIANGLE, points, cells, c=points[:, 0])))
    quads = grid(pyvista.CellType.QUAD, points, np.array([[0, 3, 4, 1]]), xi=points[:, 0])
    with pytest.raises(BadInput, match="not one of lines"):
        snapshot(run_of(quads))


def test_no_slivers_in_a_section(fake: type) -> None:
    """Just off a mesh plane a cut leaves triangles a hundred thousand times longer than wide."""
    run = fake(Path("box"), dim=3, cells=10, width=6.0, times=np.array([0.0]))
    cut = section(run, 0.0)
    corners = cut.points[cut.cells][:, [0, 1, 2, 0]]
    longest = np.linalg.norm(np.diff(corners, axis=1), axis=2).max(axis=1)
    assert (cut.measure / longest**2).min() > 1e-3
    assert cut.measure.sum() == pytest.approx(6.0 * 16.5 * 1e-12, rel=1e-3)
