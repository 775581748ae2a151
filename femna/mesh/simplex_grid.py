"""The grid of a mesh of simplices, by dolfinx.

On linear simplices the stiffness matrix of -div(a grad u) has off-diagonal entries -a g_ij, one for each edge (i, j).
With edge-averaged coefficients (Xu & Zikatanov, Math. Comp. 68 (1999) 1429) and a lumped mass matrix every term of the
model becomes a sum over nodes or over edges, so that these arrays are all that an assembly needs.

Each rank holds the edges of its own cells. An edge on the border of two ranks appears on both, with the weight of that
rank's cells. The sum over the ranks (`Grid.add_up`, or PETSc's assembly) completes the entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.mesh import simplices
from femna.mesh.grid import ON_A_PLANE, GlobalMesh, Grid
from femna.parallel import MPI, dolfinx

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

ALONG_A_FACE = 1e-6
"""Largest part of a vector that may lead out of a cell which the vector still counts as entering; covers rounding where
it runs along a face."""


class SimplexGrid(Grid):
    """One rank's share of a mesh of simplices; its cells are the carriers of the coefficients.

    Each rank holds the edges of its own cells. An edge on the border of two ranks appears on both, with the weight of
    that rank's cells.

    Attributes:
        mesh: the dolfinx mesh.
        cells: (M, d+1), local node numbers.
        cell_volume: (M,), m^d.
        gradients: (M, d+1, d), gradients of the barycentric coordinates, 1/m.
        cell_edge_weight: (M, d(d+1)/2), contribution of each cell to g_ij of its edges, m^(d-2).
    """

    def __init__(self, comm: MPI.Comm, global_mesh: GlobalMesh | None) -> None:
        """Distribute a mesh over the ranks. Collective.

        Args:
            comm: the ranks.
            global_mesh: the whole mesh on rank 0; ignored on the others.
        """
        import basix.ufl

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
        self.cells: Ints = np.ascontiguousarray(geometry.dofmaps[0][:owned_cells], dtype=np.int64)
        self.layer = layer[self.mesh.topology.original_cell_index[:owned_cells]]
        self.input_index = geometry.input_global_indices[: self.owned].astype(np.int64)

        self.gradients, self.cell_volume = simplices.gradients(self.points, self.cells)
        first, second = np.triu_indices(dim + 1, 1)
        stiffness = np.einsum("cad,cad->ca", self.gradients[:, first], self.gradients[:, second])
        self.cell_edge_weight: Array = -stiffness * self.cell_volume[:, None]
        ends = np.sort(np.stack([self.cells[:, first], self.cells[:, second]], axis=-1).reshape(-1, 2), axis=1)
        keys, self._edge_of_pair = np.unique(ends[:, 0] * self.size + ends[:, 1], return_inverse=True)
        self.edges: Ints = np.ascontiguousarray(np.stack([keys // self.size, keys % self.size], axis=1))
        self.weight = self.edge_weight(np.ones(len(self.cells)))
        self.volume = self.lumped(np.ones(len(self.cells)))
        self.owned_volume = self.volume * self.is_owned
        self.lower, self.upper = -self.max(*(-self.points.min(axis=0))), self.max(*self.points.max(axis=0))
        size = self.upper - self.lower
        from_side = np.minimum(self.points - self.lower, self.upper - self.points)[:, :-1]
        self.at_sides = from_side < ON_A_PLANE * size[:-1]

    def edge_weight(self, per_cell: Array) -> Array:
        """Sum of a g_ij over this rank's cells, for a coefficient a.

        Args:
            per_cell: the coefficient of each cell, (M,), or of each edge of each cell, (M, d(d+1)/2), in the order 01,
                02, .., 12, .. of the cell's corners.

        Returns:
            (E,), in the unit of a times m^(d-2).
        """
        values = (self.cell_edge_weight * (per_cell if per_cell.ndim == 2 else per_cell[:, None])).ravel()
        return np.bincount(self._edge_of_pair, weights=values, minlength=len(self.edges))

    def lumped(self, per_cell: Array) -> Array:
        """Integral of a coefficient over each node's share of its cells. Collective.

        Args:
            per_cell: the coefficient, (M,).

        Returns:
            Nodal sums, (N,), of unit [coefficient] m^d: whole, the same on every rank that has the node.
        """
        share = np.repeat(self.cell_volume * per_cell / (self.dim + 1), self.dim + 1)
        return self.add_up(np.bincount(self.cells.ravel(), weights=share, minlength=self.size))

    def plane_area(self, height: float, numbers: int | Sequence[int]) -> Array:
        """Area of the face of some phases at a height in each node's share, (N,) in m^(d-1). Collective.

        Args:
            height: of the face above the collector, m; nodes off it get 0.
            numbers: of the phases whose cells the face belongs to; given for both sides, it counts twice.
        """
        on_plane = np.abs(self.points[:, -1] - height) < ON_A_PLANE * float(self.upper[-1])
        cells = self.cells[np.isin(self.layer, numbers)]
        facets = cells[on_plane[cells].sum(axis=1) == self.dim]
        corners = facets[on_plane[facets]].reshape(-1, self.dim)
        spans = self.points[corners[:, 1:], :-1] - self.points[corners[:, :1], :-1]
        factorial = float(np.prod(np.arange(1, self.dim)))
        share = np.abs(np.linalg.det(spans)) / factorial / self.dim if self.dim > 1 else np.ones(len(corners))
        return self.add_up(np.bincount(corners.ravel(), weights=np.repeat(share, self.dim), minlength=self.size))

    def slopes(self, vectors: Array, ways: Array, where: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Weights that make a directional derivative at the nodes from differences along the edges. Collective.

        The derivative is taken in the cell that the vector enters, or in the one that its opposite enters where `ways`
        is negative. All weights then have the sign of `ways`.

        Args:
            vectors: (N, d), the direction at each node.
            ways: (N,), only the sign counts.
            where: (N,), the nodes at which the derivative is wanted.

        Returns:
            Two arrays (E,) in 1/m, this rank's share: at an edge (i, j) the weight of u_j - u_i for the derivative at
            i, and that of u_i - u_j for the derivative at j. 0 where no cell lies in that direction.
        """
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
        count_edges = len(self.edges)
        return np.bincount(pairs, at_lower, count_edges), np.bincount(pairs, at_upper, count_edges)
