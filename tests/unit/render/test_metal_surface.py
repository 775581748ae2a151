"""The metal as a closed surface: its volume, its orientation, what other programs read of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import pyvista as pv

from femna.errors import BadInput
from femna.render import metal_surface
from femna.render.metal_surface import FORMATS, write_metal

pytestmark = pytest.mark.serial

SIDE = 6e-6
Array = np.ndarray[Any, Any]


def boxed(cells: int, xi: Callable[[Array], Array]) -> pv.UnstructuredGrid:
    """A cube of 6 um, its cells cut into tetrahedra, with xi of the points."""
    edges = np.linspace(0.0, SIDE * 1e6, cells + 1)
    grid = pv.RectilinearGrid(edges, edges, edges).to_tetrahedra(5)
    points = np.asarray(grid.points, dtype=float) * 1e-6
    made = pv.UnstructuredGrid({pv.CellType.TETRA: grid.cells_dict[pv.CellType.TETRA]}, points)
    made.point_data["xi"] = xi(points)
    return made


def enclosed(surface: pv.PolyData) -> float:
    """Volume by Gauss's theorem, m^3: positive where the normals point outwards."""
    a, b, c = np.moveaxis(np.asarray(surface.points, dtype=float)[surface.regular_faces], 1, 0)
    return float((a * np.cross(b, c)).sum() / 6.0)


def is_closed(surface: pv.PolyData) -> bool:
    """Whether every edge belongs to two triangles, which go along it in opposite directions."""
    faces = surface.regular_faces
    along = np.concatenate([faces[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    both_ways = {tuple(edge) for edge in along.tolist()}
    return len(both_ways) == len(along) and all((b, a) in both_ways for a, b in both_ways)


def tilted(points: Array) -> Array:
    """Linear, 1/2 on the plane z = 2 um + x/4."""
    return np.asarray(0.5 + 5e4 * (2e-6 + 0.25 * points[:, 0] - points[:, 2]))


def ball(points: Array) -> Array:
    """1/2 on a sphere of 2 um about the middle."""
    return np.asarray(0.5 + 5e4 * (2e-6 - np.linalg.norm(points - 0.5 * SIDE, axis=1)))


def through_nodes(points: Array) -> Array:
    """1/2 on a plane that is full of nodes."""
    return np.asarray(0.5 + 5e4 * (2e-6 - points[:, 2]))


def saddle(points: Array) -> Array:
    """Two wedges of metal that meet along a line of nodes."""
    middle = points - 0.5 * SIDE
    return np.asarray(0.5 + 5e4 * (np.abs(middle[:, 0]) - np.abs(middle[:, 2])))


BALL = 4.0 / 3.0 * np.pi * 8e-18


@pytest.mark.parametrize(
    ("xi", "volume", "rel"),
    [
        (tilted, 36e-12 * 2.75e-6, 5e-6),  # 2 um + 1/4 of 3 um; nodes on the plane count as metal by a little
        (through_nodes, 36e-12 * 2e-6, 1e-4),
        (ball, BALL, 0.02),
        (saddle, 108e-18, 0.02),
        (lambda points: 1.0 - ball(points), 216e-18 - BALL, 0.02),  # a hole in metal: its wall looks into the hole
    ],
    ids=["plane", "nodes", "island", "wedges", "hole"],
)
def test_it_encloses_the_metal(xi: Callable[[Array], Array], volume: float, rel: float) -> None:
    """Of a linear xi to 2e-6; of a ball as 24 cells across the box resolve it (1.3 %). Were a hole's wall turned
    outwards as if it were an island, its metal would count 250e-18 in place of 182e-18 m^3."""
    surface = metal_surface.metal_surface(boxed(24, xi))
    assert is_closed(surface)
    assert enclosed(surface) == pytest.approx(volume, rel=rel)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A run whose fields are the tilted plane's."""
    run = SimpleNamespace(case=SimpleNamespace(geometry=SimpleNamespace(dim=3)), fields=lambda time: boxed(6, tilted))
    monkeypatch.setattr(metal_surface, "open_run", lambda directory: run)
    return run


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize(("unit", "per_metre"), [("m", 1.0), ("um", 1e6)])
def test_other_programs_read_it(
    stored: SimpleNamespace, tmp_path: Path, ending: str, unit: str, per_metre: float
) -> None:
    """The volume to single precision; glTF knows metres only."""
    path = tmp_path / f"metal{ending}"
    if ending == ".gltf" and unit != "m":
        with pytest.raises(BadInput, match="glTF is in metres, and 'um' was asked for"):
            write_metal("run", path, unit=unit)
        return
    assert write_metal("run", path, unit=unit) == path
    read = pv.read(path)
    if isinstance(read, pv.MultiBlock):
        read = read.combine().extract_surface(algorithm="dataset_surface").clean(tolerance=0.0)
    assert isinstance(read, pv.PolyData)
    assert read.is_manifold
    assert read.n_open_edges == 0
    assert read.volume == pytest.approx(36e-12 * 2.75e-6 * per_metre**3, rel=1e-5)


def test_what_has_no_surface(stored: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"allowed: '.stl', '.ply' or '.gltf'; closest: .stl"):
        write_metal("run", tmp_path / "metal.stp")
    with pytest.raises(BadInput, match="the unit of a surface is 'nm'; allowed: 'm', 'mm' or 'um'"):
        write_metal("run", tmp_path / "metal.stl", unit="nm")
    stored.fields = lambda time: boxed(4, lambda points: 0.0 * points[:, 0])
    with pytest.raises(BadInput, match="there is no metal at that time"):
        write_metal("run", tmp_path / "metal.stl")
    stored.case.geometry.dim = 2
    with pytest.raises(BadInput, match="the run has 2 dimensions; a surface needs 3"):
        write_metal("run", tmp_path / "metal.stl")
    assert not list(tmp_path.iterdir())
