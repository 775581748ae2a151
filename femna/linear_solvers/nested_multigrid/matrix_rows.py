"""The rows of a PETSc matrix that a rank owns, whole, in a numbering of its own: owned columns first, then the others.

petsc4py copies a matrix row by row (`getValuesCSR`, 0.2 us a node), which is more than a set-up of the multigrid takes.
Here the arrays of the matrix are read where they lie.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel
from femna.parallel import PETSc, dolfinx

Array = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.int32]


class Rows(NamedTuple):
    """Pattern of a sparse matrix by rows.

    Attributes:
        start: (n+1,), first entry of each row.
        column: (nnz,), columns in the rank's numbering.
    """

    start: Indices
    column: Indices


class MatrixRows:
    """Pattern of a rank's rows of a matrix of type AIJ, and their values whenever they are wanted.

    Attributes:
        owned: number of rows.
        rows: their pattern. In a row the owned columns come first, each part in ascending order.
        index_map: of the rows and, as ghosts, of the columns on other ranks.
    """

    def __init__(self, matrix: PETSc.Mat) -> None:
        """Read the pattern. Collective."""
        comm = matrix.getComm().tompi4py()
        first, last = matrix.getOwnershipRange()
        self.owned = last - first
        inner, outer, ghosts = _parts(matrix)
        own = _pattern(inner)
        if outer is None:
            self.rows = own
            self.index_map = dolfinx.common.IndexMap(comm, self.owned)
            self._own, self._other = own, None
            return
        other = _pattern(outer)
        numbers = ghosts.astype(np.int64)
        owners = np.searchsorted(matrix.getOwnershipRanges(), numbers, side="right").astype(np.int32) - 1
        self.index_map = dolfinx.common.IndexMap(comm, self.owned, numbers, owners, 1)
        self.rows = Rows(own.start + other.start, _join(own, other, own.column, other.column + np.int32(self.owned)))
        self._own, self._other = own, other

    def values(self, matrix: PETSc.Mat) -> Array:
        """The entries of the rows, (nnz,), of a matrix with this pattern; on one rank a view that its changes show."""
        inner, outer, _ = _parts(matrix)
        own = _values(inner, len(self._own.column))
        if self._other is None or outer is None:
            return own
        return _join(self._own, self._other, own, _values(outer, len(self._other.column)))


@kernel
def _join[A: (Array, Indices)](own: Rows, other: Rows, own_part: A, other_part: A) -> A:
    """Entries of whole rows from those of their two parts."""
    result = np.empty(own_part.size + other_part.size, own_part.dtype)
    for i in range(own.start.size - 1):
        place = own.start[i] + other.start[i]
        for e in range(own.start[i], own.start[i + 1]):
            result[place] = own_part[e]
            place += 1
        for e in range(other.start[i], other.start[i + 1]):
            result[place] = other_part[e]
            place += 1
    return result


@cache
def _petsc() -> ctypes.CDLL:
    """PETSc's library, in which petsc4py runs too."""
    return ctypes.CDLL(PETSc.__file__)


def _check(error: int) -> None:
    if error:
        raise PETSc.Error(error)


def _parts(matrix: PETSc.Mat) -> tuple[int, int | None, Indices]:
    """Handles of the parts of a matrix with the columns of this rank and of the others, and the numbers of those."""
    if matrix.getType() == PETSc.Mat.Type.SEQAIJ:
        return matrix.handle, None, np.zeros(0, dtype=np.int32)
    inner, outer, numbers = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.POINTER(ctypes.c_int32)()
    handles = ctypes.byref(inner), ctypes.byref(outer), ctypes.byref(numbers)
    _check(_petsc().MatMPIAIJGetSeqAIJ(ctypes.c_void_p(matrix.handle), *handles))
    assert inner.value is not None
    assert outer.value is not None
    columns = ctypes.c_int32()
    rows = ctypes.c_int32()
    _check(_petsc().MatGetSize(outer, ctypes.byref(rows), ctypes.byref(columns)))
    return inner.value, outer.value, _view(numbers, columns.value).copy()


def _pattern(handle: int) -> Rows:
    """Copy of the pattern of a matrix of one rank."""
    size, done = ctypes.c_int32(), ctypes.c_int32()
    start, column = ctypes.POINTER(ctypes.c_int32)(), ctypes.POINTER(ctypes.c_int32)()
    shift = symmetric = compressed = 0
    filled = [ctypes.byref(item) for item in (size, start, column, done)]
    library, matrix = _petsc(), ctypes.c_void_p(handle)
    _check(library.MatGetRowIJ(matrix, shift, symmetric, compressed, *filled))
    starts = _view(start, size.value + 1).copy()
    columns = _view(column, int(starts[-1])).copy()
    _check(library.MatRestoreRowIJ(matrix, shift, symmetric, compressed, *filled))
    return Rows(starts, columns)


def _values(handle: int, count: int) -> Array:
    """View of the entries of a matrix of one rank."""
    entries = ctypes.POINTER(ctypes.c_double)()
    library, matrix = _petsc(), ctypes.c_void_p(handle)
    _check(library.MatSeqAIJGetArrayRead(matrix, ctypes.byref(entries)))
    view: Array = _view(entries, count)
    _check(library.MatSeqAIJRestoreArrayRead(matrix, ctypes.byref(entries)))
    return view


def _view(pointer: Any, count: int) -> Any:
    """Array on memory of PETSc; PETSc gives no address for none."""
    if count == 0:
        return np.zeros(0, dtype=np.dtype(pointer._type_))
    return np.ctypeslib.as_array(pointer, shape=(count,))
