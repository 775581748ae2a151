"""One stored output as plain arrays, and what is read off it: field strength, front, highest tip, peaks, sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from femna.diagnostics.marching import front_simplices
from femna.errors import BadInput
from femna.mesh.quality import volumes

if TYPE_CHECKING:
    import pyvista

    from femna.analysis.stored_run import StoredRun

Array = np.ndarray[Any, Any]

VTK_SIMPLEX = {3: 1, 5: 2, 10: 3}
"""VTK's number of a line, a triangle and a tetrahedron -> dimension."""
_POTENTIALS = ("phi", "phi_l")

THINNEST = 1e-3
"""Area over the longest edge squared of a triangle in a section: thinner ones are what a cut just off a mesh plane
leaves of tetrahedra. They are thinner than any pixel and would be drawn one pixel wide."""


@dataclass(frozen=True)
class Snapshot:
    """The fields at one time, SI units.

    points (N, dim), m, the growth axis last; cells (M, dim+1), simplices; layer (M,), index into the case's layers;
    values: field key -> (N,); field (M,), |grad phi| in V/m (phi_l in two_potential), or None when no potential is
    stored.
    """

    time: float
    points: Array
    cells: Array
    layer: Array
    values: Mapping[str, Array]
    field: Array | None = None

    @property
    def dim(self) -> int:
        return int(self.points.shape[1])

    @property
    def liquid(self) -> Array:
        """(M,) bool: the cells that lie wholly in the electrolyte, xi < 1/2 at every node."""
        return np.asarray((self.values["xi"][self.cells] < 0.5).all(axis=1))

    @property
    def measure(self) -> Array:
        """(M,) length, area or volume of the cells, m^dim."""
        return np.abs(volumes(self.points, self.cells))

    @property
    def peak_field(self) -> float:
        """Largest field strength in the electrolyte, V/m; nan when there is none."""
        if self.field is None or not self.liquid.any():
            return float("nan")
        return float(self.field[self.liquid].max())

    @property
    def peak_concentration(self) -> float:
        """Largest concentration where xi < 1/2, mol/m^3; nan when there is none."""
        liquid = self.values["xi"] < 0.5
        if "c" not in self.values or not liquid.any():
            return float("nan")
        return float(self.values["c"][liquid].max())

    def tip(self) -> Array | None:
        """(dim,) the highest point of the front xi = 1/2, m; None when there is no front."""
        mesh = np.ascontiguousarray(self.points), np.ascontiguousarray(self.cells)
        front = front_simplices(*mesh, np.ascontiguousarray(self.values["xi"], dtype=float)).reshape(-1, self.dim)
        return front[front[:, -1].argmax()] if len(front) else None

    def crop(self, lower: Array, upper: Array) -> Snapshot:
        """The cells that reach into the box lower..upper (m); the points stay as they are."""
        corners = self.points[self.cells]
        return self.only(((corners.max(axis=1) >= lower) & (corners.min(axis=1) <= upper)).all(axis=1))

    def only(self, keep: Array) -> Snapshot:
        """The cells that (M,) keep says; the points stay as they are."""
        field = None if self.field is None else self.field[keep]
        return replace(self, cells=self.cells[keep], layer=self.layer[keep], field=field)


def gradient(points: Array, cells: Array, values: Array) -> Array:
    """Gradient of a P1 field in each simplex: (M, dim).

    points (N, dim), cells (M, dim+1), values (N,). With edge vectors e_k = x_k - x_0, e_k . grad u = u_k - u_0.
    """
    corners, u = points[cells], values[cells]
    edges = corners[:, 1:] - corners[:, :1]
    return np.asarray(np.linalg.solve(edges, (u[:, 1:] - u[:, :1])[..., None])[..., 0])


def stored_time(run: StoredRun, time: float | None = None) -> float:
    """The time (s) of the stored output at or before `time`, the last one when None. BadInput when none is stored."""
    times = np.asarray(run.times)
    if not len(times):
        raise BadInput(f"{run.directory}: no fields are stored yet")
    if time is None:
        return float(times[-1])
    return float(times[max(int(np.searchsorted(times, time * (1 + 1e-9), side="right")) - 1, 0)])


def snapshot(run: StoredRun, time: float | None = None) -> Snapshot:
    """The stored output at or before `time` (the last one when None). BadInput when there is none, or none of xi."""
    moment = stored_time(run, time)
    return from_grid(run.fields(moment), moment, str(run.directory))


def from_grid(grid: pyvista.UnstructuredGrid, time: float, origin: str) -> Snapshot:
    """A snapshot of a mesh with point arrays xi, c, phi, .. and the cell array material; cells of one kind only."""
    kinds = grid.cells_dict
    if len(kinds) != 1 or next(iter(kinds)) not in VTK_SIMPLEX:
        raise BadInput(f"{origin}: the stored mesh is not one of lines, triangles or tetrahedra")
    kind, cells = next(iter(kinds.items()))
    values = {key: np.asarray(grid.point_data[key]) for key in grid.point_data}
    if "xi" not in values:
        raise BadInput(f"{origin}: xi is not among the stored fields ({', '.join(values) or 'none'})")
    points = np.asarray(grid.points, dtype=float)[:, : VTK_SIMPLEX[kind]]
    cells = np.asarray(cells, dtype=np.int64)
    potential = next((values[key] for key in _POTENTIALS if key in values), None)
    field = None if potential is None else np.linalg.norm(gradient(points, cells, potential), axis=1)
    return Snapshot(time, points, cells, np.asarray(grid.cell_data["material"]), values, field)


def section(run: StoredRun, time: float | None = None) -> Snapshot:
    """The plane (x, z) through the highest tip of a 3D output, as a two-dimensional snapshot.

    P1 fields on tetrahedra stay piecewise linear in the plane, so nothing is lost; the field strength is that of the
    tetrahedron cut, with all three components. A 2D output comes back as it is.
    """
    moment = stored_time(run, time)
    grid = run.fields(moment)
    whole = from_grid(grid, moment, str(run.directory))
    if whole.dim != 3:
        return whole
    tip = whole.tip()
    lower, upper = whole.points[:, 1].min(), whole.points[:, 1].max()
    depth = (lower + upper) / 2 if tip is None else tip[1]
    # just off the mesh planes and the walls, where a cut would be ambiguous
    depth = np.clip(depth + 1e-5 * (upper - lower), lower + 1e-4 * (upper - lower), upper - 1e-4 * (upper - lower))
    if whole.field is not None:
        grid.cell_data["field"] = whole.field
    cut = grid.slice(normal="y", origin=(0.0, float(depth), 0.0), generate_triangles=True)
    values = {key: np.asarray(cut.point_data[key]) for key in whole.values}
    field = np.asarray(cut.cell_data["field"]) if whole.field is not None else None
    points = np.asarray(cut.points, dtype=float)[:, [0, 2]]
    flat = Snapshot(whole.time, points, cut.regular_faces, np.asarray(cut.cell_data["material"]), values, field)
    longest = np.linalg.norm(np.diff(points[flat.cells][:, [0, 1, 2, 0]], axis=1), axis=2).max(axis=1)
    return flat.only(flat.measure > THINNEST * longest**2)
