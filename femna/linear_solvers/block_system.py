"""Linear systems of several unknowns per node, coupled at the nodes and along the edges of the mesh.

The unknowns of a node are consecutive (the block size is their number). The pattern never changes, so that an assembly
only passes the values to PETSc: those of every pair of fields at the nodes, and of the pairs coupled along the edges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from femna.linear_solvers.krylov import Krylov, SolveFailed
from femna.linear_solvers.nested_multigrid.preconditioner import NestedFieldSplit
from femna.mesh import edges
from femna.mesh.grid import Grid
from femna.parallel import PETSc

Array = NDArray[np.float64]
Pair = tuple[str, str]
"""An equation and a field, each by its field's name."""
Derivatives = tuple[Array, Array]
"""Derivatives of a flux from i to j along the edges, by the field at i and by the field at j; (E,) each."""

LARGEST_ENTRY = 1e16
"""Largest diagonal entry of the scaled matrix, without unit. The smallest ones, of floors of conductivity, lie up to 16
decades below, and factorisations and the smoothers of a multigrid take a pivot below 2e-14 for zero."""


class BlockSystem:
    """A sparse matrix of blocks, its Dirichlet unknowns and a Krylov solver.

    The rows and columns of Dirichlet unknowns are those of the identity.
    """

    def __init__(
        self,
        grid: Grid,
        fields: Sequence[str],
        along: Sequence[Pair],
        fixed: Mapping[str, NDArray[np.bool_]],
        options: Mapping[str, str],
    ) -> None:
        """Allocate the matrix and set up the solver. Collective.

        Args:
            grid: the mesh.
            fields: names of the unknowns of a node, in order.
            along: pairs (equation, field) that are coupled along the edges; at the nodes all pairs are.
            fixed: for each field its Dirichlet nodes, (N,), ghosts included.
            options: PETSc's options of the solver, without a prefix (`presets.preset`).
        """
        self.grid, self.fields, self.along, self.fixed = grid, tuple(fields), tuple(along), fixed
        self._pairs = [(row, col) for row in fields for col in fields]
        size = len(self.fields)
        number = {field: size * grid.global_index.astype(np.int32) + k for k, field in enumerate(self.fields)}
        first, second = grid.edges.T
        rows = [number[row] for row, _ in self._pairs]
        columns = [number[col] for _, col in self._pairs]
        for row, col in self.along:
            rows += [number[row][first], number[row][second]]
            columns += [number[col][second], number[col][first]]
        self.matrix = matrix = PETSc.Mat().create(grid.comm)
        matrix.setSizes(((size * grid.owned, size * grid.total), (size * grid.owned, size * grid.total)))
        matrix.setBlockSize(size)
        matrix.setType(PETSc.Mat.Type.AIJ)
        matrix.setPreallocationCOO(np.concatenate(rows), np.concatenate(columns))
        self._free = {field: ~fixed[field] for field in self.fields}
        self._free_edge = {
            (row, col): (
                self._free[row][first] & self._free[col][second],
                self._free[row][second] & self._free[col][first],
            )
            for row, col in self.along
        }
        self._right, self._left = matrix.createVecs()
        start = size * matrix.getOwnershipRange()[0] // size
        splits = [
            (field, PETSc.IS().createStride(grid.owned, first=start + k, step=size, comm=grid.comm))
            for k, field in enumerate(self.fields)
        ]
        multigrid = NestedFieldSplit(grid, matrix, size) if options["pc_type"] == "python" else None
        self.krylov = Krylov(matrix, options, splits, multigrid)

    @property
    def iterations(self) -> int:
        """Krylov iterations of all solves so far."""
        return self.krylov.iterations

    def assemble(self, node: Mapping[Pair, Array], edge: Mapping[Pair, Derivatives]) -> None:
        """Set the entries of the matrix. Collective.

        Args:
            node: derivatives of the equations at the nodes by the fields there, this rank's share, (N,); a pair that is
                missing is 0. An equation counts what leaves a node.
            edge: derivatives of the fluxes along the edges, this rank's, for every pair in `along`.

        Raises:
            SolveFailed: an entry is no finite number, or all are zero.
        """
        grid, values = self.grid, []
        self._node = {pair: node.get(pair, np.zeros(grid.size)) for pair in self._pairs}
        self._edge = dict(edge)
        entries = {}
        for pair in self._pairs:
            entries[pair] = self._node[pair].copy()
            if pair in edge:
                by_first, by_second = edge[pair]
                entries[pair] += edges.diagonal(grid.edges, by_first, -by_second, grid.size)
        # All equations have the same unit and get the same scale, so that the norm of the residual is one of currents.
        diagonal = np.array([np.abs(entries[field, field]).max(initial=0.0) for field in self.fields])
        largest = float(grid.max(*np.where(np.isnan(diagonal), np.inf, diagonal)).max())
        if not 0.0 < largest < np.inf:
            raise SolveFailed(f"the largest coefficient is {largest}")
        self._scale = LARGEST_ENTRY / largest
        for row, col in self._pairs:
            entry = self._scale * entries[row, col]
            entry *= self._free[row] & self._free[col]
            if row == col:
                entry[self.fixed[row]] = LARGEST_ENTRY * grid.is_owned[self.fixed[row]]
            values.append(entry)
        for pair in self.along:
            by_first, by_second = edge[pair]
            free_first, free_second = self._free_edge[pair]
            values += [self._scale * by_second * free_first, -self._scale * by_first * free_second]
        self.matrix.setValuesCOO(np.concatenate(values))

    def times(self, direction: Mapping[str, Array], row: str) -> Array:
        """Product of one block row of the matrix with a vector, as if no unknown were fixed. Collective.

        Args:
            direction: for each field its values (N,), ghosts included.
            row: name of the equation.

        Returns:
            The product (N,), summed over the ranks, in the units of `assemble`.
        """
        grid = self.grid
        result = np.zeros(grid.size)
        for col in self.fields:
            result += self._node[row, col] * direction[col]
            if (row, col) in self._edge:
                by_first, by_second = self._edge[row, col]
                result += edges.flux_divergence(grid.edges, by_first, -by_second, direction[col])
        return grid.add_up(result)

    def solve(
        self,
        right: Mapping[str, Array],
        rtol: float,
        atol: float = 0.0,
        same: bool = False,
        guess: Mapping[str, Array] | None = None,
    ) -> dict[str, Array]:
        """Solve for a right side. Collective.

        Args:
            right: for each equation its values (N,), summed over the ranks; only those at owned nodes count.
            rtol: tolerance of the residual's norm, relative to that of the right side.
            atol: absolute tolerance of the residual's norm, in the units of `right`.
            same: whether the matrix is that of the last solve.
            guess: for each field an approximate solution (N,); zero if it is None.

        Returns:
            For each field the solution (N,), ghosts included; 0 at Dirichlet nodes.

        Raises:
            SolveFailed: the solver stopped without converging.
        """
        owned, size = self.grid.owned, len(self.fields)
        for k, field in enumerate(self.fields):
            whole = np.where(self._free[field][:owned], right[field][:owned], 0.0)
            self._right.array[k::size] = self._scale * whole
            if guess is not None:
                self._left.array[k::size] = np.where(self._free[field][:owned], guess[field][:owned], 0.0)
        guessed = guess is not None
        self.krylov.solve(self._right, self._left, rtol, same=same, atol=self._scale * atol, guessed=guessed)
        result = {}
        for k, field in enumerate(self.fields):
            nodal = np.empty(self.grid.size)
            nodal[:owned] = self._left.array[k::size]
            result[field] = self.grid.update(nodal)
        return result
