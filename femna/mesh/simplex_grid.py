"""The grid of a mesh of simplices, distributed by dolfinx."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.mesh import simplices
from femna.mesh.cell_edges import edges_of_cells
from femna.mesh.grid import ON_A_PLANE, CellShapes, GlobalMesh, Grid
from femna.parallel import MPI, dolfinx

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

ALONG_A_FACE = 1e-6
"""Largest part of a vector that may lead out of a cell which the vector still counts as entering; covers rounding where
it runs along a face."""

RIGHT_ANGLE = 1e-12
"""Largest part of the largest g_ij of a cell that counts as 0: what rounding makes of a right angle."""


class SimplexGrid(Grid):
    """One rank's share of a mesh of simplices; its cells are the carriers of the coefficients.

    Each rank holds the edges of its own cells. An edge on the border of two ranks appears on both, with the weight of
    that rank's cells.

    Attributes:
        gradients: (M, d+1, d), gradients of the barycentric coordinates, 1/m.
        cell_volume: (M,), m^d.
        cell_edge_weight: (M, d(d+1)/2), contribution of each cell to g_ij of its edges, m^(d-2).
    """

    def __init__(self, comm: MPI.Comm, global_mesh: GlobalMesh | None) -> None:
        """Distribute a mesh over the ranks. Collective.

        Args:
            comm: the ranks.
            global_mesh: the whole mesh on rank 0; ignored on the others.
        """
        import basix.ufl

        self._global_mesh = global_mesh if comm.rank == 0 else None
        self.dim = dim = comm.bcast(global_mesh.points.shape[1] if comm.rank == 0 and global_mesh is not None else None)
        points = global_mesh.points if comm.rank == 0 and global_mesh is not None else np.empty((0, dim))
        cells = (
            global_mesh.cells if comm.rank == 0 and global_mesh is not None else np.empty((0, dim + 1), dtype=np.int64)
        )
        layer = comm.bcast(global_mesh.layer if comm.rank == 0 and global_mesh is not None else None)
        shape = {1: "interval", 2: "triangle", 3: "tetrahedron"}[dim]
        element: Any = basix.ufl.element("Lagrange", shape, 1, shape=(dim,))
        partitioner = dolfinx.mesh.create_cell_partitioner(dolfinx.graph.partitioner(), dolfinx.mesh.GhostMode.none, 2)
        self.mesh = dolfinx.mesh.create_mesh(
            comm, np.ascontiguousarray(cells, dtype=np.int64), element, np.ascontiguousarray(points), partitioner
        )
        geometry = self.mesh.geometry
        nodes = geometry.index_map()
        owned_cells = self.mesh.topology.index_map(dim).size_local
        super().__init__(comm, nodes)
        self.points: Array = np.ascontiguousarray(geometry.x[: self.size, :dim])
        self._cells: Ints = np.ascontiguousarray(geometry.dofmaps[0][:owned_cells], dtype=np.int64)
        self.layer = layer[self.mesh.topology.original_cell_index[:owned_cells]]
        self.input_index = geometry.input_global_indices[: self.owned].astype(np.int64)

        self._measure(self.points)
        self.lower, self.upper = -self.max(*(-self.points.min(axis=0))), self.max(*self.points.max(axis=0))
        extent = self.upper - self.lower
        from_side = np.minimum(self.points - self.lower, self.upper - self.points)[:, :-1]
        self.at_sides = from_side < ON_A_PLANE * extent[:-1]

    def placed(self, places: Array, sheared: NDArray[np.bool_]) -> SimplexGrid:
        """The same mesh with its nodes elsewhere. Collective.

        Gradients, volumes and weights are those of the new places. `points` stay those of the mesh as it was made, by
        which planes and layers are known.

        Args:
            places: where the nodes lie, (N, d) in m.
            sheared: cells that keep their volume, (M,). Between curved columns, of which the mesh has the corners only,
                straight edges would enclose a little more or less.
        """
        grid = copy.copy(self)
        grid._measure(places, np.where(sheared, self.cell_volume, np.nan))
        return grid

    def _measure(self, places: Array, volume: Array | None = None) -> None:
        """Set what depends on where the nodes lie, (N, d) in m, and on the cells' volumes, (M,), where these are not
        nan. Collective."""
        dim = self.dim
        self.gradients, self.cell_volume = simplices.gradients(places, self.cells)
        if volume is not None:
            self.cell_volume = np.where(np.isfinite(volume), volume, self.cell_volume)
        first, second = np.triu_indices(dim + 1, 1)
        stiffness = np.einsum("cad,cad->ca", self.gradients[:, first], self.gradients[:, second])
        self.cell_edge_weight: Array = -stiffness * self.cell_volume[:, None]
        size = np.abs(self.cell_edge_weight)
        self.cell_edge_weight[size <= RIGHT_ANGLE * size.max(axis=1, initial=0.0, keepdims=True)] = 0.0
        self.cell_edges: Ints
        self.cell_edges, count, self._edge_of_pair = edges_of_cells(self.cells, self.cell_edge_weight, self.size)
        self.edges = self.cell_edges[:count]
        self.weight = self.edge_weight(np.ones(len(self.cells)))
        self.volume = self.lumped(np.ones(len(self.cells)))
        self.owned_volume = self.volume * self.is_owned

    @property
    def cells(self) -> Ints:
        """All simplices, (M, d+1)."""
        return self._cells

    @property
    def cell_shapes(self) -> CellShapes:
        """Each simplex has a shape of its own."""
        return CellShapes(np.arange(len(self.cells), dtype=np.int32), self.gradients, self.cell_volume)

    @property
    def carrier_edges(self) -> Ints:
        """Edges 01, 02, .., 12, .. of the corners of each simplex, (M, d(d+1)/2, 2)."""
        first, second = np.triu_indices(self.dim + 1, 1)
        return np.stack([self.cells[:, first], self.cells[:, second]], axis=-1)

    @property
    def positive_weight(self) -> Array:
        """From simplices without an obtuse angle there, (E,) in m^(d-2)."""
        return self.edge_weight((self.cell_edge_weight > 0.0).astype(float))

    def edge_weight(self, per_carrier: Array) -> Array:
        """Sum of a g_ij over this rank's simplices, (E,); coefficients (M,) or (M, d(d+1)/2)."""
        values = (self.cell_edge_weight * (per_carrier if per_carrier.ndim == 2 else per_carrier[:, None])).ravel()
        return np.bincount(self._edge_of_pair, weights=values, minlength=len(self.cell_edges))[: len(self.edges)]

    def lumped(self, per_carrier: Array) -> Array:
        """Equal shares of each simplex at its corners, (N,). Collective."""
        share = np.repeat(self.cell_volume * per_carrier / (self.dim + 1), self.dim + 1)
        return self.add_up(np.bincount(self.cells.ravel(), weights=share, minlength=self.size))

    def plane_area(self, height: float, numbers: int | Sequence[int]) -> Array:
        """By the facets of the simplices, (N,) in m^(d-1). Collective."""
        on_plane = np.abs(self.points[:, -1] - height) < ON_A_PLANE * float(self.upper[-1])
        cells = self.cells[np.isin(self.layer, numbers)]
        facets = cells[on_plane[cells].sum(axis=1) == self.dim]
        corners = facets[on_plane[facets]].reshape(-1, self.dim)
        spans = self.points[corners[:, 1:], :-1] - self.points[corners[:, :1], :-1]
        factorial = float(np.prod(np.arange(1, self.dim)))
        share = np.abs(np.linalg.det(spans)) / factorial / self.dim if self.dim > 1 else np.ones(len(corners))
        return self.add_up(np.bincount(corners.ravel(), weights=np.repeat(share, self.dim), minlength=self.size))

    def slopes(self, vectors: Array, ways: Array, where: NDArray[np.bool_]) -> tuple[Array, Array]:
        """In the simplex that the vector enters, (E + W,) twice in 1/m; the mean of two at their face. Collective."""
        near = where[self.cells].any(axis=1)
        cells, corners = self.cells[near], self.cells.shape[1]
        ahead = np.einsum("cbd,cad->cab", self.gradients[near], (vectors * np.sign(ways)[:, None])[cells])
        size = np.abs(ahead).max(axis=2)
        others = np.where(np.eye(corners, dtype=bool), 0.0, ahead)
        leads = (others.min(axis=2) >= -ALONG_A_FACE * size) & (size > 0.0)
        count = self.add_up(np.bincount(cells[leads], minlength=self.size).astype(float))
        rates = others * (leads * np.sign(ways)[cells] / np.maximum(count[cells], 1.0))[:, :, None]
        first, second = np.triu_indices(corners, 1)
        in_order = cells[:, first] < cells[:, second]
        pairs = self._edge_of_pair.reshape(len(self.cells), -1)[near].ravel()
        at_lower, at_upper = (
            np.where(in_order == order, rates[:, first, second], rates[:, second, first]).ravel()
            for order in (True, False)
        )
        count_edges = len(self.cell_edges)
        return np.bincount(pairs, at_lower, count_edges), np.bincount(pairs, at_upper, count_edges)

    def gradient(self, nodal: Array) -> Array:
        """Mean over the simplices at a node, (N, d). Collective."""
        sums = _gradient_sums(self.cells, self.gradients, self.cell_volume, nodal)
        vectors = np.stack([self.add_up(np.ascontiguousarray(sums[:, k])) for k in range(self.dim)], axis=1)
        return np.asarray(vectors / self.volume[:, None])

    def divergence(self, vectors: Array) -> Array:
        """Mean over the simplices at a node, (N,). Collective."""
        sums = _divergence_sums(self.cells, self.gradients, self.cell_volume, vectors)
        return np.asarray(self.add_up(sums) / self.volume)

    def gather_cells(self, values: Array) -> Array | None:
        """Values (M, k) of all cells on rank 0, in the order of the original mesh; None on the others. Collective."""
        parts = self.comm.gather((self.mesh.topology.original_cell_index[: len(values)], values))
        if parts is None:
            return None
        whole = np.empty((sum(len(which) for which, _ in parts), values.shape[1]))
        for which, what in parts:
            whole[which] = what
        return whole

    def scatter_cells(self, whole: Array | None) -> Array:
        """This rank's values (M, k) of what rank 0 holds in the order of the original mesh. Collective."""
        return np.asarray(self.comm.bcast(whole)[self.mesh.topology.original_cell_index[: len(self.cells)]])

    def global_mesh(self) -> GlobalMesh | None:
        """The mesh that was distributed, on rank 0."""
        return self._global_mesh


@kernel
def _gradient_sums(cells: Ints, gradients: Array, volume: Array, u: Array) -> Array:
    corners, dim = cells.shape[1], cells.shape[1] - 1
    result = np.zeros((u.size, dim))
    for cell in range(cells.shape[0]):
        for k in range(dim):
            g = 0.0
            for a in range(corners):
                g += u[cells[cell, a]] * gradients[cell, a, k]
            for a in range(corners):
                result[cells[cell, a], k] += g * volume[cell] / corners
    return result


@kernel
def _divergence_sums(cells: Ints, gradients: Array, volume: Array, v: Array) -> Array:
    corners, dim = cells.shape[1], cells.shape[1] - 1
    result = np.zeros(v.shape[0])
    for cell in range(cells.shape[0]):
        div = 0.0
        for k in range(dim):
            for a in range(corners):
                div += v[cells[cell, a], k] * gradients[cell, a, k]
        for a in range(corners):
            result[cells[cell, a]] += div * volume[cell] / corners
    return result
