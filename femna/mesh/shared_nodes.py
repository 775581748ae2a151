"""Values at nodes that several ranks share: sums, copies, and the whole field on rank 0."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.parallel import MPI, dolfinx

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


class SharedNodes:
    """Nodes distributed over the ranks. They are numbered locally, owned ones first, then ghosts.

    Attributes:
        comm: the ranks that share the nodes.
        owned: number of owned nodes.
        size: number of nodes on this rank, N.
        total: number of nodes of the whole mesh.
        is_owned: (N,), 1.0 at owned nodes, 0.0 at ghosts.
        global_index: (N,), numbers of the nodes over all ranks.
        owned_volume: (N,), lumped volume of each node, m^d, 0 at ghosts.
        input_index: (owned,), numbers of the owned nodes in the whole mesh on rank 0.
        settled: (N,), nodes whose values tell the error of a step: all but, on a mesh just made anew, those at which
            the solution still goes from the old mesh's to the new one's.
    """

    owned_volume: Array
    input_index: Ints

    def __init__(self, comm: MPI.Comm, nodes: Any) -> None:
        """Args:
        comm: the ranks.
        nodes: dolfinx's index map of the nodes.
        """
        self.comm = comm
        self.owned = nodes.size_local
        self.size = nodes.size_local + nodes.num_ghosts
        self.total = nodes.size_global
        self.is_owned = (np.arange(self.size) < self.owned).astype(float)
        self.global_index = nodes.local_to_global(np.arange(self.size, dtype=np.int32)).astype(np.int32)
        self.settled: NDArray[np.bool_] = np.ones(self.size, dtype=bool)
        self._buffer = dolfinx.la.vector(nodes)

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
        """Maxima of a few numbers over the ranks, in the order given; nan where one has nan. Collective."""
        own = np.array(values, dtype=float)
        lost = np.isnan(own)  # MPI.MAX compares, so that the order of the ranks would decide about a nan
        result = np.empty(2 * len(own))
        self.comm.Allreduce(np.concatenate([np.where(lost, -np.inf, own), lost]), result, op=MPI.MAX)
        return np.where(result[len(own) :] > 0.0, np.nan, result[: len(own)])

    def integral(self, nodal: Array) -> float:
        """Lumped integral over the whole mesh, exact for linear fields on simplices and equal leaves. Collective.

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
