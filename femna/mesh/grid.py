"""The mesh as the solver sees it: nodes, edges between them and their weights, shared out over the ranks.

On linear simplices the stiffness matrix of -div(a grad u) has off-diagonal entries -a g_ij, one for each edge (i, j).
With edge-averaged coefficients (Xu & Zikatanov, Math. Comp. 68 (1999) 1429) and a lumped mass matrix every term of the
model becomes a sum over nodes or over edges, so that nothing but these arrays is needed to assemble it.

Each rank holds the edges of its own cells. An edge on the border of two ranks appears on both, each with the weight of
its own cells; sums over ranks (`add_up`, or PETSc's assembly) make the entries whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.parallel import MPI, dolfinx

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


def cell_gradients(points: Array, cells: Ints) -> tuple[Array, Array]:
    """Gradients of the barycentric coordinates, (M, d+1, d) in 1/m, and the cell volumes, (M,) in m^d."""
    corners = points[cells]
    dim = points.shape[1]
    jacobian = corners[:, 1:] - corners[:, :1]
    inverse = np.linalg.inv(jacobian)  # columns are the gradients of coordinates 1..d
    volume = np.abs(np.linalg.det(jacobian)) / float(np.prod(np.arange(1, dim + 1)))
    tail = np.swapaxes(inverse, 1, 2)
    return np.concatenate([-tail.sum(axis=1, keepdims=True), tail], axis=1), volume


@dataclass(frozen=True)
class GlobalMesh:
    """What rank 0 reads or makes and every other rank receives: the mesh in its own numbering.

    points: (N, d) in m; cells: (M, d+1) node numbers; layer: (M,) index of each cell's phase
    (a layer, or the grain boundaries of one).
    """

    points: Array
    cells: Ints
    layer: NDArray[np.int32]


class Grid:
    """One rank's share of the mesh.

    Nodes are numbered locally, owned ones first (`owned` of them), then ghosts; nodal arrays have length `size`.
    """

    def __init__(self, comm: MPI.Comm, global_mesh: GlobalMesh | None) -> None:
        """Distribute `serial` (given on rank 0, ignored elsewhere) over the ranks of `comm`. Collective."""
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

        gradients, self.cell_volume = cell_gradients(self.points, self.cells)
        self.gradients = gradients
        first, second = np.triu_indices(dim + 1, 1)
        stiffness = np.einsum("cad,cad->ca", gradients[:, first], gradients[:, second])
        self.cell_edge_weight: Array = -stiffness * self.cell_volume[:, None]
        ends = np.sort(np.stack([self.cells[:, first], self.cells[:, second]], axis=-1).reshape(-1, 2), axis=1)
        keys, self._edge_of_pair = np.unique(ends[:, 0] * self.size + ends[:, 1], return_inverse=True)
        self.edges: Ints = np.ascontiguousarray(np.stack([keys // self.size, keys % self.size], axis=1))
        self.weight = self.edge_weight(np.ones(len(self.cells)))
        self.volume = self.lumped(np.ones(len(self.cells)))
        self.owned_volume = self.volume * self.is_owned
        self.lower, self.upper = -self.max(*(-self.points.min(axis=0))), self.max(*self.points.max(axis=0))
        size = self.upper - self.lower
        self.at_sides = np.minimum(self.points - self.lower, self.upper - self.points)[:, :-1] < 1e-9 * size[:-1]
        """Whether a node lies on a side of each lateral axis, (N, d-1)."""

    def edge_weight(self, per_cell: Array) -> Array:
        """Sum over this rank's cells of a g_ij, for a coefficient `per_cell` (M,); (E,), of unit [a] m^(d-2).

        A coefficient of each cell's edges, (M, d(d+1)/2), goes as well, in the order of their ends: 01, 02, .. 12, ..
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
            numbers: of the phases whose cells the face belongs to.
        """
        on_plane = np.abs(self.points[:, -1] - height) < 1e-9 * float(self.upper[-1])
        cells = self.cells[np.isin(self.layer, numbers)]
        facets = cells[on_plane[cells].sum(axis=1) == self.dim]
        corners = facets[on_plane[facets]].reshape(-1, self.dim)
        spans = self.points[corners[:, 1:], :-1] - self.points[corners[:, :1], :-1]
        factorial = float(np.prod(np.arange(1, self.dim)))
        share = np.abs(np.linalg.det(spans)) / factorial / self.dim if self.dim > 1 else np.ones(len(corners))
        return self.add_up(np.bincount(corners.ravel(), weights=np.repeat(share, self.dim), minlength=self.size))

    def slopes(self, vectors: Array, ways: Array, where: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Weights (1/m), (E,) each, by which u_j - u_i at an edge (i, j) makes the slope of u along `vectors` (N, d) at
        i, and u_i - u_j that at j: this rank's share. Collective.

        It is the slope in the cell that the vector leads into, or its opposite where the way (N,) is negative: all
        weights have the sign of the way. Only for nodes `where`; 0 where no cell lies that way.
        """
        near = where[self.cells].any(axis=1)
        cells, corners = self.cells[near], self.cells.shape[1]
        ahead = np.einsum("cbd,cad->cab", self.gradients[near], (vectors * np.sign(ways)[:, None])[cells])
        size = np.abs(ahead).max(axis=2)
        others = np.where(np.eye(corners, dtype=bool), 0.0, ahead)
        leads = (others.min(axis=2) >= -1e-6 * size) & (size > 0.0)
        count = self.add_up(np.bincount(cells[leads], minlength=self.size).astype(float))
        rates = others * (leads * np.sign(ways)[cells] / np.maximum(count[cells], 1.0))[:, :, None]
        first, second = np.triu_indices(corners, 1)
        in_order = cells[:, first] < cells[:, second]
        pairs = self._edge_of_pair.reshape(len(self.cells), -1)[near].ravel()
        at_lower, at_upper = (
            np.where(in_order == order, rates[:, first, second], rates[:, second, first]).ravel()
            for order in (True, False)
        )
        return tuple(np.bincount(pairs, weights=w, minlength=len(self.edges)) for w in (at_lower, at_upper))  # type: ignore[return-value]

    def add_up(self, nodal: Array) -> Array:
        """Sum the ranks' contributions to shared nodes; all ranks then hold the same values there. Collective."""
        if self.comm.size == 1:
            return nodal
        self._buffer.array[:] = nodal
        self._buffer.scatter_reverse(dolfinx.la.InsertMode.add)
        self._buffer.scatter_forward()
        return self._buffer.array.copy()

    def update(self, nodal: Array) -> Array:
        """Copy owned values to the ghosts on other ranks, in place. Collective."""
        if self.comm.size > 1:
            self._buffer.array[:] = nodal
            self._buffer.scatter_forward()
            nodal[:] = self._buffer.array
        return nodal

    def sum(self, *owned_values: float) -> Array:
        """Sums over the ranks of a few numbers. Collective."""
        return np.asarray(self.comm.allreduce(np.array(owned_values, dtype=float), op=MPI.SUM))

    def max(self, *values: float) -> Array:
        """Maxima over the ranks of a few numbers. Collective."""
        result = np.empty(len(values))
        self.comm.Allreduce(np.array(values, dtype=float), result, op=MPI.MAX)
        return result

    def integral(self, nodal: Array) -> float:
        """Lumped (for linear fields: exact) integral over the whole mesh. Collective."""
        # not a BLAS dot product: its threads would fight with the other ranks for the cores
        return float(self.sum((self.owned_volume * nodal).sum())[0])

    def gather(self, nodal: Array) -> Array | None:
        """The whole field on rank 0 in the numbering of the serial mesh, None elsewhere. Collective."""
        parts = self.comm.gather((self.input_index, nodal[: self.owned]))
        if parts is None:
            return None
        whole = np.empty((self.total, *nodal.shape[1:]))
        for where, what in parts:
            whole[where] = what
        return whole

    def scatter(self, whole: Array | None) -> Array:
        """This rank's nodal values of a field that rank 0 holds in the numbering of the serial mesh. Collective."""
        whole = self.comm.bcast(whole)
        nodal = np.empty((self.size, *whole.shape[1:]))
        nodal[: self.owned] = whole[self.input_index]
        if whole.ndim == 1:
            return self.update(nodal)
        return np.stack([self.update(np.ascontiguousarray(part)) for part in nodal.T], axis=1)
