"""The grid of the leaves of trees: nodes at all corners of leaves, Voronoi's weights, no dolfinx mesh.

A rank has the leaves of a stretch of bricks along a Morton curve, of about the same number on each. A node belongs to
the rank of the brick that begins at it. Only the numbers of nodes on other ranks take messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from femna.mesh import simplices
from femna.mesh.grid import ON_A_PLANE, CellShapes, GlobalMesh, Grid
from femna.mesh.kuhn import split_bricks
from femna.mesh.lattice import Lattice
from femna.mesh.tree import edge_sums
from femna.mesh.tree.leaves import Leaves, corner_offsets, leaves_of
from femna.mesh.tree.parts import edge_parts
from femna.mesh.tree.refinement import Refinement
from femna.mesh.tree.roots import Int32s, Roots
from femna.parallel import MPI, dolfinx

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

ROUNDING = 1e-9
"""What the edges of a node may miss of a linear field by rounding, relative."""


class TreeGrid(Grid):
    """One rank's share of the leaves; the carriers of coefficients are the parts of the edges in each phase.

    Attributes:
        roots: the bricks.
        refinement: which are cut, and their halves.
        leaves: this rank's.
        rank_of_brick: which rank each brick is on, an array over the bricks.
    """

    lattice: Lattice

    def __init__(self, comm: MPI.Comm, roots: Roots, refinement: Refinement) -> None:
        """Share out the bricks, and number the nodes. Collective.

        Args:
            comm: the ranks.
            roots: the bricks.
            refinement: what is cut, the same on every rank.
        """
        self.roots, self.refinement, self.dim = roots, refinement, roots.dim
        bricks, leaves_in = roots.along_curve, refinement.leaves_in_bricks()
        share = leaves_in[tuple(bricks.T)]
        middle = np.cumsum(share) - 0.5 * share
        rank_of = np.minimum(middle * comm.size // share.sum(), comm.size - 1).astype(np.int32)
        self.rank_of_brick = np.empty(roots.counts, dtype=np.int32)
        self.rank_of_brick[tuple(bricks.T)] = rank_of
        mine = rank_of == comm.rank
        leaves = leaves_of(np.ascontiguousarray(bricks[mine]), refinement, int(share[mine].sum()))
        owner = self.owner(leaves.position)
        self.leaves, owner = _owned_first(leaves, owner, comm.rank)
        super().__init__(comm, _index_map(comm, self.leaves, owner))
        position = self.leaves.position
        self.points = roots.coordinates(position)
        parts = edge_parts(roots, self.leaves)
        self._ends, self.layer = parts.edges, parts.phase
        self.edges = self.cell_edges = parts.edges  # type: ignore[assignment]
        self._edge_of_part, self._part_weight, self._begins = parts.edge, parts.weight, parts.begins
        self.weight = self.edge_weight(np.ones(len(parts.edge)))
        self.volume = self.lumped(np.ones(len(parts.edge)))
        self.owned_volume = self.volume * self.is_owned
        self.lower = np.array([planes[0] for planes in roots.planes])
        self.upper = np.array([planes[-1] for planes in roots.planes])
        lateral = position[:, : self.dim - 1]
        self.at_sides = (lateral == 0) | (lateral == roots.extent[: self.dim - 1])
        extent = (int(roots.extent[0]), int(roots.extent[1]), int(roots.extent[2]))
        self.lattice = Lattice(position, self.leaves.spacing, extent, roots.levels)

    def owner(self, position: Int32s) -> Int32s:
        """The rank that owns the node at each lattice point, (N, 3), if there is a node."""
        return np.asarray(self.rank_of_brick[tuple(self.roots.brick_of(position).T)])

    @cached_property
    def input_index(self) -> Ints:  # type: ignore[override]
        """Numbers of the owned nodes by height, then by the other axes, (owned,): the same on any number of ranks.
        Collective at the first use."""
        keys = self._keys()
        found = self.comm.gather(keys)
        numbers = None
        if found is not None:
            order = np.argsort(np.concatenate(found), kind="stable")
            number = np.empty(len(order), dtype=np.int64)
            number[order] = np.arange(len(order))
            numbers = np.split(number, np.cumsum([len(part) for part in found])[:-1])
        own: Ints = self.comm.scatter(numbers)
        return own

    def _keys(self) -> Ints:
        """One number for the place of each owned node, (owned,)."""
        position, extent = self.leaves.position[: self.owned].astype(np.int64), self.roots.extent.astype(np.int64) + 1
        return np.asarray(position[:, 0] + extent[0] * (position[:, 1] + extent[1] * position[:, 2]))

    @cached_property
    def cells(self) -> Ints:
        """Simplices of the finest leaves, (m, d+1)."""
        finest = self.leaves.level == self.roots.levels
        return split_bricks(self.leaves.corners[finest])

    @cached_property
    def cell_shapes(self) -> CellShapes:
        """The d! simplices of the finest leaves of each row of bricks: one set for each height of a row."""
        shapes, kind_of_row = self.roots.kinds_of_rows
        finest = self.leaves.level == self.roots.levels
        row = self.leaves.origin[finest, self.dim - 1] >> self.roots.levels
        simplices_of_leaf = split_bricks(np.arange(1 << self.dim)[None, :])
        corner = corner_offsets(self.dim)[:, : self.dim]
        gradients, volumes = [], []
        for brick in shapes / 2.0**self.roots.levels:
            own = simplices.gradients(corner * brick, simplices_of_leaf)
            gradients.append(own[0])
            volumes.append(own[1])
        count = len(simplices_of_leaf)
        kind = (count * kind_of_row[row][:, None] + np.arange(count)).ravel().astype(np.int32)
        return CellShapes(kind, np.concatenate(gradients), np.concatenate(volumes))

    @property
    def carrier_edges(self) -> Ints:
        """The edge of each part, (P, 1, 2)."""
        return np.asarray(self.edges[self._edge_of_part][:, None, :])

    @property
    def positive_weight(self) -> Array:
        """All of it, (E,)."""
        return self.weight

    def edge_weight(self, per_carrier: Array) -> Array:
        """Sum over the parts of an edge, (E,); coefficients (P,) or (P, 1)."""
        weights = self._part_weight * per_carrier.reshape(-1)
        return np.bincount(self._edge_of_part, weights=weights, minlength=len(self.edges))

    def lumped(self, per_carrier: Array) -> Array:
        """Integral over each Voronoi cell, (N,). Collective."""
        sums = edge_sums.lumped_sums(self._ends, self._edge_of_part, self._part_weight, self.points, per_carrier)
        return self.add_up(sums)

    def plane_area(self, height: float, numbers: int | Sequence[int]) -> Array:
        """By the flux of a unit gradient into the phases, (N,) in m^(d-1). Collective."""
        z = np.ascontiguousarray(self.points[:, -1])
        on_plane = np.abs(z - height) < ON_A_PLANE * float(self.upper[-1])
        weight = np.where(np.isin(self.layer, numbers), self._part_weight, 0.0)
        return self.add_up(edge_sums.face_sums(self._ends, self._edge_of_part, weight, z, on_plane))

    def slopes(self, vectors: Array, ways: Array, where: Mask) -> tuple[Array, Array]:
        """By differences along the axes, (E,) twice in 1/m; none where an axis has no neighbour. Collective."""
        way_at = np.where(where, np.sign(ways), 0.0)
        at_first, at_second, missing = edge_sums.slope_weights(
            self._ends, self.leaves.position, self.points, self._begins, vectors, way_at
        )
        whole = self.add_up(missing) + edge_sums.leading_axes(vectors) < 0.5
        return at_first * whole[self.edges[:, 0]], at_second * whole[self.edges[:, 1]]

    @cached_property
    def _turned(self) -> tuple[Int32s, Array]:
        """What `edge_sums.gradient_sums` needs at nodes between leaves of two sizes. Collective at the first use."""
        shares = edge_sums.second_moments(self._ends, self.weight, self.points).reshape(self.size, -1)
        moments = np.stack([self.add_up(np.ascontiguousarray(share)) for share in shares.T], axis=1)
        moments = moments.reshape(-1, self.dim, self.dim) / self.volume[:, None, None]
        differ = np.abs(moments - np.eye(self.dim)).max(axis=(1, 2)) > ROUNDING
        number = np.where(differ, np.cumsum(differ) - 1, -1).astype(np.int32)
        return number, np.linalg.inv(moments[differ])

    def gradient(self, nodal: Array) -> Array:
        """By differences along the edges, exact for linear fields at every node, (N, d). Collective."""
        sums = edge_sums.gradient_sums(self._ends, self.weight, self.points, self._turned, nodal)
        vectors = np.stack([self.add_up(np.ascontiguousarray(sums[:, k])) for k in range(self.dim)], axis=1)
        return np.asarray(vectors / self.volume[:, None])

    def divergence(self, vectors: Array) -> Array:
        """By differences along the edges, exact for linear fields at every node, (N,). Collective."""
        sums = edge_sums.divergence_sums(self._ends, self.weight, self.points, self._turned, vectors)
        return np.asarray(self.add_up(sums) / self.volume)

    def global_mesh(self) -> GlobalMesh | None:
        """All leaves as simplices, on rank 0. Collective.

        Each leaf is cut by its corners alone. Where a larger leaf meets smaller ones, nodes between its corners belong
        to the simplices of these only: what is interpolated has a gap there, of second order in the size of a leaf.
        """
        mesh = self.stored_mesh()
        if mesh is None:
            return None
        cells = split_bricks(mesh.cells)
        return GlobalMesh(mesh.points, cells, np.repeat(mesh.layer, len(cells) // max(len(mesh.cells), 1)))

    def stored_mesh(self) -> GlobalMesh | None:
        """All leaves by their corners, (M, 2^d), on rank 0. Collective."""
        number = np.empty(self.size)
        number[: self.owned] = self.input_index
        number = self.update(number).astype(np.int64)
        rows = self.leaves.origin[:, self.dim - 1] >> self.roots.levels
        parts = self.comm.gather((number[self.leaves.corners], self.roots.phase[rows]))
        points = self.gather(self.points)
        if parts is None or points is None:
            return None
        whole, layers = (np.concatenate(part) for part in zip(*parts, strict=True))
        return GlobalMesh(points, whole, layers)


def _owned_first(leaves: Leaves, owner: Int32s, rank: int) -> tuple[Leaves, Int32s]:
    """The leaves with nodes numbered anew, owned ones first, then ghosts by owner; and the owners in that order."""
    order = np.argsort(np.where(owner == rank, -1, owner), kind="stable")
    corners = leaves.corners
    if not np.array_equal(order, np.arange(len(order))):
        number = np.empty(len(order) + 1, dtype=np.int32)
        number[order], number[-1] = np.arange(len(order)), -1  # -1, no node, stays -1
        numbers = leaves.numbers
        numbers.aligned, numbers.slots = number[numbers.aligned], number[numbers.slots]
        corners = number[corners]
    position, spacing = np.ascontiguousarray(leaves.position[order]), leaves.spacing[order]
    return replace(leaves, corners=corners, position=position, spacing=spacing), owner[order]


def _index_map(comm: MPI.Comm, leaves: Leaves, owner: Int32s) -> dolfinx.common.IndexMap:
    """dolfinx's index map of the nodes; owners tell the numbers of the ghosts. Collective."""
    owned = int((owner == comm.rank).sum())
    if comm.size == 1:
        return dolfinx.common.IndexMap(comm, owned)
    offset = sum(comm.allgather(owned)[: comm.rank])
    ghosts, owners = leaves.position[owned:], owner[owned:]
    asked = comm.alltoall([np.ascontiguousarray(ghosts[owners == rank]) for rank in range(comm.size)])
    answers = comm.alltoall([leaves.numbers.find(places).astype(np.int64) + offset for places in asked])
    return dolfinx.common.IndexMap(comm, owned, np.concatenate(answers), owners.astype(np.int32), 0)
