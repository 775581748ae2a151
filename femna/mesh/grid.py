"""The mesh as the solver sees it: nodes, edges between them and their weights, distributed over the ranks.

On linear simplices the stiffness matrix of -div(a grad u) has off-diagonal entries -a g_ij, one for each edge (i, j).
With edge-averaged coefficients (Xu & Zikatanov, Math. Comp. 68 (1999) 1429) and a lumped mass matrix every term of the
model becomes a sum over nodes or over edges, so that these arrays are all that an assembly needs. Nothing flows along
an edge of a cell whose g_ij vanishes, whatever a is: on bricks cut by Kuhn's rule these are the diagonals of faces and
bodies, more than half of all. They stand apart, for what is not a flux: directional derivatives. On the leaves of a
tree g_ij is the area between two Voronoi cells over the distance of their nodes.

An edge on the border of two ranks may appear on both, each with its part of the weight. The sum over the ranks
(`Grid.add_up`, or PETSc's assembly) completes the entries.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.mesh.lattice import Lattice
from femna.mesh.shared_nodes import SharedNodes

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

ON_A_PLANE = 1e-9
"""Largest distance of a node from a plane on which it counts as lying, in lengths of the mesh along that axis."""


@dataclass(frozen=True)
class GlobalMesh:
    """The whole mesh in its original numbering, on rank 0.

    Attributes:
        points: (N, d), coordinates in m; the growth direction is the last one.
        cells: (M, d+1), node numbers of each simplex; of bricks (M, 2^d), the first axis fastest.
        layer: (M,), index of each cell's phase: a layer, or the grain boundaries of one.
    """

    points: Array
    cells: Ints
    layer: NDArray[np.int32]


@dataclass(frozen=True)
class CellShapes:
    """Gradients and volumes of simplices, of which many may have the same shape.

    Attributes:
        kind: (m,), shape of each simplex.
        gradients: (S, d+1, d), gradients of the barycentric coordinates of each shape, 1/m.
        volume: (S,), m^d.
    """

    kind: NDArray[np.int32]
    gradients: Array
    volume: Array


class Grid(SharedNodes, ABC):
    """One rank's share of the mesh.

    Nodes are numbered locally, owned ones first, then ghosts. Coefficients belong to carriers, which lie in one phase
    each and have edges of their own: simplices with d(d+1)/2 edges, or parts of edges with one. In the shapes below N
    is the number of this rank's nodes, M that of its carriers, k that of a carrier's edges, E that of the edges and W
    that of the edges of simplices that have no weight.

    Attributes:
        dim: number of dimensions d.
        points: (N, d), coordinates in m.
        layer: (M,), index of each carrier's phase.
        edges: (E, 2), local node numbers; the first is the lower one.
        cell_edges: (E + W, 2), `edges`, then those without weight.
        weight: (E,), this rank's part of g_ij, m^(d-2).
        volume: (N,), lumped volume of each node, m^d, summed over the ranks.
        lower: (d,), lowest coordinates of the whole mesh, m.
        upper: (d,), highest coordinates of the whole mesh, m.
        at_sides: (N, d-1), whether a node lies on a side of each lateral axis.
        lattice: where the nodes lie on a nested lattice; None where they do not.
        mesh: the dolfinx mesh, for forms; None where there is none.
    """

    dim: int
    points: Array
    layer: NDArray[np.int32]
    edges: Ints
    cell_edges: Ints
    weight: Array
    volume: Array
    lower: Array
    upper: Array
    at_sides: NDArray[np.bool_]
    lattice: Lattice | None = None
    mesh: Any = None

    @property
    @abstractmethod
    def cells(self) -> Ints:
        """Simplices in which the front is looked for, (m, d+1): all, or those of the finest leaves."""

    @property
    @abstractmethod
    def cell_shapes(self) -> CellShapes:
        """Gradients and volumes of `cells`."""

    @property
    @abstractmethod
    def carrier_edges(self) -> Ints:
        """Nodes at the ends of each carrier's edges, (M, k, 2)."""

    @property
    @abstractmethod
    def positive_weight(self) -> Array:
        """This rank's part of g_ij from carriers in which it is positive, (E,) in m^(d-2)."""

    @abstractmethod
    def edge_weight(self, per_carrier: Array) -> Array:
        """Sum of a g_ij over this rank's carriers, for a coefficient a.

        Args:
            per_carrier: the coefficient of each carrier, (M,), or of each of its edges, (M, k).

        Returns:
            (E,), in the unit of a times m^(d-2).
        """

    @abstractmethod
    def lumped(self, per_carrier: Array) -> Array:
        """Integral of a coefficient over each node's share of its carriers. Collective.

        Args:
            per_carrier: the coefficient, (M,).

        Returns:
            Nodal sums, (N,), of unit [coefficient] m^d: whole, the same on every rank that has the node.
        """

    def layer_volume(self, numbers: int | Sequence[int]) -> Array:
        """Volume of some phases in each node's share, (N,) in m^d. Collective.

        Args:
            numbers: of the phases, as `layer` counts them.
        """
        return self.lumped(np.isin(self.layer, numbers).astype(float))

    @abstractmethod
    def plane_area(self, height: float, numbers: int | Sequence[int]) -> Array:
        """Area of the face of some phases at a height in each node's share, (N,) in m^(d-1). Collective.

        Args:
            height: of the face above the collector, m; nodes off it get 0.
            numbers: of the phases that the face belongs to; given for both sides, it counts twice.
        """

    @abstractmethod
    def slopes(self, vectors: Array, ways: Array, where: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Weights that make a directional derivative at the nodes from differences along the edges. Collective.

        The derivative is taken on the side that the vector enters, or that its opposite enters where `ways` is
        negative. All weights then have the sign of `ways`.

        Args:
            vectors: (N, d), the direction at each node.
            ways: (N,), only the sign counts.
            where: (N,), the nodes at which the derivative is wanted.

        Returns:
            Two arrays (E + W,) in 1/m, this rank's share: at an edge (i, j) of `cell_edges` the weight of u_j - u_i for
            the derivative at i, and that of u_i - u_j for the derivative at j. 0 where nothing lies in that direction.
        """

    @abstractmethod
    def gradient(self, nodal: Array) -> Array:
        """Mean gradient of a field in each node's share of the volume. Collective.

        Args:
            nodal: (N,), the field.

        Returns:
            (N, d), in the field's unit per m.
        """

    @abstractmethod
    def divergence(self, vectors: Array) -> Array:
        """Mean divergence of a vector field in each node's share of the volume. Collective.

        Args:
            vectors: (N, d).

        Returns:
            (N,), in the field's unit per m.
        """

    @abstractmethod
    def global_mesh(self) -> GlobalMesh | None:
        """The whole mesh on rank 0, in the numbering of `gather`; None on the others. Collective."""

    def gather_cells(self, values: Array) -> Array | None:
        """Values (M, k) of all cells on rank 0, None on the others; of a mesh that stays as it is. Collective."""
        raise NotImplementedError

    def scatter_cells(self, whole: Array | None) -> Array:
        """This rank's values (M, k) of what `gather_cells` gave on rank 0. Collective."""
        raise NotImplementedError

    def stored_mesh(self) -> GlobalMesh | None:
        """The mesh as outputs keep it, on rank 0: its cells may be bricks. Collective."""
        return self.global_mesh()
