"""One stored output as plain arrays, and what is read off it: field strength, front, highest tip, peaks, sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING, Any

import numpy as np

from femna.diagnostics.marching import front_simplices
from femna.errors import BadInput
from femna.fields import Field
from femna.io.declarations import undeclared_field
from femna.io.field_store import MATERIAL
from femna.mesh.simplices import gradients, volumes

if TYPE_CHECKING:
    import pyvista

    from femna.analysis.stored_run import StoredRun

Array = np.ndarray[Any, Any]

VTK_SIMPLEX = {3: 1, 5: 2, 10: 3}
"""VTK's number of a line, a triangle and a tetrahedron -> dimension."""
POTENTIALS = ("phi", "phi_l")
"""Keys of the potentials whose gradient is the field strength; a run stores one of them."""

LEAST_SHAPE = 1e-3
"""Smallest area over the longest edge squared of a triangle in a section. Thinner ones are what a cut just off a mesh
plane leaves of tetrahedra; they are thinner than any pixel and would be drawn one pixel wide."""


FIELD_STRENGTH = Field(
    "field",
    "Field strength",
    r"$|\nabla\phi|$",
    "V/m",
    "mV/µm",
    1e-3,
    colour_map="magma",
    domain="electrolyte",
    least_range=1e-4,
)
"""|grad phi| in each cell, computed from the stored potential."""


@dataclass(frozen=True)
class Snapshot:
    """The fields at one time, SI units.

    Args:
        time: simulated time, s.
        points: coordinates of the nodes, (N, dim), m, the growth axis last.
        cells: nodes of the simplices, (M, dim + 1).
        layer: index of the layer of each cell, (M,).
        values: field key -> values on the nodes, (N,); of a stored vector its magnitude.
        field: field strength in each cell, (M,), V/m; None when no potential is stored.
        table: field key -> declaration of the fields, as far as the run declares them.
    """

    time: float
    points: Array
    cells: Array
    layer: Array
    values: Mapping[str, Array]
    field: Array | None = None
    table: Mapping[str, Field] = dataclass_field(default_factory=dict)

    @property
    def dim(self) -> int:
        """Number of space dimensions."""
        return int(self.points.shape[1])

    def declaration(self, key: str) -> Field:
        """What is known of a field.

        Args:
            key: name of the field.

        Returns:
            Its declaration; where the run declares none, that it is shown as it is stored.
        """
        own = FIELD_STRENGTH if key == FIELD_STRENGTH.key else None
        return self.table.get(key) or own or undeclared_field(key)

    @property
    def liquid(self) -> Array:
        """(M,) whether a cell lies wholly in the electrolyte: xi < 1/2 at every node."""
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
        """The cells that reach into a box; the nodes stay as they are.

        Args:
            lower: corner of the box, (dim,), m.
            upper: the opposite corner, (dim,), m.

        Returns:
            The smaller snapshot.
        """
        corners = self.points[self.cells]
        return self.only(((corners.max(axis=1) >= lower) & (corners.min(axis=1) <= upper)).all(axis=1))

    def only(self, keep: Array) -> Snapshot:
        """Some of the cells; the nodes stay as they are.

        Args:
            keep: which cells, (M,).

        Returns:
            The smaller snapshot.
        """
        field = None if self.field is None else self.field[keep]
        return replace(self, cells=self.cells[keep], layer=self.layer[keep], field=field)


def gradient(points: Array, cells: Array, values: Array) -> Array:
    """Gradient of a field that is linear in each simplex.

    Args:
        points: coordinates of the nodes, (N, dim), m.
        cells: nodes of the simplices, (M, dim + 1).
        values: values on the nodes, (N,).

    Returns:
        The gradient in each cell, (M, dim), in the unit of the values over m.
    """
    return np.asarray(np.einsum("mkd,mk->md", gradients(points, cells)[0], values[cells]))


def _magnitude(values: Array) -> Array:
    """Values (N,) as they are; of vectors (N, components) their magnitudes."""
    return values if values.ndim == 1 else np.asarray(np.linalg.norm(values, axis=1))


def stored_time(run: StoredRun, time: float | None = None) -> float:
    """The time of the stored output at or before a time.

    Args:
        run: the run.
        time: simulated time, s; None for the last output. Before the first output, the first one is meant.

    Returns:
        Simulated time of the output, s.

    Raises:
        BadInput: no fields are stored.
    """
    times = np.asarray(run.times)
    if not len(times):
        raise BadInput(f"{run.directory}: no fields are stored yet")
    if time is None:
        return float(times[-1])
    return float(times[max(int(np.searchsorted(times, time * (1 + 1e-9), side="right")) - 1, 0)])


def snapshot(run: StoredRun, time: float | None = None) -> Snapshot:
    """The stored output at or before a time.

    Args:
        run: the run.
        time: simulated time, s; None for the last output.

    Returns:
        The output.

    Raises:
        BadInput: there is none, it cannot be read, or it has no xi.
    """
    moment = stored_time(run, time)
    return from_grid(run.fields(moment), moment, str(run.directory), run.field_table)


def from_grid(
    grid: pyvista.UnstructuredGrid, time: float, origin: str, declared: Mapping[str, Field] | None = None
) -> Snapshot:
    """A snapshot of a mesh.

    Args:
        grid: mesh of simplices of one dimension, in m, with the point array xi, others, and the cell array material.
        time: simulated time, s.
        origin: where the mesh comes from, for messages.
        declared: field key -> declaration; fields that are not among them are shown as they are stored.

    Returns:
        The snapshot.

    Raises:
        BadInput: the mesh is not one of simplices, or has no xi.
    """
    kinds = grid.cells_dict
    if len(kinds) != 1 or next(iter(kinds)) not in VTK_SIMPLEX:
        raise BadInput(f"{origin}: the stored mesh is not one of lines, triangles or tetrahedra")
    kind, cells = next(iter(kinds.items()))
    values = {key: _magnitude(np.asarray(grid.point_data[key])) for key in grid.point_data}
    if "xi" not in values:
        raise BadInput(f"{origin}: xi is not among the stored fields ({', '.join(values) or 'none'})")
    points = np.asarray(grid.points, dtype=float)[:, : VTK_SIMPLEX[kind]]
    cells = np.asarray(cells, dtype=np.int64)
    potential = next((values[key] for key in POTENTIALS if key in values), None)
    field = None if potential is None else np.linalg.norm(gradient(points, cells, potential), axis=1)
    return Snapshot(time, points, cells, np.asarray(grid.cell_data[MATERIAL.key]), values, field, table=declared or {})


def section(run: StoredRun, time: float | None = None) -> Snapshot:
    """The plane (x, z) through the highest tip of a 3D output, as a two-dimensional snapshot.

    Linear fields on tetrahedra stay piecewise linear in the plane, so nothing is lost; the field strength is that of
    the tetrahedron that is cut, with all three components.

    Args:
        run: the run.
        time: simulated time, s; None for the last output.

    Returns:
        The section; an output in one or two dimensions as it is.

    Raises:
        BadInput: as `snapshot`.
    """
    moment = stored_time(run, time)
    grid = run.fields(moment)
    whole = from_grid(grid, moment, str(run.directory), run.field_table)
    if whole.dim != 3:
        return whole
    tip = whole.tip()
    lower, upper = whole.points[:, 1].min(), whole.points[:, 1].max()
    depth = (lower + upper) / 2 if tip is None else tip[1]
    # just off the mesh planes and the walls, where a cut would be ambiguous
    depth = np.clip(depth + 1e-5 * (upper - lower), lower + 1e-4 * (upper - lower), upper - 1e-4 * (upper - lower))
    if whole.field is not None:
        grid.cell_data[FIELD_STRENGTH.key] = whole.field
    cut = grid.slice(normal="y", origin=(0.0, float(depth), 0.0), generate_triangles=True)
    values = {key: _magnitude(np.asarray(cut.point_data[key])) for key in whole.values}
    field = np.asarray(cut.cell_data[FIELD_STRENGTH.key]) if whole.field is not None else None
    points = np.asarray(cut.points, dtype=float)[:, [0, 2]]
    layer = np.asarray(cut.cell_data[MATERIAL.key])
    flat = Snapshot(whole.time, points, cut.regular_faces, layer, values, field, table=whole.table)
    longest = np.linalg.norm(np.diff(points[flat.cells][:, [0, 1, 2, 0]], axis=1), axis=2).max(axis=1)
    return flat.only(flat.measure > LEAST_SHAPE * longest**2)
