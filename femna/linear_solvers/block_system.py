"""Linear systems of several unknowns per node, coupled at the nodes and along the edges of the mesh.

The unknowns of a node are consecutive (the block size is their number). The pattern stays, so that an assembly only
passes the values to PETSc: those of every pair of fields at the nodes, and of the pairs coupled along the edges. Along
edges without weight only a front couples anything: the pattern has those about it, and is made anew when it has moved
on.
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
Mask = NDArray[np.bool_]
Pair = tuple[str, str]
"""An equation and a field, each by its field's name."""
Derivatives = tuple[Array, Array]
"""Derivatives of a flux from i to j along the edges, by the field at i and by the field at j: (E,) each, or (E + W,) of
all edges of the cells."""

LARGEST_ENTRY = 1e16
"""Largest diagonal entry of the scaled matrix, without unit. The smallest ones, of floors of conductivity, lie up to 16
decades below, and factorisations and the smoothers of a multigrid take a pivot below 2e-14 for zero."""

MARGIN = 4
"""Rows of edges about a front by which the pattern is wider than needed, so that it serves for some steps."""


class BlockSystem:
    """A sparse matrix of blocks, its Dirichlet unknowns and a Krylov solver.

    The rows and columns of Dirichlet unknowns are those of the identity.
    """

    def __init__(
        self,
        grid: Grid,
        fields: Sequence[str],
        along: Sequence[Pair],
        fixed: Mapping[str, Mask],
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
        self._options, self._free = options, {field: ~fixed[field] for field in self.fields}
        self._wide: tuple[Pair, ...] = ()
        self._kept: Mask = np.zeros(len(grid.cell_edges) - len(grid.edges), dtype=bool)
        self._iterations_before = 0
        self._make()

    def _make(self) -> None:
        """The matrix of the present pattern and its solver. Collective."""
        grid, size, count = self.grid, len(self.fields), len(self.grid.edges)
        number = {field: size * grid.global_index.astype(np.int32) + k for k, field in enumerate(self.fields)}
        kept = np.concatenate([grid.edges, grid.cell_edges[count:][self._kept]])
        rows = [number[row] for row, _ in self._pairs]
        columns = [number[col] for _, col in self._pairs]
        self._free_edge = {}
        for row, col in self.along:
            first, second = (kept if (row, col) in self._wide else grid.edges).T
            rows += [number[row][first], number[row][second]]
            columns += [number[col][second], number[col][first]]
            free_row, free_col = self._free[row], self._free[col]
            self._free_edge[row, col] = free_row[first] & free_col[second], free_row[second] & free_col[first]
        self.matrix = matrix = PETSc.Mat().create(grid.comm)
        matrix.setSizes(((size * grid.owned, size * grid.total), (size * grid.owned, size * grid.total)))
        matrix.setBlockSize(size)
        matrix.setType(PETSc.Mat.Type.AIJ)
        matrix.setPreallocationCOO(np.concatenate(rows), np.concatenate(columns))
        self._right, self._left = matrix.createVecs()
        start = size * matrix.getOwnershipRange()[0] // size
        splits = [
            (field, PETSc.IS().createStride(grid.owned, first=start + k, step=size, comm=grid.comm))
            for k, field in enumerate(self.fields)
        ]
        multigrid = NestedFieldSplit(grid, matrix, size) if self._options["pc_type"] == "python" else None
        self.krylov = Krylov(matrix, self._options, splits, multigrid)

    @property
    def iterations(self) -> int:
        """Krylov iterations of all solves so far."""
        return self._iterations_before + self.krylov.iterations

    def _follow(self, edge: Mapping[Pair, Derivatives]) -> None:
        """Let the pattern have the edges without weight along which something is coupled. Collective."""
        grid, count = self.grid, len(self.grid.edges)
        wide = tuple(pair for pair in self.along if len(edge[pair][0]) > count)
        needed = np.zeros_like(self._kept)
        for pair in wide:
            for values in edge[pair]:
                needed |= values[count:] != 0.0
        lacks = (needed & ~self._kept).any() or (needed.any() and wide != self._wide)
        if not grid.max(float(lacks))[0]:
            return
        near = np.zeros(grid.size)
        near[grid.cell_edges[count:][needed]] = 1.0
        for _ in range(MARGIN):
            reached = (near[grid.edges] > 0.0).any(axis=1)
            near[grid.edges[reached]] = 1.0
            near = grid.add_up(near)
        self._wide, self._kept = wide, (near[grid.cell_edges[count:]] > 0.0).any(axis=1)
        self._iterations_before = self.iterations
        for old in (self.krylov, self.matrix, self._right, self._left):
            old.destroy()
        self._make()

    def assemble(self, node: Mapping[Pair, Array], edge: Mapping[Pair, Derivatives]) -> None:
        """Set the entries of the matrix. Collective.

        Args:
            node: derivatives of the equations at the nodes by the fields there, this rank's share, (N,); a pair that is
                missing is 0. An equation counts what leaves a node.
            edge: derivatives of the fluxes along the edges, this rank's, for every pair in `along`.

        Raises:
            SolveFailed: an entry is no finite number, or all are zero.
        """
        self._follow(edge)
        grid, values, count = self.grid, [], len(self.grid.edges)
        self._node = {pair: node.get(pair, np.zeros(grid.size)) for pair in self._pairs}
        self._edge = dict(edge)
        entries = {}
        for pair in self._pairs:
            entries[pair] = self._node[pair].copy()
            if pair in edge:
                by_first, by_second = edge[pair]
                entries[pair] += edges.diagonal(grid.cell_edges, by_first, -by_second, grid.size)
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
            if pair in self._wide:
                kept = np.concatenate([np.ones(count, dtype=bool), self._kept])
                by_first, by_second = by_first[kept], by_second[kept]
            free_first, free_second = self._free_edge[pair]
            values += [
                self._scale * by_second[: len(free_first)] * free_first,
                -self._scale * by_first[: len(free_first)] * free_second,
            ]
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
                result += edges.flux_divergence(grid.cell_edges, by_first, -by_second, direction[col])
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
