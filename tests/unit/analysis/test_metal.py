"""Metal cut off from the collector, on meshes where its volume is known exactly."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import pyvista

from femna.analysis.metal import disconnected_metal
from femna.analysis.snapshot import Snapshot, snapshot
from femna.geometry.phases import conducting_layers

Array = np.ndarray[Any, Any]


def box(fake: type, dim: int, n: int = 8) -> tuple[Array, Array]:
    """A box, 12 wide and 16.5 high, in equal cells split into simplices."""
    return fake(Path("box"), dim=dim, cells=n, width=12.0).mesh()


def output(points: Array, cells: Array, xi: Array, layer: Array | None = None) -> Snapshot:
    return Snapshot(0.0, points, cells, np.zeros(len(cells), int) if layer is None else layer, {"xi": xi})


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_metal_of_a_random_linear_field(dim: int) -> None:
    """xi of one simplex that is linear in the height: the metal is the simplex below the level, also cut by a plane."""
    rng = np.random.default_rng(dim)
    points, xi = np.concatenate([np.zeros((1, dim)), np.eye(dim)]), np.zeros(dim + 1)
    xi[-1] = 1.0  # at the one node that is high, so that the metal is a smaller simplex about it
    left = disconnected_metal(output(points, np.arange(dim + 1)[None], xi), 0.75)
    size = 1.0 / math.factorial(dim)
    assert left.disconnected == pytest.approx(size * 0.5**dim)
    assert left.above == pytest.approx(size * 0.25**dim)
    xi = rng.random(dim + 1)
    below = output(points, np.arange(dim + 1)[None], 1.0 - xi)
    above = output(points, np.arange(dim + 1)[None], xi)
    total = disconnected_metal(below, -1.0).above + disconnected_metal(above, -1.0).above
    assert total == pytest.approx(size, rel=1e-12)


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e-9])
def test_metal_and_the_rest_fill_the_box_at_any_size(fake: type, scale: float) -> None:
    """Slivers of a micrometre's cell, 1e-10 m thick, count as well as those of a metre's."""
    points, cells = box(fake, 2, n=40)
    xi = np.random.default_rng(1).random(len(points))
    parts = [disconnected_metal(output(scale * points, cells, values), -1.0).above for values in (xi, 1.0 - xi)]
    assert sum(parts) == pytest.approx(16.5 * scale, rel=1e-12)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_flat_metal_is_connected(fake: type, dim: int) -> None:
    points, cells = box(fake, dim)
    left = disconnected_metal(output(points, cells, 0.5 + 0.1 * (4.2 - points[:, -1])), 3.1)
    assert left.disconnected == 0.0
    assert left.above == pytest.approx(1.1)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_a_layer_that_floats(fake: type, dim: int) -> None:
    points, cells = box(fake, dim)
    height = points[:, -1]
    xi = np.interp(height, *np.array([(0, 1.0), (3, 1.0), (4.5, 0.0), (7.5, 0.0), (9, 1.0), (10.5, 0.0)]).T)
    left = disconnected_metal(output(points, cells, xi), 3.75)
    assert left.disconnected == pytest.approx(1.5)  # from 8.25 to 9.75
    assert left.above == pytest.approx(1.5)


def test_an_island_of_known_area(fake: type) -> None:
    """One node of metal in a plane of right triangles: the six about it, shrunk to half their size."""
    points, cells = box(fake, 2)
    centre = np.argmin(np.linalg.norm(points - (6.0, 9.0), axis=1))
    xi = np.zeros(len(points))
    xi[points[:, 1] < 1e-9] = 1.0
    xi[centre] = 1.0
    left = disconnected_metal(output(points, cells, xi), 3.0)
    side = 12 / 8
    assert left.disconnected * 12.0 == pytest.approx(6 * side**2 / 2 / 4)
    assert left.above == left.disconnected
    across = disconnected_metal(output(points, cells, xi), 9.0)  # the plane halves the island
    assert across.above == pytest.approx(left.disconnected / 2)


def test_two_islands_that_touch_are_one_and_a_bridge_connects_them(fake: type) -> None:
    points, cells = box(fake, 2)
    xi = np.zeros(len(points))
    column = np.abs(points[:, 0] - 6.0) < 1e-9
    xi[column & (points[:, 1] > 5.0) & (points[:, 1] < 11.0)] = 1.0
    loose = disconnected_metal(output(points, cells, xi), 0.0)
    assert loose.disconnected == loose.above > 0.0
    xi[column & (points[:, 1] < 11.0)] = 0.51
    assert disconnected_metal(output(points, cells, xi), 0.0).disconnected == 0.0


def test_no_metal_at_all(fake: type) -> None:
    points, cells = box(fake, 2)
    left = disconnected_metal(output(points, cells, np.zeros(len(points))), 0.0)
    assert (left.disconnected, left.above) == (0.0, 0.0)


def test_layers_that_conduct_electrons_connect(fake: type) -> None:
    points, cells = box(fake, 2)
    layer = np.searchsorted([6.0], points[cells][..., 1].mean(axis=1))
    xi = np.where((points[:, 1] > 5.9) & (points[:, 1] < 9.1), 1.0, 0.0)
    snap = output(points, cells, xi, layer)
    assert disconnected_metal(snap, 0.0).disconnected > 3.0
    assert disconnected_metal(snap, 0.0, conducting=(0,)).disconnected == 0.0
    assert disconnected_metal(snap, 0.0, conducting=(1,)).disconnected > 3.0  # it conducts, but not to the collector


def test_of_a_stored_mesh(fake: type) -> None:
    run = fake(Path("box"), cells=24)
    mesh = run.fields(10.0)
    assert isinstance(mesh, pyvista.UnstructuredGrid)
    assert disconnected_metal(mesh, 3e-6) == disconnected_metal(snapshot(run, 10.0), 3e-6)
    assert disconnected_metal(mesh, 3e-6).above == pytest.approx(run.history["Mean height [m]"][-1] - 3e-6, rel=0.05)


def test_layers_that_conduct() -> None:
    def case(model: str, *conductivities: float | None) -> Any:
        entries = [None if s is None else SimpleNamespace(value=s) for s in conductivities]
        names = tuple(f"layer{k}" for k in range(len(entries)))
        materials = {n: SimpleNamespace(electronic_conductivity=e) for n, e in zip(names, entries, strict=True)}
        layers = {n: SimpleNamespace(material=n) for n in names}
        phases = [(n, False) for n in names]
        return SimpleNamespace(model=model, layer_names=names, layer=layers, phases=phases, materials=materials)

    assert conducting_layers(case("two_potential", 2e7, 2e-4, None)) == (0, 1)
    assert conducting_layers(case("two_potential", 2e7, 1e-8, 0.1, None)) == (2,)
    assert conducting_layers(case("two_potential", 2e7, None)) == ()
    assert conducting_layers(case("single_potential", 2e7, 2e-4, None)) == ()
