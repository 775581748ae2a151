"""The mesh as the solver sees it: nodes, edges between them and their weights, distributed over the ranks.

On linear simplices the stiffness matrix of -div(a grad u) has off-diagonal entries -a g_ij, one for each edge (i, j).
With edge-averaged coefficients (Xu & Zikatanov, Math. Comp. 68 (1999) 1429) and a lumped mass matrix every term of the
model becomes a sum over nodes or over edges, so that these arrays are all that an assembly needs. Nothing flows along
an edge of a cell whose g_ij vanishes, whatever a is: on bricks cut by Kuhn's rule these are the diagonals of faces and
bodies, more than half of all. They stand apart, for what is not a flux: directional derivatives.

Each rank holds the edges of its own cells. An edge on the border of two ranks appears on both, with the weight of that
rank's cells. The sum over the ranks (`Grid.add_up`, or PETSc's assembly) completes the entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.mesh import simplices
from femna.mesh.cell_edges import edges_of_cells
from femna.parallel import MPI, dolfinx

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

ON_A_PLANE = 1e-9
"""Largest distance of a node from a plane on which it counts as lying, in lengths of the mesh along that axis."""

ALONG_A_FACE = 1e-6
"""Largest part of a vector that may lead out of a cell which the vector still counts as entering; covers rounding where
it runs along a face."""

RIGHT_ANGLE = 1e-12
"""Largest part of the largest g_ij of a cell that counts as 0: what rounding makes of a right angle."""


@dataclass(frozen=True)
class GlobalMesh:
    """The whole mesh in its original numbering, on rank 0.

    Attributes:
        points: (N, d), coordinates in m; the growth direction is the last one.
        cells: (M, d+1), node numbers of each simplex.
        layer: (M,), index of each cell's phase: a layer, or the grain boundaries of one.
    """

    points: Array
    cells: Ints
    layer: NDArray[np.int32]


class Grid:
    """One rank's share of the mesh.

    Nodes are numbered locally, owned ones first, then ghosts. In the shapes below N is the number of this rank's nodes,
    M that of its cells, E that of its edges and W that of the edges of its cells that have no weight.

    Attributes:
        comm: the ranks that share the mesh.
        mesh: the dolfinx mesh.
        dim: number of dimensions d.
        owned: number of owned nodes.
        size: number of nodes, N.
        total: number of nodes of the whole mesh.
        points: (N, d), coordinates in m.
        cells: (M, d+1), local node numbers.
        layer: (M,), index of each cell's phase.
        edges: (E, 2), local node numbers; the first is the lower one.
        cell_edges: (E + W, 2), all edges of its cells: `edges`, then those without weight.
        weight: (E,), this rank's part of g_ij, m^(d-2).
        volume: (N,), lumped volume of each node, m^d, summed over the ranks.
        owned_volume: (N,), the same, 0 at ghosts.
        is_owned: (N,), 1.0 at owned nodes, 0.0 at ghosts.
        cell_volume: (M,), m^d.
        gradients: (M, d+1, d), gradients of the barycentric coordinates, 1/m.
        cell_edge_weight: (M, d(d+1)/2), contribution of each cell to g_ij of its edges, m^(d-2).
        global_index: (N,), numbers of the nodes over all ranks.
        input_index: (owned,), numbers of the owned nodes in the original mesh.
        lower: (d,), lowest coordinates of the whole mesh, m.
        upper: (d,), highest coordinates of the whole mesh, m.
        at_sides: (N, d-1), whether a node lies on a side of each lateral axis.
    """

    def __init__(self, comm: MPI.Comm, global_mesh: GlobalMesh | None) -> None:
        """Distribute a mesh over the ranks. Collective.

        Args:
            comm: the ranks.
            global_mesh: the whole mesh on rank 0; ignored on the others.
        """
        import basix.ufl

        self.comm = comm
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
        self.owned = nodes.size_local
        self.size = nodes.size_local + nodes.num_ghosts
        self.total = nodes.size_global
        self.is_owned = (np.arange(self.size) < self.owned).astype(float)
        self.points: Array = np.ascontiguousarray(geometry.x[: self.size, :dim])
        self.cells: Ints = np.ascontiguousarray(geometry.dofmaps[0][:owned_cells], dtype=np.int64)
        self.layer = layer[self.mesh.topology.original_cell_index[:owned_cells]]
        self.input_index = geometry.input_global_indices[: self.owned].astype(np.int64)
        self.global_index = nodes.local_to_global(np.arange(self.size, dtype=np.int32)).astype(np.int32)
        self._buffer = dolfinx.la.vector(nodes)

        self.gradients, self.cell_volume = simplices.gradients(self.points, self.cells)
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
        self.lower, self.upper = -self.max(*(-self.points.min(axis=0))), self.max(*self.points.max(axis=0))
        extent = self.upper - self.lower
        from_side = np.minimum(self.points - self.lower, self.upper - self.points)[:, :-1]
        self.at_sides = from_side < ON_A_PLANE * extent[:-1]

    def edge_weight(self, per_cell: Array) -> Array:
        """Sum of a g_ij over this rank's cells, for a coefficient a.

        Args:
            per_cell: the coefficient of each cell, (M,), or of each edge of each cell, (M, d(d+1)/2), in the order 01,
                02, .., 12, .. of the cell's corners.

        Returns:
            (E,), in the unit of a times m^(d-2).
        """
        values = (self.cell_edge_weight * (per_cell if per_cell.ndim == 2 else per_cell[:, None])).ravel()
        return np.bincount(self._edge_of_pair, weights=values, minlength=len(self.cell_edges))[: len(self.edges)]

    def lumped(self, per_cell: Array) -> Array:
        """Integral of a coefficient over each node's share of its cells. Collective.

        Args:
            per_cell: the coefficient, (M,).

        Returns:
            Nodal sums, (N,), of unit [coefficient] m^d: whole, the same on every rank that has the node.
        """
        share = np.repeat(self.cell_volume * per_cell / (self.dim + 1), self.dim + 1)
        return self.add_up(np.bincount(self.cells.ravel(), weights=share, minlength=self.size))

    def layer_volume(self, numbers: int | Sequence[int]) -> Array:
        """Volume of some phases in each node's share, (N,) in m^d. Collective.

        Args:
            numbers: of the phases, as `layer` counts them.
        """
        return self.lumped(np.isin(self.layer, numbers).astype(float))

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
            Two arrays (E + W,) in 1/m, this rank's share: at an edge (i, j) of `cell_edges` the weight of u_j - u_i for
            the derivative at i, and that of u_i - u_j for the derivative at j. 0 where no cell lies in that direction.
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
        count_edges = len(self.cell_edges)
        return np.bincount(pairs, at_lower, count_edges), np.bincount(pairs, at_upper, count_edges)

    def add_up(self, nodal: Array) -> Array:
        """Sum the ranks' contributions to shared nodes. Collective.

        Args:
            nodal: (N,), this rank's contributions.

        Returns:
            (N,), the sums, the same on every rank that holds the node.
        """
        if self.comm.size == 1:
            return nodal
        self._buffer.array[:] = nodal
        self._buffer.scatter_reverse(dolfinx.la.InsertMode.add)
        self._buffer.scatter_forward()
        return self._buffer.array.copy()

    def update(self, nodal: Array) -> Array:
        """Copy the values of owned nodes to their ghosts on other ranks, in place. Collective.

        Args:
            nodal: (N,); its values at ghosts are overwritten.

        Returns:
            The same array.
        """
        if self.comm.size > 1:
            self._buffer.array[:] = nodal
            self._buffer.scatter_forward()
            nodal[:] = self._buffer.array
        return nodal

    def sum(self, *owned_values: float) -> Array:
        """Sums of a few numbers over the ranks, in the order given. Collective."""
        return np.asarray(self.comm.allreduce(np.array(owned_values, dtype=float), op=MPI.SUM))

    def max(self, *values: float) -> Array:
        """Maxima of a few numbers over the ranks, in the order given. Collective."""
        result = np.empty(len(values))
        self.comm.Allreduce(np.array(values, dtype=float), result, op=MPI.MAX)
        return result

    def integral(self, nodal: Array) -> float:
        """Lumped integral over the whole mesh, exact for linear fields. Collective.

        Args:
            nodal: (N,), the field.

        Returns:
            The integral in the field's unit times m^d.
        """
        # Not a BLAS dot product: its threads would compete with the other ranks for the cores.
        return float(self.sum((self.owned_volume * nodal).sum())[0])

    def gather(self, nodal: Array) -> Array | None:
        """Collect a field on rank 0, in the numbering of the original mesh. Collective.

        Args:
            nodal: (N,) or (N, k), the field on each rank.

        Returns:
            (total,) or (total, k) on rank 0, None on the others.
        """
        parts = self.comm.gather((self.input_index, nodal[: self.owned]))
        if parts is None:
            return None
        whole = np.empty((self.total, *nodal.shape[1:]))
        for where, what in parts:
            whole[where] = what
        return whole

    def scatter(self, whole: Array | None) -> Array:
        """Distribute a field that rank 0 holds in the numbering of the original mesh. Collective.

        Args:
            whole: (total,) or (total, k) on rank 0; ignored on the others.

        Returns:
            (N,) or (N, k), this rank's values, ghosts included.
        """
        whole = self.comm.bcast(whole)
        nodal = np.empty((self.size, *whole.shape[1:]))
        nodal[: self.owned] = whole[self.input_index]
        if whole.ndim == 1:
            return self.update(nodal)
        return np.stack([self.update(np.ascontiguousarray(part)) for part in nodal.T], axis=1)
